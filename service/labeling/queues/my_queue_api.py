"""What waits for the annotator who asks."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency

from service.access.auth import require_scope
from service.access.domain import KeyHolder
from service.datasets.examples import chat_content
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.labeling.annotators import Annotator
from service.labeling.queues import queries
from service.labeling.queues.domain import Shows
from service.labeling.queues.schemas import (
    MAX_OPEN,
    ExampleInput,
    MyQueue,
    MyQueuePage,
    OpenAssignment,
    QueueDataset,
    QueueTask,
)
from service.ledger.store import Caller, Ledger
from service.tasks.domain import TASK, TaskState


@get(
    "/me/queue",
    operation_id="get_my_queue",
    summary="List your queues and what waits for you",
    description="The queues that you may claim from, because they name you or nobody, or have open assignments in. "
    "Each comes with its task, with what is left for you, and with your open assignments.",
    guards=[require_scope("labels:write")],
    tags=["labels"],
)
async def get_my_queue(
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MyQueuePage:
    me, after = Annotator(name=holder.name), decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_annotator_queues(
        ledger.engine, caller.workspace_id, me, after=after[0] if after else None, limit=limit + 1
    )
    assignments: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await queries.list_open_assignments(
        ledger.engine, caller.workspace_id, me, [row.id for row in rows], limit=MAX_OPEN
    ):
        assignments[row.queue_id].append(row)
    tasks = {id_: (await ledger.get(TASK, caller.workspace_id, id_)).state for id_ in {row.task_id for row in rows}}
    mine = [_build_queue(row, tasks[row.task_id], assignments[row.id]) for row in rows]
    return page(MyQueuePage, mine, limit, key=lambda queue: queue.id)


def _build_queue(row: Any, task: TaskState, assignments: Sequence[Any]) -> MyQueue:
    return MyQueue(
        id=row.id,
        name=row.name,
        dataset=QueueDataset(id=row.dataset_id, name=row.dataset_name),
        task=QueueTask(
            id=row.task_id,
            name=task.name,
            description=task.description,
            instruction=task.instruction,
            questions=task.questions,
        ),
        shows=row.shows,
        closed=row.closed,
        left=row.reserved + row.free + (row.free_honeypots if row.free else 0) if row.may_claim else 0,
        labeled=row.labeled,
        open=row.open,
        assignments=[_build_assignment(each, row.shows) for each in assignments],
    )


def _build_assignment(row: Any, shows: Shows) -> OpenAssignment:
    content = chat_content.decode(bytes(row.body))
    prompt = ExampleInput(messages=chat_content.get_prompt(content), tools=content.tools)
    return OpenAssignment(
        id=row.id,
        example_id=row.example_id,
        state=row.state,
        leased_until=row.leased_until,
        reason=row.reason,
        content=content if shows == "example" else None,
        input=prompt if shows == "input" else None,
    )


router = Router(path="/", route_handlers=[get_my_queue])
