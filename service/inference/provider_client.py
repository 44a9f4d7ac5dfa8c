"""Ask a provider with retries. An answer that was lost on the way is fetched again, not paid for again."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import ProviderRefused
from service.ledger.retry import backoff
from service.providers.provider import Completion, TuningProvider, Unreachable, UnreachableReason

# How often one question is asked. What took the whole time limit, or came back as rubbish, may have cost money.
MAX_ATTEMPTS: dict[UnreachableReason, int] = {"busy": 8, "down": 6, "timed_out": 2, "unreadable": 2}
BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 0.5, 20.0
MAX_WAIT_SECONDS = 60.0  # a provider that asks for more is left alone, and the run comes back later
ERROR_CODES: dict[UnreachableReason, str] = {
    "busy": "provider_unavailable",
    "down": "provider_unavailable",
    "timed_out": "timed_out",
    "unreadable": "not_readable",
}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a question ended: with a completion, or with a code and the words of who refused."""

    completion: Completion | None
    attempts: int = 0
    latency_ms: int = 0
    code: str | None = None
    detail: str | None = None
    in_doubt: bool = False
    away: Unreachable | None = None


class ConnectionLimiter:
    """The way to one connection: so many at once, and nobody while it asks us to wait."""

    def __init__(self, most: int) -> None:
        self.answers = 0
        self._slots = asyncio.Semaphore(most)
        self._until = 0.0

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        async with self._slots:
            await asyncio.sleep(self._until - asyncio.get_running_loop().time())
            yield

    def hold(self, seconds: float) -> None:
        """Nobody passes for so long: the provider said so to one of us, and means all."""
        self._until = max(self._until, asyncio.get_running_loop().time() + seconds)


class ConnectionLimiters:
    """The gates of this process, by connection and by how many it lets through."""

    def __init__(self) -> None:
        self._gates: dict[tuple[UUID, int], ConnectionLimiter] = {}

    def of(self, connection_id: UUID, most: int) -> ConnectionLimiter:
        return self._gates.setdefault((connection_id, most), ConnectionLimiter(most))


class ProviderSession(msgspec.Struct, frozen=True, kw_only=True):
    """An open connection to a provider. `keeps`: an answer that was lost on its way can be found there again."""

    provider: TuningProvider
    gate: ConnectionLimiter
    keeps: bool
    kind: str
    prices: dict[str, Any]


class ProviderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent; `token` is how a provider that keeps answers knows this one again."""

    model: str
    messages: tuple[dict[str, Any], ...]
    max_tokens: int | None
    temperature: float | None
    options: dict[str, Any]
    schema: dict[str, Any] | None
    token: str


class RetryState(msgspec.Struct, kw_only=True):
    """What earlier attempts left: the doubt about a lost answer, and the answers counted when asking began."""

    in_doubt: bool
    answers_before: int
    jitter: random.Random


async def ask_with_retries(session: ProviderSession, request: ProviderRequest, *, doubtful: bool) -> Outcome:
    """Ask until there is an answer or no hope. `doubtful`: an earlier worker may have asked and lost the answer."""
    jitter = random.Random()  # noqa: S311 - spreads retries, keeps no secret
    state = RetryState(in_doubt=doubtful, answers_before=session.gate.answers, jitter=jitter)
    for attempt in range(1, max(MAX_ATTEMPTS.values()) + 1):
        outcome = replace(await _attempt(session, request, in_doubt=state.in_doubt), attempts=attempt)
        if outcome.away is None:
            return outcome
        state.in_doubt = outcome.in_doubt
        wait = _wait_seconds(attempt, outcome.away, state)
        if attempt >= MAX_ATTEMPTS[outcome.away.because] or wait > MAX_WAIT_SECONDS:
            break
        if outcome.away.retry_after:
            session.gate.hold(wait)
        await asyncio.sleep(wait)
    return replace(outcome, away=None) if _is_own_fault(outcome.away, session, state) else outcome


def _wait_seconds(attempt: int, error: Unreachable, state: RetryState) -> float:
    delay = backoff(attempt, base=BACKOFF_SECONDS, cap=MAX_BACKOFF_SECONDS, jitter=state.jitter)
    return max(delay, error.retry_after or 0)


def _is_own_fault(error: Unreachable | None, session: ProviderSession, state: RetryState) -> bool:
    """Whether only this question fails: others were answered meanwhile, or the provider did react."""
    others_answered = session.gate.answers > state.answers_before
    return error is not None and (others_answered or error.because in ("timed_out", "unreadable"))


async def _attempt(line: ProviderSession, question: ProviderRequest, *, in_doubt: bool) -> Outcome:
    """One attempt. `away` is why another one may help."""
    async with line.gate.passed():
        clock = asyncio.get_running_loop()
        began = clock.time()
        try:
            said = None
            if in_doubt and line.keeps:
                said, in_doubt = await _find_earlier(line.provider, question)
            said = said or await _complete(line.provider, question)
        except ProviderRefused as refused:
            lost = Outcome(completion=None, code="provider_refused", detail=refused.detail, in_doubt=in_doubt)
            return replace(lost, latency_ms=_to_ms(clock.time() - began))
        except Unreachable as trouble:
            doubt = in_doubt or trouble.provider_status is None
            lost = Outcome(completion=None, code=ERROR_CODES[trouble.because], detail=trouble.detail, in_doubt=doubt)
            return replace(lost, away=trouble, latency_ms=_to_ms(clock.time() - began))
        line.gate.answers += 1
        return Outcome(completion=said, latency_ms=_to_ms(clock.time() - began), in_doubt=in_doubt)


async def _complete(provider: TuningProvider, question: ProviderRequest) -> Completion:
    return await provider.complete(
        question.model,
        question.messages,
        max_tokens=question.max_tokens,
        temperature=question.temperature,
        options=question.options,
        schema=question.schema,
        token=question.token,
    )


async def _find_earlier(provider: TuningProvider, question: ProviderRequest) -> tuple[Completion | None, bool]:
    """What an earlier attempt has made, and whether that is still in doubt: a server may keep no answers after all."""
    try:
        return await provider.find_completion(question.token), False
    except ProviderRefused:
        return None, True


def _to_ms(seconds: float) -> int:
    return round(seconds * 1000)
