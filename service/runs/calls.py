"""A call: one question to a model within a run, and how it ended. Its id follows from the run and a key."""

import hashlib
from typing import Any, assert_never
from uuid import UUID, uuid5

import msgspec

from service.ledger.decider import Decider, Event


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What answers: a model of a connection by the provider's name, and which version of ours that is, if it is one."""

    connection_id: UUID
    provider_model: str
    base_model: str | None = None
    model_id: UUID | None = None
    model_version: str | None = None


class CallAnswered(Event):
    """`content` is the answer's digest; its text lies beside the log, under the call's own id or that of `repeats`.

    `cost` in `currency`, as a decimal text; absent where no price is known. `seconds` are spent on the attempt that
    answered. `in_doubt`: an earlier attempt may have been answered and lost, so it may have been paid for.
    """

    run_id: UUID
    key: str
    served: Served
    content: str
    attempts: int
    latency_ms: int
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: str | None = None
    currency: str = "USD"
    reuse: str | None = None
    repeats: UUID | None = None
    in_doubt: bool = False


class CallFailed(Event):
    """There is no answer to be used. `content` is the digest of what the model said instead, if it said a thing."""

    run_id: UUID
    key: str
    served: Served
    code: str
    detail: str
    attempts: int
    latency_ms: int = 0
    content: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: str | None = None
    currency: str = "USD"
    in_doubt: bool = False


CallEvent = CallAnswered | CallFailed


class Call(msgspec.Struct, frozen=True, kw_only=True):
    ended: CallEvent


def evolve(_: Call | None, event: CallEvent) -> Call:
    match event:
        case CallAnswered() | CallFailed():
            return Call(ended=event)
        case _:
            assert_never(event)


CALL: Decider[Call, CallEvent] = Decider("call", events=(CallAnswered, CallFailed), evolve=evolve)


def call_id(run_id: UUID, key: str) -> UUID:
    """The same for the same question of a run, whoever asks it and however often."""
    return uuid5(run_id, key)


def reuse_key(*parts: Any) -> str:
    """A name for the same question: of ids, versions, digests and settings, never of a text: its hash tells it."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
