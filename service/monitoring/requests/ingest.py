"""Log calls: each is parsed and checked by itself, so that one bad call does not affect the others."""

import secrets
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from service.errors import Fault, Invalid, TooLarge
from service.http.bodies import Body, StrictRequest, decode
from service.ledger.store import Caller, Ledger
from service.monitoring.feedback.commands import give_initial_feedback
from service.monitoring.requests.call_validation import CallContext, RequestRow, build_row, check_calls
from service.monitoring.requests.identities import RANDOM_BITS
from service.monitoring.requests.insert_queue import get_insert_queue
from service.monitoring.requests.inserts import insert_requests
from service.monitoring.requests.schemas import (
    MAX_CALLS,
    LoggedBatch,
    LoggedCall,
    LoggedLines,
    LoggedOutcome,
    LogRequests,
)
from service.monitoring.retention.domain import find_oldest_kept
from service.monitoring.retention.queries import get_retention
from service.monitoring.version_lookup import ModelVersions, load_model_versions

MAX_FAULTS = 1_000

T = TypeVar("T")
# A call, or all its faults.
ParsedCall = LoggedCall | list[Fault]


class PartialBatch(LogRequests):
    """A batch with calls that could not be parsed; `parsed` has each call, or its faults."""

    parsed: list[Any]


class RawCalls(Body):
    requests: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MAX_CALLS)]


class CallsRequest(StrictRequest):
    """A request that parses its calls one by one when parsing all at once fails."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except Invalid:
            parsed = [
                _parse_call(bytes(raw)) for raw in decode(await self.body(), RawCalls, checks_keys=False).requests
            ]
            return PartialBatch(requests=[each for each in parsed if isinstance(each, LoggedCall)], parsed=parsed)


def _parse_call(line: bytes) -> ParsedCall:
    try:
        call: LoggedCall = decode(line, LoggedCall)
    except Invalid as error:
        return list(error.errors)
    return call


async def log_batch(ledger: Ledger, caller: Caller, batch: LogRequests) -> LoggedBatch:
    """Log the valid calls of a batch; returns the outcome of each call."""
    parsed: list[ParsedCall] = batch.parsed if isinstance(batch, PartialBatch) else list(batch.requests)
    outcomes = await log_calls(ledger, caller, parsed)
    errors = [
        msgspec.structs.replace(fault, pointer=f"/requests/{position}{fault.pointer}")
        for position, outcome in enumerate(outcomes)
        if isinstance(outcome, list)
        for fault in outcome
    ]
    data = [LoggedOutcome(outcome="refused") if isinstance(each, list) else each for each in outcomes]
    return LoggedBatch(**count_outcomes(data), data=data, errors=errors)


async def log_lines(ledger: Ledger, caller: Caller, body: AsyncIterator[bytes], *, max_line_bytes: int) -> LoggedLines:
    """Log calls that come one per line, a thousand at a time. Raises TooLarge for a longer line."""
    counts = {"new": 0, "repeated": 0, "refused": 0}
    errors: list[Fault] = []
    async for numbered in _split_batches(_split_lines(body, max_line_bytes)):
        outcomes = await log_calls(ledger, caller, [_parse_call(line) for _, line in numbered])
        for (number, _), outcome in zip(numbered, outcomes, strict=True):
            faults = outcome if isinstance(outcome, list) else []
            counts["refused" if isinstance(outcome, list) else outcome.outcome] += 1
            errors += [msgspec.structs.replace(fault, line=number) for fault in faults]
        del errors[MAX_FAULTS:]
    return LoggedLines(**counts, errors=errors)


async def log_calls(ledger: Ledger, caller: Caller, parsed: Sequence[ParsedCall]) -> list[LoggedOutcome | list[Fault]]:
    """Log the valid calls; returns each call's outcome, or all its faults."""
    engine, workspace_id, now = ledger.engine, caller.workspace_id, datetime.now(UTC)
    calls = [each for each in parsed if isinstance(each, LoggedCall)]
    context = CallContext(
        models=await load_model_versions(engine, workspace_id, {call.model_id for call in calls}) if calls else {},
        now=now,
        oldest_kept=find_oldest_kept(await get_retention(engine, workspace_id), now=now),
    )
    validity = iter(await check_calls(workspace_id, calls, context.models))
    rows = [
        build_row(each, context, randomness=secrets.randbits(RANDOM_BITS), valid=next(validity))
        if isinstance(each, LoggedCall)
        else each
        for each in parsed
    ]
    stored_ids = await insert_requests(
        engine, workspace_id, [row for row in rows if isinstance(row, RequestRow)], by=caller.actor
    )
    feedback = {
        stored_ids[row.id]: call.feedback
        for row, call in zip(rows, parsed, strict=True)
        if isinstance(row, RequestRow) and isinstance(call, LoggedCall) and call.feedback is not None
    }
    await give_initial_feedback(ledger, caller, feedback)
    return [_build_outcome(row, stored_ids[row.id]) if isinstance(row, RequestRow) else row for row in rows]


async def log_proxied_call(
    ledger: Ledger, caller: Caller, call: LoggedCall, model: ModelVersions, *, alias: str | None, randomness: int
) -> None:
    """Log a call that the proxy made, of a model that it has looked up. Raises Invalid when it cannot be logged."""
    engine, workspace_id, models = ledger.engine, caller.workspace_id, {call.model_id: model}
    [valid] = await check_calls(workspace_id, [call], models)
    context = CallContext(models=models, now=datetime.now(UTC), oldest_kept=None)
    row = build_row(call, context, randomness=randomness, valid=valid)
    if not isinstance(row, RequestRow):
        raise Invalid("The call cannot be logged.", errors=row)
    await get_insert_queue(engine).insert(engine, workspace_id, row._replace(alias=alias), by=caller.actor)


def _build_outcome(row: RequestRow, stored_id: UUID) -> LoggedOutcome:
    return LoggedOutcome(outcome="new" if stored_id == row.id else "repeated", id=stored_id, client_id=row.client_id)


def count_outcomes(outcomes: Sequence[LoggedOutcome]) -> dict[str, int]:
    names = [each.outcome for each in outcomes]
    return {name: names.count(name) for name in ("new", "repeated", "refused")}


async def _split_lines(body: AsyncIterator[bytes], max_line_bytes: int) -> AsyncIterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers from 1."""
    number, rest = 0, bytearray()
    async for piece in body:
        # Only the new piece is searched and copied: a long line in small pieces costs what it is long.
        first, *others = piece.split(b"\n")
        rest += first
        for other in others:
            number += 1
            if line := _strip_line(rest):
                yield number, line
            rest = bytearray(other)
        if len(rest) > max_line_bytes:
            raise TooLarge(f"Line {number + 1} is longer than {max_line_bytes} bytes.")
    if line := _strip_line(rest):
        yield number + 1, line


def _strip_line(line: bytearray) -> bytes:
    """The line without blanks around it and without a byte order mark: where files were joined, any line has one."""
    return bytes(line.removeprefix(BOM_UTF8)).strip()


async def _split_batches(items: AsyncIterator[T]) -> AsyncIterator[list[T]]:
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == MAX_CALLS:
            yield batch
            batch = []
    if batch:
        yield batch
