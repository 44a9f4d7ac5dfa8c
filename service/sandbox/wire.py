"""OpenAI's request and response objects, and errors in its format."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

MAX_FILE_BYTES = 512 * 1024 * 1024
PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")

T = TypeVar("T")
Auto = Literal["auto"]


class Refusal(Exception):  # noqa: N818 - an answer to the client, not a failure of ours
    """An error response in OpenAI's format: status, message, type, param and code."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


class FileObject(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    object: str = "file"
    bytes: int
    created_at: int
    expires_at: int | None = None
    filename: str
    purpose: str
    status: str = "processed"
    status_details: str | None = None


class Hyperparameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    batch_size: Auto | Annotated[int, Meta(ge=1, le=256)] = "auto"
    learning_rate_multiplier: Auto | Annotated[float, Meta(gt=0)] = "auto"
    n_epochs: Auto | Annotated[int, Meta(ge=1, le=50)] = "auto"


class PreferenceHyperparameters(Hyperparameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    beta: Auto | Annotated[float, Meta(gt=0, le=2)] = "auto"


class Supervised(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hyperparameters: Hyperparameters = Hyperparameters()


class Preference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hyperparameters: PreferenceHyperparameters = PreferenceHyperparameters()


class Method(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: Supervised | None = None
    dpo: Preference | None = None
    reinforcement: dict[str, Any] | None = None


Metadata = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]], Meta(max_length=16)
]


class CreateJob(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    model: str
    training_file: str
    validation_file: str | None = None
    suffix: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2147483647)] | None = None
    metadata: Metadata | None = None
    integrations: list[dict[str, Any]] | None = None
    method: Method | None = None
    hyperparameters: Hyperparameters | None = None


class JobError(msgspec.Struct, frozen=True, kw_only=True):
    code: str | None = None
    message: str | None = None
    param: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    object: str = "fine_tuning.job"
    created_at: int
    finished_at: int | None = None
    estimated_finish: int | None = None
    model: str
    fine_tuned_model: str | None = None
    organization_id: str = "org-sandbox"
    status: str = "validating_files"
    seed: int
    training_file: str
    validation_file: str | None = None
    result_files: tuple[str, ...] = ()
    trained_tokens: int | None = None
    hyperparameters: Hyperparameters
    method: Method
    integrations: list[dict[str, Any]] = []
    metadata: dict[str, str] | None = None
    error: JobError | None = None
    user_provided_suffix: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    id: str = ""  # set when it is stored
    object: str = "fine_tuning.job.event"
    created_at: int
    level: Literal["info", "warn", "error"] = "info"
    message: str
    type: Literal["message", "metrics"] = "message"
    data: dict[str, int | float] | None = None


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: str = ""  # set when it is stored
    object: str = "fine_tuning.job.checkpoint"
    created_at: int
    fine_tuned_model_checkpoint: str
    fine_tuning_job_id: str
    step_number: int
    metrics: dict[str, int | float]


class Model(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    object: str = "model"
    created: int
    owned_by: str = "sandbox"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    object: str = "list"
    data: list[Any]
    has_more: bool
    first_id: str | None = None
    last_id: str | None = None


def build_page(rows: list[Any], *, limit: int) -> Page:
    """Build a page of the first `limit` rows; one row more tells that there are more."""
    data = rows[:limit]
    first, last = (data[0].id, data[-1].id) if data else (None, None)
    return Page(data=data, has_more=len(rows) > limit, first_id=first, last_id=last)


def parse_metadata_filter(items: list[tuple[str, Any]]) -> dict[str, str] | None:
    """Parse the filter `metadata[k]=v`; `metadata=null` is an empty filter, for objects without metadata."""
    if ("metadata", "null") in items:
        return {}
    pairs = {key[9:-1]: value for key, value in items if key.startswith("metadata[") and key.endswith("]")}
    return pairs or None


def parse_body(body: bytes, struct: type[T]) -> T:
    """Parse the body. Raises Refusal (400) that names the wrong field."""
    try:
        return msgspec.json.decode(body, type=struct)
    except msgspec.ValidationError as error:
        _, _, pointer = str(error).partition(" - at `$.")
        raise Refusal(str(error), param=pointer.rstrip("`") or None, code="invalid_type") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = "We could not parse the JSON body of your request. (The OpenAI API expects a JSON payload.)"
        raise Refusal(message) from error


def parse_integer(query: Mapping[str, str], name: str, *, default: int, minimum: int = 1, maximum: int = 100) -> int:
    """Parse an integer of the query. Raises Refusal (400) outside `minimum`..`maximum`."""
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and minimum <= int(text) <= maximum):  # noqa: PLR2004
        raise Refusal(
            f"Invalid '{name}': expected an integer from {minimum} to {maximum}.", param=name, code="invalid_value"
        )
    return int(text)
