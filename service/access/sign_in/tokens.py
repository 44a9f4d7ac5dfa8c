"""Check tokens: signature, issuer, audience and times."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import jwt
import msgspec
from jwt.types import Options

from service.access.members.domain import Identity
from service.access.sign_in.issuers import Issuer
from service.access.sign_in.key_sets import IssuerKeys
from service.errors import Unauthenticated

MAX_TOKEN = 16_384
SUBJECT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,255}")
_UNVERIFIED: Options = {"verify_signature": False}
_VERIFIED: Options = {"require": ["iss", "aud", "exp", "sub"]}
# The first class that an error belongs to says what is wrong.
_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "This token has expired; get a new one from its issuer."),
    (jwt.ImmatureSignatureError, "This token is not valid yet: `nbf` or `iat` is in the future."),
    (jwt.InvalidSignatureError, "This token's signature is wrong."),
    (jwt.MissingRequiredClaimError, "This token must have the claims `iss`, `aud`, `exp` and `sub`."),
    (jwt.PyJWTError, "This token is not valid."),
)
Refuse = Callable[[str, str], Unauthenticated]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is valid."""

    issuer: Issuer
    identity: Identity
    claims: dict[str, Any]


class TokenChecker:
    """Checks tokens of the configured issuers, whose keys it caches. `refuse` builds the error from reason and text."""

    def __init__(self, issuers: Sequence[Issuer], *, refuse: Refuse) -> None:
        self.issuers = issuers
        self._refuse = refuse
        self._keys = {issuer.issuer: IssuerKeys(issuer.issuer) for issuer in issuers}

    async def check(self, text: str) -> Token:
        """Check a token. Raises Unauthenticated, and Unavailable when the issuer's keys cannot be fetched."""
        try:
            if len(text) > MAX_TOKEN:
                raise self._refuse("malformed", f"This token is longer than {MAX_TOKEN} characters.")
            header = jwt.get_unverified_header(text)
            issuer = self._find_issuer(jwt.decode(text, options=_UNVERIFIED))
            key = await self._find_key(issuer, header)
            claims = jwt.decode(
                text,
                key,
                algorithms=list(issuer.algorithms),
                audience=issuer.audience,
                issuer=issuer.issuer,
                leeway=issuer.leeway_seconds,
                options=_VERIFIED,
            )
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError) as error:
            raise self._refuse("token", _explain(error)) from None
        if not SUBJECT.fullmatch(claims["sub"]):
            raise self._refuse("token", "This token's `sub` is not 1 to 255 characters without control characters.")
        return Token(issuer=issuer, identity=Identity(issuer=issuer.issuer, subject=claims["sub"]), claims=claims)

    def _find_issuer(self, claims: dict[str, Any]) -> Issuer:
        """The issuer that an unverified token names; the signature shows later whether it is true."""
        named = [issuer for issuer in self.issuers if issuer.issuer == claims.get("iss")]
        if not named:
            shown = str(claims.get("iss"))[:200]
            detail = f"This token's issuer, {shown!r}, is not one that this server accepts (TUNELEDGER_OIDC_ISSUERS)."
            raise self._refuse("issuer", detail)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        fitting = [issuer for issuer in named if issuer.audience in audiences]
        if not fitting:
            expected = " or ".join(issuer.audience for issuer in named)
            raise self._refuse("audience", f"This token is for another audience (`aud`); ask for one for {expected}.")
        return fitting[0]

    async def _find_key(self, issuer: Issuer, header: dict[str, Any]) -> jwt.PyJWK:
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
            allowed = ", ".join(issuer.algorithms)
            raise self._refuse("algorithm", f"This token's algorithm (`alg`) is not one of {allowed}.")
        key = await self._keys[issuer.issuer].find(kid, algorithm)
        if key is None:
            raise self._refuse("key", "This token is signed with a key that its issuer does not publish.")
        return key


def _explain(error: Exception) -> str:
    return next((text for kind, text in _REASONS if isinstance(error, kind)), "This token cannot be read.")
