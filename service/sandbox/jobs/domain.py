"""Decide a fine-tuning job's steps, with OpenAI's messages in OpenAI's order. Pure."""

import base64
import csv
import io
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from service.sandbox.files.training_rows import TrainingFile
from service.sandbox.jobs.ngram_model import Point, Score, steps_per_epoch
from service.sandbox.wire import (
    Checkpoint,
    CreateJob,
    Event,
    Hyperparameters,
    Job,
    JobError,
    Method,
    Preference,
    PreferenceHyperparameters,
    Refusal,
    Supervised,
)

MIN_EXAMPLES = 10
MAX_LEARNT_EXAMPLES = 5_000
MAX_CHECKPOINTS = 3
END_STATUSES = ("succeeded", "failed", "cancelled")
COLUMNS = (
    "step",
    "train_loss",
    "train_mean_token_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)
NO_ERROR = JobError()  # as OpenAI shows a success: an error object with null fields


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A job with the sandbox's own fields. `due_at` is None when no step is due (ended or paused)."""

    job: Job
    due_at: float | None
    epoch: int = 0
    steps: int = 0
    tokens: int = 0
    revision: int = 0
    resumes_to: str | None = None
    stubborn: bool = False


class Change(msgspec.Struct, frozen=True, kw_only=True):
    record: Record
    events: tuple[Event, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    models: tuple[str, ...] = ()


def build_event(
    message: str, now: float, *, level: Literal["info", "error"] = "info", data: dict[str, int | float] | None = None
) -> Event:
    return Event(
        created_at=int(now), level=level, message=message, type="metrics" if data is not None else "message", data=data
    )


def create_job(request: CreateJob, *, job_id: str, model: str, seed: int, now: float, pace: float) -> Change:
    """Create a job. Its files are checked later, as at OpenAI."""
    method = resolve_method(request)
    job = Job(
        id=job_id,
        created_at=int(now),
        model=model,
        seed=seed,
        training_file=request.training_file,
        validation_file=request.validation_file,
        hyperparameters=get_hyperparameters(method),
        method=method,
        integrations=request.integrations or [],
        metadata=request.metadata,
        user_provided_suffix=request.suffix,
    )
    files = f"Validating training file: {job.training_file}"
    if job.validation_file:
        files += f" and validation file: {job.validation_file}"
    events = (
        build_event(f"Created fine-tuning job: {job_id}", now),
        build_event("This is a sandbox: it fits a small n-gram model, and no money is spent", now),
        build_event(files, now),
    )
    return Change(record=Record(job=job, due_at=now + pace), events=events)


def resolve_method(request: CreateJob) -> Method:
    """Fill in the method. Raises Refusal for a method that the sandbox does not run."""
    chosen = request.method or Method(type="supervised", supervised=Supervised(hyperparameters=_get_top_level(request)))
    if chosen.type == "reinforcement":
        raise Refusal("The sandbox does not run reinforcement fine-tuning.", param="method.type", code="invalid_value")
    if chosen.type == "dpo":
        return Method(type="dpo", dpo=chosen.dpo or Preference())
    return Method(
        type="supervised", supervised=chosen.supervised or Supervised(hyperparameters=_get_top_level(request))
    )


def _get_top_level(request: CreateJob) -> Hyperparameters:
    return request.hyperparameters or Hyperparameters()


def get_hyperparameters(method: Method) -> Hyperparameters:
    """The hyperparameters that all methods share; `beta` stays in the preference method."""
    if method.dpo is None:
        return method.supervised.hyperparameters if method.supervised else Hyperparameters()
    hyperparameters = method.dpo.hyperparameters
    return Hyperparameters(
        batch_size=hyperparameters.batch_size,
        learning_rate_multiplier=hyperparameters.learning_rate_multiplier,
        n_epochs=hyperparameters.n_epochs,
    )


def queue_or_fail(
    record: Record, train: TrainingFile, valid: TrainingFile | None, *, tokens: int, now: float, pace: float
) -> Change:
    """Queue the job with every "auto" resolved, or fail it with OpenAI's message."""
    if error := _find_file_error(train, valid):
        return fail_job(record, error, now=now)
    method = _resolve_auto(record.job.method, train.examples)
    hyperparameters = get_hyperparameters(method)
    learnt_examples = min(train.examples, MAX_LEARNT_EXAMPLES)
    events = [build_event("Files validated, moving job to queued state", now)]
    if learnt_examples < train.examples:
        events.append(
            build_event(f"Sandbox: learning from the first {learnt_examples} of {train.examples} examples", now)
        )
    job = replace(record.job, status="queued", method=method, hyperparameters=hyperparameters)
    steps = steps_per_epoch(learnt_examples, _to_number(hyperparameters.batch_size)) * _to_number(
        hyperparameters.n_epochs
    )
    return Change(record=replace(record, job=job, due_at=now + pace, steps=steps, tokens=tokens), events=tuple(events))


def _find_file_error(train: TrainingFile, valid: TrainingFile | None) -> JobError | None:
    if train.fault:
        message = f"The job failed due to an invalid training file. {train.fault}"
        return JobError(code="invalid_training_file", message=message, param="training_file")
    if train.examples < MIN_EXAMPLES:
        message = f"Training file has {train.examples} example(s), but must have at least {MIN_EXAMPLES} examples"
        return JobError(code="invalid_n_examples", message=message, param="training_file")
    if valid and (valid.fault or not valid.examples):
        message = f"The job failed due to an invalid validation file. {valid.fault or 'It has no examples'}"
        return JobError(code="invalid_validation_file", message=message, param="validation_file")
    return None


def _resolve_auto(method: Method, examples: int) -> Method:
    """Replace every "auto" with the number that OpenAI's cookbook gives for this many examples."""
    if method.dpo:
        hyperparameters = method.dpo.hyperparameters
        beta = 0.1 if hyperparameters.beta == "auto" else hyperparameters.beta
        numbers = PreferenceHyperparameters(**_resolve_numbers(hyperparameters, examples), beta=beta)
        return Method(type="dpo", dpo=Preference(hyperparameters=numbers))
    plain = Hyperparameters(**_resolve_numbers(get_hyperparameters(method), examples))
    return Method(type="supervised", supervised=Supervised(hyperparameters=plain))


def _resolve_numbers(hyperparameters: Hyperparameters, examples: int) -> dict[str, Any]:
    epochs = 3
    if examples * epochs < 100:  # noqa: PLR2004 - under 100 readings in all: read more often, 25 times at most
        epochs = min(25, 100 // examples)
    elif examples * epochs > 25_000:  # noqa: PLR2004 - over 25,000 readings: less often
        epochs = max(1, 25_000 // examples)
    rate, batch = hyperparameters.learning_rate_multiplier, hyperparameters.batch_size
    return {
        "batch_size": max(1, min(256, round(examples * 0.002))) if batch == "auto" else batch,
        "learning_rate_multiplier": 1.0 if rate == "auto" else rate,
        "n_epochs": epochs if hyperparameters.n_epochs == "auto" else hyperparameters.n_epochs,
    }


def _to_number(value: int | Literal["auto"]) -> int:
    return 1 if value == "auto" else value


def get_epochs(job: Job) -> int:
    return _to_number(job.hyperparameters.n_epochs)


def get_batch_size(job: Job) -> int:
    return _to_number(job.hyperparameters.batch_size)


def get_learning_rate(job: Job) -> float:
    rate = job.hyperparameters.learning_rate_multiplier
    return 1.0 if rate == "auto" else rate


def start_job(record: Record, *, now: float, pace: float) -> Change:
    end = int(now + pace * (get_epochs(record.job) + 1)) + 1
    job = replace(record.job, status="running", estimated_finish=end)
    return Change(
        record=replace(record, job=job, due_at=now + pace), events=(build_event("Fine-tuning job started", now),)
    )


def record_epoch(record: Record, points: Sequence[Point], *, now: float, pace: float) -> Change:
    """Record an epoch: its metrics, and a checkpoint named after its last step."""
    events = [
        build_event(_build_step_message(point, record.steps), now, data=build_metrics(point, record.steps))
        for point in points
    ]
    step = points[-1].step
    name = f"{build_model_name(record.job)}:ckpt-step-{step}"
    metrics = {key: value for key, value in build_metrics(points[-1], record.steps).items() if key in COLUMNS}
    checkpoint = Checkpoint(
        created_at=int(now),
        fine_tuned_model_checkpoint=name,
        fine_tuning_job_id=record.job.id,
        step_number=step,
        metrics=metrics,
    )
    events.append(build_event(f"Checkpoint created at step {step}", now))
    return Change(
        record=replace(record, epoch=record.epoch + 1, due_at=now + pace),
        events=tuple(events),
        checkpoints=(checkpoint,),
        models=(name,),
    )


def _build_step_message(point: Point, steps: int) -> str:
    line = f"Step {point.step}/{steps}: training loss={point.train.loss:.2f}"
    return f"{line}, validation loss={point.valid.loss:.2f}" if point.valid else line


def build_metrics(point: Point, steps: int) -> dict[str, int | float]:
    values: dict[str, int | float] = {"step": point.step, "total_steps": steps}
    for name, score in (("train", point.train), ("valid", point.valid), ("full_valid", point.full_valid)):
        if score:
            values |= _build_score_metrics(name, score)
    return values


def _build_score_metrics(name: str, score: Score) -> dict[str, int | float]:
    return {f"{name}_loss": round(score.loss, 5), f"{name}_mean_token_accuracy": round(score.accuracy, 5)}


def build_model_name(job: Job) -> str:
    """`ft:<snapshot>:<organisation>:<suffix>:<8 characters>`; the characters are the end of the job's id."""
    snapshot = job.model.split(":")[1] if job.model.startswith("ft:") else job.model
    return f"ft:{snapshot}:sandbox:{job.user_provided_suffix or ''}:{job.id[-8:]}"


def complete_job(record: Record, *, result_file: str, now: float) -> Change:
    name = build_model_name(record.job)
    job = replace(
        record.job,
        status="succeeded",
        fine_tuned_model=name,
        finished_at=int(now),
        estimated_finish=None,
        result_files=(result_file,),
        trained_tokens=record.tokens * record.epoch,
        error=NO_ERROR,
    )
    events = (
        build_event(f"New fine-tuned model created: {name}", now),
        build_event("The job has successfully completed", now),
    )
    return Change(record=replace(record, job=job, due_at=None), events=events, models=(name,))


def fail_job(record: Record, error: JobError, *, now: float) -> Change:
    job = replace(record.job, status="failed", error=error, finished_at=int(now), estimated_finish=None)
    line = build_event(error.message or "The job failed", now, level="error")
    return Change(record=replace(record, job=job, due_at=None), events=(line,))


def build_result_file(events: Sequence[Event]) -> bytes:
    """Build the result file: the metrics events as CSV in base64, as OpenAI does."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(event.data for event in events if event.data)
    return base64.b64encode(text.getvalue().encode())
