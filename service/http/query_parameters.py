"""Query parameters: refuse those that a route does not declare, and repeated ones that take one value."""

from collections import Counter
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from litestar import Request
from litestar.handlers import HTTPRouteHandler

from service.errors import Fault, Invalid


class UnknownParameter(Invalid):
    """The route does not have this query parameter"""

    code = "unknown_parameter"


async def check_query(request: Request[Any, Any, Any]) -> None:
    """Check the query's names before a route runs. Raises UnknownParameter, or Invalid for a repeated parameter."""
    if not request.scope["query_string"]:
        return
    handler = request.route_handler
    if not isinstance(handler, HTTPRouteHandler) or not handler.resolve_include_in_schema():
        return  # a page or a file, whose scripts may read the query
    declared = find_query_parameters(handler)
    counts = Counter(name for name, _ in request.query_params.multi_items())
    if unknown := [_refuse_unknown(name, declared) for name in counts if name not in declared]:
        raise UnknownParameter(unknown[0].detail, errors=unknown)
    repeated = [_refuse_repeated(name) for name, count in counts.items() if count > 1 and not declared[name]]
    if repeated:
        raise Invalid(repeated[0].detail, errors=repeated)


@lru_cache(maxsize=1024)
def find_query_parameters(handler: HTTPRouteHandler) -> dict[str, bool]:
    """Find the query parameters of a handler and the dependencies that it uses, and whether each is a list."""
    model = handler.create_kwargs_model(path_parameters={})
    return {parameter.field_alias: parameter.is_sequence for parameter in model.expected_query_params}


def _refuse_unknown(name: str, declared: dict[str, bool]) -> Fault:
    shown = name[:100]
    near = get_close_matches(shown, declared, n=1)
    if near:
        advice = f"Did you mean ?{near[0]}?"
    elif declared:
        advice = f"It has {', '.join(f'?{known}' for known in sorted(declared))}."
    else:
        advice = "It has none."
    return Fault(
        pointer=f"?{shown}", detail=f"This route has no parameter ?{shown}. {advice}", code="unknown_parameter"
    )


def _refuse_repeated(name: str) -> Fault:
    return Fault(pointer=f"?{name}", detail=f"?{name} takes one value; send it once.", code="repeated_parameter")


def to_utc(time: datetime | None, *, pointer: str) -> datetime | None:
    """Convert to UTC. Raises Invalid when the time has no zone or is out of range."""
    if time is not None and time.tzinfo is None:
        detail = f"The zone is missing: {time.isoformat()}Z, or an offset such as +02:00."
        raise Invalid(detail, errors=[Fault(pointer=pointer, detail=detail)])
    try:
        return time if time is None else time.astimezone(UTC)
    except OverflowError as error:
        detail = "This time is out of range."
        raise Invalid(detail, errors=[Fault(pointer=pointer, detail=detail)]) from error
