"""A job's life, decided without I/O: what each step changes, in OpenAI's words and order."""

import base64
import csv
import io
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from service.sandbox.files.training_rows import Reading
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

LEAST_EXAMPLES = 10
MOST_LEARNT = 5_000
CHECKPOINTS_KEPT = 3
ENDED = ("succeeded", "failed", "cancelled")
COLUMNS = (
    "step",
    "train_loss",
    "train_mean_token_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)
NO_ERROR = JobError()  # what OpenAI shows on a success: an error object whose fields are all null


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A job and what only the sandbox knows of it. `due_at` is None when nothing is to be done (ended or paused)."""

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


def told(
    message: str, now: float, *, level: Literal["info", "error"] = "info", data: dict[str, int | float] | None = None
) -> Event:
    return Event(
        created_at=int(now), level=level, message=message, type="metrics" if data is not None else "message", data=data
    )


def created(asked: CreateJob, *, job_id: str, model: str, seed: int, now: float, pace: float) -> Change:
    """A new job. Its files are looked at later, as OpenAI does."""
    method = method_of(asked)
    job = Job(
        id=job_id,
        created_at=int(now),
        model=model,
        seed=seed,
        training_file=asked.training_file,
        validation_file=asked.validation_file,
        hyperparameters=settings(method),
        method=method,
        integrations=asked.integrations or [],
        metadata=asked.metadata,
        user_provided_suffix=asked.suffix,
    )
    files = f"Validating training file: {job.training_file}"
    if job.validation_file:
        files += f" and validation file: {job.validation_file}"
    events = (
        told(f"Created fine-tuning job: {job_id}", now),
        told("This is a sandbox: it fits a small n-gram model, and no money is spent", now),
        told(files, now),
    )
    return Change(record=Record(job=job, due_at=now + pace), events=events)


def method_of(asked: CreateJob) -> Method:
    """The method in full; raises Refusal for one the sandbox does not run."""
    given = asked.method or Method(type="supervised", supervised=Supervised(hyperparameters=_top_level(asked)))
    if given.type == "reinforcement":
        raise Refusal("The sandbox does not run reinforcement fine-tuning.", param="method.type", code="invalid_value")
    if given.type == "dpo":
        return Method(type="dpo", dpo=given.dpo or Preference())
    return Method(type="supervised", supervised=given.supervised or Supervised(hyperparameters=_top_level(asked)))


def _top_level(asked: CreateJob) -> Hyperparameters:
    return asked.hyperparameters or Hyperparameters()


def settings(method: Method) -> Hyperparameters:
    """The hyperparameters every method has; a preference method's own stay under its name."""
    if method.dpo is None:
        return method.supervised.hyperparameters if method.supervised else Hyperparameters()
    chosen = method.dpo.hyperparameters
    return Hyperparameters(
        batch_size=chosen.batch_size,
        learning_rate_multiplier=chosen.learning_rate_multiplier,
        n_epochs=chosen.n_epochs,
    )


def validated(record: Record, train: Reading, valid: Reading | None, *, tokens: int, now: float, pace: float) -> Change:
    """Queued with every "auto" settled, or failed in OpenAI's words."""
    if error := _complaint(train, valid):
        return failed(record, error, now=now)
    method = _settled(record.job.method, train.examples)
    chosen = settings(method)
    learnt = min(train.examples, MOST_LEARNT)
    events = [told("Files validated, moving job to queued state", now)]
    if learnt < train.examples:
        events.append(told(f"Sandbox: learning from the first {learnt} of {train.examples} examples", now))
    job = replace(record.job, status="queued", method=method, hyperparameters=chosen)
    steps = steps_per_epoch(learnt, _number(chosen.batch_size)) * _number(chosen.n_epochs)
    return Change(record=replace(record, job=job, due_at=now + pace, steps=steps, tokens=tokens), events=tuple(events))


def _complaint(train: Reading, valid: Reading | None) -> JobError | None:
    if train.fault:
        message = f"The job failed due to an invalid training file. {train.fault}"
        return JobError(code="invalid_training_file", message=message, param="training_file")
    if train.examples < LEAST_EXAMPLES:
        message = f"Training file has {train.examples} example(s), but must have at least {LEAST_EXAMPLES} examples"
        return JobError(code="invalid_n_examples", message=message, param="training_file")
    if valid and (valid.fault or not valid.examples):
        message = f"The job failed due to an invalid validation file. {valid.fault or 'It has no examples'}"
        return JobError(code="invalid_validation_file", message=message, param="validation_file")
    return None


def _settled(method: Method, examples: int) -> Method:
    """Every "auto" replaced by the number OpenAI's cookbook gives for this many examples."""
    if method.dpo:
        chosen = method.dpo.hyperparameters
        beta = 0.1 if chosen.beta == "auto" else chosen.beta
        numbers = PreferenceHyperparameters(**_numbers(chosen, examples), beta=beta)
        return Method(type="dpo", dpo=Preference(hyperparameters=numbers))
    plain = Hyperparameters(**_numbers(settings(method), examples))
    return Method(type="supervised", supervised=Supervised(hyperparameters=plain))


def _numbers(chosen: Hyperparameters, examples: int) -> dict[str, Any]:
    epochs = 3
    if examples * epochs < 100:  # noqa: PLR2004 - under 100 readings in all: read more often, 25 times at most
        epochs = min(25, 100 // examples)
    elif examples * epochs > 25_000:  # noqa: PLR2004 - over 25,000 readings: less often
        epochs = max(1, 25_000 // examples)
    rate, batch = chosen.learning_rate_multiplier, chosen.batch_size
    return {
        "batch_size": max(1, min(256, round(examples * 0.002))) if batch == "auto" else batch,
        "learning_rate_multiplier": 1.0 if rate == "auto" else rate,
        "n_epochs": epochs if chosen.n_epochs == "auto" else chosen.n_epochs,
    }


def _number(value: int | Literal["auto"]) -> int:
    return 1 if value == "auto" else value


def epochs_of(job: Job) -> int:
    return _number(job.hyperparameters.n_epochs)


def batch_of(job: Job) -> int:
    return _number(job.hyperparameters.batch_size)


def rate_of(job: Job) -> float:
    rate = job.hyperparameters.learning_rate_multiplier
    return 1.0 if rate == "auto" else rate


def started(record: Record, *, now: float, pace: float) -> Change:
    end = int(now + pace * (epochs_of(record.job) + 1)) + 1
    job = replace(record.job, status="running", estimated_finish=end)
    return Change(record=replace(record, job=job, due_at=now + pace), events=(told("Fine-tuning job started", now),))


def trained(record: Record, points: Sequence[Point], *, now: float, pace: float) -> Change:
    """An epoch more: its metrics, and a checkpoint named after its last step."""
    events = [told(_said(point, record.steps), now, data=measures(point, record.steps)) for point in points]
    step = points[-1].step
    name = f"{model_name(record.job)}:ckpt-step-{step}"
    metrics = {key: value for key, value in measures(points[-1], record.steps).items() if key in COLUMNS}
    checkpoint = Checkpoint(
        created_at=int(now),
        fine_tuned_model_checkpoint=name,
        fine_tuning_job_id=record.job.id,
        step_number=step,
        metrics=metrics,
    )
    events.append(told(f"Checkpoint created at step {step}", now))
    return Change(
        record=replace(record, epoch=record.epoch + 1, due_at=now + pace),
        events=tuple(events),
        checkpoints=(checkpoint,),
        models=(name,),
    )


def _said(point: Point, steps: int) -> str:
    said = f"Step {point.step}/{steps}: training loss={point.train.loss:.2f}"
    return f"{said}, validation loss={point.valid.loss:.2f}" if point.valid else said


def measures(point: Point, steps: int) -> dict[str, int | float]:
    made: dict[str, int | float] = {"step": point.step, "total_steps": steps}
    for name, score in (("train", point.train), ("valid", point.valid), ("full_valid", point.full_valid)):
        if score:
            made |= _measure(name, score)
    return made


def _measure(name: str, score: Score) -> dict[str, int | float]:
    return {f"{name}_loss": round(score.loss, 5), f"{name}_mean_token_accuracy": round(score.accuracy, 5)}


def model_name(job: Job) -> str:
    """`ft:<snapshot>:<organisation>:<suffix>:<8 characters>`; the characters are the job's own."""
    snapshot = job.model.split(":")[1] if job.model.startswith("ft:") else job.model
    return f"ft:{snapshot}:sandbox:{job.user_provided_suffix or ''}:{job.id[-8:]}"


def succeeded(record: Record, *, result_file: str, now: float) -> Change:
    name = model_name(record.job)
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
    events = (told(f"New fine-tuned model created: {name}", now), told("The job has successfully completed", now))
    return Change(record=replace(record, job=job, due_at=None), events=events, models=(name,))


def failed(record: Record, error: JobError, *, now: float) -> Change:
    job = replace(record.job, status="failed", error=error, finished_at=int(now), estimated_finish=None)
    said = told(error.message or "The job failed", now, level="error")
    return Change(record=replace(record, job=job, due_at=None), events=(said,))


def results(events: Sequence[Event]) -> bytes:
    """The result file: the metrics events as CSV, in base64 as OpenAI gives it nowadays."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(event.data for event in events if event.data)
    return base64.b64encode(text.getvalue().encode())
