"""Store, check and delete artifacts."""

from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.artifacts import domain, queries
from service.artifacts.artifact_store import ArtifactStore, build_key
from service.artifacts.domain import ARTIFACT, ArtifactStored
from service.artifacts.schemas import Verification
from service.database.rows import execute
from service.ledger.store import Caller, Ledger

# A content is never put while it is deleted.
_LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 0))"


async def has_content(ledger: Ledger, store: ArtifactStore, workspace_id: UUID, artifact_id: UUID) -> bool:
    """Whether the artifact is recorded, not deleted, and in the store with its size."""
    artifact = await ledger.find(ARTIFACT, workspace_id, artifact_id)
    if artifact is None or artifact.state.deleted:
        return False
    content = artifact.state.stored
    return await store.find_size(workspace_id, content.digest) == content.bytes


async def store_artifact(
    ledger: Ledger, store: ArtifactStore, caller: Caller, artifact_id: UUID, *, content: ArtifactStored, file: Path
) -> None:
    """Record a received file, then take it into the store."""
    await record_artifact(ledger, caller, artifact_id, content)
    await put_content(ledger.engine, store, caller.workspace_id, content.digest, file)


async def record_artifact(ledger: Ledger, caller: Caller, artifact_id: UUID, content: ArtifactStored) -> None:
    """Record an artifact before its content is put: every file in the store has a record that names it."""
    await ledger.change(ARTIFACT, artifact_id, lambda artifact: domain.store(artifact, content), caller=caller)


async def put_content(engine: AsyncEngine, store: ArtifactStore, workspace_id: UUID, digest: str, file: Path) -> None:
    """Take the file of a recorded artifact into the store. It is gone again if the artifact was deleted meanwhile."""
    await execute(engine, _LOCK, (build_key(workspace_id, digest),))  # waits until its deletion has ended
    await store.put(workspace_id, digest, file)
    await delete_unneeded(engine, store, workspace_id, digest)


async def delete_artifact(
    ledger: Ledger, store: ArtifactStore, caller: Caller, artifact_id: UUID, *, reason: str | None
) -> None:
    """Record the end, then delete the content unless another artifact has the same. A repeat finishes it."""
    stored = await ledger.change(
        ARTIFACT, artifact_id, lambda artifact: domain.delete(artifact, reason=reason), caller=caller
    )
    await delete_unneeded(ledger.engine, store, caller.workspace_id, stored.state.stored.digest)


async def delete_unneeded(engine: AsyncEngine, store: ArtifactStore, workspace_id: UUID, digest: str) -> None:
    """Delete a content unless an artifact needs it. One that is recorded meanwhile is put after this."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql(_LOCK, (build_key(workspace_id, digest),))
        if not await queries.is_content_needed(connection, workspace_id, digest):
            await store.delete(workspace_id, digest)


async def delete_orphans(engine: AsyncEngine, store: ArtifactStore, workspace_id: UUID) -> None:
    """Delete what a killed process left: contents that the log names, and that no artifact needs any more.

    Contents that the log does not name stay: they are of somebody else, as when a copy of the database is tried out.
    """
    orphans = set(await store.list_digests(workspace_id)) - await queries.list_needed(engine, workspace_id)
    if orphans:
        for digest in orphans & await queries.list_recorded(engine, workspace_id):
            await delete_unneeded(engine, store, workspace_id, digest)


async def verify_artifact(ledger: Ledger, store: ArtifactStore, workspace_id: UUID, artifact_id: UUID) -> Verification:
    """Read the whole content and compare it with the log. Raises NotFound, ContentGone."""
    artifact = await ledger.get(ARTIFACT, workspace_id, artifact_id)
    content = domain.require_content(artifact.state)
    digest, size = await store.compute_digest(workspace_id, content.digest)
    return Verification(
        ok=(digest, size) == (content.digest, content.bytes),
        digest=content.digest,
        computed_digest=digest,
        bytes=content.bytes,
        read_bytes=size,
    )
