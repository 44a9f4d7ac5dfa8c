"""CORS, for pages of other origins: https://fetch.spec.whatwg.org/#http-cors-protocol."""

from litestar.config.cors import CORSConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

# Response headers that a page may read, beyond the few that browsers always allow, such as Content-Type.
EXPOSED_HEADERS = (
    "Accept-Ranges",
    "Allow",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Range",
    "Content-Security-Policy",
    "ETag",
    "Erased-Examples",
    "Export-Left-Out",
    "Export-Losses",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Referrer-Policy",
    "Retry-After",
    "X-Content-Type-Options",
    "X-Logged-Request-Id",
    "X-Request-Id",
    "X-Tuneledger-Request-Id",
)
ALLOW_ORIGIN = "Access-Control-Allow-Origin"
OTHER_CORS_HEADERS = ("Access-Control-Expose-Headers", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods")


def build_cors_config(origins: list[str]) -> CORSConfig | None:
    """Build the CORS settings for pages of these origins; None when there are none. Keys are never in cookies.

    Any request header is allowed: a page's tools add their own (`traceparent`, those of OpenAI's client), and a browser
    does not say which header made a request fail.
    """
    return CORSConfig(allow_origins=origins, expose_headers=list(EXPOSED_HEADERS)) if origins else None


async def hide_cors_headers(message: Message, _: Scope) -> None:
    """Set `Vary: Origin` on every response, and remove CORS headers for origins that are not allowed."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers["Vary"] = "Origin"
    if ALLOW_ORIGIN not in headers:
        for name in OTHER_CORS_HEADERS:
            headers.pop(name, None)
