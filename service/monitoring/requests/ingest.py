"""Logged calls as they come in: each is read and judged by itself, so that one bad call never loses the others."""

import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from service.errors import Fault, Invalid, TooLarge
from service.http.bodies import Body, StrictRequest, decode
from service.ledger.store import Caller, Ledger
from service.monitoring.feedback.commands import give_initial_feedback
from service.monitoring.requests.call_validation import CallContext, RequestRow, build_row
from service.monitoring.requests.identities import RANDOM_BITS
from service.monitoring.requests.inserts import insert_requests
from service.monitoring.requests.projection import get_retention
from service.monitoring.requests.schemas import (
    MAX_CALLS,
    LoggedBatch,
    LoggedCall,
    LoggedLines,
    LoggedOutcome,
    LogRequests,
)
from service.monitoring.retention.domain import find_oldest_kept
from service.monitoring.version_lookup import load_model_versions

MAX_FAULTS = 1_000

T = TypeVar("T")
# A call, or all that is wrong with it.
ParsedCall = LoggedCall | list[Fault]


class PartialBatch(LogRequests):
    """What could be read of a batch of which not all could: its calls, and the faults in place of the others."""

    read: list[Any]


class RawCalls(Body):
    requests: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MAX_CALLS)]


class CallsRequest(StrictRequest):
    """A request whose calls are read one by one where they cannot all be read at once."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except Invalid:
            read = [_parse_call(bytes(raw)) for raw in decode(await self.body(), RawCalls).requests]
            return PartialBatch(requests=[each for each in read if isinstance(each, LoggedCall)], read=read)


def _parse_call(line: bytes) -> ParsedCall:
    try:
        call: LoggedCall = decode(line, LoggedCall)
    except Invalid as error:
        return list(error.errors)
    return call


async def log_batch(ledger: Ledger, caller: Caller, batch: LogRequests) -> LoggedBatch:
    """Keep what can be kept of it, and say what became of each call."""
    read: list[ParsedCall] = batch.read if isinstance(batch, PartialBatch) else list(batch.requests)
    outcomes = await log_calls(ledger, caller, read)
    errors = [
        msgspec.structs.replace(fault, pointer=f"/requests/{place}{fault.pointer}")
        for place, outcome in enumerate(outcomes)
        if isinstance(outcome, list)
        for fault in outcome
    ]
    data = [LoggedOutcome(outcome="refused") if isinstance(each, list) else each for each in outcomes]
    return LoggedBatch(**count_outcomes(data), data=data, errors=errors)


async def log_lines(ledger: Ledger, caller: Caller, body: AsyncIterator[bytes], *, longest: int) -> LoggedLines:
    """Keep calls that come one a line, a thousand at a time. Raises TooLarge for a line over `longest` bytes."""
    counts = {"new": 0, "repeated": 0, "refused": 0}
    errors: list[Fault] = []
    async for numbered in _split_batches(_split_lines(body, longest)):
        outcomes = await log_calls(ledger, caller, [_parse_call(line) for _, line in numbered])
        for (number, _), outcome in zip(numbered, outcomes, strict=True):
            faults = outcome if isinstance(outcome, list) else []
            counts["refused" if isinstance(outcome, list) else outcome.outcome] += 1
            errors += [msgspec.structs.replace(fault, line=number) for fault in faults]
        del errors[MAX_FAULTS:]
    return LoggedLines(**counts, errors=errors)


async def log_calls(ledger: Ledger, caller: Caller, read: Sequence[ParsedCall]) -> list[LoggedOutcome | list[Fault]]:
    """What became of each: its outcome, or all that is wrong with it."""
    engine, workspace_id, now = ledger.engine, caller.workspace_id, datetime.now(UTC)
    calls = [each for each in read if isinstance(each, LoggedCall)]
    terms = CallContext(
        lines=await load_model_versions(engine, workspace_id, {call.model_id for call in calls}) if calls else {},
        now=now,
        oldest_kept=find_oldest_kept(await get_retention(engine, workspace_id), now=now),
    )
    judged = [
        build_row(each, terms, randomness=secrets.randbits(RANDOM_BITS)) if isinstance(each, LoggedCall) else each
        for each in read
    ]
    kept = await insert_requests(
        engine, workspace_id, [row for row in judged if isinstance(row, RequestRow)], by=caller.actor
    )
    given = {
        kept[row.id]: call.feedback
        for row, call in zip(judged, read, strict=True)
        if isinstance(row, RequestRow) and isinstance(call, LoggedCall) and call.feedback is not None
    }
    await give_initial_feedback(ledger, caller, given)
    return [_build_outcome(row, kept[row.id]) if isinstance(row, RequestRow) else row for row in judged]


async def log_proxied_call(ledger: Ledger, caller: Caller, call: LoggedCall, *, alias: str | None, dice: int) -> None:
    """Keep a call that we made ourselves, of a version that its `alias` led to. Raises Invalid where it cannot be."""
    engine, workspace_id = ledger.engine, caller.workspace_id
    known = await load_model_versions(engine, workspace_id, {call.model_id})
    row = build_row(call, CallContext(lines=known, now=datetime.now(UTC), oldest_kept=None), randomness=dice)
    if not isinstance(row, RequestRow):
        raise Invalid("The call cannot be logged.", errors=row)
    await insert_requests(engine, workspace_id, [row._replace(alias=alias)], by=caller.actor)


def _build_outcome(row: RequestRow, kept_as: Any) -> LoggedOutcome:
    return LoggedOutcome(outcome="new" if kept_as == row.id else "repeated", id=kept_as, client_id=row.client_id)


def count_outcomes(outcomes: Sequence[LoggedOutcome]) -> dict[str, int]:
    said = [each.outcome for each in outcomes]
    return {name: said.count(name) for name in ("new", "repeated", "refused")}


async def _split_lines(body: AsyncIterator[bytes], longest: int) -> AsyncIterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers from 1."""
    number, rest = 0, b""
    async for piece in body:
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > longest:
            raise TooLarge(f"Line {number + len(whole) + 1} is longer than {longest} bytes.")
        for line in whole:
            number += 1
            if line.strip():
                yield number, line
    if rest.strip():
        yield number + 1, rest


async def _split_batches(items: AsyncIterator[T]) -> AsyncIterator[list[T]]:
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == MAX_CALLS:
            yield batch
            batch = []
    if batch:
        yield batch
