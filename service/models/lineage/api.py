"""Lineage over HTTP: from a model version down to each example, and from an example up to every model."""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.access.auth import require_scope
from service.datasets.projection import DatasetVersionRow, version_named
from service.datasets.splits import Split
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.ledger.store import Caller, Ledger
from service.models import queries
from service.models.lineage import queries as lineage
from service.models.lineage.schemas import (
    ExampleLineage,
    ModelVersionLineage,
    build_dataset_version_with,
    build_example_used,
    build_origin_fields,
)
from service.models.schemas import VersionOrAlias
from service.tunes import queries as tunes


@get(
    "/models/{model_id:uuid}/versions/{version:str}/lineage",
    operation_id="get_model_version_lineage",
    summary="Read what a version was made from, down to each example",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def get_model_version_lineage(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    split: FromQuery[Split | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ModelVersionLineage:
    """The examples of its dataset version, or of one split of it. What was trained elsewhere may name no dataset."""
    engine, workspace_id, after = ledger.engine, caller.workspace_id, decode_cursor(cursor, tuple[UUID])
    made = await queries.get_version(engine, workspace_id, model_id, version)
    frozen = await _load_dataset_version(ledger, workspace_id, made)
    wanted = frozen.selection(split) if frozen else None
    rows = await lineage.list_examples(engine, workspace_id, wanted, after=after[0] if after else None, limit=limit + 1)
    tune = await tunes.get_tune(engine, workspace_id, made.tune_id) if made.tune_id else None
    under = partial(ModelVersionLineage, **build_origin_fields(made, tune, frozen))
    return page(under, [build_example_used(made, row) for row in rows], limit, key=lambda row: row.example_id)


@get(
    "/examples/{example_id:uuid}/lineage",
    operation_id="get_example_lineage",
    summary="Read where an example went: dataset versions, and the models made from them",
    guards=[require_scope("models:read")],
    tags=["examples"],
)
async def get_example_lineage(
    example_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ExampleLineage:
    """Also of an example that was deleted since."""
    engine, workspace_id, before = ledger.engine, caller.workspace_id, decode_cursor(cursor, tuple[int])
    dataset_id, split = await lineage.find_dataset_and_split(engine, workspace_id, example_id)
    rows = await lineage.list_dataset_versions(
        engine, workspace_id, dataset_id, example_id, before=before[0] if before else None, limit=limit + 1
    )
    made = await lineage.load_model_versions(engine, workspace_id, dataset_id, [row.name for row in rows])
    shown = [build_dataset_version_with(row, split, made.get(row.name, [])) for row in rows[:limit]]
    under = partial(ExampleLineage, example_id=example_id, dataset_id=dataset_id, split=split)
    return msgspec.structs.replace(page(under, rows, limit, key=lambda row: row.number), data=shown)


async def _load_dataset_version(ledger: Ledger, workspace_id: UUID, made: Any) -> DatasetVersionRow | None:
    """The dataset version that a model version was made from, if it names one."""
    if made.dataset_id is None:
        return None
    return await version_named(ledger.engine, workspace_id, made.dataset_id, made.dataset_version)


router = Router(path="/", route_handlers=[get_model_version_lineage, get_example_lineage])
