"""Invite, change, suspend and reinstate members. Whoever holds the workspace last keeps it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec

from service.access.domain import API_KEY, ApiKeyCreated
from service.access.members import domain, queries
from service.access.members.domain import MEMBER, MemberEvent, MemberInvited, MemberState, WayIn
from service.access.sign_in.issuers import Issuer
from service.access.sign_in.queries import list_issuers
from service.errors import Conflict
from service.ledger.decider import PENDING, StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, ResponseRecord

LAST_WAY_IN = (
    "This would leave the workspace without an owner or admin who can come in; first give somebody else the role,"
    " and a key with the scope `admin` or an identity."
)
Decision = Callable[[MemberState | None], Sequence[MemberEvent]]
Respond = Callable[[StreamState[MemberState]], ResponseRecord]


class FirstKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is created with its member."""

    key_id: UUID
    event: ApiKeyCreated
    digest: bytes


async def add_member(
    ledger: Ledger,
    caller: Caller,
    member_id: UUID,
    invited: MemberInvited,
    *,
    key: FirstKey | None = None,
    respond: Callable[[datetime], ResponseRecord] | None = None,
) -> datetime:
    """Add a member, and the first key, in one write. Returns the time of recording. Raises Conflict."""
    entries = [Entry(stream=MEMBER.stream, stream_id=member_id, after=0, event=invited)]
    if key is not None:
        entries.append(Entry(stream=API_KEY.stream, stream_id=key.key_id, after=0, event=key.event))
    attachments = Attachments(secrets=[(key.key_id, key.digest)] if key else [])
    response = respond(PENDING) if respond and caller.claim else None
    written = await ledger.write(caller, Batch(entries=entries, attachments=attachments, response=response))
    return written.recorded_at


async def change_member(
    ledger: Ledger,
    caller: Caller,
    member_id: UUID,
    decide: Decision,
    *,
    issuers: Sequence[Issuer],
    expected: int | None = None,
    respond: Respond | None = None,
) -> StreamState[MemberState]:
    """Change or suspend a member, unless the workspace would have nobody left to hold it. Raises Conflict.

    `issuers` are those whose tokens are accepted: an identity of another one is no way in.
    """

    async def attempt() -> StreamState[MemberState]:
        before = (await ledger.get(MEMBER, caller.workspace_id, member_id)).state
        after = _apply(before, decide(before))
        is_holder = before.role in {"owner", "admin"} and not before.suspended
        if not is_holder or after == before:
            return await ledger.change(MEMBER, member_id, decide, caller=caller, expected=expected, respond=respond)
        closes = partial(domain.is_lost, member_id=member_id, before=before, after=after)
        async with keep_way_in(ledger, caller.workspace_id, issuers=issuers, closes=closes):
            return await ledger.change(MEMBER, member_id, decide, caller=caller, expected=expected, respond=respond)

    return await retry_on_conflict(attempt, subject="who has access")


def _apply(member: MemberState, events: Sequence[MemberEvent]) -> MemberState:
    for event in events:
        member = domain.evolve_member(member, event)
    return member


@asynccontextmanager
async def keep_way_in(
    ledger: Ledger, workspace_id: UUID, *, issuers: Sequence[Issuer], closes: Callable[[WayIn], bool]
) -> AsyncIterator[None]:
    """Close ways in inside of this. Raises Conflict when the workspace would be left alone."""
    names = await list_issuers(ledger.engine, workspace_id, issuers)
    async with queries.lock_access(ledger.engine, workspace_id):
        ways = await queries.load_ways_in(ledger.engine, workspace_id, issuers=names)
        if not domain.is_way_in_left(ways, lost={way for way in ways if closes(way)}):
            raise Conflict(LAST_WAY_IN)
        yield
