"""Which failures to retry, and after which pause."""

import email.utils
import random
import time

import httpx
import msgspec

FIRST_PAUSE = 0.5
MAX_PAUSE = 8.0
MAX_RETRY_AFTER = 60.0
_RETRY_STATUSES = frozenset({408, 429})
_CONFLICT = 409
_SERVER_ERRORS = 500
# Failures before anything was sent.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def worth_repeating(response: httpx.Response) -> bool:
    """Whether a retry may succeed. The response's body must have been read."""
    if response.status_code == _CONFLICT:
        return _code(response) == "idempotency_in_flight"
    return response.status_code in _RETRY_STATUSES or response.status_code >= _SERVER_ERRORS


def safe_to_repeat(error: httpx.TransportError, *, conditional: bool) -> bool:
    """Whether to retry a request that got no answer.

    If a change with If-Match did arrive, its retry would be stale and look like somebody else's change. With an
    Idempotency-Key (`conditional` is then False) the retry gets the first response.
    """
    if isinstance(error, httpx.UnsupportedProtocol):
        return False
    return not conditional or isinstance(error, _NOT_SENT)


def pause(attempt: int, response: httpx.Response | None = None) -> float:
    """Seconds to wait after attempt number `attempt` + 1: the server's Retry-After, else doubling with jitter."""
    requested = None if response is None else retry_after(response.headers.get("retry-after"), now=time.time())
    if requested is not None:
        return min(requested, MAX_RETRY_AFTER)
    # Jitter keeps clients that failed together from retrying together.
    doubled = FIRST_PAUSE * 2.0 ** min(attempt, 10)
    return min(doubled, MAX_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def retry_after(header: str | None, *, now: float) -> float | None:
    """Parse a Retry-After header, a number or a date, into seconds; None if it cannot be parsed."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - now)
    except ValueError:
        return None


def _code(response: httpx.Response) -> object:
    try:
        problem = msgspec.json.decode(response.content)
    except msgspec.MsgspecError:
        return None
    return problem.get("code") if isinstance(problem, dict) else None
