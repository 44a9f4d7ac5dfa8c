"""Which refusals are worth another try, and how long to wait before it."""

import email.utils
import random
import time

import httpx
import msgspec

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
LONGEST_ASKED = 60.0
_AGAIN = frozenset({408, 429})
_CONFLICT = 409
_SERVER_ERRORS = 500
# Failures in which the server has seen nothing of the request.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def worth_repeating(response: httpx.Response) -> bool:
    """Whether the same request may be answered otherwise. The response's body has been read."""
    if response.status_code == _CONFLICT:
        return _code(response) == "idempotency_in_flight"
    return response.status_code in _AGAIN or response.status_code >= _SERVER_ERRORS


def safe_to_repeat(error: httpx.TransportError, *, conditional: bool) -> bool:
    """Whether to send again what had no answer.

    A change with If-Match that did arrive makes its own repeat stale, which would look like somebody else's change;
    with an Idempotency-Key beside it (`conditional` is then False) the repeat gets the first answer.
    """
    if isinstance(error, httpx.UnsupportedProtocol):
        return False
    return not conditional or isinstance(error, _NOT_SENT)


def pause(attempt: int, response: httpx.Response | None = None) -> float:
    """Seconds before attempt number `attempt` + 2: what the server asks for, else doubling, with jitter."""
    asked = None if response is None else retry_after(response.headers.get("retry-after"), now=time.time())
    if asked is not None:
        return min(asked, LONGEST_ASKED)
    # Jitter keeps clients that failed together from coming back together.
    doubled = FIRST_PAUSE * 2.0 ** min(attempt, 10)
    return min(doubled, LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def retry_after(header: str | None, *, now: float) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date; None when it says nothing."""
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
