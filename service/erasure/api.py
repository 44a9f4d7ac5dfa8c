"""Erasures over HTTP: erase an example, a dataset's examples or a person's texts; read the receipts."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter

from service.access.auth import require_scope
from service.datasets.filters.selection import to_filter
from service.erasure import commands, queries
from service.erasure.criteria import Criteria
from service.erasure.domain import ERASURE
from service.erasure.schemas import (
    Erase,
    EraseDataset,
    EraseSubject,
    Erasure,
    ErasurePage,
    ErasurePreview,
    build_erasure,
    build_person,
)
from service.http.bodies import JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import build_response, to_response
from service.ledger.store import Caller, Ledger, load_many

Ordered = Response[Erasure | ErasurePreview]
DESCRIPTION = "Erasing is for good, and done by a worker: 202 with the erasure, which becomes its receipt. {}"
DRY_RUN = "A dry run answers with what would go."


@post(
    "/examples/{example_id:uuid}/erase",
    operation_id="erase_example",
    summary="Erase an example",
    description=DESCRIPTION.format(f"All its revisions go, and all that was made of it. {DRY_RUN}"),
    guards=[require_scope("erase")],
    status_code=202,
    tags=["erasures"],
)
async def erase_example(
    example_id: FromPath[UUID], data: JSON[Erase], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Ordered:
    return to_response(await commands.erase(ledger, caller, "example", data, example_id=example_id))


@post(
    "/datasets/{dataset_id:uuid}/erase",
    operation_id="erase_dataset_examples",
    summary="Erase examples of a dataset",
    description=DESCRIPTION.format(f"Those that match a filter, or carry a person's key. {DRY_RUN}"),
    guards=[require_scope("erase")],
    status_code=202,
    tags=["erasures"],
)
async def erase_dataset_examples(
    dataset_id: FromPath[UUID],
    data: JSON[EraseDataset],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Ordered:
    data.check_choice()
    criteria = Criteria(
        filter=None if data.filter is None else to_filter(data.filter),
        person=data.subject.build_person() if data.subject else None,
    )
    return to_response(await commands.erase(ledger, caller, "dataset", data, dataset_id=dataset_id, criteria=criteria))


@post(
    "/subjects/{key:str}/erase",
    operation_id="erase_subject",
    summary="Erase a person's texts everywhere",
    description=DESCRIPTION.format(f"Everything that carries the key, and all that was made of it. {DRY_RUN}"),
    guards=[require_scope("erase")],
    status_code=202,
    tags=["erasures"],
)
async def erase_subject(
    key: Annotated[str, PathParameter(max_length=500, pattern=NO_NUL, description="The person's key.")],
    data: JSON[EraseSubject],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Ordered:
    criteria = Criteria(person=build_person(data.path, key))
    return to_response(await commands.erase(ledger, caller, "subject", data, criteria=criteria))


@get(
    "/erasures",
    operation_id="list_erasures",
    summary="List erasures",
    guards=[require_scope("erase")],
    tags=["erasures"],
)
async def list_erasures(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], limit: Limit = 50, cursor: Cursor = None
) -> ErasurePage:
    before = decode_cursor(cursor, tuple[UUID])
    ids = await queries.list_erasure_ids(
        ledger.engine, caller.workspace_id, before=before[0] if before else None, limit=limit + 1
    )
    stored = await load_many(ledger, ERASURE, caller.workspace_id, ids)
    result = page(ErasurePage, ids, limit, key=lambda id_: id_)
    return msgspec.structs.replace(result, data=[build_erasure(stored[id_]) for id_ in ids[:limit]])


@get(
    "/erasures/{erasure_id:uuid}",
    operation_id="get_erasure",
    summary="Read an erasure, the receipt",
    description="What was erased, by digest; who held it; what is done and what remains; signed once complete.",
    guards=[require_scope("erase")],
    tags=["erasures"],
)
async def get_erasure(
    erasure_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Erasure]:
    stored = await ledger.get(ERASURE, caller.workspace_id, erasure_id)
    return build_response(build_erasure(stored), version=stored.version)


router = Router(
    path="/", route_handlers=[erase_example, erase_dataset_examples, erase_subject, list_erasures, get_erasure]
)
