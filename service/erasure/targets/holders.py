"""Who held examples: dataset versions, tunes with their files at providers, model versions, evaluations."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.projection import examples
from service.datasets.projection import DatasetVersionRow, list_versions
from service.erasure.domain import HeldFile, HeldModel, HeldVersion, HoldersFound
from service.erasure.targets.held_examples import count_held
from service.erasure.targets.sent_copies import find_sent_copies
from service.evaluations.projection import evaluations, results
from service.models.projection import model_versions
from service.tunes.projection import tunes

MAX_VERSIONS = 10_000


async def find_holders(engine: AsyncEngine, workspace_id: UUID, example_ids: Collection[UUID]) -> HoldersFound:
    """Find who held any of these examples, whether or not they are erased yet."""
    if not example_ids:
        return HoldersFound()
    ids = sa.cast(sorted(example_ids), ARRAY(sa.Uuid))
    query = sa.select(examples.c.dataset_id).where(
        examples.c.workspace_id == workspace_id, examples.c.id == sa.any_(ids)
    )
    dataset_ids = {row.dataset_id for row in await fetch_all(engine, query.distinct())}
    held: list[HeldVersion] = []
    tune_rows: list[Any] = []
    files: list[HeldFile] = []
    for dataset_id in sorted(dataset_ids):
        for version in await list_versions(engine, workspace_id, dataset_id, before=None, limit=MAX_VERSIONS):
            count = await count_held(engine, workspace_id, version.selection(), example_ids)
            if count:
                held.append(HeldVersion(dataset_id=dataset_id, name=version.name, examples=count))
                trained = await _list_tunes(engine, workspace_id, version)
                tune_rows += trained
                files += await _list_files(engine, workspace_id, version, trained, example_ids)
    tune_ids = [row.id for row in tune_rows]
    models = await _list_models(engine, workspace_id, tune_ids)
    return HoldersFound(
        versions=tuple(held),
        tunes=tuple(tune_ids),
        files=tuple(dict.fromkeys(files)),
        models=models,
        evaluations=await _list_evaluations(engine, workspace_id, dataset_ids, ids),
        sent_copies=await find_sent_copies(engine, workspace_id, dataset_ids, models, example_ids),
    )


async def _list_tunes(engine: AsyncEngine, workspace_id: UUID, version: DatasetVersionRow) -> list[Any]:
    query = sa.select(tunes).where(
        tunes.c.workspace_id == workspace_id,
        tunes.c.dataset_id == version.dataset_id,
        tunes.c.dataset_version == version.name,
    )
    return list(await fetch_all(engine, query))


async def _list_files(
    engine: AsyncEngine,
    workspace_id: UUID,
    version: DatasetVersionRow,
    trained: list[Any],
    example_ids: Collection[UUID],
) -> list[HeldFile]:
    """The files of the splits that held one of the examples."""
    files = []
    for split in {split for row in trained for split in (row.train_split, row.validation_split) if split}:
        if not await count_held(engine, workspace_id, version.selection(split), example_ids):
            continue
        for row in trained:
            for sent, file_split in ((row.training_file, row.train_split), (row.validation_file, row.validation_split)):
                if sent and file_split == split:
                    files.append(HeldFile(connection_id=row.connection_id, file_id=sent["file_id"]))
    return files


async def _list_models(engine: AsyncEngine, workspace_id: UUID, tune_ids: list[UUID]) -> tuple[HeldModel, ...]:
    query = sa.select(model_versions.c.model_id, model_versions.c.name).where(
        model_versions.c.workspace_id == workspace_id,
        model_versions.c.tune_id == sa.any_(sa.cast(tune_ids, ARRAY(sa.Uuid))),
    )
    rows = await fetch_all(engine, query.order_by(model_versions.c.model_id, model_versions.c.number))
    return tuple(HeldModel(model_id=row.model_id, version=row.name) for row in rows)


async def _list_evaluations(
    engine: AsyncEngine, workspace_id: UUID, dataset_ids: Collection[UUID], ids: Any
) -> tuple[UUID, ...]:
    own = sa.select(evaluations.c.id).where(
        evaluations.c.workspace_id == workspace_id,
        evaluations.c.dataset_id == sa.any_(sa.cast(sorted(dataset_ids), ARRAY(sa.Uuid))),
    )
    query = sa.select(results.c.evaluation_id).where(
        results.c.workspace_id == workspace_id, results.c.evaluation_id.in_(own), results.c.example_id == sa.any_(ids)
    )
    return tuple(sorted({row.evaluation_id for row in await fetch_all(engine, query)}))
