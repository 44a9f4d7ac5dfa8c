"""Estimate tunes over HTTP."""

from litestar import Router, post
from litestar.di import NamedDependency

from service.access.auth import require_scope
from service.http.bodies import JSON
from service.ledger.store import Caller
from service.tunes.preflight.estimator import Estimator
from service.tunes.preflight.schemas import TuneEstimate, build_estimate
from service.tunes.schemas import NewTunes


@post(
    "/tunes/estimate",
    operation_id="estimate_tunes",
    summary="Estimate tunes: cost, time, and all faults",
    guards=[require_scope("tunes:read")],
    status_code=200,
    tags=["tunes"],
)
async def estimate_tunes(
    data: JSON[NewTunes], caller: NamedDependency[Caller], estimator: NamedDependency[Estimator]
) -> TuneEstimate:
    """Takes the body of `POST /v1/tunes`. Nothing is sent and nothing recorded.

    Faults stand in the answer; `POST /v1/tunes` refuses the same ones with 422.
    """
    return build_estimate(data, await estimator.estimate(caller.workspace_id, data))


router = Router(path="/", route_handlers=[estimate_tunes])
