"""Copies that exports sent elsewhere, of datasets that held an example and of models that were trained on one."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.exports.jobs.commands import load_selection
from service.erasure.domain import HeldModel, SentCopy
from service.erasure.targets.held_examples import count_held

_DATASETS = """
select e.stream_id, e.data ->> 'location' as location
from operations o join ledger.events e on e.workspace_id = $1 and e.stream_id = o.id and e.type = 'DatasetExportSent'
where o.workspace_id = $1 and o.kind = 'dataset_export' and o.resource = any($2::text[])
order by e.seq
"""
_MODELS = """
select id, result ->> 'location' as location from operations
where workspace_id = $1 and kind = 'model_export' and resource = any($2::text[]) and result ->> 'location' is not null
order by id
"""


async def find_sent_copies(
    engine: AsyncEngine,
    workspace_id: UUID,
    dataset_ids: Collection[UUID],
    models: Collection[HeldModel],
    example_ids: Collection[UUID],
) -> tuple[SentCopy, ...]:
    """Find the copies that any of these examples went out with."""
    paths = [f"/v1/datasets/{id_}/exports" for id_ in dataset_ids]
    copies = []
    for operation_id, location in await fetch_all(engine, _DATASETS, (workspace_id, paths)):
        selection = await load_selection(engine, workspace_id, operation_id)
        if await count_held(engine, workspace_id, selection, example_ids):
            copies.append(SentCopy(operation_id=operation_id, location=location))
    paths = [f"/v1/models/{model.model_id}/versions/{model.version}" for model in models]
    for operation_id, location in await fetch_all(engine, _MODELS, (workspace_id, paths)):
        copies.append(SentCopy(operation_id=operation_id, location=location))
    return tuple(copies)
