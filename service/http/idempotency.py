"""Idempotency keys: the first request with a key claims it; a repeat gets the stored response.

The response of a change is stored by the statement that writes the change (see the ledger), that of a POST that records
nothing here, when the handler has returned. A refused request stores nothing.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar.types import Message
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import DATABASE_ERRORS, autocommit, new_id
from service.database.rows import execute
from service.errors import Fault, InFlight, Invalid, KeyReused
from service.http.responses import StoredResponse
from service.ledger.store import Claim

_KEY = re.compile(r'^"?([\x21\x23-\x7e][\x20\x21\x23-\x7e]{0,254})"?$')
RENEW_SECONDS = 10.0  # a running request renews its claim, so one of 30 seconds belongs to a process that has ended
NOT_REPLAYED = (b"content-length", b"x-request-id", b"x-tuneledger-request-id", b"ratelimit", b"ratelimit-policy")

# Rows of before migration 0007 belong to no key, and to every key of their workspace until they expire.
_CLAIM = """
insert into ledger.answers as a (workspace_id, key_id, route, key, fingerprint, token) select $1, $2, $3, $4, $5, $6
where not exists (
  select 1 from ledger.answers where workspace_id = $1 and key_id = '00000000-0000-0000-0000-000000000000'
  and route = $3 and key = $4 and claimed_at > clock_timestamp() - interval '7 days')
on conflict (workspace_id, key_id, route, key) do update
  set token = excluded.token, fingerprint = excluded.fingerprint, claimed_at = clock_timestamp(),
      status = null, headers = null, body = null
  where (a.status is null and a.claimed_at < clock_timestamp() - interval '30 seconds')
     or a.claimed_at < clock_timestamp() - interval '7 days'
returning token
"""
_READ = """
select fingerprint, status, headers, body from ledger.answers
where workspace_id = $1 and key_id in ($2, '00000000-0000-0000-0000-000000000000') and route = $3 and key = $4
order by key_id desc limit 1
"""
_STORE = """
update ledger.answers set fingerprint = $6, status = $7, headers = $8::text::json, body = $9
where workspace_id = $1 and key_id = $2 and route = $3 and key = $4 and token = $5 and status is null
"""
_RENEW = """
update ledger.answers set claimed_at = clock_timestamp()
where workspace_id = $1 and key_id = $2 and route = $3 and key = $4 and token = $5 and status is null
"""
_RELEASE = """
delete from ledger.answers
where workspace_id = $1 and key_id = $2 and route = $3 and key = $4 and token = $5 and status is null
"""
DELETE_OLD = "delete from ledger.answers where claimed_at < clock_timestamp() - interval '7 days'"


class Repeat(msgspec.Struct, frozen=True):
    """The response to an earlier request with the same key, and that request's fingerprint."""

    fingerprint: bytes
    response: StoredResponse


def parse_key(header: str | None) -> str | None:
    """Parse the header: 1 to 255 characters, with or without quotes. Raises Invalid unless they are printable ASCII."""
    if header is None:
        return None
    match = _KEY.match(header.strip())
    if match is None:
        detail = "An Idempotency-Key is 1 to 255 printable ASCII characters."
        raise Invalid(detail, errors=[Fault(pointer="Idempotency-Key", detail=detail)])
    return match[1]


def hash_request(path: bytes, query: bytes, body_digest: bytes) -> bytes:
    """Hash a request, so that a repeat is recognized: its path, its query and the sha256 of its body."""
    parts = (hashlib.sha256(path).digest(), hashlib.sha256(query).digest(), body_digest)
    return hashlib.sha256(b"\0".join(parts)).digest()


async def claim(
    engine: AsyncEngine, workspace_id: UUID, key_id: UUID, route: str, key: str, fingerprint: bytes
) -> Claim | Repeat:
    """Claim the Idempotency-Key for a request, or load the response to an earlier one.

    It belongs to the API key and the route. Raises InFlight while the first request runs, KeyReused while another one
    does.
    """
    claim_ = Claim(
        workspace_id=workspace_id, key_id=key_id, route=route, key=key, token=new_id(), fingerprint=fingerprint
    )
    async with autocommit(engine).connect() as connection:
        values = (workspace_id, key_id, route, key, fingerprint, claim_.token)
        if (await connection.exec_driver_sql(_CLAIM, values)).first() is not None:
            return claim_
        row: Any = (await connection.exec_driver_sql(_READ, (workspace_id, key_id, route, key))).one_or_none()
    if row is None:
        raise InFlight("The first request with this Idempotency-Key has just ended; try again.", retry_after=1)
    earlier, status, headers, body = row
    if status is None and earlier != fingerprint:
        raise KeyReused("This Idempotency-Key is in use by another request; use a new one.")
    if status is None:
        raise InFlight("The first request with this Idempotency-Key is still running.", retry_after=1)
    decoded = msgspec.json.decode(headers) if isinstance(headers, str) else headers
    return Repeat(bytes(earlier), StoredResponse(status=status, headers=decoded, body=bytes(body)))


@asynccontextmanager
async def renewed(engine: AsyncEngine, claim_: Claim) -> AsyncIterator[None]:
    """Keep the claim alive meanwhile, so that no repeat starts a slow request a second time."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await execute(engine, _RENEW, _identity(claim_))

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, *DATABASE_ERRORS):
            await task


async def settle(engine: AsyncEngine, claim_: Claim, messages: list[Message]) -> None:
    """Store the handler's response, unless the change did. After a refusal the key is free: nothing was carried out."""
    if claim_.settled:
        return
    status = next((m["status"] for m in messages if m["type"] == "http.response.start"), 500)
    if status >= HTTPStatus.BAD_REQUEST:
        await execute(engine, _RELEASE, _identity(claim_))
        return
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for message in messages
        if message["type"] == "http.response.start"
        for name, value in message["headers"]
        if name.lower() not in NOT_REPLAYED
    }
    body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    response = (claim_.fingerprint, status, msgspec.json.encode(headers).decode(), body)
    await execute(engine, _STORE, (*_identity(claim_), *response))


def _identity(claim_: Claim) -> tuple[UUID, UUID, str, str, UUID]:
    return claim_.workspace_id, claim_.key_id, claim_.route, claim_.key, claim_.token
