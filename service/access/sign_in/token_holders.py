"""Find the member whose token a request carries."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from service.access.domain import KeyHolder
from service.access.members.domain import Identity
from service.access.sign_in import commands, queries
from service.access.sign_in.issuers import Issuer, choose_role
from service.access.sign_in.tokens import Refuse, Token, TokenChecker
from service.ledger.store import Ledger

CACHE_SECONDS = 1.0  # how long another process may still accept tokens after their member was suspended
MAX_CACHED = 10_000
MAX_TIME = 253_402_300_799  # the last second of the year 9999


class TokenHolders:
    """Finds the members of tokens, and caches each for a second. The token itself is checked at each request."""

    def __init__(self, ledger: Ledger, issuers: Sequence[Issuer], *, refuse: Refuse) -> None:
        self._ledger = ledger
        self._refuse = refuse
        self._checker = TokenChecker(issuers, refuse=refuse)
        self._cache: dict[tuple[UUID | None, Identity], tuple[float, KeyHolder]] = {}

    @property
    def issuers(self) -> list[str]:
        return sorted({issuer.issuer for issuer in self._checker.issuers})

    async def identify(self, text: str, *, request_id: str) -> KeyHolder:
        """Find the member whose token this is. Raises Unauthenticated, and Unavailable without the issuer's keys."""
        token = await self._checker.check(text)
        holder = await self._find(token, request_id)
        if holder.is_suspended:
            raise self._refuse("suspended", "The member whose token this is was suspended.")
        ends_at = datetime.fromtimestamp(min(int(token.claims["exp"]), MAX_TIME), UTC)
        return msgspec.structs.replace(holder, expires_at=ends_at)

    def forget(self) -> None:
        """Empty the cache, after a change of members in this process."""
        self._cache.clear()

    async def _find(self, token: Token, request_id: str) -> KeyHolder:
        key, now = (token.issuer.workspace, token.identity), time.monotonic()
        cached = self._cache.get(key)
        if cached and now - cached[0] < CACHE_SECONDS:
            return cached[1]
        holder = await self._load(token, request_id)
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[key] = now, holder
        return holder

    async def _load(self, token: Token, request_id: str) -> KeyHolder:
        workspace_id = await queries.find_workspace(self._ledger.engine, token.issuer.workspace)
        if workspace_id is None:
            raise self._refuse("unknown", "The workspace that tokens of this issuer lead to does not exist.")
        holder = await queries.find_token_holder(self._ledger.engine, workspace_id, token.identity)
        if holder is not None:
            return holder
        if token.issuer.unknown == "create":
            role = choose_role(token.issuer, token.claims)
            if role is None:
                raise self._refuse("no_role", "Neither a claim nor the verified e-mail of this token gives a role.")
            holder = await commands.create_member(self._ledger, workspace_id, token, role, request_id=request_id)
        if holder is None:
            subject = token.identity.subject
            detail = f"No member is linked to {subject!r} of this issuer; ask an admin to link you"
            raise self._refuse("unknown", f"{detail} (PUT /v1/members/{{id}}/identity).")
        return holder
