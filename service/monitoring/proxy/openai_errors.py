"""Errors for OpenAI's clients: the provider's as it sent them, ours in its words, beside the usual problem details.

The status decides which exception a client raises and whether it asks again, so a client sees the one that it would
see without us. A provider's 401 is the exception: it concerns the connection's key, and would read as the caller's.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from service.errors import Fault, Problem
from service.http.problems import HANDLERS, MEDIA_TYPE
from service.providers.provider import ErrorReply, Refused, Unreachable

TYPES = {403: "permission_error", 429: "rate_limit_error"}
# OpenAI's words for what our problems name otherwise.
CODES = {"unauthenticated": "invalid_api_key", "rate_limited": "rate_limit_exceeded"}
KEY_REFUSED = "provider_key_refused"
KEY_REFUSED_DETAIL = "The provider refused the key of this model's connection; replace the connection's secret."
PROVIDER_REQUEST_ID = "X-Provider-Request-Id"  # X-Request-Id is that of the request to us
INVALID = "invalid"  # a fault's code when it has none of its own


class OpenAIError(msgspec.Struct, frozen=True, kw_only=True):
    """An error in OpenAI's format; `param` is the field at fault, null without one."""

    message: str
    type: str
    param: str | None
    code: str | None


class _Problem(msgspec.Struct):
    """The fields read from a problem response."""

    detail: str
    status: int
    code: str
    errors: tuple[Fault, ...] = ()


def build_openai_error(problem: Problem) -> OpenAIError:
    """The error of a problem, for a response or for an event inside a stream."""
    return _build_error(_Problem(problem.detail, problem.status, problem.code, problem.errors), get_reply(problem))


def get_reply(problem: Exception) -> ErrorReply | None:
    """The provider's own error, where there is one."""
    return problem.reply if isinstance(problem, Refused | Unreachable) else None


def _build_error(problem: _Problem, reply: ErrorReply | None) -> OpenAIError:
    if reply is None:
        return _build_own_error(problem)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        message = f"{KEY_REFUSED_DETAIL} It said: {reply.message}"
        return OpenAIError(message=message, type="server_error", param=None, code=KEY_REFUSED)
    kind = reply.type or _choose_type(reply.status or problem.status)
    return OpenAIError(message=reply.message, type=kind, param=reply.param, code=reply.code)


def _build_own_error(problem: _Problem) -> OpenAIError:
    param = next((fault.pointer.strip("/").replace("/", ".") for fault in problem.errors if fault.pointer), None)
    code = next((fault.code for fault in problem.errors if fault.code != INVALID), problem.code)
    return OpenAIError(
        message=problem.detail, type=_choose_type(problem.status), param=param, code=CODES.get(code, code)
    )


def _choose_type(status: int) -> str:
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else TYPES.get(status, "invalid_request_error")


def _with_openai_error(handler: Callable[..., Response[Any]]) -> Callable[..., Response[Any]]:
    def handle(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        response, reply = handler(request, error), get_reply(error)
        problem = msgspec.json.decode(response.content, type=_Problem)
        status = _choose_status(problem.status, reply)
        openai_error = msgspec.to_builtins(_build_error(problem, reply))
        body = msgspec.json.decode(response.content) | {"status": status, "error": openai_error}
        return Response(
            msgspec.json.encode(body),
            status_code=status,
            headers={**response.headers, **_build_headers(error, status, reply)},
            media_type=MEDIA_TYPE,
        )

    return handle


def _choose_status(status: int, reply: ErrorReply | None) -> int:
    """The provider's status where it says something about the request, ours otherwise."""
    if reply is None or reply.status is None or reply.status == HTTPStatus.UNAUTHORIZED:
        return status
    is_about_request = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return reply.status if is_about_request else status


def _build_headers(error: Any, status: int, reply: ErrorReply | None) -> dict[str, str]:
    """Tell OpenAI's clients whether to ask again, and when (they would repeat every 502), and the provider's id."""
    headers: dict[str, str] = {}
    if reply is not None and reply.should_retry in ("true", "false"):
        headers["X-Should-Retry"] = reply.should_retry
    elif status == HTTPStatus.BAD_GATEWAY:
        headers["X-Should-Retry"] = "false"
    if reply is not None and reply.request_id:
        headers[PROVIDER_REQUEST_ID] = reply.request_id
    if isinstance(error, Problem) and error.retry_after is not None:
        headers["Retry-After-Ms"] = str(round(error.retry_after * 1000))
    return headers


OPENAI_HANDLERS: ExceptionHandlersMap = {kind: _with_openai_error(handler) for kind, handler in HANDLERS.items()}
