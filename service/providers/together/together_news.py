"""What is new about a Together job: its log, metrics and checkpoints, and the cursor between two looks. Pure."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from service.providers import curves
from service.providers.abilities import News
from service.providers.openai.job_schemas import decode, parse_time, to_count
from service.providers.provider import FINISHED, MetricPoint, RemoteEvent, RemoteJob, TuneCheckpoint
from service.providers.together.together_jobs import list_objects, read_text, read_type

STEPS = ("train/global_step", "eval/global_step", "global_step", "step")
MEASURES = {
    "train/loss": "train_loss",
    "eval/loss": "valid_loss",
    "train/accuracy": "train_accuracy",
    "eval/accuracy": "valid_accuracy",
    "train/mean_token_accuracy": "train_accuracy",
    "eval/mean_token_accuracy": "valid_accuracy",
}
EARLIEST = datetime.min.replace(tzinfo=UTC)


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last line of the log that is known, and the first step whose metrics are not."""

    event: str | None = None
    step: int = 0


class EventList(msgspec.Struct, frozen=True, kw_only=True):
    data: list[Any] | None = None


class MetricList(msgspec.Struct, frozen=True, kw_only=True):
    metrics: list[Any] | None = None


def read_cursor(text: str | None) -> Cursor:
    """The cursor; the beginning for one that is not ours, as of a job that was adopted."""
    try:
        return msgspec.json.decode(text or "{}", type=Cursor)
    except msgspec.MsgspecError:
        return Cursor()


def write_cursor(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()


def read_events(content: bytes) -> list[RemoteEvent]:
    """The lines of the log, oldest first, each once."""
    events = [convert_event(event) for event in list_objects(decode(content, EventList).data)]
    return sorted({event.id: event for event in events}.values(), key=lambda event: event.at or EARLIEST)


def select_fresh(events: list[RemoteEvent], last: str | None) -> list[RemoteEvent]:
    """Those after the last known one; all of them if it is not there any more."""
    ids = [event.id for event in events]
    return events[ids.index(last) + 1 :] if last in ids else events


def convert_event(event: dict[str, Any]) -> RemoteEvent:
    """A line of the log. Together gives it no id, so its content is one."""
    message = read_text(event.get("message")) or read_type(event)
    place = read_text(event.get("checkpoint_path")) or read_text(event.get("model_path"))
    if place and place not in message:
        message = f"{message} ({place})"
    seen = "\n".join(str(event.get(name)) for name in ("created_at", "type", "step", "message"))
    return RemoteEvent(
        id=read_text(event.get("hash")) or hashlib.sha256(seen.encode(errors="surrogatepass")).hexdigest()[:24],
        at=parse_time(event.get("created_at")),
        level=read_level(event),
        message=message,
    )


def read_level(event: dict[str, Any]) -> str:
    """`info`, `warning` or `error`, also of the older `legacy_iwarning`."""
    said = f"{event.get('level')} {read_type(event)}".lower()
    return next((level for level in ("error", "warning") if level in said), "info")


def read_metrics(content: bytes) -> list[MetricPoint]:
    """The points of the curves. A step's training and evaluation may come in two rows."""
    rows = list_objects(decode(content, MetricList).metrics)
    return list(curves.merge_points((point for row in rows if (point := build_point(row))), ()))


def build_point(row: dict[str, Any]) -> MetricPoint | None:
    step = next((row[name] for name in STEPS if row.get(name) is not None), None)
    measures = {ours: row[theirs] for theirs, ours in MEASURES.items() if theirs in row}
    return curves.build_point({"step": step} | measures)


def read_checkpoints(content: bytes) -> list[dict[str, Any]]:
    """The entries of the list. LoRA jobs have two for each step: the merged model goes before the adapter."""
    entries = list_objects(decode(content, EventList).data)
    return sorted(entries, key=lambda entry: entry.get("checkpoint") == "adapter")


def convert_checkpoints(
    entries: Iterable[dict[str, Any]], job_id: str, points: Iterable[MetricPoint]
) -> tuple[TuneCheckpoint, ...]:
    """One checkpoint per step."""
    measured = {point.step: point for point in points}
    found: dict[int, TuneCheckpoint] = {}
    for entry in entries:
        step = to_count(entry.get("step"))
        if step is None or step > curves.MAX_STEP or step in found:
            continue
        found[step] = TuneCheckpoint(
            id=f"{job_id}:{step}",
            step=step,
            model=f"{job_id}:{step}",  # as `from_checkpoint` takes it; its path stands in the log
            at=parse_time(entry.get("created_at")),
            metrics=measured.get(step, MetricPoint(step=step)),
        )
    return tuple(found[step] for step in sorted(found))


def find_checkpoint_model(content: bytes, step: int) -> str | None:
    """The registry's id of the model that was saved at a step."""
    entries = (entry for entry in read_checkpoints(content) if to_count(entry.get("step")) == step)
    return next((object_id for entry in entries if (object_id := read_text(entry.get("object_id")))), None)


def build_news(
    job: RemoteJob,
    known: Cursor,
    lines: list[RemoteEvent] | None,
    points: list[MetricPoint] | None = None,
    entries: list[dict[str, Any]] | None = None,
    *,
    troubles: Iterable[str],
) -> News:
    """What is there beyond the cursor, which stays where it was for a part that could not be read (None).

    The newest step may yet be evaluated: its point waits for the next step, or for the job's end.
    """
    settled = (points or []) if job.state in FINISHED else (points or [])[:-1]
    after = Cursor(event=lines[-1].id if lines else known.event, step=settled[-1].step + 1 if settled else known.step)
    return News(
        cursor=write_cursor(after),
        events=tuple(select_fresh(lines or [], known.event)),
        metrics=tuple(settled),
        checkpoints=convert_checkpoints(entries or [], job.id, points or []),
        troubles=tuple(troubles),
    )
