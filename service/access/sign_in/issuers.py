"""Issuers whose tokens are accepted, read from TUNELEDGER_OIDC_ISSUERS. Pure."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta

from service.access.domain import Role
from service.access.roles import ROLE_SCOPES
from service.settings import Settings, SettingsInvalid, variable_name

# All of them are signed with a private key. With HS256, whoever checks tokens could also make them.
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_ISSUER, MAX_EMAIL = 1_000, 254
Word = Annotated[str, Meta(min_length=1, max_length=MAX_ISSUER)]


class Issuer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issuer, the audience that its tokens must name, and what becomes of subjects that no member is linked to."""

    issuer: Word
    audience: Word
    algorithms: Annotated[tuple[Algorithm, ...], Meta(min_length=1)] = ("RS256", "ES256")
    workspace: UUID | None = None
    leeway_seconds: Annotated[float, Meta(ge=0, le=600)] = 60
    unknown: Literal["refuse", "create"] = "refuse"
    role_claim: Word | None = None
    roles: dict[str, Role] = msgspec.field(default_factory=dict)
    domains: dict[str, Role] = msgspec.field(default_factory=dict)


_DECODER = msgspec.json.Decoder(list[Issuer])


def parse_issuers(settings: Settings) -> list[Issuer]:
    """Parse the issuers of the setting. Raises SettingsInvalid."""
    return _parse(settings.oidc_issuers) if settings.oidc_issuers else []


@cache
def _parse(text: str) -> list[Issuer]:
    try:
        issuers = _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        hint = f"; use some of {', '.join(get_args(Algorithm))}" if "algorithms" in str(error) else ""
        raise _invalid(f"{error}{hint}") from None
    seen = set()
    for issuer in issuers:
        if fault := _find_fault(issuer):
            raise _invalid(f"issuer {issuer.issuer!r}: {fault}")
        if (issuer.issuer, issuer.audience) in seen:
            raise _invalid(f"issuer {issuer.issuer!r} occurs twice with the same audience")
        seen.add((issuer.issuer, issuer.audience))
    return issuers


def _invalid(detail: str) -> SettingsInvalid:
    return SettingsInvalid(f"{variable_name('oidc_issuers')} is not valid: {detail}")


def _find_fault(issuer: Issuer) -> str | None:
    if not is_safe_url(issuer.issuer):
        return "use https:// (plain http works on this machine alone), without a query or fragment"
    if (issuer.role_claim is None) != (not issuer.roles):
        return "role_claim and roles belong together"
    if issuer.unknown == "create" and not (issuer.roles or issuer.domains):
        return 'unknown "create" needs role_claim and roles, or domains, that say which role a new member gets'
    return None


def is_safe_url(url: str) -> bool:
    """Whether nobody on the way can change what is read there: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    return is_private and bool(host) and not parts.query and not parts.fragment and parts.username is None


def choose_role(issuer: Issuer, claims: Mapping[str, Any]) -> Role | None:
    """The greatest role that the token's claim or verified e-mail domain gives; None when neither gives one."""
    roles: set[Role] = set()
    if issuer.role_claim is not None:
        value = _find_claim(claims, issuer.role_claim)
        values = value if isinstance(value, list) else [value]
        roles |= {issuer.roles[each] for each in values if isinstance(each, str) and each in issuer.roles}
    domain = (find_email(claims) or "").rpartition("@")[2].lower()
    roles |= {role for name, role in issuer.domains.items() if name.lower() == domain}
    return next((role for role in reversed(list(ROLE_SCOPES)) if role in roles), None)


def find_email(claims: Mapping[str, Any]) -> str | None:
    """The e-mail address, if the issuer has verified it."""
    email = claims.get("email")
    is_address = isinstance(email, str) and len(email) <= MAX_EMAIL and email.isprintable() and email.count("@") == 1
    return email if is_address and claims.get("email_verified") is True and " " not in str(email) else None


def _find_claim(claims: Any, name: str) -> Any:
    """The claim of this name, else the one at this path: `realm_access.roles`."""
    if isinstance(claims, Mapping) and name in claims:
        return claims[name]
    for part in name.split("."):
        claims = claims.get(part) if isinstance(claims, Mapping) else None
    return claims
