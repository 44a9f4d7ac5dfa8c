"""Estimate tunes over HTTP."""

from typing import Annotated

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from service.access.auth import require_scope
from service.http.bodies import JSON
from service.ledger.store import Caller
from service.tunes.preflight.estimator import Estimator
from service.tunes.preflight.schemas import TuneEstimate, build_estimate
from service.tunes.schemas import NewTunes

Quoted = Annotated[
    bool,
    QueryParameter(
        description="Ask providers that tell one for their own price. The training file is sent there for it, unless it"
        " is there already, and deleted afterwards."
    ),
]


@post(
    "/tunes/estimate",
    operation_id="estimate_tunes",
    summary="Estimate tunes: cost, time, and all faults",
    guards=[require_scope("tunes:read")],
    status_code=200,
    tags=["tunes"],
)
async def estimate_tunes(
    data: JSON[NewTunes],
    caller: NamedDependency[Caller],
    estimator: NamedDependency[Estimator],
    quote: Quoted = False,
) -> TuneEstimate:
    """Takes the body of `POST /v1/tunes`. Nothing is recorded, and without `quote` no data is sent.

    Faults stand in the answer; `POST /v1/tunes` refuses the same ones with 422.
    """
    return build_estimate(data, await estimator.estimate(caller.workspace_id, data, quote=quote))


router = Router(path="/", route_handlers=[estimate_tunes])
