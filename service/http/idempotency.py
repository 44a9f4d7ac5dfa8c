"""Idempotency keys: the first request with a key claims it; a repeat gets the stored response.

The response of a change is stored by the statement that writes the change (see the ledger). Any other, such as an error
or a POST that records nothing, is stored here when the handler has returned.
"""

import hashlib
import re
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar.types import Message
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit, new_id
from service.errors import Fault, InFlight, Invalid, KeyReused
from service.http.responses import StoredResponse
from service.ledger.store import Claim

_KEY = re.compile(r'^"?([\x21\x23-\x7e][\x20\x21\x23-\x7e]{0,254})"?$')
_NEVER_STORED = frozenset({401, 403, 408, 409, 412, 429})

_CLAIM = """
insert into ledger.answers as a (workspace_id, route, key, fingerprint, token) values ($1, $2, $3, $4, $5)
on conflict (workspace_id, route, key) do update
  set token = excluded.token, fingerprint = excluded.fingerprint, claimed_at = clock_timestamp(),
      status = null, headers = null, body = null
  where (a.status is null and a.claimed_at < clock_timestamp() - interval '30 seconds')
     or a.claimed_at < clock_timestamp() - interval '7 days'
returning token
"""
_READ = (
    "select fingerprint, status, headers, body from ledger.answers where workspace_id = $1 and route = $2 and key = $3"
)
_STORE = """
update ledger.answers set status = $5, headers = $6::text::json, body = $7
where workspace_id = $1 and route = $2 and key = $3 and token = $4 and status is null
"""
_RELEASE = """
delete from ledger.answers where workspace_id = $1 and route = $2 and key = $3 and token = $4 and status is null
"""
PRUNE = "delete from ledger.answers where claimed_at < clock_timestamp() - interval '7 days'"


def parse_key(header: str | None) -> str | None:
    """Parse the header: 1 to 255 characters, with or without quotes. Raises Invalid unless they are printable ASCII."""
    if header is None:
        return None
    match = _KEY.match(header.strip())
    if match is None:
        detail = "An Idempotency-Key is 1 to 255 printable ASCII characters."
        raise Invalid(detail, errors=[Fault(pointer="Idempotency-Key", detail=detail)])
    return match[1]


def hash_request(*parts: bytes) -> bytes:
    """Hash the parts of a request by which a repeat is recognized: path, query and body."""
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).digest()


async def claim(
    engine: AsyncEngine, workspace_id: UUID, route: str, key: str, fingerprint: bytes
) -> Claim | StoredResponse:
    """Claim the key, or load its stored response. Raises InFlight while the first request runs, or KeyReused."""
    token = new_id()
    async with autocommit(engine).connect() as connection:
        result = await connection.exec_driver_sql(_CLAIM, (workspace_id, route, key, fingerprint, token))
        if result.first() is not None:
            return Claim(route=route, key=key, token=token)
        row: Any = (await connection.exec_driver_sql(_READ, (workspace_id, route, key))).one_or_none()
    if row is None:
        raise InFlight("The first request with this Idempotency-Key has just ended; try again.", retry_after=1)
    earlier, status, headers, body = row
    if earlier != fingerprint:
        raise KeyReused("This Idempotency-Key was used for another request; use a new one.")
    if status is None:
        raise InFlight("The first request with this Idempotency-Key is still running.", retry_after=1)
    decoded = msgspec.json.decode(headers) if isinstance(headers, str) else headers
    return StoredResponse(status=status, headers=decoded, body=bytes(body))


async def settle(engine: AsyncEngine, workspace_id: UUID, claimed: Claim, messages: list[Message]) -> None:
    """Store the handler's response, unless the change did; release the key when a repeat should run again."""
    if claimed.settled:
        return
    status = next((m["status"] for m in messages if m["type"] == "http.response.start"), 500)
    claim_key = (workspace_id, claimed.route, claimed.key, claimed.token)
    async with autocommit(engine).connect() as connection:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _NEVER_STORED:
            await connection.exec_driver_sql(_RELEASE, claim_key)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for message in messages
            if message["type"] == "http.response.start"
            for name, value in message["headers"]
            if name.lower() not in (b"content-length", b"x-request-id", b"ratelimit", b"ratelimit-policy")
        }
        body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
        await connection.exec_driver_sql(_STORE, (*claim_key, status, msgspec.json.encode(headers).decode(), body))
