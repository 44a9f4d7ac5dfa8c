"""Invite, change, suspend and reinstate members. Whoever holds the workspace last keeps it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec

from service.access.domain import API_KEY, ApiKeyCreated
from service.access.members import domain, queries
from service.access.members.domain import MEMBER, MemberEvent, MemberInvited, MemberState
from service.errors import Conflict
from service.ledger.decider import PENDING, StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, ResponseRecord

LAST_WAY_IN = (
    "This would leave the workspace without an owner's or admin's key that works;"
    " give somebody else the role and a key with the scope `admin` first."
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
    expected: int | None = None,
    respond: Respond | None = None,
) -> StreamState[MemberState]:
    """Change or suspend a member, unless the workspace would have nobody left to hold it. Raises Conflict."""

    async def attempt() -> StreamState[MemberState]:
        before = await ledger.get(MEMBER, caller.workspace_id, member_id)
        is_holder = before.state.role in {"owner", "admin"} and not before.state.suspended
        if not is_holder or not _takes_away(before.state, decide(before.state)):
            return await ledger.change(MEMBER, member_id, decide, caller=caller, expected=expected, respond=respond)
        async with keep_way_in(ledger, caller.workspace_id, member_id=member_id):
            return await ledger.change(MEMBER, member_id, decide, caller=caller, expected=expected, respond=respond)

    return await retry_on_conflict(attempt, subject="who has access")


def _takes_away(member: MemberState, events: Sequence[MemberEvent]) -> bool:
    after = member
    for event in events:
        after = domain.evolve_member(after, event)
    return after.suspended or after.role != member.role


@asynccontextmanager
async def keep_way_in(
    ledger: Ledger, workspace_id: UUID, *, key_id: UUID | None = None, member_id: UUID | None = None
) -> AsyncIterator[None]:
    """Take a key, or all of a member, away inside of this. Raises Conflict when the workspace would be left alone."""
    async with queries.lock_access(ledger.engine, workspace_id):
        keys = await queries.load_admin_keys(ledger.engine, workspace_id)
        lost = {key.key_id for key in keys if key_id == key.key_id or member_id == key.member_id}
        if not domain.is_way_in_left(keys, lost=lost):
            raise Conflict(LAST_WAY_IN)
        yield
