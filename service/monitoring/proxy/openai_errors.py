"""Add OpenAI's `error` object to the problem details that every route answers with, for OpenAI's clients."""

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from service.errors import Fault, Problem
from service.http.problems import HANDLERS, MEDIA_TYPE

TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
SERVER_ERROR = 500


class OpenAIError(msgspec.Struct, frozen=True, kw_only=True):
    """An error in OpenAI's format; `param` is the field at fault, null without one."""

    message: str
    type: str
    param: str | None
    code: str


def build_openai_error(problem: Problem) -> OpenAIError:
    return _build_error(problem.detail, problem.status, problem.code, problem.errors)


def _build_error(message: str, status: int, code: str, faults: tuple[Fault, ...]) -> OpenAIError:
    param = next((fault.pointer.strip("/").replace("/", ".") for fault in faults if fault.pointer), None)
    kind = "server_error" if status >= SERVER_ERROR else TYPES.get(status, "invalid_request_error")
    return OpenAIError(message=message, type=kind, param=param, code=code)


class _Problem(msgspec.Struct):
    """The fields read from a problem response."""

    detail: str
    status: int
    code: str
    errors: tuple[Fault, ...] = ()


def _with_openai_error(handler: Callable[..., Response[Any]]) -> Callable[..., Response[Any]]:
    def handle(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        response = handler(request, error)
        problem = msgspec.json.decode(response.content, type=_Problem)
        openai_error = _build_error(problem.detail, problem.status, problem.code, problem.errors)
        body = msgspec.json.decode(response.content) | {"error": msgspec.to_builtins(openai_error)}
        return Response(
            msgspec.json.encode(body), status_code=problem.status, headers=response.headers, media_type=MEDIA_TYPE
        )

    return handle


OPENAI_HANDLERS: ExceptionHandlersMap = {kind: _with_openai_error(handler) for kind, handler in HANDLERS.items()}
