"""Every route of the document, walked as a stranger and fed with nonsense. New routes are walked as they come."""

import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from requests import Session
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.server.supervisor import ROOT
from tests.live_server import KEY, served
from tests.world import World, furnish, sample

# As committed, which test_openapi compares with the application's: each process of pytest-xdist needs it to collect.
DOCUMENT: dict[str, Any] = msgspec.json.decode((ROOT / "openapi" / "openapi.json").read_bytes())
METHODS = ("get", "put", "post", "patch", "delete")
ROUTES = [(m, path, item[m]) for path, item in DOCUMENT["paths"].items() for m in METHODS if m in item]
PRIVATE = [(method, path, operation) for method, path, operation in ROUTES if path.startswith("/v1")]
EVERYBODY = {"get_me", "list_limits"}  # a key may always ask whose it is
# They show what a worker has sealed, and here there is none: tests/audit meets them with one.
SEALED = {"get_ledger_checkpoint", "get_ledger_tile", "prove_event", "prove_growth"}
# Only workers make artifacts: tests/tunes/test_weights.py meets them.
MADE_BY_WORKERS = {"get_artifact", "read_artifact"}
EXAMPLES = 5  # at random, besides some sixty that cover the operation's schemas
# One piece of code reads them for all routes: each way to cover one is sent to that many of them.
READ_ALIKE, ALIKE_ROUTES = frozenset({"limit", "cursor", "Authorization", "Idempotency-Key", "Content-Type"}), 5
ALIKE_SENT: defaultdict[tuple[str | None, Any], set[str]] = defaultdict(set)


def named(routes: list[tuple[str, str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", [pytest.param(r, id=f"{r[0]} {r[1]}") for r in routes])


@pytest.fixture(scope="module")
async def address(
    clones: asyncpg.Connection, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    async with served(clones, postgres_url, tmp_path_factory.mktemp("served")) as url:
        yield url


def client(address: str, key: str | None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    # Without TLS: to read all the authorities takes longer than a request, and there is a client for each test.
    return httpx.Client(base_url=address, headers=headers, timeout=60, verify=False)


@pytest.fixture(scope="module")
def world(address: str) -> Iterator[World]:
    with client(address, KEY) as opened:
        yield furnish(World(opened, key=KEY))


@pytest.fixture(scope="module")
def stranger(world: World, address: str) -> Iterator[httpx.Client]:
    """An admin of another workspace."""
    key = world.create("/workspaces", {"name": "elsewhere"})["api_key"]
    with client(address, key) as opened:
        yield opened


@pytest.fixture(scope="module")
def narrow(world: World) -> dict[str, str]:
    """Two keys, each of one scope: for every route at least one of them lacks the scope."""
    scopes = ["audit:read", "operations:read"]
    return {s: world.create("/api-keys", {"name": f"only {s}", "scopes": [s]})["secret"] for s in scopes}


def request(route: tuple[str, str, Any], known: dict[str, str]) -> dict[str, Any]:
    """A call of the route that is right in every respect, for whoever knows these ids."""
    method, path, operation = route
    url, params = path, {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            text = known.get(f"{parameter['name']} of {path}", known.get(parameter["name"], ""))
            url = url.replace(f"{{{parameter['name']}}}", text)
        elif parameter["in"] == "query" and parameter["required"]:
            params[parameter["name"]] = known[parameter["name"]]
        elif parameter["name"] == "seconds":
            params["seconds"] = "0"  # a live stream then ends when all there is was sent
    call: dict[str, Any] = {"method": method.upper(), "url": url, "params": params}
    content = operation.get("requestBody", {}).get("content", {})
    if list(content) == ["application/json"]:
        call["json"] = sample(content["application/json"]["schema"], DOCUMENT, known)
    return call


def other(text: str) -> str:
    """An id that nothing has in place of an id."""
    return str(uuid.uuid4()) if len(text) == 36 else text


def scope_of(operation: Any) -> str | None:
    _, separator, scope = operation.get("description", "").rpartition("Scope: `")
    return scope.split("`")[0] if separator else None


@named(PRIVATE)
def test_without_a_key_nothing_answers(address: str, world: World, route: Any) -> None:
    with client(address, None) as opened:
        refused = opened.request(**request(route, world.known))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@named(PRIVATE)
def test_a_key_without_the_scope_is_refused(address: str, world: World, narrow: dict[str, str], route: Any) -> None:
    scope = scope_of(route[2])
    if scope is None:
        assert route[2]["operationId"] in EVERYBODY
        return
    key = next(secret for held, secret in narrow.items() if held != scope)
    with client(address, key) as opened:
        refused = opened.request(**request(route, world.known))
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")


@named([route for route in PRIVATE if "{" in route[1]])
def test_another_workspaces_anything_is_not_there(world: World, stranger: httpx.Client, route: Any) -> None:
    before = world.head
    hidden = stranger.request(**request(route, world.known))
    if route[2]["operationId"] == "get_event":  # the stranger's log has an event of this number, too: its own
        assert hidden.json()["stream_id"] not in world.ids
        return
    if route[2]["operationId"] == "erase_subject":  # a key is no id: the stranger's workspace has nobody of that key
        assert hidden.status_code in {202, 400}
        return
    if scope_of(route[2]) == "operator":
        assert hidden.status_code == 403
        return
    absent = stranger.request(**request(route, {name: other(text) for name, text in world.known.items()}))
    assert hidden.json()["code"] == absent.json()["code"]
    # A body that would be refused of everybody may be refused first.
    assert hidden.status_code == 404 or (hidden.status_code in {400, 422} and "json" in request(route, world.known))
    assert world.head == before


@named([route for route in PRIVATE if "{" not in route[1]])
def test_a_stranger_is_shown_and_may_use_nothing_of_it(world: World, stranger: httpx.Client, route: Any) -> None:
    before = world.head
    call = request(route, world.known)
    answer = stranger.request(**call)
    assert not [each for each in world.ids if each in answer.text and each not in str(call)]
    uses = [name for name in call.get("json") or {} if name.endswith("_id") or name == "model"]
    if route[2]["operationId"] == "set_budget":
        uses = []  # its model is a name, also of one that is yet to come
    uses += [name for name in call["params"] if name == "evaluation"]
    sealed = route[2]["operationId"] in SEALED
    assert answer.is_success == (not uses and not sealed and scope_of(route[2]) != "operator"), answer.text
    assert world.head == before


@named([route for route in PRIVATE if "{" in route[1]])
def test_the_owner_finds_what_the_stranger_does_not(world: World, route: Any) -> None:
    """Else the walk as a stranger would prove nothing. Only reading: the rest of the walk needs what there is."""
    if route[0] == "get" and route[2]["operationId"] not in SEALED | MADE_BY_WORKERS:
        response = world.client.request(**request(route, world.known))
        assert response.status_code == 200, response.text


@schemathesis.check
def not_our_fault(context: schemathesis.CheckContext, response: Any, case: schemathesis.Case[Any]) -> bool | None:
    """No 5xx, but that a provider is not there: in these tests there is none."""
    if response.status_code in {502, 503} and response.json()["code"].startswith("provider_"):
        return None
    return not_a_server_error(context, response, case)


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@schemathesis.serializer("application/x-ndjson", "text/csv", "application/pdf", WORD)
def as_text(_: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


CHECKS = [not_our_fault, status_code_conformance, content_type_conformance, response_schema_conformance]
CONFIG = SchemathesisConfig()
CONFIG.projects.default.generation.update(max_examples=EXAMPLES, deterministic=True, no_shrink=True)
CONFIG.projects.default.phases.coverage.unexpected_methods = set()  # a test of its own sends them
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """One connection: to open one for each request takes as long as the requests do."""
    with Session() as opened:
        opened.trust_env = False  # the same is true of looking for proxies in the environment
        yield opened


@named(ROUTES)
def test_whatever_is_sent_the_answer_is_as_documented(address: str, session: Session, world: World, route: Any) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case[Any]) -> None:
        send_and_validate(case, address=address, session=session, known=world.known)

    # Not by `SCHEMA.parametrize()`: that builds the cases of all operations in each process that collects tests.
    operation = SCHEMA[route[1]][route[0]]
    project, feedback = CONFIG.projects.default, FeedbackSources()
    build_operation_test(config=project, operation=operation, test_func=send, given_kwargs={}, feedback=feedback)()


def send_and_validate(case: schemathesis.Case[Any], *, address: str, session: Session, known: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    with suppress(KeyError, TypeError, ValueError):
        # Nothing works in the background here, so that nothing would come of waiting longer.
        case.query["wait"] = min(float(case.query["wait"]), 0.1)
    if any(parameter["name"] == "seconds" for parameter in case.operation.definition.raw.get("parameters", [])):
        case.query = {**(case.query or {}), "seconds": 0}
    if is_sent_elsewhere(case):
        return
    there = {name: known[name] for name in case.path_parameters or {} if name in known}
    to_what_is_there = there and case.operation.method.lower() != "delete"  # a workspace's last way in is left alone
    # Of the many bodies that cover a schema, each is sent once: to nothing it would say no more than the random ones.
    if not (to_what_is_there and covers_more_than_path(case)):
        case.call_and_validate(address, session, headers, checks=CHECKS, timeout=60)
    if to_what_is_there:
        case.path_parameters.update(there)
        case.call_and_validate(address, session, headers, checks=CHECKS, timeout=60)


def is_sent_elsewhere(case: schemathesis.Case[Any]) -> bool:
    """Whether enough routes had this way to cover one of READ_ALIKE before."""
    how = case.meta.phase.data if case.meta else None
    if not isinstance(how, CoveragePhaseData) or how.parameter not in READ_ALIKE:
        return False
    routes = ALIKE_SENT[how.parameter, how.scenario]
    if len(routes) < ALIKE_ROUTES:
        routes.add(case.operation.label)
    return case.operation.label not in routes


def covers_more_than_path(case: schemathesis.Case[Any]) -> bool:
    how = case.meta.phase.data if case.meta else None
    return isinstance(how, CoveragePhaseData) and how.parameter_location != ParameterLocation.PATH


def test_a_method_that_a_path_lacks_is_refused(world: World) -> None:
    for number, (path, item) in enumerate(DOCUMENT["paths"].items()):
        lacking = [method for method in METHODS if method not in item]
        url = request(("get", path, next(item[method] for method in METHODS if method in item)), world.known)["url"]
        refused = world.client.request(lacking[number % len(lacking)], url)
        assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed"), path
        assert set(refused.headers["Allow"].lower().split(", ")) >= item.keys() & set(METHODS), path


def test_nonsense_in_a_path_is_not_found(world: World) -> None:
    for path in (
        "/v1/tasks/%00",
        "/v1/tasks/%ff",
        f"/v1/tasks/{uuid.uuid4()}x",
        "/v1/%2e%2e/tasks",
        "/v1/" + "a" * 5000,
    ):
        assert world.client.get(path).status_code == 404, path
