"""Pause tunes and go on with them. Workers ask the providers."""

from functools import partial
from uuid import UUID

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.http.bodies import JSON
from service.http.responses import IfMatch, StoredResponse, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.tunes.events import TUNE, TuneState
from service.tunes.pauses import decisions
from service.tunes.schemas import PauseTune, Tune, from_stored


@post(
    "/tunes/{tune_id:uuid}/pause",
    operation_id="pause_tune",
    summary="Pause a tune",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def pause_tune(
    tune_id: FromPath[UUID],
    data: JSON[PauseTune | None],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Tune]:
    """A worker asks the provider; until then `pause_request` is `pause`. If it refuses, `pause_refusal` says why.

    Refused (409) where the provider cannot pause a job, before there is one, and after its end.
    """
    decide = partial(decisions.pause, reason=data.reason if data else None)
    paused = await ledger.change(
        TUNE, tune_id, decide, caller=caller, expected=parse_if_match(if_match), respond=_build_answer
    )
    return to_response(_build_answer(paused), Tune)


@post(
    "/tunes/{tune_id:uuid}/resume",
    operation_id="resume_tune",
    summary="Resume a paused tune",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def resume_tune(
    tune_id: FromPath[UUID],
    data: JSON[PauseTune | None],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Tune]:
    """Also takes back a pause that the provider was not asked for yet. A worker asks it to go on with the job."""
    decide = partial(decisions.resume, reason=data.reason if data else None)
    resumed = await ledger.change(
        TUNE, tune_id, decide, caller=caller, expected=parse_if_match(if_match), respond=_build_answer
    )
    return to_response(_build_answer(resumed), Tune)


def _build_answer(stored: StreamState[TuneState]) -> StoredResponse:
    return encode_response(from_stored(stored), version=stored.version)


router = Router(path="/", route_handlers=[pause_tune, resume_tune])
