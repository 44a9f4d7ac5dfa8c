"""Ask a provider, with retries. If an answer was lost on the way, fetch it instead of paying again."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import NotFound, ProviderRefused
from service.ledger.retry import backoff
from service.providers.abilities import Provider
from service.providers.provider import Completion, ErrorReply, Refused, Unreachable, UnreachableReason

# Attempts for one question. A timeout or an unreadable answer may have cost money, so these are retried once only.
MAX_ATTEMPTS: dict[UnreachableReason, int] = {"busy": 8, "down": 6, "timed_out": 2, "unreadable": 2}
BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 0.5, 20.0
CONNECTION_GONE = "The connection was deleted."
MAX_WAIT_SECONDS = 60.0  # if a provider asks for a longer wait, the run is suspended
ERROR_CODES: dict[UnreachableReason, str] = {
    "busy": "provider_unavailable",
    "down": "provider_unavailable",
    "timed_out": "timed_out",
    "unreadable": "not_readable",
}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a question ended: a completion, or an error code and detail, and the provider's own error if it sent one.

    `unreachable`: asking again later may help.
    """

    completion: Completion | None
    attempts: int = 0
    latency_ms: int = 0
    code: str | None = None
    detail: str | None = None
    in_doubt: bool = False
    unreachable: Unreachable | None = None
    reply: ErrorReply | None = None


class ConnectionLimiter:
    """Limits concurrent requests to one connection, and pauses all of them when the provider asks to wait."""

    def __init__(self, concurrency: int) -> None:
        self.answers = 0
        self._slots = asyncio.Semaphore(concurrency)
        self._paused_until = 0.0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        async with self._slots:
            await asyncio.sleep(self._paused_until - asyncio.get_running_loop().time())
            yield

    def pause(self, seconds: float) -> None:
        """Hold back new requests: a provider's wish to wait holds for the whole connection."""
        self._paused_until = max(self._paused_until, asyncio.get_running_loop().time() + seconds)


class ConnectionLimiters:
    """The limiters of this process, by connection and its concurrency."""

    def __init__(self) -> None:
        self._limiters: dict[tuple[UUID, int], ConnectionLimiter] = {}

    def get(self, connection_id: UUID, concurrency: int) -> ConnectionLimiter:
        return self._limiters.setdefault((connection_id, concurrency), ConnectionLimiter(concurrency))


class ProviderSession(msgspec.Struct, frozen=True, kw_only=True):
    """How a run asks a connection's provider. `stores_answers`: a lost answer can be fetched again by its token.

    `open` is called for each question, so that a secret that is replaced meanwhile is used at once.
    """

    open: Callable[[], AbstractAsyncContextManager[Provider]]
    limiter: ConnectionLimiter
    stores_answers: bool
    kind: str
    prices: dict[str, Any]


class ProviderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A question as sent. By `token` a provider that stores answers finds this one again."""

    model: str
    messages: tuple[dict[str, Any], ...]
    max_tokens: int | None
    temperature: float | None
    options: dict[str, Any]
    schema: dict[str, Any] | None
    token: str


class RetryState(msgspec.Struct, kw_only=True):
    """`in_doubt`: an answer may have been lost. `answers_before`: the connection's answers when asking began."""

    in_doubt: bool
    answers_before: int
    jitter: random.Random


async def ask_with_retries(session: ProviderSession, request: ProviderRequest, *, in_doubt: bool) -> Outcome:
    """Ask until there is an answer, or another attempt is no use. `in_doubt`: it may have been asked before."""
    jitter = random.Random()  # noqa: S311 - spreads retries, keeps no secret
    state = RetryState(in_doubt=in_doubt, answers_before=session.limiter.answers, jitter=jitter)
    for attempt in range(1, max(MAX_ATTEMPTS.values()) + 1):
        outcome = replace(await _attempt(session, request, in_doubt=state.in_doubt), attempts=attempt)
        if outcome.unreachable is None:
            return outcome
        state.in_doubt = outcome.in_doubt
        wait = _wait_seconds(attempt, outcome.unreachable, state)
        if attempt >= MAX_ATTEMPTS[outcome.unreachable.because] or wait > MAX_WAIT_SECONDS:
            break
        if outcome.unreachable.retry_after:
            session.limiter.pause(wait)
        await asyncio.sleep(wait)
    return replace(outcome, unreachable=None) if _is_own_fault(outcome.unreachable, session, state) else outcome


def _wait_seconds(attempt: int, error: Unreachable, state: RetryState) -> float:
    delay = backoff(attempt, base=BACKOFF_SECONDS, cap=MAX_BACKOFF_SECONDS, jitter=state.jitter)
    return max(delay, error.retry_after or 0)


def _is_own_fault(error: Unreachable | None, session: ProviderSession, state: RetryState) -> bool:
    """Whether only this question fails: others were answered meanwhile, or the provider did react."""
    others_answered = session.limiter.answers > state.answers_before
    return error is not None and (others_answered or error.because in ("timed_out", "unreadable"))


async def _attempt(session: ProviderSession, request: ProviderRequest, *, in_doubt: bool) -> Outcome:
    """Ask once, or fetch the answer to an earlier attempt."""
    async with session.limiter.slot():
        clock = asyncio.get_running_loop()
        started = clock.time()
        try:
            async with session.open() as provider:
                completion = None
                if in_doubt and session.stores_answers:
                    completion, in_doubt = await _find_earlier(provider, request)
                completion = completion or await _complete(provider, request)
        except NotFound:
            return Outcome(completion=None, code="connection_gone", detail=CONNECTION_GONE, in_doubt=in_doubt)
        except ProviderRefused as error:
            failed = Outcome(completion=None, code="provider_refused", detail=error.detail, in_doubt=in_doubt)
            reply = error.reply if isinstance(error, Refused) else None
            return replace(failed, reply=reply, latency_ms=_to_ms(clock.time() - started))
        except Unreachable as error:
            in_doubt = in_doubt or error.provider_status is None
            failed = Outcome(completion=None, code=ERROR_CODES[error.because], detail=error.detail, in_doubt=in_doubt)
            return replace(failed, unreachable=error, reply=error.reply, latency_ms=_to_ms(clock.time() - started))
        session.limiter.answers += 1
        return Outcome(completion=completion, latency_ms=_to_ms(clock.time() - started), in_doubt=in_doubt)


async def _complete(provider: Provider, request: ProviderRequest) -> Completion:
    return await provider.complete(
        request.model,
        request.messages,
        max_tokens=request.max_tokens,
        temperature=request.temperature,
        options=request.options,
        schema=request.schema,
        token=request.token,
    )


async def _find_earlier(provider: Provider, request: ProviderRequest) -> tuple[Completion | None, bool]:
    """Find the answer to an earlier attempt. True beside it: still in doubt, since this server stores no answers."""
    try:
        return await provider.find_completion(request.token), False
    except ProviderRefused:
        return None, True


def _to_ms(seconds: float) -> int:
    return round(seconds * 1000)
