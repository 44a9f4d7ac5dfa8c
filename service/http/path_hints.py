"""Say what is wrong with a path that nothing answers: often a name stands where an id belongs."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Litestar
from litestar.routes import HTTPRoute

EXTERNAL_IDS = {"example": "/v1/datasets/{dataset_id}/examples?external_id="}


def describe_unknown_path(app: Litestar, path: str) -> str:
    """The detail of a 404: which part of the path is no id, and how to find the id."""
    parts = path.strip("/").split("/")
    for route in app.routes:
        if isinstance(route, HTTPRoute) and (wrong := _find_wrong_id(route, parts)) is not None:
            return _describe(app, route, parts, wrong)
    return "No such path."


def _find_wrong_id(route: HTTPRoute, parts: list[str]) -> int | None:
    """The position of the first part that should be an id, of a path that otherwise fits the route."""
    if len(route.path_components) != len(parts):
        return None
    wrong = None
    for position, (component, part) in enumerate(zip(route.path_components, parts, strict=True)):
        if isinstance(component, str):
            if component != part:
                return None
        elif component.type is UUID and wrong is None and not _is_uuid(part):
            wrong = position
    return wrong


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _describe(app: Litestar, route: HTTPRoute, parts: list[str], wrong: int) -> str:
    component: Any = route.path_components[wrong]
    noun = component.name.removesuffix("_id").replace("_", " ")
    article = "an" if noun[0] in "aeiou" else "a"
    text = parts[wrong][:100]
    detail = f"`{text}` is not an id of {article} {noun}"
    collection = "/" + "/".join(parts[:wrong])
    handler = _find_list(app, collection)
    if handler is None:
        known = EXTERNAL_IDS.get(noun)
        return f"{detail}; if it is an external id, find it with GET {known}{quote(text)}" if known else f"{detail}."
    by_name = f"?name={quote(text)}" if "name" in handler.parsed_fn_signature.parameters else ""
    return f"{detail}; find it with GET {collection}{by_name}"


def _find_list(app: Litestar, path: str) -> Any:
    """The handler that lists what is at `path`; None without one."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path == path and "GET" in route.methods:
            return route.route_handler_map["GET"][0]
    return None
