"""Tasks over HTTP."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter

from service.access.auth import require_scope
from service.database.engine import new_id
from service.errors import NotFound
from service.http.archive import ARCHIVED, ArchiveChange, ArchivedItems
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, Named, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.tasks import domain, queries
from service.tasks.domain import TASK, TaskState
from service.tasks.schemas import NewTask, Task, TaskChanges, TaskPage, from_row, from_state

Number = Annotated[int, PathParameter(ge=1, lt=2**31, description="The version's number, as in its ETag.")]


@post(
    "/tasks", operation_id="create_task", summary="Create a task", guards=[require_scope("tasks:write")], tags=["tasks"]
)
async def create_task(
    data: JSON[NewTask], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Task]:
    task_id = new_id()
    definition = msgspec.convert(msgspec.to_builtins(data), TaskState)

    def build_stored(stored: StreamState[TaskState]) -> StoredResponse:
        return encode_response(from_state(stored), status=201, version=stored.version, location=f"/v1/tasks/{task_id}")

    created = await ledger.change(
        TASK, task_id, lambda _: domain.create(definition), caller=caller, respond=build_stored
    )
    return to_response(build_stored(created), Task)


@get("/tasks", operation_id="list_tasks", summary="List tasks", guards=[require_scope("tasks:read")], tags=["tasks"])
async def list_tasks(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    name: Named = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    archived: ArchivedItems = "false",
) -> TaskPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_tasks(
        ledger.engine,
        caller.workspace_id,
        after=after[0] if after else None,
        limit=limit + 1,
        name=name,
        archived=ARCHIVED[archived],
    )
    return page(TaskPage, [from_row(row) for row in rows], limit, key=lambda task: task.id)


@get(
    "/tasks/{task_id:uuid}",
    operation_id="get_task",
    summary="Read a task, now or as of a time",
    guards=[require_scope("tasks:read")],
    tags=["tasks"],
)
async def get_task(
    task_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Task]:
    stored = await get_as_of(ledger, TASK, caller.workspace_id, task_id, as_of=as_of)
    return build_response(from_state(stored), version=stored.version)


@get(
    "/tasks/{task_id:uuid}/versions/{number:int}",
    operation_id="get_task_version",
    summary="Read a version of a task",
    guards=[require_scope("tasks:read")],
    tags=["tasks"],
)
async def get_task_version(
    task_id: FromPath[UUID], number: Number, caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Task:
    """Each change makes a version. An example's `task_version` says which one it was checked against."""
    log = await ledger.load_events(caller.workspace_id, TASK.stream, task_id)
    stored = TASK.fold(task_id, log[:number])
    if stored is None or stored.version != number:
        raise NotFound(f"Task {task_id} has no version {number}.")
    return from_state(stored)


@patch(
    "/tasks/{task_id:uuid}",
    operation_id="update_task",
    summary="Change a task's definition",
    guards=[require_scope("tasks:write")],
    tags=["tasks"],
)
async def edit_task(
    task_id: FromPath[UUID],
    data: JSON[TaskChanges],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Task]:
    changes = msgspec.to_builtins(data)
    reason = changes.pop("reason", None)
    stored = await ledger.change(
        TASK,
        task_id,
        lambda task: domain.edit(task, changes, reason=reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(from_state(stored), version=stored.version)


@post(
    "/tasks/{task_id:uuid}/archive",
    operation_id="archive_task",
    summary="Archive a task",
    description="It leaves the lists and takes no changes, and nothing new can name it (409 `archived`): no "
    "dataset, model, prompt, queue or generation. What uses it already goes on, its versions and history stay, "
    "and its name is free for another.",
    guards=[require_scope("tasks:write")],
    status_code=200,
    tags=["tasks"],
)
async def archive_task(
    task_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Task]:
    decide = partial(domain.archive, at=datetime.now(UTC), reason=data.reason)
    stored = await ledger.change(TASK, task_id, decide, caller=caller)
    return build_response(from_state(stored), version=stored.version)


@post(
    "/tasks/{task_id:uuid}/unarchive",
    operation_id="unarchive_task",
    summary="Bring an archived task back",
    description="Refused (409) while another task has its name.",
    guards=[require_scope("tasks:write")],
    status_code=200,
    tags=["tasks"],
)
async def unarchive_task(
    task_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Task]:
    stored = await ledger.change(TASK, task_id, partial(domain.unarchive, reason=data.reason), caller=caller)
    return build_response(from_state(stored), version=stored.version)


@get(
    "/tasks/{task_id:uuid}/history",
    operation_id="list_task_history",
    summary="List a task's history",
    guards=[require_scope("tasks:read")],
    tags=["tasks"],
)
async def get_task_history(
    task_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    return await history(ledger.engine, TASK, caller.workspace_id, task_id, limit=limit, cursor=cursor)


router = Router(
    path="/",
    route_handlers=[
        create_task,
        list_tasks,
        get_task,
        get_task_version,
        edit_task,
        archive_task,
        unarchive_task,
        get_task_history,
    ],
)
