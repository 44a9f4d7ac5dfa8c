"""Pass a chat completion on to the model's provider, and log it.

A task of its own reads a stream. When the client disconnects, the task is cancelled, which stops the provider; the call
is logged with the text received by then.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import structlog

from service.connections.accounts import Accounts
from service.connections.domain import CONNECTION, require_connection
from service.database.engine import DATABASE_ERRORS
from service.errors import NotFound, Problem
from service.inference.domain import Served
from service.inference.outcomes import find_price
from service.ledger.store import Caller
from service.models.domain import ModelVersionRegistered
from service.monitoring.money import DECIMAL_PLACES
from service.monitoring.proxy.response_accumulator import ResponseAccumulator
from service.monitoring.requests.identities import RANDOM_BITS, build_request_id
from service.monitoring.requests.ingest import log_proxied_call
from service.monitoring.requests.schemas import CallError, Cost, LoggedCall
from service.providers.abilities import Provider

MAX_WAITING_CHUNKS = 16  # read before the client reads them
MAX_CLIENT_WAIT_SECONDS = 60.0  # for a client that stopped reading but stays connected
CLIENT_DISCONNECTED = CallError(code="client_disconnected", message="The client disconnected before the answer ended.")

log = structlog.get_logger(__name__)
# Strong references: the event loop itself holds tasks by weak references only.
_running: set[asyncio.Task[None]] = set()


class CallRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A chat completion for a model version; `options` are the further fields of the request, by OpenAI's names."""

    accounts: Accounts
    caller: Caller
    model_id: UUID
    version: ModelVersionRegistered
    alias: str | None
    messages: list[dict[str, Any]]
    options: dict[str, Any]


class ProxiedCall:
    """One running call. It is logged under `id`, however it ends."""

    def __init__(self, request: CallRequest) -> None:
        self._request = request
        self._at, self._started = datetime.now(UTC), time.perf_counter()
        self._randomness = secrets.randbits(RANDOM_BITS)
        self._chunks: asyncio.Queue[dict[str, Any] | Problem | None] = asyncio.Queue(MAX_WAITING_CHUNKS)
        self._response = ResponseAccumulator()

    @property
    def id(self) -> UUID:
        return build_request_id(self._at, self._randomness)

    async def complete(self) -> dict[str, Any]:
        """Ask for the complete answer, and log it. Raises the provider's Problem."""
        request = self._request
        try:
            async with self._provider() as provider:
                answer = await provider.complete(
                    request.version.provider_model, request.messages, options=request.options
                )
        except Problem as problem:
            await self._log(_build_error(problem))
            raise
        self._response.add_complete(answer.raw)
        await self._log(None)
        return answer.raw

    async def stream(self) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the provider's chunks as they arrive. Raises its Problem, also in the middle of the answer."""
        task = _start_task(self._read_provider())
        try:
            while (chunk := await self._chunks.get()) is not None:
                if isinstance(chunk, Problem):
                    raise chunk
                yield chunk
        finally:
            task.cancel()  # no effect once it has ended

    async def _read_provider(self) -> None:
        request, problem = self._request, None
        error: CallError | None = CLIENT_DISCONNECTED  # unless it ends in another way
        try:
            async with self._provider() as provider:
                async for chunk in provider.stream(
                    request.version.provider_model, request.messages, options=request.options
                ):
                    self._response.add_chunk(chunk)
                    async with asyncio.timeout(MAX_CLIENT_WAIT_SECONDS):
                        await self._chunks.put(chunk)
            error = None
        except Problem as raised:
            error, problem = _build_error(raised), raised
        finally:
            # In a task of its own: this one is cancelled as soon as its reader is done.
            _start_task(self._log(error))
        for last in (problem, None):
            await self._chunks.put(last)

    def _provider(self) -> AbstractAsyncContextManager[Provider]:
        request = self._request
        return request.accounts.open(request.caller.workspace_id, request.version.connection_id)

    async def _log(self, error: CallError | None) -> None:
        """Log the call. A failure is only written to our log: the client gets its answer either way."""
        request = self._request
        try:
            call = await self._build_call(error)
            await log_proxied_call(
                request.accounts.ledger, request.caller, call, alias=request.alias, randomness=self._randomness
            )
        except (Problem, *DATABASE_ERRORS) as failure:
            log.warning("call_not_logged", id=str(self.id), because=str(failure)[:300])

    async def _build_call(self, error: CallError | None) -> LoggedCall:
        request, response = self._request, self._response
        cost = response.cost if response.cost is not None else await self._compute_cost()
        user, metadata = request.options.get("user"), request.options.get("metadata")
        return LoggedCall(
            model_id=request.model_id,
            version=request.version.model_version,
            at=self._at,
            input=request.messages,
            output=response.text if response.text is not None or response.tool_calls or error else "",
            tool_calls=response.tool_calls,
            error=error,
            latency_ms=round((time.perf_counter() - self._started) * 1000),
            input_tokens=response.input_tokens,
            output_tokens=response.output_tokens,
            cost=None if cost is None else Cost(amount=round(cost, DECIMAL_PLACES), currency="USD"),
            user_hash=hashlib.sha256(user.encode()).hexdigest() if isinstance(user, str) else None,
            metadata=metadata if isinstance(metadata, dict) else None,
        )

    async def _compute_cost(self) -> Decimal | None:
        """The cost of the counted tokens, by the connection's prices or the catalogue's."""
        request, version = self._request, self._request.version
        try:
            stored = await request.accounts.ledger.get(CONNECTION, request.caller.workspace_id, version.connection_id)
            connection = require_connection(stored.state)
        except NotFound:
            return None
        served = Served(
            connection_id=version.connection_id, provider_model=version.provider_model, base_model=version.base_model
        )
        price = find_price(connection.kind, connection.settings.prices, served)
        return price.of(self._response.input_tokens, self._response.output_tokens) if price else None


def _build_error(problem: Problem) -> CallError:
    return CallError(code=problem.code, message=problem.detail)


def _start_task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
