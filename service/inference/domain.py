"""A run: long work that asks models. It shows as an operation of its id, and goes on where it was after a crash."""

import hashlib
from typing import Any, Literal, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from service.errors import NotFound
from service.ledger.decider import Decider, Event
from service.operations.domain import NotCancellable

RunStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
OPEN_STATUSES: tuple[RunStatus, ...] = ("queued", "running")


class RunRequested(Event):
    """`order` is what the kind of work needs to know; every event of the run is traced to the request `asked_in`."""

    kind: str
    order: dict[str, Any]
    unit: str
    asked_by: str
    asked_in: str
    resource: str | None = None
    total: int | None = None


class RunAdvanced(Event):
    done: int
    total: int | None = None


class RunSucceeded(Event):
    result: dict[str, Any]
    done: int
    total: int | None = None


class RunFailed(Event):
    code: str
    detail: str


class RunCancelRequested(Event):
    reason: str | None = None


class RunCancelled(Event):
    """What was answered until then is kept."""


RunEvent = RunRequested | RunAdvanced | RunSucceeded | RunFailed | RunCancelRequested | RunCancelled


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    asked: RunRequested
    state: RunStatus = "queued"
    done: int = 0
    total: int | None = None
    cancel_requested: bool = False

    @property
    def finished(self) -> bool:
        return self.state not in OPEN_STATUSES


def evolve_run(run: RunState | None, event: RunEvent) -> RunState:
    if isinstance(event, RunRequested):
        return RunState(asked=event, total=event.total)
    assert run is not None  # noqa: S101 - a stream begins with its request
    match event:
        case RunAdvanced():
            return replace(run, state="running", done=event.done, total=event.total)
        case RunSucceeded():
            return replace(run, state="succeeded", done=event.done, total=event.total)
        case RunFailed():
            return replace(run, state="failed")
        case RunCancelRequested():
            return replace(run, cancel_requested=True)
        case RunCancelled():
            return replace(run, state="cancelled")
        case _:
            assert_never(event)


RUN: Decider[RunState, RunEvent] = Decider(
    "run",
    events=(RunRequested, RunAdvanced, RunSucceeded, RunFailed, RunCancelRequested, RunCancelled),
    evolve=evolve_run,
)


def advance(run: RunState | None, *, done: int, total: int | None) -> list[RunEvent]:
    """How far it is. After its end, and when nothing has moved, it records nothing."""
    before = _require_run(run)
    if before.finished or (before.state, before.done, before.total) == ("running", done, total):
        return []
    return [RunAdvanced(done=done, total=total)]


def succeed(run: RunState | None, *, result: dict[str, Any], done: int, total: int | None) -> list[RunEvent]:
    before = _require_run(run)
    return [] if before.finished else [RunSucceeded(result=result, done=done, total=total)]


def fail(run: RunState | None, *, code: str, detail: str) -> list[RunEvent]:
    before = _require_run(run)
    return [] if before.finished else [RunFailed(code=code, detail=detail)]


def cancel(run: RunState | None, *, reason: str | None = None) -> list[RunEvent]:
    """Ask it to stop. Asking again records nothing; raises NotCancellable once it has ended otherwise."""
    before = _require_run(run)
    if before.state == "cancelled" or (before.cancel_requested and not before.finished):
        return []
    if before.finished:
        raise NotCancellable(f"The run has already {before.state}.")
    return [RunCancelRequested(reason=reason)]


def confirm_cancel(run: RunState | None) -> list[RunEvent]:
    before = _require_run(run)
    return [] if before.finished else [RunCancelled()]


def build_run_request(
    *,
    kind: str,
    order: dict[str, Any],
    asked_by: str,
    asked_in: str,
    resource: str | None = None,
    total: int | None = None,
    unit: str = "rows",
) -> RunRequested:
    """The first event of a run, to be written in one batch with the event of what it works for."""
    return RunRequested(
        kind=kind, order=order, unit=unit, asked_by=asked_by, asked_in=asked_in, resource=resource, total=total
    )


def _require_run(run: RunState | None) -> RunState:
    if run is None:
        raise NotFound("No such run.")
    return run


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What answers: a model of a connection by the provider's name, and which version of ours that is, if it is one."""

    connection_id: UUID
    """The connection that answers."""
    provider_model: str
    """The model, by the provider's name."""
    base_model: str | None = None
    """The base model, by the provider's name; null when unknown."""
    model_id: UUID | None = None
    """Your model; null for a base model."""
    model_version: str | None = None
    """The version of your model; null for a base model."""


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


class CallState(msgspec.Struct, frozen=True, kw_only=True):
    ended: CallEvent


def evolve_call(_: CallState | None, event: CallEvent) -> CallState:
    match event:
        case CallAnswered() | CallFailed():
            return CallState(ended=event)
        case _:
            assert_never(event)


CALL: Decider[CallState, CallEvent] = Decider("call", events=(CallAnswered, CallFailed), evolve=evolve_call)


def derive_call_id(run_id: UUID, key: str) -> UUID:
    """The same for the same question of a run, whoever asks it and however often."""
    return uuid5(run_id, key)


def build_reuse_key(*parts: Any) -> str:
    """A name for the same question: of ids, versions, digests and settings, never of a text: its hash tells it."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
