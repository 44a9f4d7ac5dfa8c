"""Store, check and delete artifacts."""

from pathlib import Path
from uuid import UUID

from service.artifacts import domain, queries
from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.domain import ARTIFACT, ArtifactStored
from service.artifacts.schemas import Verification
from service.ledger.store import Caller, Ledger


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
    """Take a received file into the store, then record it."""
    await store.put(caller.workspace_id, content.digest, file)
    await ledger.change(ARTIFACT, artifact_id, lambda artifact: domain.store(artifact, content), caller=caller)


async def delete_artifact(
    ledger: Ledger, store: ArtifactStore, caller: Caller, artifact_id: UUID, *, reason: str | None
) -> None:
    """Record the end, then delete the content unless another artifact has the same. A repeat finishes it."""
    stored = await ledger.change(
        ARTIFACT, artifact_id, lambda artifact: domain.delete(artifact, reason=reason), caller=caller
    )
    digest = stored.state.stored.digest
    if not await queries.is_content_needed(ledger.engine, caller.workspace_id, digest):
        await store.delete(caller.workspace_id, digest)


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
