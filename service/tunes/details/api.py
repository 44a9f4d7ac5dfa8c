"""Routes for one tune's job log, training curves, checkpoints and history."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.http.bodies import NO_NUL
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.ledger.store import Caller, Ledger
from service.providers.provider import MetricPoint
from service.tunes import queries
from service.tunes.details.schemas import Checkpoint, CheckpointPage, MetricPage, TuneLogLine, TuneLogPage
from service.tunes.events import TUNE, TuneState

# Bounds for values in a cursor, so that a forged one is refused here and not by the database.
CursorNumber = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
CheckpointId = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]


@get(
    "/tunes/{tune_id:uuid}/events",
    operation_id="list_tune_events",
    summary="List a tune's job log",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_tune_events(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TuneLogPage:
    """The provider's log lines, oldest first."""
    await queries.get_tune(ledger.engine, caller.workspace_id, tune_id)
    after = decode_cursor(cursor, tuple[CursorNumber, CursorNumber])
    rows = await queries.list_events(ledger.engine, caller.workspace_id, tune_id, after=after, limit=limit + 1)
    log_page = page(TuneLogPage, rows, limit, key=lambda row: (row.seq, row.position))
    return msgspec.structs.replace(log_page, data=[_convert_row(row, TuneLogLine) for row in rows[:limit]])


@get(
    "/tunes/{tune_id:uuid}/metrics",
    operation_id="list_tune_metrics",
    summary="List a tune's training metrics",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_tune_metrics(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MetricPage:
    """One point per measured step. Losses are in nats per token, accuracies from 0 to 1."""
    await queries.get_tune(ledger.engine, caller.workspace_id, tune_id)
    after = decode_cursor(cursor, tuple[CursorNumber])
    rows = await queries.list_metrics(
        ledger.engine, caller.workspace_id, tune_id, after=after[0] if after else None, limit=limit + 1
    )
    return page(MetricPage, [_convert_row(row, MetricPoint) for row in rows], limit, key=lambda point: point.step)


@get(
    "/tunes/{tune_id:uuid}/checkpoints",
    operation_id="list_tune_checkpoints",
    summary="List a tune's checkpoints",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_tune_checkpoints(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CheckpointPage:
    await queries.get_tune(ledger.engine, caller.workspace_id, tune_id)
    after = decode_cursor(cursor, tuple[CursorNumber, CheckpointId])
    rows = await queries.list_checkpoints(ledger.engine, caller.workspace_id, tune_id, after=after, limit=limit + 1)
    return page(
        CheckpointPage, [_convert_row(row, Checkpoint) for row in rows], limit, key=lambda each: (each.step, each.id)
    )


@get(
    "/tunes/{tune_id:uuid}/history",
    operation_id="list_tune_history",
    summary="List a tune's history",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_tune_history(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    return await history(
        ledger.engine, TUNE, caller.workspace_id, tune_id, limit=limit, cursor=cursor, shown=_build_history_fields
    )


def _build_history_fields(tune: TuneState) -> dict[str, Any]:
    """The fields of a tune that its history compares. Log lines and curves have lists of their own."""
    own = (
        *("state", "raw_status", "sending", "job_id", "duplicates", "provider_model", "trained_tokens"),
        *("error", "cancel", "trouble", "doubt"),
    )
    fields: dict[str, Any] = msgspec.to_builtins({name: getattr(tune, name) for name in own})
    sending = fields.pop("sending") or {}
    files = {name: sending.get(name) for name in ("training_file", "validation_file")}
    return {**msgspec.to_builtins(tune.asked), **fields, **files}


def _convert_row(row: Any, kind: type[Any]) -> Any:
    fields = {name: getattr(row, name) for name in kind.__struct_fields__}
    return msgspec.convert(fields, kind)


router = Router(
    path="/", route_handlers=[list_tune_events, list_tune_metrics, list_tune_checkpoints, list_tune_history]
)
