"""Link members to identities over HTTP."""

from functools import partial
from uuid import UUID

from litestar import Response, Router, delete, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import ApiKeyCache, require_scope
from service.access.members import commands as member_commands
from service.access.members import domain
from service.access.members.domain import Identity
from service.access.members.schemas import Member, from_state
from service.access.roles import Authority
from service.access.sign_in import commands
from service.access.sign_in.issuers import parse_issuers
from service.access.sign_in.schemas import NewIdentity
from service.http.bodies import JSON
from service.http.responses import IfMatch, build_response, parse_if_match
from service.ledger.store import Caller, Ledger
from service.settings import Settings


@put(
    "/members/{member_id:uuid}/identity",
    operation_id="link_member_identity",
    summary="Link a member to an OpenID Connect subject",
    guards=[require_scope("access:write")],
    tags=["access"],
)
async def link_member_identity(
    member_id: FromPath[UUID],
    data: JSON[NewIdentity],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    key_cache: NamedDependency[ApiKeyCache],
    settings: NamedDependency[Settings],
    if_match: IfMatch = None,
) -> Response[Member]:
    """Tokens of the subject act as the member from now on, in place of the subject before. Refused for a role above
    yours, and for a subject that another member is linked to.
    """
    stored = await commands.link_identity(
        ledger,
        caller,
        member_id,
        Identity(issuer=data.issuer, subject=data.subject),
        issuers=parse_issuers(settings),
        by=authority,
        expected=parse_if_match(if_match),
    )
    key_cache.forget()
    return build_response(from_state(stored), version=stored.version)


@delete(
    "/members/{member_id:uuid}/identity",
    operation_id="unlink_member_identity",
    summary="Unlink a member from their OpenID Connect subject",
    guards=[require_scope("access:write")],
    status_code=200,
    tags=["access"],
)
async def unlink_member_identity(
    member_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    key_cache: NamedDependency[ApiKeyCache],
    settings: NamedDependency[Settings],
) -> Response[Member]:
    """No token acts as the member any more: at once in this process, within a second in every other. Refused when
    nobody could come in as an owner any more.
    """
    decide = partial(domain.unlink_identity, by=authority)
    stored = await member_commands.change_member(ledger, caller, member_id, decide, issuers=parse_issuers(settings))
    key_cache.forget()
    return build_response(from_state(stored), version=stored.version)


router = Router(path="/", route_handlers=[link_member_identity, unlink_member_identity])
