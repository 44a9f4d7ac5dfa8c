"""Asking a provider until it answers or the row is lost: in turn, with patience, and never twice for what is made."""

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
from service.providers.provider import Because, Completion, TuningProvider, Unreachable

# How often one question is asked. What took the whole time limit, or came back as rubbish, may have cost money.
MAX_ATTEMPTS: dict[Because, int] = {"busy": 8, "down": 6, "timed_out": 2, "unreadable": 2}
BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 0.5, 20.0
MAX_WAIT_SECONDS = 60.0  # a provider that asks for more is left alone, and the run comes back later
ERROR_CODES: dict[Because, str] = {
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


async def ask_with_retries(line: ProviderSession, question: ProviderRequest, *, doubtful: bool) -> Outcome:
    """Ask until there is an answer or no hope. `doubtful`: somebody may have asked before, and died of it."""
    gate, in_doubt, attempt = line.gate, doubtful, 0
    answers = gate.answers
    chance = random.Random()  # noqa: S311 - spreads retries, keeps no secret
    while True:
        attempt += 1
        tried = await _attempt(line, question, in_doubt=in_doubt)
        outcome = replace(tried, attempts=attempt)
        trouble = outcome.away
        if trouble is None:
            return outcome
        in_doubt = outcome.in_doubt
        wait = max(
            backoff(attempt, base=BACKOFF_SECONDS, cap=MAX_BACKOFF_SECONDS, jitter=chance), trouble.retry_after or 0
        )
        if attempt >= MAX_ATTEMPTS[trouble.because] or wait > MAX_WAIT_SECONDS:
            # Where others were answered meanwhile, the trouble is this row's own.
            alone = gate.answers > answers or trouble.because in ("timed_out", "unreadable")
            return replace(outcome, away=None) if alone else outcome
        if trouble.retry_after:
            gate.hold(wait)
        await asyncio.sleep(wait)


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
