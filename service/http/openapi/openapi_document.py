"""The OpenAPI document: Litestar's, completed with what holds for every route (refusals, keys, ids), and its page."""

import inspect
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.enums import MediaType
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Stream

from service.http.openapi.field_docs import describe_fields
from service.http.openapi.operation_examples import add_examples
from service.http.problems import MEDIA_TYPE, ProblemDetails

_WHY = {
    400: "The request is not valid; `errors` names each fault.",
    401: "No valid API key.",
    403: "The API key lacks the scope.",
    404: "No such resource in this workspace.",
    409: "In conflict with the present state, or the Idempotency-Key's first request is still running.",
    412: "The resource has changed: If-Match is stale.",
    413: "The body is larger than this route takes.",
    415: "The body's media type is not supported.",
    422: "The content is not acceptable, or the Idempotency-Key was used for another request.",
    429: "Too many requests.",
    501: "An optional part is not installed; the answer says which extra has it.",
    502: "The provider refused, in its own words.",
    503: "Not available at the moment; try again after Retry-After.",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r'^"?[!#-~]+"?$'},
    "description": "Up to 255 characters. The same key and request again within 7 days gets the first answer again.",
}
_METHODS = ("get", "put", "post", "delete", "patch")
REF = "#/components/schemas/{name}"


def document(app: Litestar) -> dict[str, Any]:
    """The document that is served, committed, and that clients are generated from."""
    schema = app.openapi_schema.to_schema()
    schema["openapi"] = "3.1.0"
    routes = {handler.operation_id: Shapes(handler) for route in app.routes for handler in _handlers(route)}
    kinds = list(dict.fromkeys(kind for shapes in routes.values() for kind in (*shapes.body, *shapes.answer)))
    schemas, components = msgspec.json.schema_components([*kinds, ProblemDetails], ref_template=REF)
    known = dict(zip(kinds, schemas, strict=False))
    schema.setdefault("components", {})["schemas"] = {name: _with_times(each) for name, each in components.items()}
    describe_fields(schema["components"]["schemas"])
    schema["components"]["responses"] = {f"Problem{status}": _problem(why) for status, why in _WHY.items()}
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                shapes = routes[item[method]["operationId"]]
                shapes.describe(item[method], known)
                _complete(path, method, item[method], scope=shapes.scope)
    tidied(schema)
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                add_examples(path, method, item[method])
    return schema


class Shapes:
    """What a route takes and gives. msgspec describes its structs best: tags, discriminators, bounds, generics."""

    def __init__(self, handler: Any) -> None:
        data, given = handler.parsed_data_field, handler.parsed_return_field
        self.body = () if data is None else (data.annotation,)
        answer = given.annotation
        if given.is_subclass_of((Response, Stream)):
            answer = given.inner_types[0].annotation if given.inner_types else None
        self.answer = () if answer in (type(None), None, str, Any) else _alternatives(answer)
        self.scope = next((guard.scope for guard in handler.guards or () if hasattr(guard, "scope")), None)

    def describe(self, operation: dict[str, Any], known: dict[Any, Any]) -> None:
        """Put msgspec's schemas in place of Litestar's."""
        if self.body:
            _put(operation["requestBody"], [known[kind] for kind in self.body])
        if self.answer:
            [success] = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            _put(success, [known[kind] for kind in self.answer])


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """A union of structs without a tag is unknown to msgspec; an answer may be one."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _with_times(schema: dict[str, Any]) -> dict[str, Any]:
    """Times are RFC 3339; msgspec says so only of those it has to check."""
    for name, kind in schema.get("properties", {}).items():
        if name.endswith("_at"):
            for one in kind.get("anyOf", [kind]):
                if one.get("type") == "string":
                    one["format"] = "date-time"
    return schema


def _put(part: dict[str, Any], schemas: list[Any]) -> None:
    schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    part["content"] = {"application/json": {"schema": schema}}


def _complete(path: str, method: str, operation: dict[str, Any], *, scope: str | None) -> None:
    responses = operation["responses"]
    responses.pop("400", None)
    declared = {int(status) for status in responses if status.startswith(("4", "5"))}
    for status in sorted(declared.union(_statuses(path, method, operation))):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if method == "post" and path.startswith("/v1"):
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    if scope:
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()
    if not path.startswith("/v1"):
        operation["security"] = []


def _statuses(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    if not path.startswith("/v1"):
        return {503} if path == "/readyz" else set()
    statuses = {400, 401, 403, 429, 503}
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {404, 413, 415, 422}
    if method != "get":
        statuses |= {409, 422}
    if any(parameter.get("name") == "If-Match" for parameter in operation.get("parameters", ())):
        statuses.add(412)
    if operation.get("tags") in (["connections"], ["models"], ["tunes"]) and method == "post":
        statuses.add(502)
    return statuses


def _problem(why: str) -> dict[str, Any]:
    return {"description": why, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}}


def _handlers(route: Any) -> list[Any]:
    return list(getattr(route, "route_handlers", None) or [])


class OwnDocument(JsonRenderPlugin):
    """The completed document also where the documentation's page looks for one."""

    def render(self, request: Request[Any, Any, Any], _: dict[str, Any]) -> bytes:
        return encoded(request.app)


def encoded(app: Litestar) -> bytes:
    """The document as JSON, made once: it does not change while the application runs."""
    if "document" not in app.state:
        app.state["document"] = msgspec.json.encode(document(app))
    made: bytes = app.state["document"]
    return made


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(encoded(request.app), media_type=MediaType.JSON)


_SAID = {"200": "As asked.", "201": "Made; `Location` is where.", "202": "Accepted; `Location` is where to watch it."}
_SILENT = ("deprecated", "allowEmptyValue", "allowReserved", "exclusiveMinimum", "exclusiveMaximum")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "default")
# Parameters that say the same wherever they occur; one that is not here is an id.
_PARAMETERS = {
    "after": "Number of the later version.",
    "annotator": "Only those of this annotator.",
    "before": "Number of the earlier version.",
    "format": "The shape of the rows.",
    "level": "Level of the tile in the audit tree; 0 is the leaves.",
    "name": "Name of the version.",
    "number": "Number of the tile within its level, from 0.",
    "reason": "Why; the history shows it.",
    "seq": "Number of the event in its workspace's log.",
    "split": "Only examples of this split.",
    "version": "Only those of this version, such as v1.0.",
}
LOCATION = {"description": "The path of what was made.", "schema": {"type": "string", "format": "uri-reference"}}


def tidied(document: dict[str, Any]) -> dict[str, Any]:
    """The document, changed in place: nothing that is false or null, whole numbers whole, texts without indentation."""
    for node in _nodes(document):
        for name in [name for name in _SILENT if node.get(name) is False]:
            del node[name]
        for name in _BOUNDS:
            if isinstance(node.get(name), float) and node[name].is_integer():
                node[name] = int(node[name])
        if isinstance(node.get("description"), str):
            node["description"] = inspect.cleandoc(node["description"])
    for operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            _tidy_parameter(parameter)
        for status, response in operation["responses"].items():
            _tidy_response(status, response)
    return document


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _nodes(each)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (
            operation for operation in item.values() if isinstance(operation, dict) and "responses" in operation
        )


def _tidy_parameter(parameter: dict[str, Any]) -> None:
    schema = parameter["schema"]
    if not (parameter.get("description") or schema.get("description")):
        noun = parameter["name"].removesuffix("_id").replace("_", " ")
        parameter["description"] = _PARAMETERS.get(parameter["name"], f"Id of the {noun}.")
    schema.pop("description", None)  # the parameter has it
    kinds = schema.get("oneOf", [])
    if {"type": "null"} in kinds:
        # A parameter that is not given is not sent; none is sent as null.
        others = [kind for kind in kinds if kind != {"type": "null"}]
        del schema["oneOf"]
        schema.update(others[0] if len(others) == 1 else {"oneOf": others})
    if schema.get("default", ...) is None:
        del schema["default"]


def _tidy_response(status: str, response: dict[str, Any]) -> None:
    if status in _SAID:
        response["description"] = _SAID[status]
    if "$ref" in response:
        return
    if status in {"201", "202"}:
        response["headers"] = {**response.get("headers", {}), "Location": LOCATION}
    if not response.get("headers", True):
        del response["headers"]
