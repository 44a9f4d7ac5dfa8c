"""Which pages of other origins may use the API: https://fetch.spec.whatwg.org/#http-cors-protocol."""

from litestar.config.cors import CORSConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

# What a page may read of an answer beyond the few that browsers always show, such as Content-Type and Content-Length.
EXPOSED = (
    "Content-Disposition",
    "Content-Encoding",
    "Content-Security-Policy",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Referrer-Policy",
    "Retry-After",
    "X-Content-Type-Options",
    "X-Logged-Request-Id",
    "X-Request-Id",
)
ORIGIN = "Access-Control-Allow-Origin"
OTHERS = ("Access-Control-Expose-Headers", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods")


def pages_of(origins: list[str]) -> CORSConfig | None:
    """For pages of these origins; None where there are none. No cookies: a key travels in Authorization alone.

    Any request header may be sent, since a page's own tools add theirs (`traceparent`, those of OpenAI's client), and
    a browser does not say that one of them was what failed.
    """
    return CORSConfig(allow_origins=origins, expose_headers=list(EXPOSED)) if origins else None


async def hide_cors_headers(message: Message, _: Scope) -> None:
    """Answers differ by origin, which caches must know also of those without one; other origins are told nothing."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers["Vary"] = "Origin"
    if ORIGIN not in headers:
        for name in OTHERS:
            headers.pop(name, None)
