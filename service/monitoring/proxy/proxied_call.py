"""A call that passes through: the provider is asked as the caller asked, and what it said is logged.

A stream is read by a task of its own. A client that hangs up ends that task, and with it the provider's work; the call
is logged all the same, with what had been said by then.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import structlog

from service.connections.accounts import open_provider
from service.connections.domain import CONNECTION, require_connection
from service.database.engine import DATABASE_ERRORS
from service.errors import NotFound, Problem
from service.inference.domain import Served
from service.inference.outcomes import find_price
from service.ledger.store import Caller, Ledger
from service.models.domain import ModelVersionRegistered
from service.monitoring.money import DECIMAL_PLACES
from service.monitoring.proxy.response_accumulator import ResponseAccumulator
from service.monitoring.requests.identities import RANDOM_BITS, build_request_id
from service.monitoring.requests.ingest import log_proxied_call
from service.monitoring.requests.schemas import CallError, Cost, LoggedCall
from service.providers.provider import TuningProvider
from service.vault.vault import Vault

MAX_WAITING_CHUNKS = 16  # read ahead of the client
MAX_CLIENT_WAIT_SECONDS = 60.0  # with a client that reads no further and does not hang up either
CLIENT_DISCONNECTED = CallError(code="client_disconnected", message="The client hung up before the end of the answer.")

log = structlog.get_logger(__name__)
# The event loop holds its tasks by weak references only, and nobody waits for these.
_running: set[asyncio.Task[None]] = set()


class CallRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose call it is, whom it is for, and what is asked; `options` are further fields in OpenAI's names."""

    ledger: Ledger
    vault: Vault
    caller: Caller
    model_id: UUID
    version: ModelVersionRegistered
    alias: str | None
    messages: list[dict[str, Any]]
    options: dict[str, Any]


class ProxiedCall:
    """One call under way. However it ends, its end is logged under `id`."""

    def __init__(self, passage: CallRequest) -> None:
        self._passage = passage
        self._at, self._began = datetime.now(UTC), time.perf_counter()
        self._dice = secrets.randbits(RANDOM_BITS)
        self._chunks: asyncio.Queue[dict[str, Any] | Problem | None] = asyncio.Queue(MAX_WAITING_CHUNKS)
        self._said = ResponseAccumulator()

    @property
    def id(self) -> UUID:
        return build_request_id(self._at, self._dice)

    async def whole(self) -> dict[str, Any]:
        """The provider's answer in one piece. Raises what it refuses with."""
        own = self._passage
        try:
            async with self._provider() as provider:
                answer = await provider.complete(own.version.provider_model, own.messages, options=own.options)
        except Problem as problem:
            await self._log(_build_error(problem))
            raise
        self._said.whole(answer.raw)
        await self._log(None)
        return answer.raw

    async def streamed(self) -> AsyncIterator[dict[str, Any]]:
        """The provider's chunks as they come. Raises what it refuses with, in the middle too."""
        task = _start_task(self._pump())
        try:
            while (chunk := await self._chunks.get()) is not None:
                if isinstance(chunk, Problem):
                    raise chunk
                yield chunk
        finally:
            task.cancel()  # nobody reads any further; a task that has ended does not mind

    async def _pump(self) -> None:
        own, end = self._passage, None
        ended: CallError | None = CLIENT_DISCONNECTED  # unless it comes to another end
        try:
            async with self._provider() as provider:
                async for chunk in provider.stream(own.version.provider_model, own.messages, options=own.options):
                    self._said.add(chunk)
                    async with asyncio.timeout(MAX_CLIENT_WAIT_SECONDS):
                        await self._chunks.put(chunk)
            ended = None
        except Problem as problem:
            ended, end = _build_error(problem), problem
        finally:
            # Not in this task, which is cancelled as soon as its reader is at the end.
            _start_task(self._log(ended))
        for last in (end, None):
            await self._chunks.put(last)

    def _provider(self) -> AbstractAsyncContextManager[TuningProvider]:
        own = self._passage
        return open_provider(own.ledger, own.vault, own.caller.workspace_id, own.version.connection_id)

    async def _log(self, error: CallError | None) -> None:
        """The answer is the client's either way: that it could not be logged is told to the operator."""
        own = self._passage
        try:
            call = await self._call(error)
            await log_proxied_call(own.ledger, own.caller, call, alias=own.alias, dice=self._dice)
        except (Problem, *DATABASE_ERRORS) as trouble:
            log.warning("call_not_logged", id=str(self.id), because=str(trouble)[:300])

    async def _call(self, error: CallError | None) -> LoggedCall:
        own, said = self._passage, self._said
        cost = said.cost if said.cost is not None else await self._price()
        user, metadata = own.options.get("user"), own.options.get("metadata")
        return LoggedCall(
            model_id=own.model_id,
            version=own.version.model_version,
            at=self._at,
            input=own.messages,
            output=said.text if said.text is not None or said.tool_calls or error else "",
            tool_calls=said.tool_calls,
            error=error,
            latency_ms=round((time.perf_counter() - self._began) * 1000),
            input_tokens=said.input_tokens,
            output_tokens=said.output_tokens,
            cost=None if cost is None else Cost(amount=round(cost, DECIMAL_PLACES), currency="USD"),
            user_hash=hashlib.sha256(user.encode()).hexdigest() if isinstance(user, str) else None,
            metadata=metadata if isinstance(metadata, dict) else None,
        )

    async def _price(self) -> Decimal | None:
        """By the connection's prices, or the catalogue's, for the tokens that were counted."""
        own, made = self._passage, self._passage.version
        try:
            stored = await own.ledger.get(CONNECTION, own.caller.workspace_id, made.connection_id)
            connection = require_connection(stored.state)
        except NotFound:
            return None
        served = Served(
            connection_id=made.connection_id, provider_model=made.provider_model, base_model=made.base_model
        )
        found = find_price(connection.kind, connection.settings.prices, served)
        return found.of(self._said.input_tokens, self._said.output_tokens) if found else None


def _build_error(problem: Problem) -> CallError:
    return CallError(code=problem.code, message=problem.detail)


def _start_task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
