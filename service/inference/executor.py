"""A job: one run that a worker holds. Its handler asks models through it; each answer is recorded, then returned."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.accounts import open_accounts, resolve_capabilities
from service.connections.domain import CONNECTION, require_connection
from service.database.rows import execute, fetch_value
from service.datasets.examples.chat_content import Message
from service.errors import NotFound, ProviderUnavailable
from service.inference import domain, queries
from service.inference.domain import CALL, RUN, CallAnswered, CallEvent, RunState, Served, derive_call_id
from service.inference.outcomes import CallFailure, CallResult, Price, build_event, find_price, result_from_row
from service.inference.projection import calls
from service.inference.provider_client import (
    CONNECTION_GONE,
    ConnectionLimiters,
    Outcome,
    ProviderRequest,
    ProviderSession,
    ask_with_retries,
)
from service.ledger.leases import NOW
from service.ledger.retry import LostRace
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.ledger.tables import leases
from service.models.completions import build_provider_message
from service.worker.context import WorkerContext

T = TypeVar("T")
PROGRESS_SECONDS = 1.0
SENT_MARK = "call"  # kind of the lease that marks a question as sent to its provider


class ModelQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `options` are further fields of the provider's request (top_p, seed, stop, tools, logprobs, …).

    `schema` is the JSON Schema of the answer. `reuse` is a key from `build_reuse_key`: the answer of an earlier run
    with the same key is reused for free.
    """

    served: Served
    messages: tuple[Message, ...]
    max_tokens: int | None = None
    temperature: float | None = None
    options: dict[str, Any] = {}
    schema: dict[str, Any] | None = None
    reuse: str | None = None


class Job:
    """A run in work. While `patient`, an unreachable provider suspends the run instead of failing the question."""

    def __init__(
        self, context: WorkerContext, limiters: ConnectionLimiters, *, workspace_id: UUID, run_id: UUID, run: RunState
    ) -> None:
        self.context = context
        self.workspace_id = workspace_id
        self.run_id = run_id
        self.order = run.request.order
        self.caller = Caller(workspace_id=workspace_id, actor=run.request.asked_by, request_id=run.request.asked_in)
        self.done, self.total = 0, run.total
        self.patient = True
        self._limiters = limiters
        self._sessions: dict[UUID, ProviderSession | CallFailure] = {}
        self._opening = asyncio.Lock()
        self._ended_calls: set[UUID] = set()
        self._reported_at = 0.0

    @property
    def ledger(self) -> Ledger:
        return self.context.ledger

    @property
    def engine(self) -> AsyncEngine:
        return self.context.engine

    async def open(self) -> None:
        """Load which questions are answered already."""
        self._ended_calls = await queries.list_ended_call_ids(self.engine, self.workspace_id, self.run_id)

    async def ask(self, key: str, question: ModelQuestion) -> CallResult:
        """Ask once: asking again under the same key returns the recorded result, which may be a CallFailure.

        Raises ProviderUnavailable while the job is `patient` and the provider cannot be reached: retry the run later.
        """
        call_id = derive_call_id(self.run_id, key)
        if call_id in self._ended_calls:
            return await self._load_result(call_id)
        if question.reuse is not None:
            earlier = await queries.find_reusable_answer(self.engine, self.workspace_id, question.reuse)
            if earlier is not None:
                event = _build_reused(earlier, self.run_id, key, question.served)
                return await self._record(call_id, event, Attachments())
        session = await self._get_session(question.served.connection_id)
        if isinstance(session, CallFailure):
            no_connection = Outcome(completion=None, code=session.code, detail=session.detail)
            return await self._record_outcome(call_id, key, question, no_connection, None)
        sent_before = not await self._mark_sent(call_id)
        outcome = await ask_with_retries(session, _build_request(call_id, question), in_doubt=sent_before)
        if outcome.unreachable is not None and self.patient:
            raise ProviderUnavailable(outcome.unreachable.detail, retry_after=outcome.unreachable.retry_after)
        price = find_price(session.kind, session.prices, question.served)
        return await self._record_outcome(call_id, key, question, outcome, price)

    async def each(
        self,
        items: Iterable[T] | AsyncIterator[T],
        do: Callable[[T], Awaitable[None]],
        *,
        total: int | None = None,
        at_once: int = 16,
    ) -> None:
        """Call `do` for every item, `at_once` at a time. Each finished item counts as progress."""
        iterator = _as_async(items)
        lock = asyncio.Lock()
        if total is not None:
            self.total = total

        async def work() -> None:
            while True:
                async with lock:  # an async iterator must not be advanced twice at once
                    item = await anext(iterator, None)
                if item is None:
                    return
                await do(item)
                await self.advance(self.done + 1)

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())

    async def advance(self, done: int, total: int | None = None) -> None:
        """Record the progress, about once a second."""
        self.done, self.total = done, total if total is not None else self.total
        now = asyncio.get_running_loop().time()
        if now - self._reported_at < PROGRESS_SECONDS:
            return
        self._reported_at = now
        await self.ledger.change(
            RUN, self.run_id, lambda run: domain.advance(run, done=self.done, total=self.total), caller=self.caller
        )

    async def _get_session(self, connection_id: UUID) -> ProviderSession | CallFailure:
        async with self._opening:
            if connection_id not in self._sessions:
                self._sessions[connection_id] = await self._open_session(connection_id)
            return self._sessions[connection_id]

    async def _open_session(self, connection_id: UUID) -> ProviderSession | CallFailure:
        try:
            stored = await self.ledger.get(CONNECTION, self.workspace_id, connection_id)
            connection = require_connection(stored.state)
        except NotFound:
            return CallFailure(call_id=self.run_id, code="connection_gone", detail=CONNECTION_GONE)
        settings = connection.settings
        return ProviderSession(
            open=partial(open_accounts(self.context).open, self.workspace_id, connection_id),
            limiter=self._limiters.get(connection_id, settings.concurrency),
            stores_answers=bool(resolve_capabilities(connection).stored_completions),
            kind=connection.kind,
            prices=settings.prices,
        )

    async def _mark_sent(self, call_id: UUID) -> bool:
        """Mark the question as sent. False if an earlier worker marked it and recorded no result."""
        mark = {"workspace_id": self.workspace_id, "kind": SENT_MARK, "id": call_id, "leased_until": NOW, "due_at": NOW}
        statement = insert(leases).values(mark).on_conflict_do_nothing().returning(leases.c.id)
        return await fetch_value(self.engine, statement) is not None

    async def _record_outcome(
        self, call_id: UUID, key: str, question: ModelQuestion, outcome: Outcome, price: Price | None
    ) -> CallResult:
        event, attachments = build_event(
            outcome, question.served, price, call_id=call_id, run_id=self.run_id, key=key, reuse=question.reuse
        )
        return await self._record(call_id, event, attachments)

    async def _record(self, call_id: UUID, event: CallEvent, attachments: Attachments) -> CallResult:
        entry = Entry(stream=CALL.stream, stream_id=call_id, after=0, event=event)
        with suppress(LostRace):  # another worker recorded this call first: use its result
            await self.ledger.write(self.caller, Batch(entries=[entry], attachments=attachments))
        self._ended_calls.add(call_id)
        return await self._load_result(call_id)

    async def _load_result(self, call_id: UUID) -> CallResult:
        return result_from_row(await queries.find_call(self.engine, self.workspace_id, call_id))


async def delete_sent_marks(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> None:
    """Delete the marks of a run's calls that have a recorded result."""
    ended = sa.select(calls.c.id).where(calls.c.workspace_id == workspace_id, calls.c.run_id == run_id)
    statement = sa.delete(leases).where(
        leases.c.workspace_id == workspace_id, leases.c.kind == SENT_MARK, leases.c.id.in_(ended)
    )
    await execute(engine, statement)


def _build_request(call_id: UUID, question: ModelQuestion) -> ProviderRequest:
    return ProviderRequest(
        model=question.served.provider_model,
        messages=tuple(build_provider_message(message) for message in question.messages),
        max_tokens=question.max_tokens,
        temperature=question.temperature,
        options=question.options,
        schema=question.schema,
        token=str(call_id),
    )


def _build_reused(row: Any, run_id: UUID, key: str, served: Served) -> CallAnswered:
    return CallAnswered(
        run_id=run_id,
        key=key,
        served=served,
        content=row.content,
        attempts=0,
        latency_ms=row.latency_ms,
        finish_reason=row.finish_reason,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost=None if row.cost is None else format(row.cost, "f"),
        currency=row.currency,
        reuse=row.reuse,
        repeats=row.subject,
    )


async def _as_async(items: Iterable[T] | AsyncIterator[T]) -> AsyncIterator[T]:
    if isinstance(items, Iterable):
        for item in items:
            yield item
    else:
        async for item in items:
            yield item
