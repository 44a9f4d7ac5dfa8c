"""Artifacts over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.domain import is_allowed
from service.access.roles import Authority
from service.artifacts import commands, domain, queries, schemas
from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.content_response import (
    Conditions,
    IfNoneMatch,
    IfRange,
    RangeHeader,
    open_content,
)
from service.artifacts.domain import ARTIFACT, ArtifactKind
from service.artifacts.schemas import Artifact, ArtifactPage, Verification
from service.errors import Forbidden
from service.http.bodies import NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.problems import refusals
from service.ledger.store import Caller, Ledger

KindFilter = Annotated[ArtifactKind | None, QueryParameter(description="Only artifacts of this kind.")]
OfFilter = Annotated[UUID | None, QueryParameter(description="Only artifacts of this resource, such as a tune's id.")]
DeleteReason = Annotated[
    str | None, QueryParameter(max_length=2_000, pattern=NO_NUL, description="The reason; the history shows it.")
]
CONTENT = {
    200: ResponseSpec(bytes, generate_examples=False, media_type="application/octet-stream", description="All of it."),
    206: ResponseSpec(bytes, generate_examples=False, media_type="application/octet-stream", description="The range."),
    304: ResponseSpec(None, generate_examples=False, description="The content is the one of `If-None-Match`."),
    **refusals(410, 416),
}


@get(
    "/artifacts",
    operation_id="list_artifacts",
    summary="List artifacts",
    guards=[require_scope("tunes:read")],
    tags=["artifacts"],
)
async def list_artifacts(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    kind: KindFilter = None,
    of: OfFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ArtifactPage:
    """Without those that were deleted."""
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_artifacts(
        ledger.engine, caller.workspace_id, kind=kind, of=of, after=after[0] if after else None, limit=limit + 1
    )
    return page(ArtifactPage, [schemas.from_row(row) for row in rows], limit, key=lambda each: each.id)


@get(
    "/artifacts/{artifact_id:uuid}",
    operation_id="get_artifact",
    summary="Get an artifact's digest, size and owner",
    guards=[require_scope("tunes:read")],
    tags=["artifacts"],
)
async def get_artifact(
    artifact_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Artifact:
    return schemas.from_row(await queries.get_artifact(ledger.engine, caller.workspace_id, artifact_id))


@get(
    "/artifacts/{artifact_id:uuid}/content",
    operation_id="read_artifact",
    summary="Download an artifact's content, or a range of it",
    guards=[require_scope("tunes:read")],
    media_type="application/octet-stream",
    responses=CONTENT,
    tags=["artifacts"],
)
async def read_artifact(
    artifact_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    artifact_store: NamedDependency[ArtifactStore],
    authority: NamedDependency[Authority],
    range_: RangeHeader = None,
    if_none_match: IfNoneMatch = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """The ETag is the sha256. A download that broke off goes on with `Range: bytes=N-` and `If-Range`."""
    artifact = await ledger.get(ARTIFACT, caller.workspace_id, artifact_id)
    content = domain.require_content(artifact.state)
    if content.kind == "export" and not is_allowed(authority.scopes, "datasets:read"):
        raise Forbidden("An export needs the scope datasets:read.")
    conditions = Conditions(range=range_, if_none_match=if_none_match, if_range=if_range)
    return await open_content(artifact_store, caller.workspace_id, content, conditions)


@post(
    "/artifacts/{artifact_id:uuid}/verify",
    operation_id="verify_artifact",
    summary="Read an artifact's content and compare it with the log",
    guards=[require_scope("tunes:read")],
    status_code=200,
    tags=["artifacts"],
)
async def verify_artifact(
    artifact_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    artifact_store: NamedDependency[ArtifactStore],
) -> Verification:
    """Reads all of it, so it takes as long as a download."""
    return await commands.verify_artifact(ledger, artifact_store, caller.workspace_id, artifact_id)


@delete(
    "/artifacts/{artifact_id:uuid}",
    operation_id="delete_artifact",
    summary="Delete an artifact's content",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["artifacts"],
)
async def delete_artifact(
    artifact_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    artifact_store: NamedDependency[ArtifactStore],
    reason: DeleteReason = None,
) -> Artifact:
    """Its digest and size stay readable. Deleting it again is fine."""
    await commands.delete_artifact(ledger, artifact_store, caller, artifact_id, reason=reason)
    return schemas.from_row(await queries.get_artifact(ledger.engine, caller.workspace_id, artifact_id))


router = Router(
    path="/", route_handlers=[list_artifacts, get_artifact, read_artifact, verify_artifact, delete_artifact]
)
