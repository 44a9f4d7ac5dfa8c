"""Lineage over HTTP: from a model version to its examples, and from an example to the models trained on it."""

from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from service.access.auth import check_scope, require_scope
from service.access.roles import Authority
from service.database.page_bytes import is_cut
from service.datasets.projection import DatasetVersionRow, load_version
from service.datasets.splits import Split
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.ledger.store import Caller, Ledger
from service.models.lineage import queries
from service.models.lineage.schemas import (
    ExampleLineage,
    ModelVersionLineage,
    build_dataset_version_with,
    build_example_used,
    build_origin_fields,
)
from service.models.queries import get_version
from service.models.schemas import VersionOrAlias
from service.tunes.queries import get_tune


@get(
    "/models/{model_id:uuid}/versions/{version:str}/lineage",
    operation_id="get_model_version_lineage",
    summary="Get a version's lineage: its tune, dataset version and examples",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def get_model_version_lineage(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    split: FromQuery[Split | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    include: Annotated[
        list[Literal["content"]] | None,
        QueryParameter(description="With `content`, examples have their texts. Needs the scope `datasets:read`."),
    ] = None,
) -> ModelVersionLineage:
    """Lists the examples of its dataset version, or of one split. A model trained elsewhere may have no dataset."""
    if include:
        check_scope(authority, "datasets:read", what="include=content")
    engine, workspace_id, after = ledger.engine, caller.workspace_id, decode_cursor(cursor, tuple[UUID])
    model_version = await get_version(engine, workspace_id, model_id, version)
    frozen = await _load_dataset_version(ledger, workspace_id, model_version)
    selection = frozen.selection(split) if frozen else None
    rows = await queries.list_examples(
        engine, workspace_id, selection, after=after[0] if after else None, limit=limit + 1, content=bool(include)
    )
    tune = await get_tune(engine, workspace_id, model_version.tune_id) if model_version.tune_id else None
    build_page = partial(ModelVersionLineage, **build_origin_fields(model_version, tune, frozen))
    examples = [build_example_used(model_version, row) for row in rows]
    is_short = bool(include) and is_cut(rows)
    return page(build_page, examples, limit, key=lambda example: example.example_id, is_cut=is_short)


@get(
    "/examples/{example_id:uuid}/lineage",
    operation_id="get_example_lineage",
    summary="Get an example's lineage: its dataset versions and their models",
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
    """Works for deleted examples too."""
    engine, workspace_id, before = ledger.engine, caller.workspace_id, decode_cursor(cursor, tuple[int])
    dataset_id, split = await queries.find_dataset_and_split(engine, workspace_id, example_id)
    rows = await queries.list_dataset_versions(
        engine, workspace_id, dataset_id, example_id, before=before[0] if before else None, limit=limit + 1
    )
    model_versions = await queries.load_model_versions(engine, workspace_id, dataset_id, [row.name for row in rows])
    data = [build_dataset_version_with(row, split, model_versions.get(row.name, [])) for row in rows[:limit]]
    build_page = partial(ExampleLineage, example_id=example_id, dataset_id=dataset_id, split=split)
    return msgspec.structs.replace(page(build_page, rows, limit, key=lambda row: row.number), data=data)


async def _load_dataset_version(ledger: Ledger, workspace_id: UUID, model_version: Any) -> DatasetVersionRow | None:
    """Load the dataset version that a model version was made from, if it names one."""
    if model_version.dataset_id is None:
        return None
    return await load_version(ledger.engine, workspace_id, model_version.dataset_id, model_version.dataset_version)


router = Router(path="/", route_handlers=[get_model_version_lineage, get_example_lineage])
