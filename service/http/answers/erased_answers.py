"""Stored responses that hold an erased text: replaced by a 410, not deleted, so that a repeat does nothing again."""

import re
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import fetch_all
from service.errors import ResponseErased
from service.http.problems import MEDIA_TYPE, TYPE_PREFIX

PAGE_ROWS = 200
SHORTEST_TEXT = 12  # shorter values are words of the API, such as a role or a state
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NEXT_PAGE = """
select key_id, route, key, headers::text, body from ledger.answers
where workspace_id = $1 and status < 400 and (key_id, route, key) > ($2, $3, $4) order by key_id, route, key limit $5
"""
_REPLACE = """
update ledger.answers set status = $7, headers = $5::text::json, body = $6
where workspace_id = $1 and key_id = $2 and route = $3 and key = $4
"""
GONE_HEADERS = msgspec.json.encode({"content-type": MEDIA_TYPE}).decode()
GONE_BODY = msgspec.json.encode(
    {
        "type": f"{TYPE_PREFIX}{ResponseErased.code}",
        "title": (ResponseErased.__doc__ or "").strip(),
        "status": ResponseErased.status,
        "detail": "The response to this request held texts that were erased. The request was carried out once;"
        " read the resource, or send a new Idempotency-Key to do it again.",
        "code": ResponseErased.code,
    }
)


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """What gives a stored response away: an id in it, a whole value of its JSON, or a text anywhere in its bytes."""

    ids: Collection[UUID]
    values: Collection[str] = ()
    text: bytes | None = None


async def replace_answers(engine: AsyncEngine, workspace_id: UUID, traces: Traces) -> int:
    """Replace the stored responses that hold one of the traces, in one pass. Returns how many."""
    ids = {str(id_).encode() for id_ in traces.ids}
    values = {value for value in traces.values if len(value) >= SHORTEST_TEXT}
    place: tuple[Any, str, str] = (UUID(int=0), "", "")
    replaced = 0
    while rows := await fetch_all(engine, _NEXT_PAGE, (workspace_id, *place, PAGE_ROWS)):
        place = tuple(rows[-1][:3])
        matches = [row for row in rows if _holds(row[3].encode(), bytes(row[4]), ids, values, traces.text)]
        async with autocommit(engine).connect() as connection:
            for row in matches:
                values_of_row = (workspace_id, *row[:3], GONE_HEADERS, GONE_BODY, ResponseErased.status)
                await connection.exec_driver_sql(_REPLACE, values_of_row)
        replaced += len(matches)
    return replaced


def list_values(text: bytes) -> Iterator[str]:
    """List the texts in a stored text: all strings of its JSON, or itself if it is none."""
    try:
        yield from _iterate_strings(msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield text.decode(errors="replace")


def _holds(headers: bytes, body: bytes, ids: set[bytes], values: set[str], text: bytes | None) -> bool:
    if not ids.isdisjoint(_UUID.findall(headers)) or not ids.isdisjoint(_UUID.findall(body)):
        return True
    if text is not None and text in body:
        return True
    return bool(values) and not values.isdisjoint(list_values(body))


def _iterate_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _iterate_strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _iterate_strings(each)
