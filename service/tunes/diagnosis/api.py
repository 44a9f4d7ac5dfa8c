"""The diagnosis of a tune over HTTP."""

from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.ledger.store import Caller, Ledger
from service.tunes import queries
from service.tunes.diagnosis.curve_reader import read_curves
from service.tunes.diagnosis.domain import CurveFinding, diagnose, find_best_checkpoint


class TuneDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What a tune's curves show, and what to do about it."""

    tune_id: UUID
    """The tune."""
    points: int
    """How many points were read."""
    best_checkpoint: str | None
    """Id of the checkpoint with the lowest validation loss. Null when none was measured."""
    best_checkpoint_step: int | None
    """The step of that checkpoint."""
    findings: list[CurveFinding]
    """What was found, the worst first. A healthy tune has one finding that says so."""


@get(
    "/tunes/{tune_id:uuid}/diagnosis",
    operation_id="diagnose_tune",
    summary="Diagnose a tune's curves",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def diagnose_tune(
    tune_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> TuneDiagnosis:
    """Says whether a tune overfits, is flat or slow, diverges, or had too many epochs or too little data.

    It may be asked while the tune runs.
    """
    tune = await queries.get_tune(ledger.engine, caller.workspace_id, tune_id)
    curves = await read_curves(ledger.engine, caller.workspace_id, tune)
    best = find_best_checkpoint(curves.checkpoints)
    return TuneDiagnosis(
        tune_id=tune_id,
        points=len(curves.points),
        best_checkpoint=best.id if best else None,
        best_checkpoint_step=best.step if best else None,
        findings=diagnose(curves),
    )


router = Router(path="/", route_handlers=[diagnose_tune])
