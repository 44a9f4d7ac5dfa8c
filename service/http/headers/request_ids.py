"""Request ids: every request gets one of ours; the client's X-Request-Id is only sent back and logged.

Events and traces carry ours, so nobody can put a change into the trace of another request by sending its id.
"""

import re
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from service.database.engine import new_id

_VALID = re.compile(r"^[\w.:/+-]{1,128}$", re.ASCII)


def get_request_id(scope: Scope) -> str:
    """The request's id, chosen at the first call."""
    state: dict[str, Any] = scope["state"]
    if "request_id" not in state:
        state["request_id"] = str(new_id())
    return str(state["request_id"])


def find_client_request_id(scope: Scope) -> str | None:
    """The client's X-Request-Id, if it sent a valid one."""
    sent = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return sent if _VALID.match(sent) else None


async def echo_request_id(message: Message, scope: Scope) -> None:
    """Add the request ids to every response, and the rate limit to those that were counted."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    sent = scope["state"]["client_request_id"] = find_client_request_id(scope)
    headers["X-Request-Id"] = sent or get_request_id(scope)
    headers["X-Tuneledger-Request-Id"] = get_request_id(scope)
    if "rate_limit" in scope["state"]:
        limit, remaining, seconds = scope["state"]["rate_limit"]
        headers["RateLimit-Policy"] = f'"default";q={limit};w=60'
        headers["RateLimit"] = f'"default";r={remaining};t={seconds}'
