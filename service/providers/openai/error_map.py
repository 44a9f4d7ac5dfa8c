"""Translate the openai SDK's errors into Refused (stop) or Unreachable (retry, and when)."""

import email.utils
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx2
import openai

from service.errors import Problem
from service.providers.openai.transport import DeadlinePassed
from service.providers.provider import Account, Refused, Unreachable, UnreachableReason

MAX_WAIT_SECONDS = 86_400.0
MAX_MESSAGE_LENGTH = 1_000
MAX_CODE_LENGTH = 100
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")

RETRYABLE_STATUSES: frozenset[int] = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
UNDONE_STATUSES: frozenset[int] = frozenset({HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
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

UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@contextmanager
def translate_errors(account: Account) -> Iterator[None]:
    """Raise Refused or Unreachable in place of the SDK's errors, in the provider's words and without the secret."""
    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        undone = any(isinstance(each, UNSENT) for each in (error, error.__cause__))
        passed = next((each for each in (error, error.__cause__) if isinstance(each, DeadlinePassed)), None)
        seconds = passed.seconds if passed else account.timeout_seconds
        detail = f"the provider did not respond within {round(seconds, 1):g} seconds"
        raise Unreachable(detail, because="timed_out", undone=undone) from None
    except openai.APIConnectionError as error:
        if isinstance(error.__cause__, Problem):  # of our transport: an address or a response that it does not take
            raise error.__cause__ from None
        undone = isinstance(error.__cause__, UNSENT)
        raise Unreachable(f"the provider could not be reached: {name_cause(error)}", undone=undone) from None
    except httpx2.ConnectError as error:
        raise Unreachable(f"the provider could not be reached: {type(error).__name__}", undone=True) from None
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
        return Unreachable(
            detail,
            retry_after=wait,
            provider_code=code,
            provider_status=status,
            because=because,
            undone=status in UNDONE_STATUSES,
        )
    return Refused(detail, provider_code=code, provider_status=status)


def read_message(error: openai.APIStatusError) -> tuple[str, str | None]:
    """The provider's message and code: of an error object, of FastAPI's `detail`, of a text under `error`.

    Anything else is not shown. A server that is no provider has said it, perhaps to somebody who may not read it.
    """
    media_type = error.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = find_error(error.response, media_type)
    code = next((str(body[name]) for name in ("code", "type") if body.get(name)), None)
    message = next((body[name] for name in ("message", "detail") if isinstance(body.get(name), str)), "")
    if not message:
        shown = media_type if MEDIA_TYPE.fullmatch(media_type) else "something else"
        message = f"The provider answered {error.status_code} with {shown}, not with its JSON error."
    return message[:MAX_MESSAGE_LENGTH], code[:MAX_CODE_LENGTH] if code else None


def find_error(response: httpx2.Response, media_type: str) -> dict[str, Any]:
    """The object that has the message; empty unless the answer is JSON by its own words."""
    if media_type != "application/json" and not media_type.endswith("+json"):
        return {}
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error", body) if isinstance(body, dict) else None
    return {"message": error} if isinstance(error, str) else error if isinstance(error, dict) else {}


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
