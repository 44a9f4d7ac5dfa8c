"""Refusals as OpenAI's clients read them: `error` in the middle of the problem that every other route answers with."""

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
    """The shape of OpenAI's own errors; `param` is the field at fault, where there is one."""

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
    """What is read of a problem that is about to be sent."""

    detail: str
    status: int
    code: str
    errors: tuple[Fault, ...] = ()


def _with_openai_error(handler: Callable[..., Response[Any]]) -> Callable[..., Response[Any]]:
    def handle(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        sent = handler(request, error)
        said = msgspec.json.decode(sent.content, type=_Problem)
        whole = msgspec.json.decode(sent.content) | {
            "error": msgspec.to_builtins(_build_error(said.detail, said.status, said.code, said.errors))
        }
        body = msgspec.json.encode(whole)
        return Response(body, status_code=said.status, headers=sent.headers, media_type=MEDIA_TYPE)

    return handle


OPENAI_HANDLERS: ExceptionHandlersMap = {kind: _with_openai_error(handler) for kind, handler in HANDLERS.items()}
