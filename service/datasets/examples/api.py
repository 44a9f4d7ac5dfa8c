"""Examples over HTTP: add, read, list, edit, rate, repair, restore, delete."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, patch, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.auth import needs
from service.datasets.domain import DATASET
from service.datasets.examples import domain as decide
from service.datasets.examples import queries
from service.datasets.examples.commands import add_examples, build_edit, build_repair
from service.datasets.examples.domain import EXAMPLE, at_revision, restore
from service.datasets.examples.filters import Filter, Selection
from service.datasets.examples.ratings import Rating
from service.datasets.examples.schemas import (
    CreateExamples,
    EditExample,
    Example,
    ExampleBatch,
    ExamplePage,
    RateExample,
    RepairExample,
    RestoreExample,
    from_row,
    from_state,
    in_words,
    provide_filter,
)
from service.datasets.examples.validation import require_ratable, task_of_example
from service.datasets.versions.version_as_of import AsOf, Seq, resolve_as_of_in
from service.errors import NotFound
from service.http.bodies import JSON, Reason
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Count, Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, answer, expected, reply, respond
from service.ledger.decider import RecordedEvent, StreamState
from service.ledger.store import Answer, Caller, Ledger
from service.ledger.texts import SubjectTexts

PATH = "/examples/{example_id:uuid}"


@post(
    "/datasets/{dataset_id:uuid}/examples",
    operation_id="create_examples",
    summary="Add one example, or up to 1,000",
    description="All are added or none; what is wrong with any of them is told at once.",
    guards=[needs("datasets:write")],
    tags=["examples"],
)
async def create_examples(
    dataset_id: FromPath[UUID],
    data: JSON[CreateExamples],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Example | ExampleBatch]:
    new = data.several()
    sent = await add_examples(ledger, caller, dataset_id, new, on_invalid=data.on_invalid, single=data.examples is None)
    return respond(sent)


@get(
    "/datasets/{dataset_id:uuid}/examples",
    operation_id="list_examples",
    summary="List examples, now or as of a moment",
    guards=[needs("datasets:read")],
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
    at = decode_cursor(cursor, tuple[Seq, UUID])
    await ledger.get(DATASET, workspace_id, dataset_id)
    seq = at[0] if at else await resolve_as_of_in(ledger, workspace_id, dataset_id, as_of)
    wanted = Selection(dataset_id=dataset_id, seq=seq, filter=filter_)
    rows = await queries.list_examples(engine, workspace_id, wanted, after=at[1] if at else None, limit=limit + 1)
    found = page(ExamplePage, [from_row(row) for row in rows], limit, key=lambda example: (seq, example.id))
    total = await queries.count_examples(engine, workspace_id, wanted) if count else None
    return msgspec.structs.replace(found, count=total)


@get(PATH, operation_id="get_example", summary="Read an example", guards=[needs("datasets:read")], tags=["examples"])
async def get_example(
    example_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    as_of: AsOf = None,
) -> Response[Example]:
    home = await queries.dataset_and_task_of(ledger.engine, caller.workspace_id, example_id)
    if home is None:
        raise NotFound(f"No such example: {example_id}.")
    seq = await resolve_as_of_in(ledger, caller.workspace_id, home[0], as_of)
    row = await queries.read_example(ledger.engine, caller.workspace_id, example_id, seq=seq)
    if row is None:
        raise NotFound("The example was not there at that moment; its history tells when it was.")
    return reply(from_row(row), version=row.version)


@patch(
    PATH,
    operation_id="update_example",
    summary="Edit an example",
    guards=[needs("datasets:write")],
    tags=["examples"],
)
async def update_example(
    example_id: FromPath[UUID],
    data: JSON[EditExample],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Example]:
    wording, log = await queries.load_texts_and_events(ledger.engine, caller.workspace_id, example_id)
    change = await build_edit(ledger, caller.workspace_id, example_id, data, wording)
    return await _changed(ledger, example_id, change, wording, log, caller=caller, if_match=if_match)


@put(
    f"{PATH}/rating",
    operation_id="rate_example",
    summary="Rate an example",
    description="Each key has one rating of an example; rating again replaces it.",
    guards=[needs("datasets:write")],
    tags=["examples"],
)
async def rate_example(
    example_id: FromPath[UUID],
    data: JSON[RateExample],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Example]:
    wording, log = await queries.load_texts_and_events(ledger.engine, caller.workspace_id, example_id)
    if data.requirements:
        require_ratable(data, await task_of_example(ledger, caller.workspace_id, example_id))
    rating = Rating(overall=data.overall, requirements=data.requirements)
    change = partial(decide.rate, rating=rating, rater=caller.actor, reason=data.reason)
    return await _changed(ledger, example_id, change, wording, log, caller=caller, if_match=if_match)


@post(
    f"{PATH}/repair",
    operation_id="repair_example",
    summary="Repair an example's output",
    description="The better output takes the old one's place; its instruction and what it replaced are kept.",
    guards=[needs("datasets:write")],
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
    wording, log = await queries.load_texts_and_events(ledger.engine, caller.workspace_id, example_id)
    change = await build_repair(ledger, caller.workspace_id, example_id, data, wording, log)
    return await _changed(ledger, example_id, change, wording, log, caller=caller, if_match=if_match)


@post(
    f"{PATH}/restore",
    operation_id="restore_example",
    summary="Restore an earlier revision",
    description="Also brings back an example that was deleted.",
    guards=[needs("datasets:write")],
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
    wording, log = await queries.load_texts_and_events(ledger.engine, caller.workspace_id, example_id)
    then = at_revision(EXAMPLE.fold(example_id, log[: data.version]), data.version)
    change = partial(restore, then=then, revision=data.version, reason=data.reason)
    return await _changed(ledger, example_id, change, wording, log, caller=caller, if_match=if_match)


@delete(
    PATH,
    operation_id="delete_example",
    summary="Delete an example",
    description="It leaves the dataset; its history and the versions that hold it stay.",
    guards=[needs("datasets:write")],
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
        partial(decide.delete, reason=reason),
        caller=caller,
        expected=expected(if_match),
    )


@get(
    f"{PATH}/history",
    operation_id="list_example_history",
    summary="Tell what happened to an example",
    description="Every change with its author, time and reason, and each field before and after.",
    guards=[needs("datasets:read")],
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


async def _changed(
    ledger: Ledger,
    example_id: UUID,
    change: Callable[[decide.ExampleState | None], list[decide.ExampleEvent]],
    wording: SubjectTexts,
    log: Sequence[RecordedEvent],
    *,
    caller: Caller,
    if_match: str | None,
) -> Response[Example]:
    """Make the change and answer with the example as it is then."""

    def shown(stored: StreamState[decide.ExampleState], said: SubjectTexts = wording) -> Answer:
        return answer(from_state(stored, said.bodies), version=stored.version)

    stored = await ledger.change(
        EXAMPLE,
        example_id,
        change,
        caller=caller,
        expected=expected(if_match),
        beside=wording.beside,
        answer=shown,
        log=log,
    )
    if not stored.state.texts <= wording.bodies.keys():  # somebody else gave it new words meanwhile
        wording = await queries.load_example_texts(ledger.engine, caller.workspace_id, example_id)
    return respond(shown(stored, wording), Example)


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
    ],
    dependencies={"filter_": Provide(provide_filter, sync_to_thread=False)},
)
