"""`?as_of=`: read the state at a past time or seq; a time is resolved to a seq."""

import re
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_one, fetch_value
from service.errors import Fault, Invalid, NotFound
from service.ledger.decider import Decider, E, StreamState
from service.ledger.store import Ledger

State = TypeVar("State")

AsOf = Annotated[
    str | None,
    QueryParameter(
        max_length=200, description="Read the state at this RFC 3339 time or seq, not in the future. Default: now."
    ),
]
_SEQ = re.compile(r"\d{1,19}", re.ASCII)
_TIME = msgspec.json.Decoder(Annotated[datetime, msgspec.Meta(tz=True)])
_AT_SEQ = "select coalesce((select seq from ledger.heads where workspace_id = $1), 0)"
_AT_TIME = "select ledger.seq_at($1, $2), $2 > clock_timestamp()"


async def resolve_as_of(engine: AsyncEngine, workspace_id: UUID, as_of: str | None) -> int:
    """The last seq at `as_of`: the latest without one, 0 before the first event. Raises Invalid for the future."""
    if as_of is not None and not _SEQ.fullmatch(as_of):
        return await _seq_at_time(engine, workspace_id, as_of)
    head: int = await fetch_value(engine, _AT_SEQ, (workspace_id,))
    if as_of is None:
        return head
    if int(as_of) > head:
        raise _invalid(f"There is no seq {as_of} yet; the last one is {head}.", code="future")
    return int(as_of)


async def get_as_of(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID, *, as_of: str | None
) -> StreamState[State]:
    """The stream's state at `as_of`. Raises NotFound when it did not exist yet."""
    if as_of is None:
        return await ledger.get(decider, workspace_id, stream_id)
    seq = await resolve_as_of(ledger.engine, workspace_id, as_of)
    log = await ledger.load_events(workspace_id, decider.stream, stream_id)
    stored = decider.fold(stream_id, [recorded for recorded in log if recorded.seq <= seq])
    if stored is None:
        raise NotFound(f"No such {decider.stream} as of {as_of}: {stream_id}.")
    return stored


def parse_time(text: str, *, parameter: str = "?as_of", expectation: str = "takes an RFC 3339 time") -> datetime:
    """Parse a time of a query string; the result is in UTC. Raises Invalid."""
    # Clients forget to escape the + of an offset, which then arrives as a space.
    text = text[:11] + text[11:].replace(" ", "+")
    try:
        time: datetime = _TIME.decode(msgspec.json.encode(text)).astimezone(UTC)
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError) as error:
        raise _invalid(f"{parameter[1:]} {expectation}.{_explain_missing_zone(text)}", parameter=parameter) from error
    return time


def _explain_missing_zone(text: str) -> str:
    """Say that only the zone is missing, with the time as it would be right."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return f" The zone is missing: {time.isoformat()}Z." if time.tzinfo is None else ""


async def _seq_at_time(engine: AsyncEngine, workspace_id: UUID, as_of: str) -> int:
    time = parse_time(as_of, expectation="takes an RFC 3339 time such as 2026-03-01T12:00:00Z, or a seq")
    row = await fetch_one(engine, _AT_TIME, (workspace_id, time))
    seq, is_future = row
    if is_future:
        raise _invalid("as_of is in the future.", code="future")
    return int(seq)


def _invalid(detail: str, *, code: str = "invalid", parameter: str = "?as_of") -> Invalid:
    return Invalid(detail, errors=[Fault(pointer=parameter, detail=detail, code=code)])
