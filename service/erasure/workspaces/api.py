"""Ending a workspace over HTTP."""

from uuid import UUID

import msgspec
from litestar import Router, delete
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import ApiKeyCache, require_scope
from service.artifacts.artifact_store import ArtifactStore
from service.erasure.workspaces.commands import end_workspace
from service.http.bodies import JSON, Body
from service.ledger.store import Caller, Ledger


class EndWorkspace(Body):
    """The workspace's name, so that no other one is ended by mistake."""

    confirm: str
    """The name of the workspace."""


class EndedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace of which nothing is left but this."""

    id: UUID
    """The workspace's id."""
    name: str
    """Its name."""
    size: int
    """How many events its log had."""
    note: str
    """The last signed checkpoint of its log. Keep it: nothing else proves what the log said."""


@delete(
    "/workspaces/{workspace_id:uuid}",
    operation_id="end_workspace",
    summary="End a workspace and delete all of it",
    description=(
        "Deletes every row of the workspace, its log and its artifacts too. Files at its providers stay; delete them"
        " first."
    ),
    guards=[require_scope("operator")],
    status_code=200,
    tags=["access"],
)
async def delete_workspace(
    workspace_id: FromPath[UUID],
    data: JSON[EndWorkspace],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    key_cache: NamedDependency[ApiKeyCache],
    artifact_store: NamedDependency[ArtifactStore],
) -> EndedWorkspace:
    ended = await end_workspace(ledger, caller, workspace_id, confirm=data.confirm, artifact_store=artifact_store)
    key_cache.forget()
    return EndedWorkspace(id=workspace_id, name=ended.name, size=ended.size, note=ended.note)


router = Router(path="/", route_handlers=[delete_workspace])
