"""Decisions about pausing a tune and going on with it."""

from service.errors import Conflict
from service.providers.kinds import TRAITS
from service.providers.provider import RemoteJob
from service.tunes.decisions import as_unfinished, require_tune
from service.tunes.events import TuneEvent, TuneState
from service.tunes.pauses.domain import (
    PAUSING,
    PauseRequest,
    TunePauseRequested,
    TunePauseSent,
    TuneResumeRequested,
    TuneResumeSent,
)


def pause(tune: TuneState | None, *, reason: str | None) -> list[TuneEvent]:
    """Order that the job is paused. Again records nothing. Raises Conflict where there is no job that could be."""
    tune = _require_pausable(tune)
    if tune.pause_request == "pause" or (tune.pause_request is None and _is_pausing(tune)):
        return []
    return [TunePauseRequested(reason=reason)]


def resume(tune: TuneState | None, *, reason: str | None) -> list[TuneEvent]:
    """Order that a paused job goes on. Again records nothing. Raises Conflict unless it is paused or about to be."""
    tune = _require_pausable(tune)
    if tune.pause_request == "resume":
        return []
    if tune.pause_request is None and not _is_pausing(tune):
        raise Conflict(f"The tune is {tune.state}. Only a paused one can be resumed.")
    return [TuneResumeRequested(reason=reason)]


def record_answer(
    tune: TuneState | None, request: PauseRequest, *, job: RemoteJob | None, refusal: str | None
) -> list[TuneEvent]:
    """Record what the provider said. If something else was ordered meanwhile, nothing: it is asked that next."""
    tune = require_tune(tune)
    if tune.finished or tune.pause_request != request:
        return []
    sent = TunePauseSent if request == "pause" else TuneResumeSent
    if job is None:
        return [sent(refusal=refusal)]
    return [sent(state=as_unfinished(job.state), raw_status=job.raw_status, refusal=refusal)]


def _is_pausing(tune: TuneState) -> bool:
    return tune.state == "paused" or tune.raw_status == PAUSING


def _require_pausable(tune: TuneState | None) -> TuneState:
    tune = require_tune(tune)
    traits = TRAITS[tune.asked.connection_kind]
    if not traits.pause:
        raise Conflict(f"{traits.name} cannot pause a job. To stop it for good: POST /v1/tunes/{{id}}/cancel.")
    if tune.finished:
        raise Conflict(f"The tune has ended ({tune.state}).")
    if tune.job_id is None:
        raise Conflict("The tune was not sent yet. Cancel it, or wait until it has a job that can be paused.")
    if tune.cancel is not None:
        raise Conflict("The tune was asked to stop, so it is neither paused nor resumed.")
    return tune
