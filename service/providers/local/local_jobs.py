"""What a job on this machine looks like to the rest: its state, its news, its price. Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from service.providers.abilities import News
from service.providers.local.job import (
    CheckpointWritten,
    Done,
    Evaluated,
    Failed,
    Loaded,
    Stepped,
    Stopped,
    TrainerEvent,
    read_events,
)
from service.providers.local.job_folder import JobRecord, TrainerState, Wish, to_time
from service.providers.provider import (
    FINISHED,
    MetricPoint,
    RemoteError,
    RemoteEvent,
    RemoteJob,
    State,
    TuneCheckpoint,
)

SECONDS_PER_HOUR = 3600
CENTS = Decimal("0.000001")


def build_job(record: JobRecord, trainer: TrainerState, *, wish: Wish, alive: bool, now: datetime) -> RemoteJob:
    """The job as it is now."""
    state, raw = find_state(trainer, wish=wish, alive=alive)
    ended = state in FINISHED
    return RemoteJob(
        id=record.token,
        state=state,
        raw_status=raw,
        base_model=record.base_model,
        model=record.model if state == "succeeded" else None,
        trained_tokens=(trainer.done.tokens if trainer.done else None) or trainer.tokens,
        error=RemoteError(message=trainer.failed.message, code=trainer.failed.code) if trainer.failed else None,
        finished_at=to_time(trainer.last) if ended and trainer.last else now if ended else None,
        estimated_finish=_estimate_finish(trainer, now) if state == "running" else None,
        created_at=record.created_at,
        updated_at=to_time(trainer.last) if trainer.last else record.created_at,
        steps_done=trainer.step,
        steps_total=trainer.max_steps,
        cost=compute_cost(record, trainer) if ended else None,
    )


def find_state(trainer: TrainerState, *, wish: Wish, alive: bool) -> tuple[State, str]:
    """The state, and a word for people."""
    if trainer.done:
        return "succeeded", "done"
    if trainer.failed:
        return "failed", trainer.failed.code
    if alive:
        stage = "training" if isinstance(trainer.last, Loaded | Stepped | Evaluated | CheckpointWritten) else "loading"
        return "running", stage if wish == "none" else "stopping"
    if wish == "cancel":
        return "cancelled", "cancelled"
    if wish == "pause":
        return "paused", "paused"
    return ("running", "starting again") if trainer.step else ("queued", "waiting for a slot")


def compute_cost(record: JobRecord, trainer: TrainerState) -> Decimal:
    """By the connection's rate for an hour, else nothing."""
    if trainer.last is None:
        return Decimal(0)
    cuda = trainer.loaded is not None and trainer.loaded.device == "cuda"
    rate = record.gpu_hour if cuda else record.cpu_hour
    hours = Decimal(trainer.last.seconds if cuda else trainer.last.cpu_s) / SECONDS_PER_HOUR
    return (Decimal(rate or 0) * hours).quantize(CENTS)


def build_news(record: JobRecord, lines: bytes, *, offset: int) -> News:
    """What the trainer reported since the offset. The cursor is the offset after it."""
    events: list[RemoteEvent] = []
    points: dict[int, MetricPoint] = {}
    checkpoints: list[TuneCheckpoint] = []
    at = offset
    for line in lines.splitlines(keepends=True):
        for event in read_events(line):
            if text := describe(event):
                level = "error" if isinstance(event, Failed) else "info"
                events.append(RemoteEvent(id=f"line-{at}", at=to_time(event), level=level, message=text))
            if isinstance(event, Stepped | Evaluated):
                points[event.step] = _add_point(points.get(event.step, MetricPoint(step=event.step)), event)
            if isinstance(event, CheckpointWritten):
                checkpoints.append(_build_checkpoint(record, event, points))
        at += len(line)
    return News(cursor=str(at), events=tuple(events), metrics=tuple(points.values()), checkpoints=tuple(checkpoints))


def describe(event: TrainerEvent) -> str | None:
    """A line of the log; None for what the curves show."""
    match event:
        case Loaded():
            share = f"{event.trainable:,} of {event.parameters:,} weights learn"
            rows = f"{event.train_rows} rows, {event.validation_rows} to measure with"
            where = f"attempt {event.attempt}, from step {event.step}" if event.attempt > 1 else "begins"
            return f"Training on the {event.device.upper()} {where}: {share}; {rows}; {event.max_steps} steps."
        case CheckpointWritten():
            return f"Checkpoint of step {event.step}: sha256 {event.sha256}."
        case Stopped():
            return f"Stopped after step {event.step} of {event.max_steps} ({event.reason}), with a checkpoint."
        case Done():
            return (
                f"Done after {event.step} steps: {event.cpu_s:.0f} CPU seconds, {event.rss_mb / 1000:.1f} GB,"
                f" sha256 {event.sha256}."
            )
        case Failed():
            return event.message
        case _:
            return None


def _add_point(point: MetricPoint, event: Stepped | Evaluated) -> MetricPoint:
    fields = {name: getattr(point, name) for name in MetricPoint.__struct_fields__}
    broken = ("train_loss" if isinstance(event, Stepped) else "full_valid_loss",) if event.loss is None else ()
    accuracy = event.token_accuracy if event.token_accuracy is not None else event.preferred
    names = (
        ("train_loss", "train_accuracy") if isinstance(event, Stepped) else ("full_valid_loss", "full_valid_accuracy")
    )
    return MetricPoint(**fields | dict(zip(names, (event.loss, accuracy), strict=True)) | {"not_finite": broken})


def _build_checkpoint(record: JobRecord, event: CheckpointWritten, points: dict[int, MetricPoint]) -> TuneCheckpoint:
    step = event.step
    return TuneCheckpoint(
        id=f"step-{step}",
        step=step,
        model=f"{record.model}:step-{step}",
        at=to_time(event),
        metrics=points.get(step, MetricPoint(step=step)),
    )


def _estimate_finish(trainer: TrainerState, now: datetime) -> datetime | None:
    """By the pace of this attempt's steps."""
    if trainer.loaded is None or trainer.last is None or not trainer.max_steps or trainer.step <= trainer.loaded.step:
        return None
    pace = (trainer.last.at - trainer.loaded.at) / (trainer.step - trainer.loaded.step)
    left = timedelta(seconds=pace * (trainer.max_steps - trainer.step))
    return (datetime.fromtimestamp(trainer.last.at, tz=UTC) + left) if left else now
