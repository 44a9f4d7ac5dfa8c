"""Everything that goes wrong leaves as application/problem+json (RFC 9457), whoever raised it."""

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
    Unauthenticated,
    Unavailable,
)
from service.http.request_ids import request_id
from service.json_pointers import with_allowed_values

log = structlog.get_logger()
_MISSING = re.compile(r"^Missing required (?P<source>\w+) parameter '(?P<key>[^']+)'")
TYPES = "https://tuneledger.dev/problems/"
MEDIA_TYPE = "application/problem+json"
# What Postgres says of itself rather than of the statement: it starts, stops, is full, or took too long.
PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    OSError,
)
# By the argument of the handler: the parameter's name in the request, and its type.
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
    """The id of the request, as in X-Request-Id and in our logs."""
    errors: tuple[Fault, ...] = ()
    """Each thing that is wrong with the request."""


def problem_response(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    details = ProblemDetails(
        type=TYPES + problem.code,
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        request_id=request_id(request.scope),
        errors=problem.errors,
    )
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    if isinstance(problem, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return Response(msgspec.json.encode(details), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def translated(
    error: HTTPException, parameters: Parameters = NO_PARAMETERS, path_parameters: Container[str] = ()
) -> Problem:
    """A refusal of the framework as one of ours."""
    if isinstance(error, NotFoundException):
        return NotFound("There is nothing at this path.")
    if isinstance(error, MethodNotAllowedException):
        return MethodNotAllowed("This path does not have this method.")
    if isinstance(error, ValidationException):
        return Invalid(
            "A parameter is not valid; see `errors`.",
            errors=[_fault(each, parameters, path_parameters) for each in _messages(error)],
        )
    if error.status_code == TooLarge.status:
        return TooLarge("The body is larger than this route takes.")
    return Invalid(error.detail)


def _messages(error: ValidationException) -> list[dict[str, Any]]:
    """The faults it has found. Of a parameter that is missing, only its sentence tells the name."""
    missing = _MISSING.match(error.detail)
    if missing is not None:
        return [{"key": missing["key"], "source": missing["source"], "message": "This parameter is required"}]
    return [message for message in error.extra or () if isinstance(message, dict)]


def _fault(message: dict[str, Any], parameters: Parameters, path_parameters: Container[str]) -> Fault:
    argument, source = str(message.get("key", "")), str(message.get("source", ""))
    name, kind = parameters.get(argument, (argument, None))
    by_name = source in ("path", "header") or argument in path_parameters
    detail = with_allowed_values(str(message.get("message", "Not valid")).rstrip("."), kind)
    return Fault(pointer=name if by_name else f"?{name}", detail=f"{detail}.")


def on_problem(request: Request[Any, Any, Any], error: Problem) -> Response[Any]:
    return problem_response(request, error)


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    return problem_response(request, translated(error, _parameters(request), request.path_params))


def _parameters(request: Request[Any, Any, Any]) -> Parameters:
    """The name in the request and the type of each argument of the handler and of its dependencies."""
    handler = request.scope.get("route_handler")
    if handler is None:
        return NO_PARAMETERS
    functions = [provider.parsed_fn_signature for provider in handler.resolve_dependencies().values()]
    return {
        argument: (getattr(field.kwarg_definition, "name", None) or argument, field.raw)
        for function in (*functions, handler.parsed_fn_signature)
        for argument, field in function.parameters.items()
    }


def on_database_trouble(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.warning("database_unavailable", error=str(error)[:300])
    return problem_response(request, Unavailable("The database does not answer at the moment.", retry_after=1))


def on_database_error(request: Request[Any, Any, Any], error: sa.exc.DBAPIError) -> Response[Any]:
    """A broken connection or a busy Postgres is nobody's fault and passes; any other error is ours."""
    passing = error.connection_invalidated or isinstance(error.orig and error.orig.__cause__, PASSING)
    return on_database_trouble(request, error) if passing else on_anything(request, error)


def on_anything(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("unexpected_error", exc_info=error)
    return problem_response(request, Problem("Something went wrong on our side; it has been logged."))


HANDLERS: ExceptionHandlersMap = {
    Problem: on_problem,
    HTTPException: on_http_exception,
    sa.exc.DBAPIError: on_database_error,
    sa.exc.InterfaceError: on_database_trouble,
    sa.exc.OperationalError: on_database_trouble,
    sa.exc.TimeoutError: on_database_trouble,
    OSError: on_database_trouble,  # a socket that refuses, resets, times out or is not there
    Exception: on_anything,
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """For a route's `responses`: what it may refuse with beyond what every route of its kind may."""
    return {status: ResponseSpec(ProblemDetails, media_type=MEDIA_TYPE, generate_examples=False) for status in statuses}
