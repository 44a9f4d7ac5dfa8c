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
from service.providers.local.job_folder import JobRecord, Told, Wish, to_time
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


def build_job(record: JobRecord, told: Told, *, wish: Wish, alive: bool, now: datetime) -> RemoteJob:
    """The job as it is now."""
    state, raw = find_state(told, wish=wish, alive=alive)
    ended = state in FINISHED
    return RemoteJob(
        id=record.token,
        state=state,
        raw_status=raw,
        base_model=record.base_model,
        model=record.model if state == "succeeded" else None,
        trained_tokens=(told.done.tokens if told.done else None) or told.tokens,
        error=RemoteError(message=told.failed.message, code=told.failed.code) if told.failed else None,
        finished_at=to_time(told.last) if ended and told.last else now if ended else None,
        estimated_finish=_estimate_finish(told, now) if state == "running" else None,
        created_at=record.created_at,
        updated_at=to_time(told.last) if told.last else record.created_at,
        steps_done=told.step,
        steps_total=told.max_steps,
        cost=compute_cost(record, told) if ended else None,
    )


def find_state(told: Told, *, wish: Wish, alive: bool) -> tuple[State, str]:
    """The state, and a word for people."""
    if told.done:
        return "succeeded", "done"
    if told.failed:
        return "failed", told.failed.code
    if alive:
        stage = "training" if isinstance(told.last, Loaded | Stepped | Evaluated | CheckpointWritten) else "loading"
        return "running", stage if wish == "none" else "stopping"
    if wish == "cancel":
        return "cancelled", "cancelled"
    if wish == "pause":
        return "paused", "paused"
    return ("running", "starting again") if told.step else ("queued", "waiting for a slot")


def compute_cost(record: JobRecord, told: Told) -> Decimal:
    """By the connection's rate for an hour, else nothing."""
    if told.last is None:
        return Decimal(0)
    cuda = told.loaded is not None and told.loaded.device == "cuda"
    rate = record.gpu_hour if cuda else record.cpu_hour
    hours = Decimal(told.last.seconds if cuda else told.last.cpu_s) / SECONDS_PER_HOUR
    return (Decimal(rate or 0) * hours).quantize(CENTS)


def build_news(record: JobRecord, lines: bytes, *, offset: int) -> News:
    """What the trainer told since the offset. The cursor is the offset after it."""
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


def _estimate_finish(told: Told, now: datetime) -> datetime | None:
    """By the pace of this attempt's steps."""
    if told.loaded is None or told.last is None or not told.max_steps or told.step <= told.loaded.step:
        return None
    pace = (told.last.at - told.loaded.at) / (told.step - told.loaded.step)
    left = timedelta(seconds=pace * (told.max_steps - told.step))
    return (datetime.fromtimestamp(told.last.at, tz=UTC) + left) if left else now
