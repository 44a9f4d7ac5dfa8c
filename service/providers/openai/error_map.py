"""Translate the provider's errors into Refused (stop) or Unreachable (retry, and when)."""

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
import msgspec

from service.providers.openai.chat_schemas import find_request_id
from service.providers.openai.transport import DeadlinePassed
from service.providers.provider import Account, ErrorReply, Refused, Unreachable, UnreachableReason

MAX_WAIT_SECONDS = 86_400.0
MAX_MESSAGE_LENGTH = 1_000
MAX_CODE_LENGTH = 100
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")

RETRYABLE_STATUSES: frozenset[int] = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
UNDONE_STATUSES: frozenset[int] = frozenset({HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
SERVER_ERROR_TYPES = frozenset({"server_error", "overloaded_error"})
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
    """Raise Unreachable in place of the HTTP client's errors."""
    try:
        yield
    except httpx2.TimeoutException as error:
        seconds = error.seconds if isinstance(error, DeadlinePassed) else account.timeout_seconds
        detail = f"the provider did not respond within {round(seconds, 1):g} seconds"
        raise Unreachable(detail, because="timed_out", undone=isinstance(error, UNSENT)) from None
    except httpx2.ConnectError as error:
        raise Unreachable(f"the provider could not be reached: {type(error).__name__}", undone=True) from None
    except httpx2.HTTPError as error:  # its text is left out: it can repeat headers
        raise Unreachable(f"the provider closed the connection during its response: {type(error).__name__}") from None


def build_error(response: httpx2.Response, account: Account) -> Refused | Unreachable:
    """Build the error of a response whose body has been read."""
    reply = read_reply(response, account)
    status, code = response.status_code, reply.code or reply.type
    again = status in RETRYABLE_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if again and code not in PERMANENT_CODES:
        wait = parse_retry_after(response.headers, now=datetime.now(UTC))
        because: UnreachableReason = "busy" if status == HTTPStatus.TOO_MANY_REQUESTS else "down"
        return Unreachable(
            reply.message,
            retry_after=wait,
            provider_code=code,
            provider_status=status,
            because=because,
            undone=status in UNDONE_STATUSES,
            reply=reply,
        )
    return Refused(reply.message, provider_code=code, provider_status=status, reply=reply)


def build_stream_error(error: Any, response: httpx2.Response, account: Account) -> Refused | Unreachable:
    """Build the error of an error event, which comes after the status."""
    fields = error if isinstance(error, dict) else {"message": error}
    reply = build_reply(fields, account, otherwise="The provider broke off its answer with an error.")
    reply = msgspec.structs.replace(reply, request_id=find_request_id(response.headers))
    kind = Unreachable if reply.type in SERVER_ERROR_TYPES else Refused
    return kind(reply.message, provider_code=reply.code or reply.type, reply=reply)


def read_reply(response: httpx2.Response, account: Account) -> ErrorReply:
    """The provider's message and code: of an error object, of FastAPI's `detail`, of a text under `error`.

    Anything else is not shown. A server that is no provider has said it, perhaps to somebody who may not read it.
    """
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    shown = media_type if MEDIA_TYPE.fullmatch(media_type) else "something else"
    otherwise = f"The provider answered {response.status_code} with {shown}, not with its JSON error."
    reply = build_reply(find_error(response, media_type), account, otherwise=otherwise)
    return msgspec.structs.replace(
        reply,
        status=response.status_code,
        request_id=find_request_id(response.headers),
        should_retry=response.headers.get("x-should-retry"),
    )


def build_reply(fields: Mapping[str, Any], account: Account, *, otherwise: str) -> ErrorReply:
    """Read an error object, without the secret."""

    def read(name: str, most: int) -> str | None:
        value = fields.get(name)
        if not isinstance(value, str | int) or value == "":
            return None
        text = str(value).replace(account.secret, "…") if account.secret else str(value)
        return text.replace("\0", "")[:most]

    texts = [read(name, MAX_MESSAGE_LENGTH) for name in ("message", "detail") if isinstance(fields.get(name), str)]
    return ErrorReply(
        message=next(filter(None, texts), otherwise),
        type=read("type", MAX_CODE_LENGTH),
        code=read("code", MAX_CODE_LENGTH),
        param=read("param", MAX_CODE_LENGTH),
    )


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
