"""A job: one run that a worker holds. Handlers ask models through it and get recorded answers back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.accounts import load_account
from service.connections.domain import CONNECTION, require_connection
from service.database.rows import execute, fetch_value
from service.datasets.examples.chat_content import Message
from service.errors import NotFound, ProviderUnavailable
from service.inference import domain as calls
from service.inference import domain as runs
from service.inference import projection
from service.inference.domain import RUN, CallAnswered, CallEvent, Served
from service.inference.outcomes import CallFailure, CallResult, Price, build_event, find_price, result_from_row
from service.inference.provider_client import (
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
from service.providers.adapters import connect
from service.vault.vault import Vault
from service.worker.context import WorkerContext

T = TypeVar("T")
PROGRESS_SECONDS = 1.0
SENT_MARK = "call"  # the kind of lease that says: this question may be at its provider


class ModelQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `options` are further fields of the provider's request (top_p, seed, stop, tools, logprobs, …).

    `schema`: JSON Schema the answer is asked to follow. `reuse`: where an earlier run has answered the question of this
    name, its answer is taken, for free (see `calls.reuse_key`).
    """

    served: Served
    messages: tuple[Message, ...]
    max_tokens: int | None = None
    temperature: float | None = None
    options: dict[str, Any] = {}
    schema: dict[str, Any] | None = None
    reuse: str | None = None


class Job:
    """`again`: the run has been worked on before, so questions without an answer may have been asked."""

    def __init__(
        self, context: WorkerContext, gates: ConnectionLimiters, *, workspace_id: UUID, run_id: UUID, run: runs.RunState
    ) -> None:
        self.context = context
        self.workspace_id = workspace_id
        self.run_id = run_id
        self.order = run.asked.order
        self.caller = Caller(workspace_id=workspace_id, actor=run.asked.asked_by, request_id=run.asked.asked_in)
        self.done, self.total = 0, run.total
        self.patient = True
        self._gates = gates
        self._lines: dict[UUID, ProviderSession | CallFailure] = {}
        self._opening = asyncio.Lock()
        self._ended: set[UUID] = set()
        self._told = 0.0

    @property
    def ledger(self) -> Ledger:
        return self.context.ledger

    @property
    def engine(self) -> AsyncEngine:
        return self.context.engine

    @property
    def vault(self) -> Vault:
        return self.context.vault

    async def open(self) -> None:
        """Learn what was answered already."""
        self._ended = await projection.list_ended_call_ids(self.engine, self.workspace_id, self.run_id)

    async def close(self) -> None:
        for line in self._lines.values():
            if isinstance(line, ProviderSession):
                await line.provider.aclose()

    async def ask(self, key: str, ask: ModelQuestion) -> CallResult:
        """The answer to this question of the run, for ever the same. A row's trouble comes back as Failed.

        Raises ProviderUnavailable when the provider is away altogether: the run is then taken up again later.
        """
        call_id = calls.derive_call_id(self.run_id, key)
        if call_id in self._ended:
            return await self._known(call_id)
        if ask.reuse is not None:
            earlier = await projection.find_reusable_answer(self.engine, self.workspace_id, ask.reuse)
            if earlier is not None:
                return await self._record(call_id, _build_reused(earlier, self.run_id, key, ask.served), Attachments())
        line = await self._line(ask.served.connection_id)
        if isinstance(line, CallFailure):
            lost = Outcome(completion=None, code=line.code, detail=line.detail)
            return await self._settled(call_id, key, ask, lost, None)
        doubtful = not await self._begun(call_id)
        outcome = await ask_with_retries(line, _build_request(call_id, ask), doubtful=doubtful)
        if outcome.away is not None and self.patient:
            raise ProviderUnavailable(outcome.away.detail, retry_after=outcome.away.retry_after)
        return await self._settled(call_id, key, ask, outcome, find_price(line.kind, line.prices, ask.served))

    async def each(
        self,
        items: Iterable[T] | AsyncIterator[T],
        do: Callable[[T], Awaitable[None]],
        *,
        total: int | None = None,
        at_once: int = 16,
    ) -> None:
        """Do it for every item, so many at once; each that is done counts as progress."""
        waiting = _as_async(items)
        turn = asyncio.Lock()
        if total is not None:
            self.total = total

        async def work() -> None:
            while True:
                async with turn:  # an iterator gives one thing at a time
                    item = await anext(waiting, None)
                if item is None:
                    return
                await do(item)
                await self.advance(self.done + 1)

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())

    async def advance(self, done: int, total: int | None = None) -> None:
        """How far it is; recorded about once a second."""
        self.done, self.total = done, total if total is not None else self.total
        now = asyncio.get_running_loop().time()
        if now - self._told < PROGRESS_SECONDS:
            return
        self._told = now
        await self.ledger.change(
            RUN, self.run_id, lambda run: runs.advance(run, done=self.done, total=self.total), caller=self.caller
        )

    async def _line(self, connection_id: UUID) -> ProviderSession | CallFailure:
        async with self._opening:
            if connection_id not in self._lines:
                self._lines[connection_id] = await self._opened(connection_id)
            return self._lines[connection_id]

    async def _opened(self, connection_id: UUID) -> ProviderSession | CallFailure:
        try:
            stored = await self.ledger.get(CONNECTION, self.workspace_id, connection_id)
            connection = require_connection(stored.state)
            at = await load_account(self.ledger, self.vault, self.workspace_id, connection_id)
        except NotFound:
            return CallFailure(call_id=self.run_id, code="connection_gone", detail="The connection was deleted.")
        settings = connection.settings
        gate = self._gates.of(connection_id, settings.concurrency)
        keeps = bool(at.capabilities.stored_completions)
        return ProviderSession(provider=connect(at), gate=gate, keeps=keeps, kind=at.kind, prices=settings.prices)

    async def _begun(self, call_id: UUID) -> bool:
        """Say that the question goes out. False when somebody said so before and never told how it ended."""
        mark = {"workspace_id": self.workspace_id, "kind": SENT_MARK, "id": call_id, "leased_until": NOW, "due_at": NOW}
        new = insert(leases).values(mark).on_conflict_do_nothing().returning(leases.c.id)
        return await fetch_value(self.engine, new) is not None

    async def _settled(
        self, call_id: UUID, key: str, ask: ModelQuestion, outcome: Outcome, price: Price | None
    ) -> CallResult:
        event, beside = build_event(
            outcome, ask.served, price, call_id=call_id, run_id=self.run_id, key=key, reuse=ask.reuse
        )
        return await self._record(call_id, event, beside)

    async def _record(self, call_id: UUID, event: CallEvent, beside: Attachments) -> CallResult:
        entry = Entry(stream=calls.CALL.stream, stream_id=call_id, after=0, event=event)
        with suppress(LostRace):  # another worker was first: its answer is the answer
            await self.ledger.write(self.caller, Batch(entries=[entry], beside=beside))
        self._ended.add(call_id)
        return await self._known(call_id)

    async def _known(self, call_id: UUID) -> CallResult:
        return result_from_row(await projection.find_call(self.engine, self.workspace_id, call_id))


async def delete_sent_marks(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> None:
    """The questions of a run that has ended are at no provider any more."""
    ended = sa.select(projection.calls.c.id).where(
        projection.calls.c.workspace_id == workspace_id, projection.calls.c.run_id == run_id
    )
    marks = sa.delete(leases).where(
        leases.c.workspace_id == workspace_id, leases.c.kind == SENT_MARK, leases.c.id.in_(ended)
    )
    await execute(engine, marks)


def _build_request(call_id: UUID, ask: ModelQuestion) -> ProviderRequest:
    return ProviderRequest(
        model=ask.served.provider_model,
        messages=tuple(build_provider_message(message) for message in ask.messages),
        max_tokens=ask.max_tokens,
        temperature=ask.temperature,
        options=ask.options,
        schema=ask.schema,
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
