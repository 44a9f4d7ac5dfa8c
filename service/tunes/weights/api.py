"""A tune's weights over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from service.access.auth import require_scope
from service.artifacts import queries as artifact_queries
from service.artifacts.schemas import ArtifactPage, from_row
from service.http.bodies import JSON, NO_NUL, Body
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import to_response
from service.ledger.store import Caller, Ledger
from service.operations import projection as operations
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation
from service.tunes import queries
from service.tunes.weights.commands import request_weights


class DownloadWeights(Body):
    """Which weights to download."""

    checkpoint: Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL)] | None = None
    """A checkpoint's id. Null: the weights at the job's end."""


@post(
    "/tunes/{tune_id:uuid}/weights",
    operation_id="download_tune_weights",
    summary="Download a tune's weights into the artifact store",
    guards=[require_scope("tunes:write")],
    status_code=202,
    tags=["tunes"],
)
async def download_weights(
    tune_id: FromPath[UUID],
    data: JSON[DownloadWeights],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    """An operation; its result names the artifacts. What is there already is not downloaded again.

    409 where the provider keeps the weights, or the tune has none yet.
    """
    operation_id = await request_weights(ledger, caller, tune_id, checkpoint=data.checkpoint)
    operation = await operations.get_operation(ledger.engine, caller.workspace_id, operation_id)
    return to_response(encode_accepted(operation), Operation)


@get(
    "/tunes/{tune_id:uuid}/weights",
    operation_id="list_tune_weights",
    summary="List a tune's downloaded weights",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_weights(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ArtifactPage:
    """Artifacts of the kind `weights`, without those that were deleted."""
    await queries.get_tune(ledger.engine, caller.workspace_id, tune_id)
    after = decode_cursor(cursor, tuple[UUID])
    rows = await artifact_queries.list_artifacts(
        ledger.engine,
        caller.workspace_id,
        kind="weights",
        of=tune_id,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(ArtifactPage, [from_row(row) for row in rows], limit, key=lambda each: each.id)


router = Router(path="/", route_handlers=[download_weights, list_weights])
