"""Security headers of every response. A route that sets one of them itself keeps its own."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


async def add_security_headers(message: Message, scope: Scope) -> None:
    """Forbid guessing of media types, referrers, and the storing of what the API answers, which may hold secrets."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope["path"].startswith("/v1"):
        headers.setdefault("Cache-Control", "no-store")
