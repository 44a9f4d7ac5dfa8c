"""No workspace keeps others from the readers of documents."""

import asyncio
from contextlib import ExitStack

import pytest

from service.database.engine import new_id
from service.generation.documents.upload_queue import QueueFull, UploadQueue

ONE, OTHER, THIRD = new_id(), new_id(), new_id()


async def test_a_workspace_alone_gets_half_of_the_readers_and_a_newcomer_one_at_once() -> None:
    queue, order, end = UploadQueue(readers=4), list[str](), asyncio.Event()

    async def read(workspace: object, name: str) -> None:
        async with queue.reader(workspace):  # type: ignore[arg-type]
            order.append(name)
            await end.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(read(ONE, f"one {number}"))
        await asyncio.sleep(0)
        assert order == ["one 0", "one 1"]
        group.create_task(read(OTHER, "other"))
        await asyncio.sleep(0)
        assert order == ["one 0", "one 1", "other"]
        end.set()
    assert len(order) == 9


async def test_workspaces_take_turns() -> None:
    queue, order = UploadQueue(readers=1), list[str]()

    async def read(workspace: object, name: str) -> None:
        async with queue.reader(workspace):  # type: ignore[arg-type]
            order.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name, workspace in (("one", ONE), ("one", ONE), ("one", ONE), ("other", OTHER), ("third", THIRD)):
            group.create_task(read(workspace, name))
    assert order == ["one", "other", "third", "one", "one"]


async def test_an_upload_that_is_given_up_leaves_its_place_to_the_next() -> None:
    queue = UploadQueue(readers=1)
    async with queue.reader(ONE):
        waiting = asyncio.create_task(queue.reader(OTHER).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
    async with asyncio.timeout(5), queue.reader(THIRD):
        assert waiting.cancelled()


async def test_a_full_queue_refuses_and_says_when_to_come_again() -> None:
    queue = UploadQueue(uploads=4, waiting_bytes=100)
    with ExitStack() as places:
        places.enter_context(queue.place(ONE, size=10))
        with pytest.raises(QueueFull):
            queue.place(ONE, size=41).__enter__()
        places.enter_context(queue.place(ONE, size=10))
        with pytest.raises(QueueFull) as refused:
            queue.place(ONE, size=1).__enter__()
        places.enter_context(queue.place(OTHER, size=50))
    assert (refused.value.status, refused.value.code) == (429, "document_queue_full")
    assert refused.value.retry_after
    with queue.place(ONE, size=50):
        pass
