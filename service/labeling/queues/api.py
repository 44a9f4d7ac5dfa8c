"""Queues over HTTP: create, fill, read and change them, and see who works on them."""

from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.domain import KeyHolder
from service.datasets.domain import DATASET
from service.http.archive import ARCHIVED, ArchiveChange, ArchivedItems
from service.http.as_of import AsOf, get_as_of, resolve_as_of
from service.http.bodies import JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, build_response, parse_if_match
from service.labeling.annotators import Annotator
from service.labeling.queues import assignments, commands, domain, queries
from service.labeling.queues.domain import QUEUE
from service.labeling.queues.honeypots import HoneypotScore, score_annotators
from service.labeling.queues.items.domain import AssignmentStatus
from service.labeling.queues.past_progress import count_progress_at
from service.labeling.queues.schemas import (
    AnnotatorList,
    AnnotatorWork,
    AssignExamples,
    AssignmentPage,
    ExamplesQueued,
    NewQueue,
    Queue,
    QueueChanges,
    QueueExamples,
    QueuePage,
    build_assignment,
    build_past_queue,
    build_queue,
)
from service.labeling.visibility import require_overview, restricted_to_own_labels
from service.ledger.store import Caller, Ledger


@post(
    "/datasets/{dataset_id:uuid}/queues",
    operation_id="create_queue",
    summary="Create a labeling queue",
    description="Adds examples by id or by filter, each for `overlap` annotators, and mixes in honeypots.",
    guards=[require_scope("labels:write")],
    tags=["labels"],
)
async def create_queue(
    dataset_id: FromPath[UUID],
    data: JSON[NewQueue],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Queue]:
    require_overview(holder)
    queue_id = await commands.create_queue(ledger, caller, dataset_id, data)
    row = await queries.get_queue(ledger.engine, caller.workspace_id, queue_id)
    return build_response(build_queue(row), status=201, version=row.version, location=f"/v1/queues/{queue_id}")


@get(
    "/datasets/{dataset_id:uuid}/queues",
    operation_id="list_queues",
    summary="List a dataset's queues",
    description="An annotator's key, with labels:write alone, lists its own with GET /v1/me/queue.",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def list_queues(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
    archived: ArchivedItems = "false",
) -> QueuePage:
    require_overview(holder)
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_queues(
        ledger.engine,
        caller.workspace_id,
        dataset_id,
        archived=ARCHIVED[archived],
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(QueuePage, [build_queue(row) for row in rows], limit, key=lambda queue: queue.id)


@get(
    "/queues/{queue_id:uuid}",
    operation_id="get_queue",
    summary="Get a queue and its progress, now or as of a time",
    description="Not for an annotator's key, with labels:write alone; see GET /v1/me/queue.",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def get_queue(
    queue_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    as_of: AsOf = None,
) -> Response[Queue]:
    require_overview(holder)
    if as_of is not None:
        stored = await get_as_of(ledger, QUEUE, caller.workspace_id, queue_id, as_of=as_of)
        seq = await resolve_as_of(ledger.engine, caller.workspace_id, as_of)
        progress = await count_progress_at(ledger.engine, caller.workspace_id, queue_id, seq=seq)
        return build_response(build_past_queue(stored, progress), version=stored.version)
    row = await queries.get_queue(ledger.engine, caller.workspace_id, queue_id)
    return build_response(build_queue(row), version=row.version)


@patch(
    "/queues/{queue_id:uuid}",
    operation_id="update_queue",
    summary="Update or close a queue",
    guards=[require_scope("labels:write")],
    tags=["labels"],
)
async def update_queue(
    queue_id: FromPath[UUID],
    data: JSON[QueueChanges],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Queue]:
    require_overview(holder)
    change = partial(domain.edit, changes=_read_changes(data), reason=data.reason)
    await ledger.change(QUEUE, queue_id, change, caller=caller, expected=parse_if_match(if_match))
    row = await queries.get_queue(ledger.engine, caller.workspace_id, queue_id)
    return build_response(build_queue(row), version=row.version)


@post(
    "/queues/{queue_id:uuid}/archive",
    operation_id="archive_queue",
    summary="Archive a queue",
    description="It leaves the lists and takes no work (409 `archived`): no edits, examples, claims, labels or "
    "reviews. The labels it gathered count as before, its history stays, and its name is free for another.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def archive_queue(
    queue_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Queue]:
    require_overview(holder)
    decide = partial(domain.archive, at=datetime.now(UTC), reason=data.reason)
    await ledger.change(QUEUE, queue_id, decide, caller=caller)
    row = await queries.get_queue(ledger.engine, caller.workspace_id, queue_id)
    return build_response(build_queue(row), version=row.version)


@post(
    "/queues/{queue_id:uuid}/unarchive",
    operation_id="unarchive_queue",
    summary="Bring an archived queue back",
    description="Refused (409) while another queue of the dataset has its name.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def unarchive_queue(
    queue_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Queue]:
    require_overview(holder)
    await ledger.change(QUEUE, queue_id, partial(domain.unarchive, reason=data.reason), caller=caller)
    row = await queries.get_queue(ledger.engine, caller.workspace_id, queue_id)
    return build_response(build_queue(row), version=row.version)


@post(
    "/queues/{queue_id:uuid}/examples",
    operation_id="add_to_queue",
    summary="Add examples or honeypots to a queue",
    description="Skips those already in the queue. Adds at most 5,000 at once; `left` says how many more match.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def add_to_queue(
    queue_id: FromPath[UUID],
    data: JSON[QueueExamples],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[ExamplesQueued]:
    require_overview(holder)
    queue = await assignments.get_workable_queue(ledger, caller.workspace_id, queue_id)
    return build_response(await commands.add_examples(ledger, caller, queue, data))


@post(
    "/queues/{queue_id:uuid}/assign",
    operation_id="assign_examples",
    summary="Reserve examples for an annotator",
    description="A reservation takes one of each example's `overlap` slots. The annotator's claims return reserved "
    "examples first.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def assign_examples(
    queue_id: FromPath[UUID],
    data: JSON[AssignExamples],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[AssignmentPage]:
    require_overview(holder)
    queue = await ledger.get(QUEUE, caller.workspace_id, queue_id)
    annotator = Annotator(name=data.annotator.name, kind=data.annotator.kind)
    ids = await assignments.assign_examples(ledger, caller, queue, annotator, data.examples)
    rows = [await queries.get_assignment(ledger.engine, caller.workspace_id, id_) for id_ in ids]
    return build_response(AssignmentPage(data=[build_assignment(row) for row in rows], next_cursor=None))


@get(
    "/queues/{queue_id:uuid}/assignments",
    operation_id="list_assignments",
    summary="List a queue's assignments",
    description="To review labels, list the assignments in the state `submitted`. "
    "A key with only the scope labels:write sees its own assignments.",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def list_assignments(
    queue_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    in_state: Annotated[
        AssignmentStatus | None, QueryParameter(name="state", description="Only in this state.")
    ] = None,
    annotator: Annotated[str | None, QueryParameter(max_length=200, pattern=NO_NUL)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AssignmentPage:
    await ledger.get(QUEUE, caller.workspace_id, queue_id)
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_assignments(
        ledger.engine,
        caller.workspace_id,
        queue_id,
        state=in_state,
        annotator=restricted_to_own_labels(holder) or annotator,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(AssignmentPage, [build_assignment(row) for row in rows], limit, key=lambda each: each.id)


@get(
    "/queues/{queue_id:uuid}/annotators",
    operation_id="list_queue_annotators",
    summary="List a queue's annotators and their honeypot scores",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def list_queue_annotators(
    queue_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> AnnotatorList:
    require_overview(holder)
    queue = (await ledger.get(QUEUE, caller.workspace_id, queue_id)).state
    work = await queries.count_assignments(ledger.engine, caller.workspace_id, queue_id)
    answers = await queries.list_honeypot_answers(
        ledger.engine, caller.workspace_id, dataset_id=queue.dataset_id, task_id=queue.task_id, queue_id=queue_id
    )
    return AnnotatorList(data=_build_work(work, score_annotators(answers)))


def _read_changes(data: QueueChanges) -> dict[str, Any]:
    changes = {name: value for name in domain.EDITABLE if (value := getattr(data, name)) is not msgspec.UNSET}
    return {name: tuple(dict.fromkeys(value)) if name == "annotators" else value for name, value in changes.items()}


def _build_work(rows: Any, scores: dict[Annotator, HoneypotScore]) -> list[AnnotatorWork]:
    states: defaultdict[Annotator, dict[AssignmentStatus, int]] = defaultdict(dict)
    for row in rows:
        states[Annotator(name=row.annotator, kind=row.kind)][row.state] = row.number
    return [
        AnnotatorWork(annotator=annotator, states=states[annotator], honeypots=scores.get(annotator, HoneypotScore()))
        for annotator in sorted(states)
    ]


router = Router(
    path="/",
    route_handlers=[
        create_queue,
        list_queues,
        get_queue,
        update_queue,
        archive_queue,
        unarchive_queue,
        add_to_queue,
        assign_examples,
        list_assignments,
        list_queue_annotators,
    ],
)
