"""Check a call and build its row: find its version, and validate its output."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from service.errors import Fault
from service.monitoring.money import DECIMAL_PLACES, MAX_AMOUNT, is_storable, to_units
from service.monitoring.requests.identities import RANDOM_BITS, build_request_id, digest_client_id
from service.monitoring.requests.schemas import LoggedCall
from service.monitoring.version_lookup import ModelVersions
from service.tasks.schema_checks import NOT_CHECKED, check_outputs

MAX_CLOCK_SKEW = timedelta(minutes=5)  # how far a caller's clock may be ahead of ours
# Bounds the number of monthly partitions that calls with wrong years can create.
MAX_AGE = timedelta(days=3 * 366)


class RequestRow(NamedTuple):
    """A row to insert; its fields are in the order of the arrays in INSERT_SQL."""

    at: datetime
    id: UUID
    digest: UUID | None
    client_id: str | None
    model_id: UUID
    model_version: str
    alias: str | None
    latency_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: int | None
    currency: str | None
    error_code: str | None
    valid: bool | None
    user_hash: str | None
    input: str
    output: str | None
    tool_calls: str | None
    error: str | None
    metadata: str | None
    tools: str | None
    finish_reason: str | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    provider_code: str | None
    provider_request_id: str | None


class CallContext(msgspec.Struct, frozen=True, kw_only=True):
    """What calls are checked against: the models, the time, and the oldest call that retention keeps."""

    models: dict[UUID, ModelVersions]
    now: datetime
    oldest_kept: datetime | None


def build_row(
    call: LoggedCall, context: CallContext, *, randomness: int, valid: bool | None
) -> RequestRow | list[Fault]:
    """The row, or all faults of the call; pointers are relative to the call. `valid`: from `check_calls`."""
    at = call.at or context.now
    model = context.models.get(call.model_id)
    version = model.version_at(at, version=call.version, alias=call.alias) if model else None
    faults = list(_find_faults(call, at, context))
    if model is None:
        faults.append(Fault(pointer="/model_id", detail=f"No such model: {call.model_id}.", code="no_such_model"))
    if isinstance(version, Fault):
        faults.append(version)
    if faults or model is None or not isinstance(version, str):
        return faults
    try:
        return _fill_row(call, at, version, valid=valid, randomness=randomness)
    except RecursionError:
        return [Fault(detail="The call is nested too deeply.", code="too_deep")]


async def check_calls(
    workspace_id: UUID, calls: Sequence[LoggedCall], models: Mapping[UUID, ModelVersions]
) -> list[bool | None]:
    """Whether each output matches its task's schema; None without a schema, or when that takes too long to find out."""
    valid: list[bool | None] = [None] * len(calls)
    positions: dict[bytes, list[int]] = {}
    for position, call in enumerate(calls):
        model = models.get(call.model_id)
        if model is not None and model.schema is not None and call.error is None and call.output is not None:
            positions.setdefault(model.schema, []).append(position)
    for schema, those in positions.items():
        outputs = [calls[position].output or "" for position in those]
        for position, faults in zip(those, await check_outputs(workspace_id, schema, outputs), strict=True):
            is_unknown = bool(faults) and faults[0].code == NOT_CHECKED
            valid[position] = None if is_unknown else not faults
    return valid


def _find_faults(call: LoggedCall, at: datetime, context: CallContext) -> Iterator[Fault]:
    if at > context.now + MAX_CLOCK_SKEW:
        yield Fault(pointer="/at", detail="This time is in the future.", code="future")
    if at < context.now - MAX_AGE:
        yield Fault(
            pointer="/at",
            detail=f"This call is too old: only calls of the last {MAX_AGE.days} days can be logged.",
            code="too_old",
        )
    elif context.oldest_kept is not None and at < context.oldest_kept:
        yield Fault(pointer="/at", detail="This call is older than the workspace's retention.", code="too_old")
    if call.cost is not None and not is_storable(call.cost.amount):
        detail = f"A cost has to be from 0 to less than {MAX_AMOUNT:,}, with at most {DECIMAL_PLACES} decimal places."
        yield Fault(pointer="/cost/amount", detail=detail)
    if call.output is None and call.tool_calls is None and call.error is None:
        detail = "Give at least one of output, tool_calls and error."
        yield Fault(pointer="/output", detail=detail, code="required")


def _fill_row(call: LoggedCall, at: datetime, version: str, *, valid: bool | None, randomness: int) -> RequestRow:
    return RequestRow(
        at=at,
        id=build_request_id(at, randomness % 2**RANDOM_BITS),
        digest=digest_client_id(call.client_id) if call.client_id is not None else None,
        client_id=call.client_id,
        model_id=call.model_id,
        model_version=version,
        alias=call.alias,
        latency_ms=call.latency_ms,
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        cost=to_units(call.cost.amount) if call.cost else None,
        currency=call.cost.currency if call.cost else None,
        error_code=call.error.code if call.error else None,
        valid=valid,
        user_hash=call.user_hash,
        input=_encode(call.input) or "",
        output=_encode(call.output),
        tool_calls=_encode(call.tool_calls),
        error=_encode(call.error.message) if call.error else None,
        metadata=_encode(call.metadata),
        tools=_encode(call.tools or None),
        finish_reason=call.finish_reason,
        cached_tokens=call.cached_tokens,
        reasoning_tokens=call.reasoning_tokens,
        provider_code=call.error.provider_code if call.error else None,
        provider_request_id=call.provider_request_id,
    )


def _encode(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
