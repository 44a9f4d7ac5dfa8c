"""Translate the openai SDK's errors into Refused (stop) or Unreachable (retry, and when)."""

import email.utils
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus

import httpx2
import openai

from service.providers.provider import Account, Refused, Unreachable, UnreachableReason

MAX_WAIT_SECONDS = 86_400.0
MAX_MESSAGE_LENGTH = 1_000

RETRYABLE_STATUSES: frozenset[int] = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
# Retrying does not help with these, although some come with status 429.
PERMANENT_CODES: frozenset[str] = frozenset(
    {
        "billing_hard_limit_reached",
        "billing_not_active",
        "exceeded_quota",
        "insufficient_quota",
        "training_not_available",
    }
)


@contextmanager
def translate_errors(account: Account) -> Iterator[None]:
    """Raise Refused or Unreachable in place of the SDK's errors, in the provider's words and without the secret."""
    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException):
        detail = f"the provider did not respond within {account.timeout_seconds:g} seconds"
        raise Unreachable(detail, because="timed_out") from None
    except openai.APIConnectionError as error:
        raise Unreachable(f"the provider could not be reached: {name_cause(error)}") from None
    except httpx2.HTTPError as error:  # the SDK does not wrap errors while a body is read
        raise Unreachable(f"the provider closed the connection during its response: {type(error).__name__}") from None
    except openai.APIStatusError as error:
        raise build_error(error, account, now=datetime.now(UTC)) from None
    except openai.APIError:
        raise Unreachable("the provider's response could not be read", because="unreadable") from None


def build_error(error: openai.APIStatusError, account: Account, *, now: datetime) -> Refused | Unreachable:
    message, code = read_message(error)
    detail = message.replace(account.secret, "…") if account.secret else message
    status = error.status_code
    again = status in RETRYABLE_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if again and code not in PERMANENT_CODES:
        wait = parse_retry_after(error.response.headers, now=now)
        because: UnreachableReason = "busy" if status == HTTPStatus.TOO_MANY_REQUESTS else "down"
        return Unreachable(detail, retry_after=wait, provider_code=code, provider_status=status, because=because)
    return Refused(detail, provider_code=code, provider_status=status)


def read_message(error: openai.APIStatusError) -> tuple[str, str | None]:
    """The provider's message and code; the forms differ: an object, a bare text, FastAPI's `detail`, a page of HTML."""
    body = error.body
    fallback = f"the provider responded with status {error.status_code}"
    if isinstance(body, str):
        plain = "" if body.lstrip().startswith("<") else body
        return plain[:MAX_MESSAGE_LENGTH] or fallback, None
    if not isinstance(body, dict):
        return fallback, None
    message = next(
        (body[name] for name in ("message", "detail") if isinstance(body.get(name), str) and body[name]), None
    )
    code = next((str(body[name]) for name in ("code", "type") if body.get(name)), None)
    return (message or fallback)[:MAX_MESSAGE_LENGTH], code


def parse_retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date), at most a day."""
    milliseconds = parse_number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return clamp_wait(milliseconds / 1000)
    header = headers.get("retry-after")
    seconds = parse_number(header)
    if seconds is not None:
        return clamp_wait(seconds)
    return compute_wait_until(header, now=now) if header else None


def parse_number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return None if math.isnan(value) else value


def compute_wait_until(date: str, *, now: datetime) -> float | None:
    try:
        when = email.utils.parsedate_to_datetime(date)
    except ValueError:
        return None
    return clamp_wait((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def clamp_wait(seconds: float) -> float:
    return min(max(seconds, 0.0), MAX_WAIT_SECONDS)


def name_cause(error: openai.APIConnectionError) -> str:
    """The kind of failure. Its text is left out: it can repeat headers."""
    return type(error.__cause__ or error).__name__
