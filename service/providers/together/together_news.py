"""What is new about a Together job: its log, metrics and checkpoints, and the cursor between two looks. Pure."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from service.providers import curves
from service.providers.openai.job_schemas import decode, parse_time
from service.providers.provider import MetricPoint, RemoteEvent, TuneCheckpoint
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


def read_metrics(content: bytes) -> tuple[MetricPoint, ...]:
    """The points of the curves. A step's training and evaluation may come in two rows."""
    rows = list_objects(decode(content, MetricList).metrics)
    return curves.merge_points((point for row in rows if (point := build_point(row))), ())


def build_point(row: dict[str, Any]) -> MetricPoint | None:
    step = next((row[name] for name in STEPS if row.get(name) is not None), None)
    measures = {ours: row[theirs] for theirs, ours in MEASURES.items() if theirs in row}
    return curves.build_point({"step": step} | measures)


def split_settled(points: tuple[MetricPoint, ...], *, ended: bool) -> tuple[MetricPoint, ...]:
    """The points that will not change. The newest step may yet be evaluated, unless the job has ended."""
    return points if ended else points[:-1]


def read_checkpoints(content: bytes, job_id: str, points: Iterable[MetricPoint] = ()) -> tuple[TuneCheckpoint, ...]:
    """One checkpoint per step. LoRA jobs have two files for each: the merged model goes before the adapter."""
    measured = {point.step: point for point in points}
    found: dict[int, TuneCheckpoint] = {}
    for entry in list_checkpoints(content):
        step = curves.to_number(entry.get("step"))
        if step is None or not 0 <= step <= curves.MAX_STEP or int(step) in found:
            continue
        found[int(step)] = TuneCheckpoint(
            id=f"{job_id}:{int(step)}",
            step=int(step),
            model=f"{job_id}:{int(step)}",  # as `from_checkpoint` takes it; its path stands in the log
            at=parse_time(entry.get("created_at")),
            metrics=measured.get(int(step), MetricPoint(step=int(step))),
        )
    return tuple(found[step] for step in sorted(found))


def find_checkpoint_model(content: bytes, step: int) -> str | None:
    """The registry's id of the model that was saved at a step."""
    entries = (entry for entry in list_checkpoints(content) if curves.to_number(entry.get("step")) == step)
    return next((object_id for entry in entries if (object_id := read_text(entry.get("object_id")))), None)


def list_checkpoints(content: bytes) -> list[dict[str, Any]]:
    """The entries of the list, adapters last."""
    entries = list_objects(decode(content, EventList).data)
    return sorted(entries, key=lambda entry: entry.get("checkpoint") == "adapter")
