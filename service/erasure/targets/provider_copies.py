"""Copies at providers: training files, tuned models, and answers that are kept for us. Each is deleted or refused."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.accounts import open_accounts
from service.database.rows import fetch_all
from service.erasure.domain import HeldFile, HeldModel, ProviderCopiesDeleted
from service.errors import Conflict, NotFound, ProviderRefused
from service.ledger.store import Caller
from service.models.domain import MODEL
from service.models.provider_models.commands import delete_at_provider, request_deletion
from service.providers.abilities import Provider
from service.text import replace_unstorable
from service.worker.context import WorkerContext

BATCH_ANSWERS = 50
AT_ONCE = 8
_ASKED = """
select connection_id, id from calls where workspace_id = $1 and id = any($2::uuid[]) and repeats is null
  and attempts > 0
order by connection_id, id
"""


async def delete_files(
    context: WorkerContext, workspace_id: UUID, files: Iterable[HeldFile]
) -> AsyncIterator[ProviderCopiesDeleted]:
    """Delete each file. Raises ProviderUnavailable when its provider cannot be reached: try again."""
    for file in files:
        refusal = await _delete(context, workspace_id, file.connection_id, files=[file.file_id])
        yield ProviderCopiesDeleted(connection_id=file.connection_id, kind="file", ids=(file.file_id,), refusal=refusal)


async def delete_answers(
    context: WorkerContext, workspace_id: UUID, call_ids: Collection[UUID]
) -> AsyncIterator[ProviderCopiesDeleted]:
    """Delete the answers that providers keep of these calls. Raises ProviderUnavailable."""
    for connection_id, calls in await _list_asked(context.engine, workspace_id, call_ids):
        for start in range(0, len(calls), BATCH_ANSWERS):
            batch = calls[start : start + BATCH_ANSWERS]
            refusal = await _delete(context, workspace_id, connection_id, answers=batch)
            yield ProviderCopiesDeleted(
                connection_id=connection_id, kind="answer", ids=tuple(map(str, batch)), refusal=refusal
            )


async def delete_models(
    context: WorkerContext, caller: Caller, models: Iterable[HeldModel], *, reason: str
) -> AsyncIterator[ProviderCopiesDeleted]:
    """Delete each version's model, whether or not it is in use. Raises ProviderUnavailable."""
    for held in models:
        refusal = None
        stored = await context.ledger.get(MODEL, caller.workspace_id, held.model_id)
        version = stored.state.versions[held.version]
        try:
            await request_deletion(context.ledger, caller, held.model_id, held.version, force=True, reason=reason)
            deleted = await delete_at_provider(open_accounts(context), caller, held.model_id, version)
            refusal = deleted.state.deletions[held.version].refusal
        except Conflict as refused:
            refusal = refused.detail
        yield ProviderCopiesDeleted(
            connection_id=version.connection_id, kind="model", ids=(held.name,), refusal=refusal
        )


async def _list_asked(
    engine: AsyncEngine, workspace_id: UUID, call_ids: Collection[UUID]
) -> list[tuple[UUID, list[UUID]]]:
    rows = await fetch_all(engine, _ASKED, (workspace_id, list(call_ids)))
    return [(id_, [row.id for row in group]) for id_, group in groupby(rows, key=lambda row: row.connection_id)]


async def _delete(
    context: WorkerContext,
    workspace_id: UUID,
    connection_id: UUID,
    *,
    files: Sequence[str] = (),
    answers: Sequence[UUID] = (),
) -> str | None:
    """Delete at one provider; the refusal, if it or the missing connection refuses for good."""
    try:
        async with open_accounts(context).open(workspace_id, connection_id) as provider:
            for file_id in files:
                await provider.delete_file(file_id)
            await _delete_answers(provider, answers)
    except (ProviderRefused, NotFound, Conflict) as refused:
        return replace_unstorable(refused.detail)[:2_000]
    return None


async def _delete_answers(provider: Provider, answers: Sequence[UUID]) -> None:
    for start in range(0, len(answers), AT_ONCE):
        await asyncio.gather(*[provider.delete_completion(str(id_)) for id_ in answers[start : start + AT_ONCE]])
