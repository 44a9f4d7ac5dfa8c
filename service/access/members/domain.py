"""Members: who acts in a workspace. The name is for ever, since the log, ratings and labels know a member by it."""

import unicodedata
from typing import assert_never
from uuid import UUID

import msgspec

from service.access.actors import fold_name, is_reserved
from service.access.domain import MemberKind, Role
from service.access.roles import Authority
from service.errors import Fault, HoldsMore, Invalid, NotFound
from service.ledger.decider import Decider, Event, require_state

MAX_NAME = 200


class MemberInvited(Event):
    name: str
    compared_as: str
    kind: MemberKind
    role: Role
    email: str | None = None
    issuer: str | None = None
    subject: str | None = None


class MemberChanged(Event):
    """All that can change, as it is now."""

    kind: MemberKind
    role: Role
    email: str | None = None
    reason: str | None = None


class MemberSuspended(Event):
    reason: str | None = None


class MemberReinstated(Event):
    reason: str | None = None


class MemberIdentityLinked(Event):
    """Tokens of the issuer with this subject are the member's, and no others."""

    issuer: str
    subject: str


class MemberIdentityUnlinked(Event):
    """No token is the member's any more."""


MemberEvent = (
    MemberInvited | MemberChanged | MemberSuspended | MemberReinstated | MemberIdentityLinked | MemberIdentityUnlinked
)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is elsewhere: the subject that an issuer's tokens name."""

    issuer: str
    """The issuer, as its tokens name it in `iss`."""
    subject: str
    """The subject, as the tokens name it in `sub`."""


class MemberState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: MemberKind
    role: Role
    email: str | None
    suspended: bool = False
    identity: Identity | None = None


def evolve_member(member: MemberState | None, event: MemberEvent) -> MemberState:
    match event:
        case MemberInvited():
            identity = Identity(issuer=event.issuer, subject=event.subject) if event.issuer and event.subject else None
            return MemberState(name=event.name, kind=event.kind, role=event.role, email=event.email, identity=identity)
        case MemberChanged(kind=kind, role=role, email=email):
            return msgspec.structs.replace(require_state(member), kind=kind, role=role, email=email)
        case MemberSuspended():
            return msgspec.structs.replace(require_state(member), suspended=True)
        case MemberReinstated():
            return msgspec.structs.replace(require_state(member), suspended=False)
        case MemberIdentityLinked(issuer=issuer, subject=subject):
            identity = Identity(issuer=issuer, subject=subject)
            return msgspec.structs.replace(require_state(member), identity=identity)
        case MemberIdentityUnlinked():
            return msgspec.structs.replace(require_state(member), identity=None)
        case _:
            assert_never(event)


MEMBER: Decider[MemberState, MemberEvent] = Decider(
    "member",
    events=(
        MemberInvited,
        MemberChanged,
        MemberSuspended,
        MemberReinstated,
        MemberIdentityLinked,
        MemberIdentityUnlinked,
    ),
    evolve=evolve_member,
)


def invite(*, name: str, kind: MemberKind, role: Role, email: str | None, by: Authority) -> MemberInvited:
    """Make somebody a member. Raises Invalid for a name nobody may bear, HoldsMore for a role above the inviter's."""
    check_role(role, by)
    return name_member(name, kind=kind, role=role, email=email)


def name_member(name: str, *, kind: MemberKind, role: Role, email: str | None = None) -> MemberInvited:
    """Make the event of a new member of this name. Raises Invalid."""
    trimmed = check_name(name)
    return MemberInvited(name=trimmed, compared_as=fold_name(trimmed), kind=kind, role=role, email=email)


def check_name(name: str) -> str:
    """Trim the name. Raises Invalid for one that is empty, unprintable, too long or the server's own."""
    trimmed = name.strip()
    if not fold_name(trimmed) or len(trimmed) > MAX_NAME:
        raise _bad_name(f"A name has 1 to {MAX_NAME} characters that can be seen.", code="invalid")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in trimmed):
        raise _bad_name("A name is one line without control characters.", code="invalid")
    if is_reserved(trimmed):
        raise _bad_name("This name is the server's own, or looks like it; choose another.", code="reserved")
    return trimmed


def _bad_name(detail: str, *, code: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer="/name", detail=detail, code=code)])


def change(
    member: MemberState | None,
    *,
    kind: MemberKind,
    role: Role,
    email: str | None,
    reason: str | None,
    by: Authority,
) -> list[MemberEvent]:
    """Change what may change of a member. The same again records nothing."""
    member = _require(member)
    check_role(member.role, by)
    check_role(role, by)
    changed = MemberChanged(kind=kind, role=role, email=email, reason=reason)
    return [] if (member.kind, member.role, member.email) == (kind, role, email) else [changed]


def suspend(member: MemberState | None, *, reason: str | None, by: Authority) -> list[MemberEvent]:
    """Stop all keys of the member. Suspending again records nothing."""
    member = _require(member)
    check_role(member.role, by)
    return [] if member.suspended else [MemberSuspended(reason=reason)]


def reinstate(member: MemberState | None, *, reason: str | None, by: Authority) -> list[MemberEvent]:
    """Let the member's keys work again. Raises HoldsMore like all that gives."""
    member = _require(member)
    check_role(member.role, by)
    return [MemberReinstated(reason=reason)] if member.suspended else []


def link_identity(member: MemberState | None, *, identity: Identity, by: Authority) -> list[MemberEvent]:
    """Let an issuer's subject act as the member, in place of the one before. The same again records nothing."""
    member = _require(member)
    check_role(member.role, by)
    linked = MemberIdentityLinked(issuer=identity.issuer, subject=identity.subject)
    return [] if member.identity == identity else [linked]


def unlink_identity(member: MemberState | None, *, by: Authority) -> list[MemberEvent]:
    """Let no token act as the member any more. Without an identity nothing is recorded."""
    member = _require(member)
    check_role(member.role, by)
    return [MemberIdentityUnlinked()] if member.identity else []


def check_role(role: Role, by: Authority) -> None:
    """Raises HoldsMore when the role is above whoever acts, or has scopes that they lack."""
    if not by.holds_role(role):
        raise HoldsMore(f"The role {role} has more than this API key; ask somebody who holds as much.")


def _require(member: MemberState | None) -> MemberState:
    if member is None:
        raise NotFound("No such member.")
    return member


class WayIn(msgspec.Struct, frozen=True, kw_only=True):
    """How an owner or admin comes in: by a key with the scope `admin`, or without a `key_id` by their identity."""

    member_id: UUID
    role: Role
    key_id: UUID | None = None


def is_way_in_left(ways: list[WayIn], *, lost: set[WayIn]) -> bool:
    """Whether somebody still holds the workspace without the `lost` ways: an owner, or an admin where no owner is."""
    owners = [way for way in ways if way.role == "owner"] or ways
    return not owners or any(way not in lost for way in owners)


def is_lost(way: WayIn, member_id: UUID, *, before: MemberState, after: MemberState) -> bool:
    """Whether a change of the member closes this way in."""
    if way.member_id != member_id:
        return False
    is_unlinked = way.key_id is None and after.identity is None
    return after.suspended or after.role != before.role or is_unlinked
