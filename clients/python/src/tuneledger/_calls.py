"""A request as the client's methods describe it, before it is sent."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType

from tuneledger._shapes import Shape, etag_of
from tuneledger._sources import Source

_encoder = msgspec.json.Encoder()


class HttpCall(msgspec.Struct, frozen=True, kw_only=True):
    """One request. Its body is `body`, already encoded, or `source`, which is read while it is sent."""

    method: str
    path: str
    query: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    source: Source | None = None

    def but(self, *, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> "HttpCall":
        """Copy the call with more parameters or headers."""
        return msgspec.structs.replace(
            self, query={**self.query, **(query or {})}, headers={**self.headers, **(headers or {})}
        )


def path(template: str, *values: object) -> str:
    """Fill in a path; values are quoted, so a name may contain a slash."""
    return template.format(*(quote(str(value), safe="") for value in values))


def query(values: Mapping[str, Any]) -> dict[str, Any]:
    """Encode query parameters as text, without unset ones."""
    return {name: _text(value) for name, value in values.items() if value is not UNSET and value is not None}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float) else [_text(each) for each in value]


def body(values: Mapping[str, Any]) -> bytes:
    """Encode a JSON body without unset fields; None becomes null."""
    return _encoder.encode({name: value for name, value in values.items() if value is not UNSET})


def headers(
    *,
    if_match: Shape | str | int | None = None,
    idempotency_key: str | None = None,
    last_event_id: str | int | UnsetType = UNSET,
) -> dict[str, str]:
    fields = {}
    if if_match is not None:
        fields["If-Match"] = etag_of(if_match)
    if idempotency_key is not None:
        fields["Idempotency-Key"] = idempotency_key
    if last_event_id is not UNSET:
        fields["Last-Event-ID"] = str(last_event_id)
    return fields
