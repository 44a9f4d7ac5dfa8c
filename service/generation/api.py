"""Routes of generations: create, change, and run them."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.generation import commands, queries
from service.generation.domain import GENERATION
from service.generation.runs import commands as run_commands
from service.generation.schemas import (
    Generation,
    GenerationChanges,
    GenerationPage,
    NewGeneration,
    NewGenerationRun,
    generation_from_state,
    history_fields,
)
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, build_response, parse_if_match, to_response
from service.ledger.store import Caller, Ledger
from service.operations.domain import Operation

OfDataset = Annotated[UUID | None, QueryParameter(description="Only generations for this dataset.")]


@post(
    "/generations",
    operation_id="create_generation",
    opt=CARRIES_TEXTS,
    summary="Create a generation",
    guards=[require_scope("generations:write")],
    tags=["generation"],
)
async def create_generation(
    data: JSON[NewGeneration], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Generation]:
    """Store what to generate for a dataset. No model is asked until you start a run."""
    return to_response(await commands.create_generation(ledger, caller, data), Generation)


@get(
    "/generations",
    operation_id="list_generations",
    summary="List generations",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def list_generations(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    dataset_id: OfDataset = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> GenerationPage:
    before = decode_cursor(cursor, tuple[UUID])
    ids = await queries.list_generations(
        ledger.engine,
        caller.workspace_id,
        dataset_id=dataset_id,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    generations = page(GenerationPage, list(ids), limit, key=lambda id_: id_)
    rows = [generation_from_state(await ledger.get(GENERATION, caller.workspace_id, id_)) for id_ in ids[:limit]]
    return msgspec.structs.replace(generations, data=rows)


@get(
    "/generations/{generation_id:uuid}",
    operation_id="get_generation",
    summary="Read a generation, now or as of a time",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def get_generation(
    generation_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Generation]:
    stored = await get_as_of(ledger, GENERATION, caller.workspace_id, generation_id, as_of=as_of)
    return build_response(generation_from_state(stored), version=stored.version)


@patch(
    "/generations/{generation_id:uuid}",
    operation_id="update_generation",
    opt=CARRIES_TEXTS,
    summary="Update a generation",
    guards=[require_scope("generations:write")],
    tags=["generation"],
)
async def update_generation(
    generation_id: FromPath[UUID],
    data: JSON[GenerationChanges],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Generation]:
    stored = await commands.update_generation(ledger, caller, generation_id, data, version=parse_if_match(if_match))
    return build_response(generation_from_state(stored), version=stored.version)


@get(
    "/generations/{generation_id:uuid}/history",
    operation_id="list_generation_history",
    summary="List a generation's history",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def list_generation_history(
    generation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    return await history(
        ledger.engine, GENERATION, caller.workspace_id, generation_id, limit=limit, cursor=cursor, shown=history_fields
    )


@post(
    "/generations/{generation_id:uuid}/run",
    operation_id="run_generation",
    opt=CARRIES_TEXTS,
    summary="Generate candidates",
    guards=[require_scope("generations:write")],
    status_code=202,
    tags=["generation"],
)
async def run_generation(
    generation_id: FromPath[UUID],
    data: JSON[NewGenerationRun],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    """Write inputs about each topic, then answer each input. No call is paid twice; a failed row stops no other."""
    return to_response(await run_commands.queue_rows(ledger, caller, generation_id, data), Operation)


router = Router(
    path="/",
    route_handlers=[
        create_generation,
        list_generations,
        get_generation,
        update_generation,
        list_generation_history,
        run_generation,
    ],
)
