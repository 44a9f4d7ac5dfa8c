"""Fireworks' errors: a status of google.rpc by number or name, or OpenAI's shape where it answers chats."""

from http import HTTPStatus

import httpx2

from service.providers.provider import Account, Refused, Unreachable
from service.providers.vertex.vertex_errors import build_google_error, find_fields, name_code

FINAL_CODES = frozenset({"UNIMPLEMENTED", "ALREADY_EXISTS"})
WAKING = "DEPLOYMENT_SCALING_UP"
WAKING_DETAIL = "The deployment is waking up: it had scaled to zero, and answers in some minutes."
WAKING_SECONDS = 15.0


def build_fireworks_error(response: httpx2.Response, account: Account) -> Refused | Unreachable:
    """Build the error of a response whose body has been read."""
    error = build_google_error(response, account)
    code = error.provider_code or find_code(response)
    status, reply = response.status_code, error.reply
    if isinstance(error, Refused) or status == HTTPStatus.NOT_IMPLEMENTED or code in FINAL_CODES:
        return Refused(error.detail, provider_code=code, provider_status=status, reply=reply)
    waking = WAKING in (code or "", error.detail)
    return Unreachable(
        WAKING_DETAIL if waking else error.detail,
        retry_after=WAKING_SECONDS if waking and error.retry_after is None else error.retry_after,
        provider_code=code,
        provider_status=status,
        because="busy" if waking else error.because,
        undone=error.undone or waking,
        reply=reply,
    )


def find_code(response: httpx2.Response) -> str | None:
    """The code's name, of its number in google.rpc.Code or as it stands there."""
    code = find_fields(response).get("code")
    return name_code(code) or (code[:100] if isinstance(code, str) and code else None)
