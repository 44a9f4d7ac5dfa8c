"""Pass a chat completion on to the model's provider, and log it.

A task of its own reads a stream. When the client disconnects, the task is cancelled, which stops the provider; the call
is logged with the text received by then.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import structlog

from service.connections.accounts import Accounts
from service.database.engine import DATABASE_ERRORS
from service.errors import Problem
from service.ledger.store import Caller
from service.monitoring.money import DECIMAL_PLACES
from service.monitoring.proxy.call_target import CallTarget
from service.monitoring.proxy.openai_errors import get_reply
from service.monitoring.proxy.response_accumulator import ResponseAccumulator
from service.monitoring.requests.identities import RANDOM_BITS, build_request_id
from service.monitoring.requests.ingest import log_proxied_call
from service.monitoring.requests.schemas import CallError, Cost, LoggedCall
from service.monitoring.version_lookup import ModelVersions
from service.providers.abilities import Provider
from service.providers.provider import REQUEST_ID, ErrorReply

MAX_WAITING_CHUNKS = 16  # read before the client reads them
MAX_CLIENT_WAIT_SECONDS = 60.0  # for a client that stopped reading but stays connected
LOG_SECONDS = 5.0  # at the end of the process, for the last calls
CLIENT_DISCONNECTED = CallError(code="client_disconnected", message="The client disconnected before the answer ended.")
COPIED_FIGURES = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "finish_reason")

log = structlog.get_logger(__name__)
# Strong references: the event loop itself holds tasks by weak references only.
_running: set[asyncio.Task[None]] = set()
_logs: set[asyncio.Task[None]] = set()


class CallRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A chat completion for a model version; `options` are the further fields of the request, by OpenAI's names."""

    accounts: Accounts
    caller: Caller
    target: CallTarget
    messages: list[dict[str, Any]]
    options: dict[str, Any]


class ProxiedCall:
    """One running call. It is logged under `id`, however it ends. `headers`: those of the provider to pass on."""

    def __init__(self, request: CallRequest) -> None:
        self.headers: Mapping[str, str] = {}
        self._request = request
        self._at, self._started = datetime.now(UTC), time.perf_counter()
        self._randomness = secrets.randbits(RANDOM_BITS)
        self._chunks: asyncio.Queue[dict[str, Any] | Problem | None] = asyncio.Queue(MAX_WAITING_CHUNKS)
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Task[None] | None = None
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
                    request.target.served.provider_model, request.messages, options=request.options
                )
        except Problem as problem:
            _start_log(self._log(problem))
            raise
        self.headers = answer.headers
        self._response.add_complete(answer.raw)
        _start_log(self._log(None))
        return answer.raw

    async def open_stream(self) -> AsyncIterator[dict[str, Any]]:
        """Ask, and return the chunks once the provider has accepted the request. Raises its Problem if it has not.

        The chunks raise its Problem in the middle of an answer. Call `stop` at the end, also when they were not read.
        """
        self._reader = _start_task(self._read_provider())
        await self._opened
        return self._read_chunks()

    async def stop(self) -> None:
        """Stop the provider's stream; no effect once it has ended."""
        if self._reader is not None:
            self._reader.cancel()

    async def _read_chunks(self) -> AsyncIterator[dict[str, Any]]:
        try:
            while (chunk := await self._chunks.get()) is not None:
                if isinstance(chunk, Problem):
                    raise chunk
                yield chunk
        finally:
            await self.stop()

    async def _read_provider(self) -> None:
        error: Problem | CallError | None = CLIENT_DISCONNECTED  # unless it ends in another way
        try:
            async with self._provider() as provider:
                await self._pass_chunks(provider)
            error = None
        except Problem as problem:
            error = problem
        except TimeoutError:
            return  # the client has stopped reading
        finally:
            # In a task of its own: this one is cancelled as soon as its reader is done.
            _start_log(self._log(error))
        if isinstance(error, Problem) and not self._opened.done():
            self._opened.set_exception(error)
            return
        self._mark_opened(self.headers)
        for last in (error, None):
            await self._chunks.put(last)

    async def _pass_chunks(self, provider: Provider) -> None:
        request = self._request
        stream = provider.stream(
            request.target.served.provider_model, request.messages, options=request.options, opened=self._mark_opened
        )
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                self._response.add_chunk(chunk)
                async with asyncio.timeout(MAX_CLIENT_WAIT_SECONDS):
                    await self._chunks.put(chunk)

    def _mark_opened(self, headers: Mapping[str, str]) -> None:
        self.headers = headers
        if not self._opened.done():
            self._opened.set_result(None)

    def _provider(self) -> AbstractAsyncContextManager[Provider]:
        request, target = self._request, self._request.target
        return request.accounts.open(
            request.caller.workspace_id, target.served.connection_id, version=target.connection_version
        )

    async def _log(self, error: Problem | CallError | None) -> None:
        """Log the call. A failure is only written to our log: the client gets its answer either way."""
        request, target = self._request, self._request.target
        reply = get_reply(error) if isinstance(error, Problem) else None
        try:
            call = self._build_call(_build_error(error, reply) if isinstance(error, Problem) else error)
            if reply is not None and reply.request_id:
                call = msgspec.structs.replace(call, provider_request_id=reply.request_id)
            await log_proxied_call(
                request.accounts.ledger,
                request.caller,
                call,
                ModelVersions(versions=frozenset({target.version}), moves={}, schema=target.output_schema),
                alias=target.alias,
                randomness=self._randomness,
            )
        except (Problem, *DATABASE_ERRORS) as failure:
            log.warning("call_not_logged", id=str(self.id), because=str(failure)[:300])

    def _build_call(self, error: CallError | None) -> LoggedCall:
        request, response = self._request, self._response
        cost = response.cost if response.cost is not None else self._compute_cost()
        user, metadata = request.options.get("user"), request.options.get("metadata")
        tools = request.options.get("tools")
        return LoggedCall(
            model_id=request.target.model_id,
            version=request.target.version,
            at=self._at,
            input=request.messages,
            output=response.text if response.text is not None or response.tool_calls or error else "",
            tool_calls=response.tool_calls,
            tools=tools if isinstance(tools, list) and tools else None,
            error=error,
            latency_ms=round((time.perf_counter() - self._started) * 1000),
            **{name: getattr(response, name) for name in COPIED_FIGURES},
            provider_request_id=self.headers.get(REQUEST_ID),
            cost=None if cost is None else Cost(amount=round(cost, DECIMAL_PLACES), currency="USD"),
            user_hash=hashlib.sha256(user.encode()).hexdigest() if isinstance(user, str) else None,
            metadata=metadata if isinstance(metadata, dict) else None,
        )

    def _compute_cost(self) -> Decimal | None:
        """The cost of the counted tokens, by the connection's prices or the catalogue's."""
        price = self._request.target.price
        return price.of(self._response.input_tokens, self._response.output_tokens) if price else None


def _build_error(problem: Problem, reply: ErrorReply | None) -> CallError:
    provider_code = (reply.code or reply.type) if reply else None
    return CallError(code=problem.code, message=problem.detail, provider_code=provider_code)


async def wait_for_logs() -> None:
    """Wait until the calls that have ended are logged, but not for ever."""
    if _logs:
        await asyncio.wait(_logs, timeout=LOG_SECONDS)


def _start_log(work: Coroutine[Any, Any, None]) -> None:
    task = _start_task(work)
    _logs.add(task)
    task.add_done_callback(_logs.discard)


def _start_task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
