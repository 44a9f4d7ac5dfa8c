"""The OpenAPI document: Litestar's, completed with what holds for every route (refusals, keys, ids), and its page."""

from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.enums import MediaType

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


def document(app: Litestar) -> dict[str, Any]:
    """The document that is served, committed, and that clients are generated from."""
    schema = app.openapi_schema.to_schema()
    schema["openapi"] = "3.1.0"
    components = schema.setdefault("components", {})
    components["responses"] = {f"Problem{status}": _problem(why) for status, why in _WHY.items()}
    components["schemas"] |= _problem_schemas()
    scopes = {handler.operation_id: _scope(handler) for route in app.routes for handler in _handlers(route)}
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                _complete(path, method, item[method], scope=scopes.get(item[method].get("operationId")))
    return schema


def _complete(path: str, method: str, operation: dict[str, Any], *, scope: str | None) -> None:
    responses = operation["responses"]
    responses.pop("400", None)
    for status in _statuses(path, method, operation):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if method == "post" and path.startswith("/v1"):
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    if scope:
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()
    if not path.startswith("/v1"):
        operation["security"] = []


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    if not path.startswith("/v1"):
        return [503] if path == "/readyz" else []
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
    return sorted(statuses)


def _problem(why: str) -> dict[str, Any]:
    return {"description": why, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}}


def _problem_schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components([ProblemDetails], ref_template="#/components/schemas/{name}")
    return dict(schemas)


def _handlers(route: Any) -> list[Any]:
    return list(getattr(route, "route_handlers", None) or [])


def _scope(handler: Any) -> str | None:
    return next((guard.scope for guard in handler.guards or () if hasattr(guard, "scope")), None)


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[Any]:
    return Response(document(request.app), media_type=MediaType.JSON)
