"""The OpenAPI document: Litestar's, completed with errors, headers and schemas, and cleaned up for generators."""

import inspect
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.enums import MediaType
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Stream

from service.http.images import SVG
from service.http.openapi.field_docs import describe_fields
from service.http.openapi.operation_examples import add_examples
from service.http.problems import MEDIA_TYPE, ProblemDetails

_PROBLEM_DESCRIPTIONS = {
    400: "The request is invalid; see `errors`.",
    401: "No valid API key.",
    403: "The API key lacks the scope.",
    404: "No such resource in this workspace.",
    408: "The body came too slowly.",
    410: "What this asks for was erased or deleted, or the response to an earlier request with this Idempotency-Key.",
    409: "Conflict with the current state, or the first request with this Idempotency-Key is still running.",
    412: "The resource has changed; If-Match is stale.",
    413: "The body is too large for this route.",
    415: "The body's media type is not supported.",
    416: "The range begins after the end of the content.",
    422: "The content is invalid, or the Idempotency-Key was used for another request.",
    429: "Too many requests.",
    501: "An optional package is not installed; the response names the extra to install.",
    502: "The provider rejected the request; `detail` has its message.",
    503: "Temporarily unavailable; try again after Retry-After.",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r'^"?[!#-~]+"?$'},
    "description": "Up to 255 characters. A repeat with the same key within 7 days returns the stored response.",
}
_METHODS = ("get", "put", "post", "delete", "patch")
REF = "#/components/schemas/{name}"


def build_document(app: Litestar) -> dict[str, Any]:
    """Build the document that is served, committed and used to generate the clients."""
    schema = app.openapi_schema.to_schema()
    schema["openapi"] = "3.1.0"
    routes = {handler.operation_id: OperationTypes(handler) for route in app.routes for handler in _handlers(route)}
    kinds = list(dict.fromkeys(kind for types in routes.values() for kind in (*types.body, *types.response)))
    schemas, components = msgspec.json.schema_components([*kinds, ProblemDetails], ref_template=REF)
    schema_of = dict(zip(kinds, schemas, strict=False))
    schema.setdefault("components", {})["schemas"] = {name: _mark_times(each) for name, each in components.items()}
    describe_fields(schema["components"]["schemas"])
    schema["components"]["responses"] = {
        f"Problem{status}": _build_problem(text) for status, text in _PROBLEM_DESCRIPTIONS.items()
    }
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                types = routes[item[method]["operationId"]]
                types.describe(item[method], schema_of)
                _describe_image(item[method])
                _complete(path, method, item[method], scopes=types.scopes)
    clean_up(schema)
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                add_examples(path, method, item[method])
    return schema


class OperationTypes:
    """The types of a route's body and response. msgspec describes them better than Litestar: tags, bounds, generics."""

    def __init__(self, handler: Any) -> None:
        data, returned = handler.parsed_data_field, handler.parsed_return_field
        self.body = () if data is None else (data.annotation,)
        response = returned.annotation
        if returned.is_subclass_of((Response, Stream)):
            response = returned.inner_types[0].annotation if returned.inner_types else None
        self.response = () if response in (type(None), None, str, bytes, Any) else _alternatives(response)
        self.scopes = [guard.scope for guard in handler.guards or () if hasattr(guard, "scope")]

    def describe(self, operation: dict[str, Any], schema_of: dict[Any, Any]) -> None:
        """Replace Litestar's schemas by msgspec's."""
        if self.body:
            _set_schemas(operation["requestBody"], [schema_of[kind] for kind in self.body])
        if self.response:
            [success] = [response for status, response in operation["responses"].items() if status.startswith("2")]
            _set_schemas(success, [schema_of[kind] for kind in self.response])


def _describe_image(operation: dict[str, Any]) -> None:
    """A chart comes as PNG too; a route names only one media type."""
    content = operation["responses"].get("200", {}).get("content", {})
    if SVG in content:
        content["image/png"] = content[SVG]


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """The members of a union: msgspec has no schema for a union of structs without tags."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _mark_times(schema: dict[str, Any]) -> dict[str, Any]:
    """Mark each time as a date-time, which msgspec does only for those it checks."""
    for name, kind in schema.get("properties", {}).items():
        if name.endswith("_at"):
            for one in kind.get("anyOf", [kind]):
                if one.get("type") == "string":
                    one["format"] = "date-time"
    return schema


def _set_schemas(part: dict[str, Any], schemas: list[Any]) -> None:
    schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    part["content"] = {"application/json": {"schema": schema}}


def _complete(path: str, method: str, operation: dict[str, Any], *, scopes: list[str]) -> None:
    responses = operation["responses"]
    responses.pop("400", None)
    declared = {int(status) for status in responses if status.startswith(("4", "5"))}
    for status in sorted(declared.union(_statuses(path, method, operation))):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if method == "post" and path.startswith("/v1"):
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    if scopes:
        needed = " and ".join(f"`{scope}`" for scope in scopes)
        operation["description"] = f"{operation.get('description', '')}\n\nScope: {needed}.".strip()
    if not path.startswith("/v1"):
        operation["security"] = []


def _statuses(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    if not path.startswith("/v1"):
        return {503} if path == "/readyz" else set()
    statuses = {400, 401, 403, 429, 503}
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {404, 408, 413, 415, 422}
    if method != "get":
        statuses |= {409, 422}
    if method == "post":
        statuses.add(410)
    if any(parameter.get("name") == "If-Match" for parameter in operation.get("parameters", ())):
        statuses.add(412)
    if operation.get("tags") in (["connections"], ["models"], ["tunes"]) and method == "post":
        statuses.add(502)
    return statuses


def _build_problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }


def _handlers(route: Any) -> list[Any]:
    return list(getattr(route, "route_handlers", None) or [])


class CompletedDocument(JsonRenderPlugin):
    """Serves the completed document to the documentation page."""

    def render(self, request: Request[Any, Any, Any], _: dict[str, Any]) -> bytes:
        return encode_document(request.app)


def encode_document(app: Litestar) -> bytes:
    """Encode the document as JSON, once for each application."""
    if "document" not in app.state:
        app.state["document"] = msgspec.json.encode(build_document(app))
    encoded: bytes = app.state["document"]
    return encoded


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(encode_document(request.app), media_type=MediaType.JSON)


_SUCCESS_DESCRIPTIONS = {
    "200": "Success.",
    "201": "Created; see `Location`.",
    "202": "Accepted; poll the operation at `Location`.",
}
_OMIT_IF_FALSE = ("deprecated", "allowEmptyValue", "allowReserved", "exclusiveMinimum", "exclusiveMaximum")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "default")
# Descriptions of parameters that mean the same everywhere; any other parameter without one is an id.
_PARAMETER_DESCRIPTIONS = {
    "after": "Number of the later version.",
    "annotator": "Only items of this annotator.",
    "before": "Number of the earlier version.",
    "format": "The format of the rows.",
    "level": "Level of the tile in the audit tree; 0 is the leaves.",
    "name": "Name of the version.",
    "number": "Number of the tile within its level, from 0.",
    "reason": "The reason; the history shows it.",
    "seq": "Number of the event in its workspace's log.",
    "split": "Only examples of this split.",
    "version": "Only items of this version, such as v1.0.",
}
LOCATION_HEADER = {
    "description": "Path of the new resource or operation.",
    "schema": {"type": "string", "format": "uri-reference"},
}


def clean_up(build_document: dict[str, Any]) -> dict[str, Any]:
    """Clean up the document in place: drop false and null defaults, write whole numbers as integers, unindent texts."""
    for node in _nodes(build_document):
        for name in [name for name in _OMIT_IF_FALSE if node.get(name) is False]:
            del node[name]
        for name in _NUMBERS:
            if isinstance(node.get(name), float) and node[name].is_integer():
                node[name] = int(node[name])
        if isinstance(node.get("description"), str):
            node["description"] = inspect.cleandoc(node["description"])
    for operation in _operations(build_document):
        for parameter in operation.get("parameters", ()):
            _tidy_parameter(parameter)
        for status, response in operation["responses"].items():
            _tidy_response(status, response)
            for content in response.get("content", {}).values():
                _add_discriminator(content.get("schema", {}), build_document["components"]["schemas"])
    return build_document


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _nodes(each)


def _operations(build_document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in build_document["paths"].values():
        yield from (
            operation for operation in item.values() if isinstance(operation, dict) and "responses" in operation
        )


def _add_discriminator(schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say which property tells the members of a response's union apart: the tag that each of them has alone."""
    paths = [member.get("$ref", "") for member in schema.get("oneOf", ())]
    tags = [
        schemas.get(path.rpartition("/")[2], {}).get("properties", {}).get("type", {}).get("enum") for path in paths
    ]
    if paths and all(tag is not None and len(tag) == 1 for tag in tags):
        mapping = {tag[0]: path for tag, path in zip(tags, paths, strict=True)}
        schema["discriminator"] = {"propertyName": "type", "mapping": mapping}


def _tidy_parameter(parameter: dict[str, Any]) -> None:
    schema = parameter["schema"]
    if not (parameter.get("description") or schema.get("description")):
        noun = parameter["name"].removesuffix("_id").replace("_", " ")
        parameter["description"] = _PARAMETER_DESCRIPTIONS.get(parameter["name"], f"Id of the {noun}.")
    schema.pop("description", None)  # the parameter has one
    kinds = schema.get("oneOf", [])
    if {"type": "null"} in kinds:
        # An absent parameter is not sent; no parameter is sent as null.
        others = [kind for kind in kinds if kind != {"type": "null"}]
        del schema["oneOf"]
        schema.update(others[0] if len(others) == 1 else {"oneOf": others})
    if schema.get("default", ...) is None:
        del schema["default"]


def _tidy_response(status: str, response: dict[str, Any]) -> None:
    if status in _SUCCESS_DESCRIPTIONS:
        response["description"] = _SUCCESS_DESCRIPTIONS[status]
    if "$ref" in response:
        return
    if status in {"201", "202"}:
        response["headers"] = {**response.get("headers", {}), "Location": LOCATION_HEADER}
    if not response.get("headers", True):
        del response["headers"]
