"""Query parameters: unknown ones and repeated ones are refused, on every route."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from service.http.query_parameters import find_query_parameters
from tests.http_client import client

METHODS = ("get", "post", "put", "patch", "delete")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


async def test_a_misspelt_parameter_is_refused_with_the_nearest_name(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/tasks?nmae=x&limit=5")
    assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter")
    [fault] = response.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("?nmae", "unknown_parameter")
    assert fault["detail"].endswith("Did you mean ?name?")


async def test_a_name_like_no_other_gets_the_list(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/tasks?zzz=1")
    assert "?cursor, ?limit, ?name" in response.json()["detail"]


async def test_every_operation_refuses_a_parameter_it_does_not_have(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    for method, path, _ in operations(document):
        response = await api.request(method, f"{fill(path)}?no_such_parameter=1", headers={"Idempotency-Key": path})
        assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter"), (method, path)


def fill(path: str) -> str:
    """Put something of the right form in place of each path parameter."""
    parts = path.split("/")
    numbers = {"{seq}", "{level}", "{number}", "{before}", "{after}"}
    return "/".join(
        "1" if part in numbers else "01900000-0000-7000-8000-000000000000" if part.startswith("{") else part
        for part in parts
    )


@pytest.mark.parametrize("path", ["/v1/tasks?limit=1&limit=2", "/v1/events?after=0&after=1"])
async def test_a_parameter_of_one_value_is_sent_once(api: httpx.AsyncClient, path: str) -> None:
    response = await api.get(path)
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "repeated_parameter"


async def test_a_list_may_be_repeated(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/events?types=task_created&types=dataset_created")
    assert response.status_code == 200


async def test_a_missing_key_and_a_missing_scope_come_before_the_parameter(
    app: Litestar, api: httpx.AsyncClient
) -> None:
    response = await api.post("/v1/api-keys", json={"name": "narrow", "scopes": ["operations:read"]})
    async with client(app, None) as anyone, client(app, response.json()["secret"]) as narrow:
        assert (await anyone.get("/v1/tasks?x=1")).status_code == 401
        assert (await narrow.get("/v1/tasks?x=1")).status_code == 403


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_health_routes_refuse_parameters_and_pages_do_not(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(f"{path}?verbose=1")).status_code == 400
    assert (await api.get("/docs?theme=dark")).status_code == 200


async def test_what_is_accepted_is_what_the_document_declares(app: Litestar, api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    declared = {
        operation["operationId"]: {
            parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"
        }
        for _, _, operation in operations(document)
    }
    handlers = [handler for route in app.routes if isinstance(route, HTTPRoute) for handler in route.route_handlers]
    accepted = {
        handler.operation_id: set(find_query_parameters(handler))
        for handler in handlers
        if handler.resolve_include_in_schema()
    }
    assert accepted == declared


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/tasks", "GET, OPTIONS, POST"),
        ("POST", "/livez", "GET, OPTIONS"),
        ("HEAD", "/v1/tasks", "GET, OPTIONS, POST"),
        ("POST", f"/v1/tasks/{'0' * 8}-0000-7000-8000-000000000000", "GET, OPTIONS, PATCH"),
    ],
)
async def test_405_names_all_methods_of_the_path(api: httpx.AsyncClient, method: str, path: str, allowed: str) -> None:
    refused = await api.request(method, path)
    options = await api.options(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, options.headers["allow"])
    assert refused.headers["allow"] == allowed
