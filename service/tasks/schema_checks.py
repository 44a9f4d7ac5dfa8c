"""Check texts against a JSON Schema without holding up the event loop.

The library holds Python's lock while it checks, so a thread would not do: what could take long runs in a process that
is ended at its deadline. A workspace has one of these at a time, so that none waits for another's slow schema.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar, TypeVarTuple, Unpack
from uuid import UUID
from weakref import WeakValueDictionary

import anyio
from anyio import BrokenWorkerProcess, to_process

from service.errors import Fault
from service.tasks.json_schema import find_output_faults, weigh_schema

Made = TypeVar("Made")
Given = TypeVarTuple("Given")

SECONDS = 10.0
CONCURRENCY = 2
LOW_PRIORITY = 15
MAX_WEIGHT = 5_000_000  # of a check that runs at once: at most some 50 ms
NOT_CHECKED = "not_checked"

_slots = asyncio.Semaphore(CONCURRENCY)
_workspace_slots: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()


async def check_outputs(
    workspace_id: UUID, schema: bytes, texts: Sequence[str], *, seconds: float = SECONDS
) -> list[list[Fault]]:
    """The faults of each text; of all texts `not_checked` when checking them takes longer than `seconds`."""
    if weigh_schema(schema) * sum(map(len, texts)) <= MAX_WEIGHT:
        return [find_output_faults(schema, text) for text in texts]
    try:
        return await run_in_time(workspace_id, _check_all, schema, tuple(texts), seconds=seconds)
    except TimeoutError:
        detail = "Checking this against the schema takes too long; simplify the schema or its patterns."
        return [[Fault(detail=detail, code=NOT_CHECKED)] for _ in texts]


async def run_in_time(
    workspace_id: UUID, function: Callable[[Unpack[Given]], Made], *values: *Given, seconds: float = SECONDS
) -> Made:
    """Call the function in a process that is ended after `seconds`, one a workspace. Raises TimeoutError."""
    async with _take_slot(workspace_id):
        try:
            with anyio.fail_after(seconds):
                return await to_process.run_sync(_run_behind_others, function, *values, cancellable=True)
        except BrokenWorkerProcess as error:
            raise TimeoutError from error


async def check_output(workspace_id: UUID, schema: bytes, text: str) -> list[Fault]:
    """The faults of one text, which has to be JSON that matches the schema."""
    [faults] = await check_outputs(workspace_id, schema, [text])
    return faults


def _run_behind_others(function: Callable[[Unpack[Given]], Made], *values: *Given) -> Made:
    """Use the processor only where no request wants it."""
    os.setpriority(os.PRIO_PROCESS, 0, LOW_PRIORITY)
    return function(*values)


@asynccontextmanager
async def _take_slot(workspace_id: UUID) -> AsyncIterator[None]:
    own = _workspace_slots.get(workspace_id) or _workspace_slots.setdefault(workspace_id, asyncio.Semaphore(1))
    async with own, _slots:
        yield


def _check_all(schema: bytes, texts: tuple[str, ...]) -> list[list[Fault]]:
    return [find_output_faults(schema, text) for text in texts]
