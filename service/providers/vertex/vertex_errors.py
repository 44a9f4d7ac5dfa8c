"""Google's errors: a status of google.rpc with details that say whether, and when, to try again."""

import json
from typing import Any

import httpx2
import msgspec

from service.providers.curves import to_number
from service.providers.openai.error_map import build_error, build_reply, clamp_wait, find_error
from service.providers.provider import Account, ErrorReply, Refused, Unreachable

TOO_MANY, SERVER_ERROR = 429, 500
EXHAUSTED = "RESOURCE_EXHAUSTED"
# Google's words for what waiting does not mend, from google.api.ErrorReason.
PERMANENT_REASONS = frozenset({"RESOURCE_QUOTA_EXCEEDED", "BILLING_DISABLED", "SERVICE_DISABLED", "CONSUMER_SUSPENDED"})
BUSY = frozenset({EXHAUSTED, "UNAVAILABLE", "ABORTED", "INTERNAL", "DEADLINE_EXCEEDED"})
CODES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", EXHAUSTED, "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)


def build_google_error(response: httpx2.Response, account: Account) -> Refused | Unreachable:
    """Build the error of a response whose body has been read."""
    error = build_error(response, account)
    fields = find_fields(response)
    reply = describe(fields, account, status=response.status_code, otherwise=error.detail)
    if isinstance(error, Unreachable):
        if is_permanent(fields):
            return Refused(reply.message, provider_code=reply.code, provider_status=reply.status, reply=reply)
        wait = error.retry_after if error.retry_after is not None else find_delay(fields)
        return Unreachable(
            reply.message,
            retry_after=wait,
            provider_code=reply.code,
            provider_status=reply.status,
            because=error.because,
            undone=error.undone,
            reply=reply,
        )
    return Refused(reply.message, provider_code=reply.code, provider_status=reply.status, reply=reply)


def build_google_stream_error(fields: Any, account: Account) -> Refused | Unreachable:
    """Build the error of an error inside a stream, which comes after the status."""
    fields = fields if isinstance(fields, dict) else {"message": fields}
    reply = describe(fields, account, status=None, otherwise="The provider broke off its answer with an error.")
    if reply.code in BUSY and not is_permanent(fields):
        return Unreachable(reply.message, retry_after=find_delay(fields), provider_code=reply.code, reply=reply)
    return Refused(reply.message, provider_code=reply.code, reply=reply)


def find_fields(response: httpx2.Response) -> dict[str, Any]:
    """The error object. A stream that is refused answers a list of one; OAuth has its words beside `error`."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        body = json.loads(response.content) if media_type == "application/json" else None
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        return {"message": body.get("error_description") or body["error"], "status": body["error"]}
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        return dict(body["error"])
    return find_error(response, media_type)


def describe(fields: dict[str, Any], account: Account, *, status: int | None, otherwise: str) -> ErrorReply:
    """`code` is Google's status such as INVALID_ARGUMENT, not the number that stands under that name."""
    code = fields.get("status") or next(iter(list_reasons(fields)), None)
    fault = next((each for each in list_faults(fields) if isinstance(each.get("field"), str)), {})
    reply = build_reply(
        {"message": fields.get("message"), "code": code, "type": code, "param": fault.get("field")},
        account,
        otherwise=otherwise,
    )
    return msgspec.structs.replace(reply, status=status)


def is_permanent(fields: dict[str, Any]) -> bool:
    """Whether a quota is used up, or is none at all, rather than a rate that the next minute gives again."""
    if PERMANENT_REASONS.intersection(list_reasons(fields)):
        return True
    limits = [detail.get("metadata") for detail in list_details(fields) if isinstance(detail.get("metadata"), dict)]
    return any(isinstance(limit, dict) and limit.get("quota_limit_value") == "0" for limit in limits)


def find_delay(fields: dict[str, Any]) -> float | None:
    """Seconds to wait, from the `retryDelay` of google.rpc.RetryInfo, such as `7s`."""
    texts = [detail.get("retryDelay") for detail in list_details(fields)]
    delays = [to_number(text.removesuffix("s")) for text in texts if isinstance(text, str)]
    return next((clamp_wait(delay) for delay in delays if delay is not None), None)


def list_details(fields: dict[str, Any]) -> list[dict[str, Any]]:
    return list_objects(fields.get("details"))


def list_objects(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def list_reasons(fields: dict[str, Any]) -> list[str]:
    entries = [*list_details(fields), *list_objects(fields.get("errors"))]  # the latter at the storage
    return [entry["reason"] for entry in entries if isinstance(entry.get("reason"), str)]


def list_faults(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The `fieldViolations` of google.rpc.BadRequest."""
    return [each for detail in list_details(fields) for each in list_objects(detail.get("fieldViolations"))]


def name_code(code: object) -> str | None:
    """The name of a number of google.rpc.Code."""
    number = to_number(code)
    if number is None or not 0 <= number < len(CODES):
        return None
    return CODES[int(number)]
