"""Customization jobs at Bedrock: the request that creates one, and what is read, leniently. Pure."""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import msgspec

from service.providers import curves
from service.providers.curves import to_number
from service.providers.openai.job_schemas import parse_time
from service.providers.provider import FINISHED, JobSpec, MetricPoint, RemoteError, RemoteJob, State

MAX_NAME_LENGTH = 63
STATUS: dict[str, State] = {
    "InProgress": "running",
    "Stopping": "running",  # it may still end as Completed
    "Completed": "succeeded",
    "Failed": "failed",
    "Stopped": "cancelled",
}
IN_PROGRESS, NOT_STARTED = "InProgress", "NotStarted"
COLUMNS = {"step": "step_number", "train_loss": "training_loss", "full_valid_loss": "validation_loss"}
STAGES = ("validationDetails", "dataProcessingDetails", "trainingDetails")
Values = dict[str, Any]


class Created(msgspec.Struct, frozen=True, kw_only=True):
    jobArn: str  # noqa: N815 - the wire's word


class BedrockJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The full job, and the shorter one of lists, which calls its model `customModelArn`."""

    job_arn: str
    job_name: Any = None
    client_request_token: Any = None
    status: Any = None
    status_details: Any = None
    base_model_arn: Any = None
    output_model_arn: Any = None
    custom_model_arn: Any = None
    failure_message: Any = None
    hyper_parameters: Any = None
    training_metrics: Any = None
    validation_metrics: Any = None
    creation_time: Any = None
    last_modified_time: Any = None
    end_time: Any = None


def read_base_model(arn: Any) -> str:
    """The base model's id, which stands at the end of its ARN; empty where none is told."""
    return (read_text(arn) or "").rpartition("foundation-model/")[2]


def build_name(suffix: str | None, token: str) -> str:
    """A name of letters, digits and single dashes, at whose end the token stands."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", suffix or "").strip("-")
    short = plain[: max(0, MAX_NAME_LENGTH - len(token) - 1)].rstrip("-")
    return f"{short}-{token}" if short else token


def build_body(order: JobSpec, *, role_arn: str, output: str) -> Values:
    """The body of CreateModelCustomizationJob. The same order gives the same body, and so the same job."""
    name = build_name(order.suffix, order.token)
    extra = {field: value for field, value in order.extra.items() if field != "wandb"}
    body = {
        "jobName": name,
        "customModelName": name,
        "clientRequestToken": order.token,
        "roleArn": role_arn,
        "baseModelIdentifier": order.start_from or order.base_model,
        "customizationType": "FINE_TUNING",
        "trainingDataConfig": {"s3Uri": order.training_file},
        "outputDataConfig": {"s3Uri": f"{output}/{order.token}/"},
        "hyperParameters": {field: write_parameter(value) for field, value in order.hyperparameters.items()},
    }
    if order.validation_file:
        body["validationDataConfig"] = {"validators": [{"s3Uri": order.validation_file}]}
    return body | extra


def write_parameter(value: float | str) -> str:
    """Bedrock takes texts alone, and no exponents."""
    if isinstance(value, bool):
        return str(value).lower()
    return format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)


def convert_job(job: BedrockJob) -> RemoteJob:
    raw_status = read_text(job.status) or ""
    state = find_state(raw_status, job.status_details)
    message = read_text(job.failure_message) or "Bedrock does not say why."
    return RemoteJob(
        id=job.job_arn,
        state=state,
        raw_status=raw_status,
        base_model=read_base_model(job.base_model_arn),
        model=read_text(job.output_model_arn) or read_text(job.custom_model_arn) if state == "succeeded" else None,
        error=RemoteError(message=message) if state == "failed" else None,
        finished_at=parse_time(job.end_time) if state in FINISHED else None,
        created_at=parse_time(job.creation_time),
        updated_at=parse_time(job.last_modified_time),
    )


def find_state(raw_status: str, details: Any) -> State:
    """The state by the status, and by the stage that is in progress."""
    stages = [_read_stage(details, name) for name in STAGES]
    if raw_status != IN_PROGRESS or not any(stages):
        return STATUS.get(raw_status, "running")
    if stages[2] not in {None, NOT_STARTED}:
        return "running"
    return "pending" if set(stages) <= {None, NOT_STARTED} else "validating"


def _read_stage(details: Any, name: str) -> str | None:
    stage = details.get(name) if isinstance(details, dict) else None
    return read_text(stage.get("status")) if isinstance(stage, dict) else None


def build_points(job: BedrockJob) -> tuple[MetricPoint, ...]:
    """The losses at the end of the last epoch. Their step is the number of epochs: Bedrock does not tell steps."""
    training = job.training_metrics if isinstance(job.training_metrics, dict) else {}
    validated = job.validation_metrics if isinstance(job.validation_metrics, list) else []
    validation = next((each for each in validated if isinstance(each, dict)), {})
    parameters = job.hyper_parameters if isinstance(job.hyper_parameters, dict) else {}
    measures = {"train_loss": training.get("trainingLoss"), "full_valid_loss": validation.get("validationLoss")}
    known = {name: value for name, value in measures.items() if value is not None}
    epochs = to_number(parameters.get("epochCount")) or 1
    point = curves.build_point({"step": epochs, **known}) if known else None
    return (point,) if point else ()


def parse_curves(files: Sequence[bytes]) -> tuple[MetricPoint, ...]:
    """The points of the CSV files in a job's output, joined by step. The validation file measures all of its rows."""
    points: tuple[MetricPoint, ...] = ()
    for content in files:
        rows = csv.DictReader(curves.decode_text(content).splitlines())
        with suppress(csv.Error):
            found = [curves.build_point({name: row.get(column) for name, column in COLUMNS.items()}) for row in rows]
            points = curves.merge_points(points, [point for point in found if point])
    return points


def has_token(job: BedrockJob, token: str) -> bool:
    name = read_text(job.job_name) or ""
    return token in (job.client_request_token, name) or name.endswith(f"-{token}")


def read_entry(entry: Any) -> BedrockJob | None:
    """A job of a list. One odd job hides no other."""
    try:
        return msgspec.convert(entry, BedrockJob, strict=False)
    except msgspec.ValidationError:
        return None


def read_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
