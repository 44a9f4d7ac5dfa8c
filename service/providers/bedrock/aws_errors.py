"""The errors of AWS, by their codes: which refuse for good, and which ask to try again."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx2
import msgspec

from service.providers.bedrock.aws_keys import AwsKeys
from service.providers.openai.chat_schemas import find_request_id
from service.providers.openai.error_map import build_reply, find_error, parse_retry_after
from service.providers.provider import Account, ErrorReply, Refused, Unreachable, UnreachableReason

ERROR_TYPE = "x-amzn-errortype"
CONFLICT = "ConflictException"
# A name that is taken: the first by the documentation, the others as they were seen.
TAKEN = frozenset({CONFLICT, "ResourceInUseException", "ValidationException"})
# None: refused for good, whatever the status.
REASONS: Mapping[str, UnreachableReason | None] = {
    "ThrottlingException": "busy",
    "Throttling": "busy",
    "TooManyRequestsException": "busy",
    "RequestLimitExceeded": "busy",
    "SlowDown": "busy",
    "ModelNotReadyException": "busy",
    "ServiceUnavailableException": "down",
    "ServiceUnavailable": "down",
    "InternalServerException": "down",
    "InternalFailure": "down",
    "InternalError": "down",
    "ModelStreamErrorException": "down",
    "ModelErrorException": "down",
    "OperationAborted": "down",
    "ModelTimeoutException": "timed_out",
    "RequestTimeout": "timed_out",
    "ValidationException": None,
    CONFLICT: None,
    "ResourceInUseException": None,
    "ServiceQuotaExceededException": None,
    "AccessDeniedException": None,
    "ResourceNotFoundException": None,
    "TooManyTagsException": None,
}
NEW_KEYS = "Give the connection new keys."
HINTS: Mapping[str, str] = {
    "ExpiredTokenException": NEW_KEYS,
    "ExpiredToken": NEW_KEYS,
    "UnrecognizedClientException": NEW_KEYS,
    "InvalidClientTokenId": NEW_KEYS,
    "InvalidAccessKeyId": NEW_KEYS,
    "InvalidSignatureException": "The secret_access_key of the connection may be wrong, or this server's clock.",
    "SignatureDoesNotMatch": "The secret_access_key of the connection may be wrong, or this server's clock.",
    "PermanentRedirect": "The bucket may be in another region than the connection.",
    "ServiceQuotaExceededException": "Ask AWS for a higher quota, or wait until other jobs have ended.",
}
XML_FIELDS = {"message": re.compile(r"<Message>([^<]*)</Message>"), "code": re.compile(r"<Code>([^<]*)</Code>")}


def build_aws_error(response: httpx2.Response, account: Account, keys: AwsKeys) -> Refused | Unreachable:
    """Build the error of a response whose body has been read."""
    fields = find_fields(response)
    otherwise = f"AWS answered {response.status_code} without an error of its own."
    reply = describe(fields, account, keys, otherwise=otherwise)
    request_id = find_request_id(response.headers) or response.headers.get("x-amz-request-id")
    reply = msgspec.structs.replace(reply, status=response.status_code, request_id=request_id)
    reason = choose_reason(reply.code, response.status_code)
    if reason is None:
        return Refused(reply.message, provider_code=reply.code, provider_status=response.status_code, reply=reply)
    return Unreachable(
        reply.message,
        retry_after=parse_retry_after(response.headers, now=datetime.now(UTC)),
        provider_code=reply.code,
        provider_status=response.status_code,
        because=reason,
        undone=reason == "busy",
        reply=reply,
    )


def build_aws_stream_error(code: str, fields: Mapping[str, Any], account: Account, keys: AwsKeys) -> Exception:
    """Build the error of an exception inside a stream, which comes after the status."""
    code = code[:1].upper() + code[1:]  # a stream writes them with a small letter
    reply = describe({**fields, "code": code}, account, keys, otherwise="Bedrock broke off its answer with an error.")
    reason = choose_reason(code, None)
    if reason is None:
        return Refused(reply.message, provider_code=code, reply=reply)
    return Unreachable(reply.message, provider_code=code, because=reason, reply=reply)


def choose_reason(code: str | None, status: int | None) -> UnreachableReason | None:
    """Why to try again, or None where that does not help. The status decides for codes that are not known."""
    if code is not None and code in REASONS:
        return REASONS[code]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "busy"
    if status == HTTPStatus.REQUEST_TIMEOUT or (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "down"
    return None


def describe(fields: Mapping[str, Any], account: Account, keys: AwsKeys, *, otherwise: str) -> ErrorReply:
    """The error's words without the keys, and what to do about it."""
    reply = build_reply(fields, account, otherwise=otherwise)
    hint = HINTS.get(reply.code or "")
    message = keys.hide(reply.message)
    return msgspec.structs.replace(
        reply,
        message=f"{message.rstrip('. ')}. {hint}" if hint else message,
        code=keys.hide(reply.code) if reply.code else None,
        type=keys.hide(reply.type) if reply.type else None,
        param=None,
    )


def find_fields(response: httpx2.Response) -> dict[str, Any]:
    """The message and code: of a header and JSON at Bedrock, of XML at S3."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in {"application/xml", "text/xml"}:
        text = response.text
        found = {name: pattern.search(text) for name, pattern in XML_FIELDS.items()}
        return {name: html.unescape(match[1]) for name, match in found.items() if match}
    body = find_error(response, "application/json" if media_type == "application/x-amz-json-1.1" else media_type)
    code = response.headers.get(ERROR_TYPE) or body.get("__type") or body.get("code")
    # Such as `com.amazonaws#ValidationException:http://internal.amazon.com/…`.
    code = str(code).partition(":")[0].rpartition("#")[2] if code else None
    return {"message": body.get("message") or body.get("Message"), "code": code}
