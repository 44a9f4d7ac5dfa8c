"""Every request has an id, the caller's own where it is sane; it is said back whatever the answer is."""

import re
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from service.database.engine import new_id

_SANE = re.compile(r"^[\w.:/+-]{1,128}$", re.ASCII)


def request_id(scope: Scope) -> str:
    state: dict[str, Any] = scope["state"]
    if "request_id" not in state:
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        state["request_id"] = given if _SANE.match(given) else str(new_id())
    return str(state["request_id"])


async def echo_request_id(message: Message, scope: Scope) -> None:
    """The id, and what is left of the rate limit where one was counted, on every answer."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers["X-Request-Id"] = request_id(scope)
    if "rate_limit" in scope["state"]:
        most, left, seconds = scope["state"]["rate_limit"]
        headers["RateLimit-Policy"] = f'"default";q={most};w=60'
        headers["RateLimit"] = f'"default";r={left};t={seconds}'
