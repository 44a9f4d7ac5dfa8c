"""Turn every exception into an application/problem+json response (RFC 9457)."""

import math
import re
from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Any

import asyncpg
import msgspec
import sqlalchemy as sa
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException
from litestar.openapi import ResponseSpec
from litestar.types import ExceptionHandlersMap

from service.errors import (
    Fault,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    TooSlow,
    Unauthenticated,
    Unavailable,
)
from service.http.headers.request_ids import get_request_id
from service.http.path_hints import describe_unknown_path
from service.json_pointers import add_allowed_values

log = structlog.get_logger()
_MISSING = re.compile(r"^Missing required (?P<source>\w+) parameter '(?P<key>[^']+)'")
TYPE_PREFIX = "https://tuneledger.dev/problems/"
MEDIA_TYPE = "application/problem+json"
# Errors about Postgres, not the statement: it starts, stops, is full, or took too long.
TRANSIENT_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    OSError,
)
# Values that fit their type here and not in Postgres: times out of its range, large numbers, long keys of an index.
VALUE_ERRORS = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)
_VALUE_DETAIL = (
    "A value cannot be stored: a time, its offset or a number is out of range, or a text has characters or a length"
    " that is not allowed here."
)
_SLOW_DETAIL = (
    "The database needed longer than a request may take (TUNELEDGER_STATEMENT_TIMEOUT). Ask for less: a smaller page,"
    " a narrower filter, no count."
)
# By the handler's argument: the parameter's name in the request, and its type.
Parameters = Mapping[str, tuple[str, Any]]
NO_PARAMETERS: Parameters = MappingProxyType({})


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, as application/problem+json (RFC 9457)."""

    type: str
    """A URI for the kind of error."""
    title: str
    """The kind of error, for people."""
    status: int
    """The HTTP status."""
    detail: str
    """What went wrong, for people; the text may change."""
    code: str
    """The kind of error, for programs; stable."""
    request_id: str
    """The id of the request, as in X-Tuneledger-Request-Id, in events and in our logs."""
    errors: tuple[Fault, ...] = ()
    """Each thing that is wrong with the request."""


def build_problem_response(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    details = ProblemDetails(
        type=TYPE_PREFIX + problem.code,
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        request_id=get_request_id(request.scope),
        errors=problem.errors,
    )
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    if isinstance(problem, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, MethodNotAllowed):
        headers["Allow"] = ", ".join(problem.methods)
    return Response(msgspec.json.encode(details), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def translate_exception(
    error: HTTPException, parameters: Parameters = NO_PARAMETERS, path_parameters: Container[str] = ()
) -> Problem:
    """Translate an exception of Litestar into a Problem."""
    if isinstance(error, NotFoundException):
        return NotFound("No such path.")
    if isinstance(error, MethodNotAllowedException):
        methods = sorted(name.strip() for name in (error.headers or {}).get("allow", "").split(",") if name.strip())
        return MethodNotAllowed(f"This path has {', '.join(methods) or 'other methods'}.", methods=methods)
    if isinstance(error, ValidationException):
        return Invalid(
            "A parameter is invalid; see `errors`.",
            errors=[_fault(each, parameters, path_parameters) for each in _messages(error)],
        )
    if error.status_code == TooLarge.status:
        return TooLarge("The body is too large for this route.")
    return Invalid(error.detail)


def _messages(error: ValidationException) -> list[dict[str, Any]]:
    """The faults that Litestar found. Only the text of the exception names a missing parameter."""
    missing = _MISSING.match(error.detail)
    if missing is not None:
        return [{"key": missing["key"], "source": missing["source"], "message": "This parameter is required"}]
    return [message for message in error.extra or () if isinstance(message, dict)]


def _fault(message: dict[str, Any], parameters: Parameters, path_parameters: Container[str]) -> Fault:
    argument, source = str(message.get("key", "")), str(message.get("source", ""))
    name, kind = parameters.get(argument, (argument, None))
    by_name = source in ("path", "header") or argument in path_parameters
    detail = add_allowed_values(str(message.get("message", "Not valid")).rstrip("."), kind)
    return Fault(pointer=name if by_name else f"?{name}", detail=f"{detail}.")


def handle_problem(request: Request[Any, Any, Any], error: Problem) -> Response[Any]:
    return build_problem_response(request, error)


def handle_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if isinstance(error, NotFoundException):
        return build_problem_response(request, NotFound(describe_unknown_path(request.app, request.scope["path"])))
    return build_problem_response(request, translate_exception(error, _parameters(request), request.path_params))


def _parameters(request: Request[Any, Any, Any]) -> Parameters:
    """The parameter name and type of each argument of the handler and its dependencies."""
    handler = request.scope.get("route_handler")
    if handler is None:
        return NO_PARAMETERS
    functions = [provider.parsed_fn_signature for provider in handler.resolve_dependencies().values()]
    return {
        argument: (getattr(field.kwarg_definition, "name", None) or argument, field.raw)
        for function in (*functions, handler.parsed_fn_signature)
        for argument, field in function.parameters.items()
    }


def handle_unavailable_database(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.warning("database_unavailable", error=str(error)[:300])
    return build_problem_response(request, Unavailable("The database is not available; try again.", retry_after=1))


def handle_database_error(request: Request[Any, Any, Any], error: sa.exc.DBAPIError) -> Response[Any]:
    """A lost connection or a busy Postgres is temporary (503), a value that it cannot hold is the caller's (400).

    A statement that was cancelled for its time is both.

    Any other database error is a bug (500).
    """
    cause = error.orig and error.orig.__cause__
    if isinstance(cause, VALUE_ERRORS):
        log.warning("value_refused_by_database", error=type(cause).__name__)
        return build_problem_response(request, Invalid(_VALUE_DETAIL, errors=[Fault(detail=_VALUE_DETAIL)]))
    if isinstance(cause, asyncpg.QueryCanceledError):
        log.warning("statement_timeout", path=request.scope.get("path_template"))
        return build_problem_response(request, TooSlow(_SLOW_DETAIL, retry_after=10))
    is_transient = error.connection_invalidated or isinstance(cause, TRANSIENT_ERRORS)
    return handle_unavailable_database(request, error) if is_transient else handle_unexpected_error(request, error)


def handle_unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("unexpected_error", exc_info=error)
    return build_problem_response(request, Problem("Internal error; it has been logged with this request id."))


HANDLERS: ExceptionHandlersMap = {
    Problem: handle_problem,
    HTTPException: handle_http_exception,
    sa.exc.DBAPIError: handle_database_error,
    sa.exc.InterfaceError: handle_unavailable_database,
    sa.exc.OperationalError: handle_unavailable_database,
    sa.exc.TimeoutError: handle_unavailable_database,
    OSError: handle_unavailable_database,  # a socket error
    Exception: handle_unexpected_error,
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Build a route's `responses`: error statuses beyond those that every route has."""
    return {status: ResponseSpec(ProblemDetails, media_type=MEDIA_TYPE, generate_examples=False) for status in statuses}
