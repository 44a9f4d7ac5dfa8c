"""Runs and their model calls. Pure. A run is also an operation with the same id."""

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
    """`order` holds the settings for this kind of run. `asked_in` is the id of the request, `asked_by` its actor."""

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
    """Answers received before it stay."""


RunEvent = RunRequested | RunAdvanced | RunSucceeded | RunFailed | RunCancelRequested | RunCancelled


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    request: RunRequested
    state: RunStatus = "queued"
    done: int = 0
    total: int | None = None
    cancel_requested: bool = False

    @property
    def finished(self) -> bool:
        return self.state not in OPEN_STATUSES


def evolve_run(run: RunState | None, event: RunEvent) -> RunState:
    if isinstance(event, RunRequested):
        return RunState(request=event, total=event.total)
    assert run is not None  # a stream begins with its request
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
    """Record the progress. Records nothing after the end, or without a change."""
    current = _require_run(run)
    if current.finished or (current.state, current.done, current.total) == ("running", done, total):
        return []
    return [RunAdvanced(done=done, total=total)]


def succeed(run: RunState | None, *, result: dict[str, Any], done: int, total: int | None) -> list[RunEvent]:
    current = _require_run(run)
    return [] if current.finished else [RunSucceeded(result=result, done=done, total=total)]


def fail(run: RunState | None, *, code: str, detail: str) -> list[RunEvent]:
    current = _require_run(run)
    return [] if current.finished else [RunFailed(code=code, detail=detail)]


def cancel(run: RunState | None, *, reason: str | None = None) -> list[RunEvent]:
    """Request a cancel. Repeating it records nothing. Raises NotCancellable if the run has ended."""
    current = _require_run(run)
    if current.state == "cancelled" or (current.cancel_requested and not current.finished):
        return []
    if current.finished:
        raise NotCancellable(f"The run has already ended ({current.state}); it cannot be cancelled.")
    return [RunCancelRequested(reason=reason)]


def confirm_cancel(run: RunState | None) -> list[RunEvent]:
    current = _require_run(run)
    return [] if current.finished else [RunCancelled()]


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
    """Build a run's first event. Write it in one batch with the event that the run is for."""
    return RunRequested(
        kind=kind, order=order, unit=unit, asked_by=asked_by, asked_in=asked_in, resource=resource, total=total
    )


def _require_run(run: RunState | None) -> RunState:
    if run is None:
        raise NotFound("No such run.")
    return run


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """The model that answers: its connection, the provider's name for it, and your model version if it is one."""

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
    """`content` is the digest of the answer, which is stored under the call's own id or under that of `repeats`.

    `cost` is decimal text in `currency`; None if no price is known. `latency_ms` is that of the attempt that answered.
    `in_doubt`: the answer to an earlier attempt may have been lost after it was paid for.
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
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    provider_request_id: str | None = None


class CallFailed(Event):
    """There is no usable answer. `content` is the digest of the text the model returned instead, if any.

    `provider_code` is the provider's own code where it refused.
    """

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
    finish_reason: str | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    provider_code: str | None = None
    provider_request_id: str | None = None


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
    """Derive the id of a run's question: always the same, so a question is recorded once."""
    return uuid5(run_id, key)


def build_reuse_key(*parts: Any) -> str:
    """Hash what makes two questions equal: ids, versions, digests, settings; no texts, since a hash reveals them."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
