"""Writes of one workspace go out together: those that come while a statement is in flight share the next one.

The workspace's lock lets one statement at a time pass anyway. A lone writer never waits for company.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar
from uuid import UUID

MAX_EVENTS = 128
MAX_BYTES = 1024 * 1024


class Write(Protocol):
    """A write that may wait. Only writes with the same `shape` fit into one statement."""

    @property
    def workspace_id(self) -> UUID: ...
    @property
    def shape(self) -> object: ...
    @property
    def streams(self) -> frozenset[UUID]: ...
    @property
    def events(self) -> int: ...
    @property
    def bytes(self) -> int: ...


W = TypeVar("W", bound=Write)
R = TypeVar("R")


class GroupCommit(Generic[W, R]):
    """`send` writes several as one statement, all or nothing, and gives the result of each in their order.

    When a group fails for what one of them may have done, its halves are tried one after the other, so that only the
    guilty one fails. `is_shared` says of an error that it came over all of them, such as a broken connection.
    """

    def __init__(
        self, send: Callable[[Sequence[W]], Awaitable[Sequence[R]]], *, is_shared: Callable[[Exception], bool]
    ) -> None:
        self._send = send
        self._is_shared = is_shared
        # A workspace is in here while a statement of it is in flight.
        self._waiting: dict[UUID, list[tuple[W, asyncio.Future[R]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, write: W) -> R:
        """Send it at once, or with the next statement of its workspace. Raises what `send` raises."""
        waiting = self._waiting.get(write.workspace_id)
        if waiting is None:
            return await self._write_alone(write)
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        place = (write, done)
        waiting.append(place)
        try:
            return await done
        except asyncio.CancelledError:
            # If it was not sent yet, it will not be.
            waiting[:] = [other for other in waiting if other is not place]
            raise

    async def _write_alone(self, write: W) -> R:
        self._waiting[write.workspace_id] = []
        try:
            [result] = await self._send([write])
        finally:
            if self._waiting[write.workspace_id]:
                # Of its own, so that nobody's cancellation ends the writes of others.
                task = asyncio.create_task(self._write_waiting(write.workspace_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                del self._waiting[write.workspace_id]
        return result

    async def _write_waiting(self, workspace_id: UUID) -> None:
        waiting = self._waiting[workspace_id]
        try:
            while waiting:
                await self._write_group(_take_group(waiting))
        finally:
            del self._waiting[workspace_id]
            for _, done in waiting:
                done.cancel()

    async def _write_group(self, group: Sequence[tuple[W, asyncio.Future[R]]]) -> None:
        try:
            results = await self._send([write for write, _ in group])
        except Exception as error:  # noqa: BLE001 - it is raised again, where it was asked for
            if len(group) > 1 and not self._is_shared(error):
                half = len(group) // 2
                await self._write_group(group[:half])
                await self._write_group(group[half:])
                return
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            return
        except asyncio.CancelledError:
            for _, done in group:
                done.cancel()
            raise
        for (_, done), result in zip(group, results, strict=True):
            if not done.done():
                done.set_result(result)


def _take_group(waiting: list[tuple[W, asyncio.Future[R]]]) -> list[tuple[W, asyncio.Future[R]]]:
    """Take the first, and those after it that fit beside it. Of one stream only the first fits."""
    first = waiting[0][0]
    group: list[tuple[W, asyncio.Future[R]]] = []
    streams, events, size = set[UUID](), 0, 0
    for place in waiting:
        write = place[0]
        fits = write.shape == first.shape and not (streams & write.streams)
        if group and not (fits and events + write.events <= MAX_EVENTS and size + write.bytes <= MAX_BYTES):
            streams |= write.streams  # nor do later ones of its streams
            continue
        group.append(place)
        streams |= write.streams
        events, size = events + write.events, size + write.bytes
    taken = {id(place) for place in group}
    waiting[:] = [place for place in waiting if id(place) not in taken]
    return group
