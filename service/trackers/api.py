"""Where a tune is shown, over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.ledger.store import Caller, Ledger
from service.trackers import queries
from service.trackers.domain import TrackedState, TrackerKind
from service.tunes.queries import get_tune


class TrackedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A tune as a run at a tracker."""

    integration_id: UUID
    """The integration that shows it."""
    kind: TrackerKind
    """What kind of tracker it is."""
    state: TrackedState
    """`logged` and `failed` are final."""
    link: str | None
    """The run's page. Null until it is logged, and where W&B writes to a folder."""
    error: str | None
    """Why it failed. Null unless it failed."""
    created_at: datetime
    """When the tune had ended."""
    finished_at: datetime | None
    """When the run was logged, or failed."""


class TrackedRuns(msgspec.Struct, frozen=True, kw_only=True):
    """Everywhere the tune is shown."""

    data: list[TrackedRun]
    """By integration."""


@get(
    "/tunes/{tune_id:uuid}/tracked-runs",
    operation_id="list_tracked_runs",
    summary="List a tune's runs at W&B and MLflow",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_tracked_runs(
    tune_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> TrackedRuns:
    """A run is logged once the tune has ended, at each integration that was there by then."""
    await get_tune(ledger.engine, caller.workspace_id, tune_id)
    rows = await queries.list_runs(ledger.engine, caller.workspace_id, tune_id)
    return TrackedRuns(data=[_build_run(row) for row in rows])


def _build_run(row: Any) -> TrackedRun:
    return TrackedRun(**{name: getattr(row, name) for name in TrackedRun.__struct_fields__})


router = Router(path="/", route_handlers=[list_tracked_runs])
