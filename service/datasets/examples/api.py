"""Examples over HTTP: add, read, list, edit, rate, repair, restore, delete."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, patch, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.limits.room_guard import require_room
from service.database.page_bytes import is_cut
from service.datasets.counts.queries import count_matches, find_rarest
from service.datasets.domain import DATASET
from service.datasets.examples import domain, queries
from service.datasets.examples.commands import (
    Decision,
    add_examples,
    build_edit,
    build_rating,
    build_repair,
    read_example,
    read_original,
)
from service.datasets.examples.domain import EXAMPLE, at_revision, restore
from service.datasets.examples.lenient_content import normalize_examples
from service.datasets.examples.schemas import (
    CreateExamples,
    EditExample,
    Example,
    ExampleBatch,
    ExampleOriginal,
    ExamplePage,
    RateExample,
    RepairExample,
    RestoreExample,
    from_row,
    from_state,
    in_words,
    provide_filter,
)
from service.datasets.filters.selection import Filter, Selection
from service.datasets.versions.version_as_of import AsOf, Seq, resolve_as_of_in
from service.http.bodies import CARRIES_TEXTS, JSON, Reason
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Count, Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.ledger.texts import SubjectTexts

EVERYTHING = Filter()
CARRIES_EXAMPLES = {**CARRIES_TEXTS, "normalize": normalize_examples}
PATH = "/examples/{example_id:uuid}"


@post(
    "/datasets/{dataset_id:uuid}/examples",
    operation_id="create_examples",
    opt=CARRIES_EXAMPLES,
    summary="Add one example, or up to 1,000",
    description="Adds all or none. The faults of all of them are reported at once.",
    guards=[require_scope("datasets:write"), require_room("stored_bytes")],
    tags=["examples"],
)
async def create_examples(
    dataset_id: FromPath[UUID],
    data: JSON[CreateExamples],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Example | ExampleBatch]:
    response = await add_examples(ledger, caller, dataset_id, data.several(), data, single=data.examples is None)
    return to_response(response)


@get(
    "/datasets/{dataset_id:uuid}/examples",
    operation_id="list_examples",
    summary="List examples, now or as of a past time",
    guards=[require_scope("datasets:read")],
    tags=["examples"],
)
async def list_examples(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    filter_: NamedDependency[Filter],
    limit: Limit = 50,
    cursor: Cursor = None,
    count: Count = False,
    as_of: AsOf = None,
) -> ExamplePage:
    engine, workspace_id = ledger.engine, caller.workspace_id
    position = decode_cursor(cursor, tuple[Seq, UUID])
    seq, after = position or (None, None)
    if filter_ == EVERYTHING and not count and (position or as_of is None):
        rows = await queries.list_all_examples(engine, workspace_id, dataset_id, seq=seq, after=after, limit=limit + 1)
        if rows:  # else it may be that there is no such dataset
            return _build_page(rows, limit, seq=rows[0].seq)
    await ledger.get(DATASET, workspace_id, dataset_id)
    if seq is None:
        seq = await resolve_as_of_in(ledger, workspace_id, dataset_id, as_of)
    selection = Selection(dataset_id=dataset_id, seq=seq, filter=filter_)
    end = await queries.find_search_end(engine, workspace_id, selection, after=after)
    rare = await find_rarest(engine, workspace_id, selection)
    rows = await queries.list_examples(
        engine, workspace_id, selection, after=after, limit=limit + 1, until=end, rare=rare
    )
    examples = _build_page(rows, limit, seq=seq, end=end)
    total = await count_matches(engine, workspace_id, selection) if count else None
    return msgspec.structs.replace(examples, count=total)


def _build_page(rows: Sequence[Any], limit: int, *, seq: int, end: UUID | None = None) -> ExamplePage:
    return page(
        ExamplePage,
        [from_row(row) for row in rows],
        limit,
        key=lambda example: (seq, example.id),
        is_cut=is_cut(rows),
        goes_on_after=(seq, end) if end else None,
    )


@get(
    PATH,
    operation_id="get_example",
    summary="Read an example",
    guards=[require_scope("datasets:read")],
    tags=["examples"],
)
async def get_example(
    example_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    as_of: AsOf = None,
) -> Response[Example]:
    row = await read_example(ledger, caller.workspace_id, example_id, as_of=as_of)
    return build_response(from_row(row), version=row.version)


@patch(
    PATH,
    operation_id="update_example",
    opt=CARRIES_EXAMPLES,
    summary="Edit an example",
    guards=[require_scope("datasets:write")],
    tags=["examples"],
)
async def update_example(
    example_id: FromPath[UUID],
    data: JSON[EditExample],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Example]:
    facts = await queries.load_example_facts(ledger.engine, caller.workspace_id, example_id)
    change = await build_edit(facts, data, caller.workspace_id)
    return await _change(ledger, facts, change, caller=caller, if_match=if_match)


@put(
    f"{PATH}/rating",
    operation_id="rate_example",
    summary="Rate an example",
    description="Each rater has one rating of an example; rating again replaces it.",
    guards=[require_scope("datasets:write")],
    tags=["examples"],
)
async def rate_example(
    example_id: FromPath[UUID],
    data: JSON[RateExample],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Example]:
    facts = await queries.load_example_facts(ledger.engine, caller.workspace_id, example_id)
    change = build_rating(facts, data, rater=caller.actor)
    return await _change(ledger, facts, change, caller=caller, if_match=if_match)


@post(
    f"{PATH}/repair",
    operation_id="repair_example",
    opt=CARRIES_TEXTS,
    summary="Repair an example's output",
    description="Replaces the output. The instruction and the old output are kept.",
    guards=[require_scope("datasets:write")],
    status_code=200,
    tags=["examples"],
)
async def repair_example(
    example_id: FromPath[UUID],
    data: JSON[RepairExample],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Example]:
    facts = await queries.load_example_facts(ledger.engine, caller.workspace_id, example_id)
    change = await build_repair(facts, data, caller.workspace_id)
    return await _change(ledger, facts, change, caller=caller, if_match=if_match)


@post(
    f"{PATH}/restore",
    operation_id="restore_example",
    summary="Restore an earlier revision",
    description="Also restores a deleted example.",
    guards=[require_scope("datasets:write")],
    status_code=200,
    tags=["examples"],
)
async def restore_example(
    example_id: FromPath[UUID],
    data: JSON[RestoreExample],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Example]:
    facts = await queries.load_example_facts(ledger.engine, caller.workspace_id, example_id)
    then = at_revision(EXAMPLE.fold(example_id, facts.events[: data.version]), data.version)
    change = partial(restore, then=then, revision=data.version, reason=data.reason)
    return await _change(ledger, facts, change, caller=caller, if_match=if_match)


@delete(
    PATH,
    operation_id="delete_example",
    summary="Delete an example",
    description="Removes it from the dataset. Its history, and versions that contain it, stay.",
    guards=[require_scope("datasets:write")],
    tags=["examples"],
)
async def delete_example(
    example_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
    reason: Annotated[Reason | None, QueryParameter(max_length=2_000)] = None,
) -> None:
    await ledger.change(
        EXAMPLE,
        example_id,
        partial(domain.delete, reason=reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )


@get(
    f"{PATH}/history",
    operation_id="list_example_history",
    summary="List an example's history",
    description="Every change with its author, time and reason, and each field before and after.",
    guards=[require_scope("datasets:read")],
    tags=["examples"],
)
async def get_example_history(
    example_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    wording = await queries.load_example_texts(ledger.engine, caller.workspace_id, example_id)
    return await history(
        ledger.engine,
        EXAMPLE,
        caller.workspace_id,
        example_id,
        limit=limit,
        cursor=cursor,
        shown=partial(in_words, texts=wording.bodies),
    )


@get(
    f"{PATH}/original",
    operation_id="get_example_original",
    summary="Read the row that an example was added from",
    description="The imported row as it was sent, of a table its cells by column. An example that came as it is "
    "stored, or was added one by one, answers with its first content. Edits and repairs change nothing of it.",
    guards=[require_scope("datasets:read")],
    tags=["examples"],
)
async def get_example_original(
    example_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> ExampleOriginal:
    return ExampleOriginal(row=msgspec.Raw(await read_original(ledger, caller.workspace_id, example_id)))


async def _change(
    ledger: Ledger, facts: queries.ExampleFacts, change: Decision, *, caller: Caller, if_match: str | None
) -> Response[Example]:
    """Make the change and answer with the example as it is then."""

    def build_stored(example: StreamState[domain.ExampleState], texts: SubjectTexts = facts.texts) -> StoredResponse:
        return encode_response(from_state(example, texts.bodies), version=example.version)

    example = await ledger.change(
        EXAMPLE,
        facts.id,
        change,
        caller=caller,
        expected=parse_if_match(if_match),
        attachments=facts.texts.attachments,
        respond=build_stored,
        events=facts.events,
    )
    texts = facts.texts
    if not example.state.texts <= texts.bodies.keys():  # another request changed its texts meanwhile
        texts = await queries.load_example_texts(ledger.engine, caller.workspace_id, facts.id)
    return to_response(build_stored(example, texts), Example)


router = Router(
    path="/",
    route_handlers=[
        create_examples,
        list_examples,
        get_example,
        update_example,
        rate_example,
        repair_example,
        restore_example,
        delete_example,
        get_example_history,
        get_example_original,
    ],
    dependencies={"filter_": Provide(provide_filter, sync_to_thread=False)},
)
