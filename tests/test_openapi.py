"""The OpenAPI document is what clients are generated from: committed, valid, and complete."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from service.cli.openapi import openapi_text
from service.errors import Problem
from service.http.openapi.operation_examples import EXAMPLES, build_curl, load_examples
from service.server.supervisor import ROOT

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> Any:
    return msgspec.json.decode(openapi_text())


def operations(document: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def test_the_committed_document_is_the_applications() -> None:
    committed = (ROOT / "openapi" / "openapi.json").read_text()
    assert committed == openapi_text(), "run `make openapi` and commit what it writes"


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


async def test_the_served_document_is_the_same_in_both_places(api: httpx.AsyncClient, document: Any) -> None:
    served = await api.get("/openapi.json")
    assert served.json() == document
    assert (await api.get("/docs/openapi.json")).content == served.content


def test_every_operation_has_a_name_that_a_person_would_choose(document: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) > 15
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name)] == []
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_operation_says_what_it_does_and_belongs_somewhere(document: Any) -> None:
    for path, method, operation in operations(document):
        assert operation["summary"].strip(), (method, path)
        assert len(operation["tags"]) == 1, (method, path)


def test_every_operation_documents_its_refusals(document: Any) -> None:
    for path, method, operation in operations(document):
        if not path.startswith("/v1"):
            continue
        documented = set(operation["responses"])
        assert {"400", "401", "403", "429", "503"} <= documented, (method, path)
        assert "404" in documented or "{" not in path, (method, path)
        assert {"409", "422"} <= documented or method == "get", (method, path)
        assert {"413", "415"} <= documented or "requestBody" not in operation, (method, path)
        assert operation["security"] == [{"api_key": []}], (method, path)


def test_every_refusal_is_a_problem(document: Any) -> None:
    for name, response in document["components"]["responses"].items():
        schema = response["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ProblemDetails"}, name
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert response == {"$ref": f"#/components/responses/Problem{status}"}, (method, path)


def test_every_status_the_code_can_refuse_with_is_documented(document: Any) -> None:
    def kinds(of: type[Problem]) -> Iterator[type[Problem]]:
        for kind in of.__subclasses__():
            yield kind
            yield from kinds(kind)

    statuses = {kind.status for kind in kinds(Problem)} - {405}  # the document says which methods there are
    assert {f"Problem{status}" for status in statuses} <= set(document["components"]["responses"])


def test_every_answer_in_json_has_a_named_shape(document: Any) -> None:
    for path, method, operation in operations(document):
        status = min(status for status in operation["responses"] if status.startswith("2"))
        content = operation["responses"][status].get("content", {})
        assert "application/json" not in content or "$ref" in str(content["application/json"]["schema"]), (method, path)


def test_every_page_says_what_it_holds(document: Any) -> None:
    schemas = document["components"]["schemas"]
    pages = {name: schema for name, schema in schemas.items() if "next_cursor" in schema.get("properties", {})}
    assert len(pages) > 3
    for name, schema in pages.items():
        assert "$ref" in schema["properties"]["data"]["items"], name


def test_unions_of_objects_tell_their_members_apart(document: Any) -> None:
    """A generated client has to know which struct to parse before it parses one."""
    for node in nodes(document["components"]["schemas"]):
        members = [each for each in node.get("anyOf", []) + node.get("oneOf", []) if "$ref" in each]
        if len(members) > 1:
            assert node.get("discriminator", {}).get("propertyName"), node


def test_every_field_and_every_parameter_says_what_it_is(document: Any) -> None:
    schemas = document["components"]["schemas"].items()
    fields = [
        (f"{name}.{field}", kind) for name, schema in schemas for field, kind in schema.get("properties", {}).items()
    ]
    assert len(fields) > 1_900
    assert [name for name, kind in fields if not kind.get("description", "").strip()] == []
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description", "").strip(), (method, path, parameter["name"])


def test_every_operation_has_a_recorded_request_and_answer(document: Any) -> None:
    recorded = load_examples()
    for path, method, operation in operations(document):
        name = operation["operationId"]
        if not path.startswith("/v1"):
            continue
        exchange = recorded[name]
        [sample] = operation["x-codeSamples"]
        assert sample["source"] == build_curl(method, exchange), name
        answer = operation["responses"][str(exchange.status)].get("content", {})
        if exchange.response is not None:
            assert answer[exchange.response_type]["example"] == exchange.response, name
        body = operation.get("requestBody", {}).get("content", {})
        if exchange.request is not None and exchange.request_type in body:
            assert body[exchange.request_type]["example"] == exchange.request, name


def test_no_example_is_of_an_operation_that_is_gone_or_shows_a_secret(document: Any) -> None:
    assert set(load_examples()) <= {operation["operationId"] for _, _, operation in operations(document)}
    text = EXAMPLES.read_text()
    assert re.findall(r"tl_[A-Za-z0-9_-]{16,}|whsec_[A-Za-z0-9+/=]{16,}|sk-[A-Za-z0-9]{16,}", text) == []


def test_creating_says_where_it_is(document: Any) -> None:
    for path, method, operation in operations(document):
        for status in ("201", "202"):
            if status in operation["responses"]:
                assert "Location" in operation["responses"][status]["headers"], (method, path)


def test_every_post_takes_an_idempotency_key(document: Any) -> None:
    posts = [operation for path, method, operation in operations(document) if method == "post"]
    assert posts
    for operation in posts:
        assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]


def test_a_change_that_can_be_stale_says_so(document: Any) -> None:
    for path, method, operation in operations(document):
        takes = "If-Match" in [parameter["name"] for parameter in operation.get("parameters", [])]
        assert takes == ("412" in operation["responses"]), (method, path)
