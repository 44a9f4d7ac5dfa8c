"""Make members of those who sign in, and link members to whom they are elsewhere."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from uuid import UUID

from service.access.actors import SERVER
from service.access.domain import KeyHolder, Role
from service.access.members import commands as member_commands
from service.access.members import domain
from service.access.members.domain import MAX_NAME, Identity, MemberInvited, MemberState, check_name, name_member
from service.access.roles import Authority
from service.access.sign_in import queries
from service.access.sign_in.issuers import Issuer, find_email
from service.access.sign_in.tokens import Token
from service.database.engine import new_id
from service.errors import Conflict, Fault, Invalid, Unprocessable
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger

MAX_SUFFIX = 12  # characters of " 2" and the like


async def create_member(
    ledger: Ledger, workspace_id: UUID, token: Token, role: Role, *, request_id: str
) -> KeyHolder | None:
    """Make the subject of a token a member. Another request may be first; then the member is theirs."""
    caller = Caller(workspace_id=workspace_id, actor=SERVER, request_id=request_id)
    for name in _list_names(token):
        with suppress(Conflict):  # the name is taken, or the identity was linked just now
            await member_commands.add_member(ledger, caller, new_id(), _invite(token, name, role))
        holder = await queries.find_token_holder(ledger.engine, workspace_id, token.identity)
        if holder is not None:
            return holder
    return None


def _invite(token: Token, name: str, role: Role) -> MemberInvited:
    named = name_member(name, kind="person", role=role, email=find_email(token.claims))
    return MemberInvited(
        name=named.name,
        compared_as=named.compared_as,
        kind=named.kind,
        role=named.role,
        email=named.email,
        issuer=token.identity.issuer,
        subject=token.identity.subject,
    )


def _list_names(token: Token) -> Iterator[str]:
    """Names for a new member, best first; the last is nobody else's."""
    digest = hashlib.sha256(f"{token.identity.issuer} {token.identity.subject}".encode()).hexdigest()[:10]
    claims = (token.claims.get(claim) for claim in ("preferred_username", "email", "sub"))
    name = next((name for claim in claims if (name := _clean(claim))), f"person {digest}")
    yield name
    yield from (f"{name} {number}" for number in range(2, 6))
    yield f"{name} {digest}"


def _clean(claim: object) -> str | None:
    """The claim as a name with room for a number behind it; None when nobody may be called so."""
    try:
        return check_name(claim[: MAX_NAME - MAX_SUFFIX]) if isinstance(claim, str) else None
    except Invalid:
        return None


async def link_identity(
    ledger: Ledger,
    caller: Caller,
    member_id: UUID,
    identity: Identity,
    *,
    issuers: list[Issuer],
    by: Authority,
    expected: int | None,
) -> StreamState[MemberState]:
    """Link a member to an issuer's subject. Raises Unprocessable for an issuer whose tokens are not accepted here."""
    names = await queries.list_issuers(ledger.engine, caller.workspace_id, issuers)
    if identity.issuer not in names:
        detail = f"Tokens of this issuer are not accepted here; those that are: {', '.join(names) or 'none'}."
        raise Unprocessable(detail, errors=[Fault(pointer="/issuer", detail=detail, code="no_such_issuer")])
    decide = partial(domain.link_identity, identity=identity, by=by)
    return await member_commands.change_member(ledger, caller, member_id, decide, issuers=issuers, expected=expected)
