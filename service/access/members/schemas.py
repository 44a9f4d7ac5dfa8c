"""What a member looks like over HTTP, and the bodies that invite or change one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from service.access.domain import MemberKind, Role
from service.access.members.domain import Identity, MemberState
from service.access.schemas import ApiKey, ExpiresAt, Scopes
from service.http.bodies import Body, Name, Reason
from service.http.pagination import Page
from service.ledger.decider import StreamState

Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+$")]


class NewMembersKey(Body):
    """The first key of a new member."""

    name: Name | None = None
    """Tells the member's keys apart. Default: the member's name."""
    scopes: Scopes | None = None
    """What the key may do, within the role and what you have yourself. Default: all of that but `operator`."""
    expires_at: ExpiresAt | None = None
    """When the key stops working, with a time zone. Null: after the longest life that is set, else never."""


class NewMember(Body):
    name: Name
    """Who it is, for ever: the history, ratings and labels know the member by it. Unique in the workspace, without
    regard to case, width or blanks; the server's own names are reserved."""
    role: Role
    """What the member may do at most. You can give no role that has more than you."""
    kind: MemberKind = "person"
    """Person or machine."""
    email: Email | None = None
    """Where the person can be reached."""
    key: NewMembersKey | None = None
    """Creates the member's first key, too; `{}` takes the defaults."""


class MemberChanges(Body):
    """The fields to change: an absent field stays as it is, null empties it. The name stays for ever."""

    role: Role | UnsetType = UNSET
    """What the member may do at most, from now on; their keys have less within a second."""
    kind: MemberKind | UnsetType = UNSET
    """Person or machine."""
    email: Email | UnsetType | None = UNSET
    """Where the person can be reached."""
    reason: Reason | None = None
    """Why; kept in the history."""


class Because(Body):
    """Why it is done."""

    reason: Reason | None = None
    """Why; kept in the history."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person or machine of the workspace."""

    id: UUID
    """The member's id."""
    name: str
    """Who it is; the actor in the history."""
    kind: MemberKind
    """Person or machine."""
    email: str | None
    """Where the person can be reached."""
    role: Role
    """What the member may do at most."""
    suspended: bool
    """Whether the member's keys and tokens are stopped."""
    identity: Identity | None
    """Whose tokens are the member's, when they sign in by OpenID Connect. Null: nobody's."""
    created_at: datetime
    """When the member was invited."""
    created_by: str
    """Name of the member, or other actor, that invited them."""
    updated_at: datetime
    """When the member was last changed."""
    version: int
    """Grows with each change; the ETag."""


class MemberWithKey(Member, frozen=True, kw_only=True):
    """A new member, with the first key when one was asked for."""

    api_key: ApiKey | None
    """The first key. Null when none was asked for."""
    secret: str | None
    """The key to send in the Authorization header. Shown once; null without a key, and in a repeated response,
    since the server does not store it."""


class MemberPage(Page[Member], frozen=True, kw_only=True):
    """One page of members."""


def from_state(stored: StreamState[MemberState]) -> Member:
    member = stored.state
    return Member(
        id=stored.id,
        name=member.name,
        kind=member.kind,
        email=member.email,
        role=member.role,
        suspended=member.suspended,
        identity=member.identity,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        version=stored.version,
    )


def from_row(row: Any) -> Member:
    fields = {name: getattr(row, name) for name in Member.__struct_fields__ if name not in {"suspended", "identity"}}
    identity = Identity(issuer=row.issuer, subject=row.subject) if row.issuer else None
    return Member(**fields, suspended=row.suspended_at is not None, identity=identity)
