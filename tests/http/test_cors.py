"""What pages of other origins are told: named ones all they need, whatever the answer is, and others nothing."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.app import create_app
from service.composition import open_ledger
from service.database.engine import create_engine
from service.settings import Settings
from tests.conftest import as_owner
from tests.datasets.example_bodies import chat
from tests.http_client import OPERATOR_KEY, SHARED, client

PAGE, OTHER_PAGE = "https://app.example", "http://localhost:5173"
STRANGERS = (
    "https://elsewhere.example",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.elsewhere.example",
    "https://appxexample",
    "null",
)
SETTINGS = Settings(
    secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    cors_origins=f"{PAGE}, {OTHER_PAGE}",
    json_body_limit=2_000,
)
# Those that a browser shows to any page that may see the answer, and those that are not for pages.
ALWAYS_SHOWN = {"cache-control", "content-length", "content-type", "vary"}
NOT_FOR_PAGES = {"allow", "www-authenticate", "x-accel-buffering"}
UNCHANGED = "select 1"
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A request and the status of its last answer; `{dataset}` and `{example}` are there, `before` is done in SQL."""

    status: int
    path: str
    method: str = "GET"
    key: str | None = OPERATOR_KEY
    send: Mapping[str, Any] = {}
    limits: Mapping[str, Any] = {}
    before: str = UNCHANGED
    times: int = 1


CASES = {
    "a list": Case(status=200, path="/v1/datasets"),
    "a resource": Case(status=200, path="/v1/examples/{example}"),
    "one made": Case(status=201, method="POST", path="/v1/datasets", send={"json": {"name": "new"}}),
    "a file": Case(
        status=202, method="POST", path="/v1/datasets/{dataset}/imports", send={"content": b'{"messages": []}\n'}
    ),
    "an export": Case(status=200, path="/v1/datasets/{dataset}/export"),
    "a log": Case(status=200, path="/v1/events/export"),
    "a live stream": Case(status=200, path="/v1/events/stream?after=0&seconds=0"),
    "the document": Case(status=200, path="/openapi.json", key=None),
    "its page": Case(status=200, path="/docs", key=None),
    "liveness": Case(status=200, path="/livez", key=None),
    "nonsense": Case(status=400, path="/v1/datasets?limit=none"),
    "no key": Case(status=401, path="/v1/datasets", key=None),
    "no key for a stream": Case(status=401, path="/v1/events/stream", key=None),
    "no scope": Case(
        status=403,
        method="POST",
        path="/v1/workspaces",
        send={"json": {"name": "another"}},
        before="update api_keys set scopes = '{datasets:read}'",
    ),
    "nothing by this id": Case(status=404, path=f"/v1/datasets/{NOBODY}"),
    "nothing at this path": Case(status=404, path="/nowhere"),
    "no such method": Case(status=405, method="PUT", path="/v1/datasets"),
    "a name that is taken": Case(status=409, method="POST", path="/v1/datasets", send={"json": {"name": "headlines"}}),
    "a stale ETag": Case(
        status=412,
        method="PATCH",
        path="/v1/examples/{example}",
        send={"json": {"tags": ["x"]}, "headers": {"If-Match": '"7"'}},
    ),
    "a body too large": Case(status=413, method="POST", path="/v1/datasets", send={"json": {"name": "n" * 3_000}}),
    "a file too large": Case(
        status=413,
        method="POST",
        path="/v1/datasets/{dataset}/imports",
        send={"content": b"x" * 3_000},
        limits={"import_body_limit": 2_000},
    ),
    "no JSON": Case(
        status=415,
        method="POST",
        path="/v1/datasets",
        send={"content": b"x", "headers": {"Content-Type": "text/html"}},
    ),
    "an example of nothing": Case(
        status=422, method="POST", path="/v1/datasets/{dataset}/examples", send={"json": {"content": {"messages": []}}}
    ),
    "too many requests": Case(status=429, path="/v1/datasets", limits={"requests_per_minute": 1}, times=2),
    "a fault of ours": Case(status=500, path="/v1/datasets", before="alter table datasets rename to lost"),
    "a database behind the code": Case(
        status=503, path="/readyz", key=None, before="update alembic_version set version_num = '0001'"
    ),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@asynccontextmanager
async def opened(engine: AsyncEngine, settings: Settings = SETTINGS) -> AsyncIterator[httpx.AsyncClient]:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    async with client(SHARED.over(engine, settings), OPERATOR_KEY) as api:
        yield api


@pytest.fixture
async def api(engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(engine) as api:
        yield api


async def answered(case: Case, engine: AsyncEngine, origin: str) -> httpx.Response:
    usual = SHARED.over(engine, SETTINGS)
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    async with client(usual, OPERATOR_KEY) as api:
        dataset = (await api.post("/v1/datasets", json={"name": "headlines"})).json()["id"]
        example = (await api.post(f"/v1/datasets/{dataset}/examples", json={"content": chat("Why?")})).json()["id"]
    async with as_owner(engine) as owner, owner.begin() as connection:
        await connection.execute(sa.text(case.before))
    app = usual
    if case.limits:
        app = create_app(msgspec.structs.replace(SETTINGS, **case.limits), engine)
    elif case.before != UNCHANGED:
        # What an application remembers, such as a key's scopes, it would remember over what is done in SQL.
        app = SHARED.over(engine, SETTINGS)
    async with client(app, case.key) as page:
        page.headers["Origin"] = origin
        path = case.path.format(dataset=dataset, example=example)
        for _ in range(case.times):
            answer = await page.request(case.method, path, **case.send)
    assert answer.status_code == case.status, answer.text
    return answer


def read_cors_headers(answer: httpx.Response) -> dict[str, str]:
    """What the answer says of CORS."""
    return {name: text for name, text in answer.headers.items() if name.startswith("access-control-")}


def words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",")}


@each_case
async def test_a_page_that_is_named_may_read_the_answer_and_each_of_its_headers(
    case: Case, engine: AsyncEngine
) -> None:
    answer = await answered(case, engine, PAGE)
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers
    shown = words(answer.headers["access-control-expose-headers"]) | ALWAYS_SHOWN
    assert set(answer.headers) - read_cors_headers(answer).keys() - NOT_FOR_PAGES <= shown
    assert "x-request-id" in answer.headers
    if case.status >= 400:
        assert answer.json()["status"] == case.status


@each_case
async def test_a_page_that_is_not_named_is_told_nothing(case: Case, engine: AsyncEngine) -> None:
    answer = await answered(case, engine, STRANGERS[0])
    assert read_cors_headers(answer) == {}
    assert answer.headers["vary"] == "Origin"


async def test_a_database_that_is_away_is_a_problem_that_pages_can_read() -> None:
    nowhere = create_engine("postgresql://nobody@127.0.0.1:1/none")
    async with client(SHARED.over(nowhere, SETTINGS), OPERATOR_KEY) as api:
        answer = await api.get("/v1/datasets", headers={"Origin": PAGE})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "retry-after" in words(answer.headers["access-control-expose-headers"])
    await nowhere.dispose()


@pytest.mark.parametrize("path", ["/v1/datasets", "/v1/events/stream", f"/v1/examples/{NOBODY}", "/nowhere", "/docs"])
async def test_a_browser_may_ask_before_it_sends_without_a_key(api: httpx.AsyncClient, path: str) -> None:
    wanted = "authorization,content-type,idempotency-key,if-match,last-event-id,traceparent,x-request-id"
    del api.headers["Authorization"]
    for origin, method in product((PAGE, OTHER_PAGE), ("GET", "POST", "PUT", "PATCH", "DELETE")):
        answer = await api.options(path, headers=asking(origin, method=method, headers=wanted))
        assert (answer.status_code, answer.content) == (204, b""), (origin, method)
        assert answer.headers["access-control-allow-origin"] == origin
        assert method.lower() in words(answer.headers["access-control-allow-methods"])
        assert words(wanted) <= words(answer.headers["access-control-allow-headers"])
    assert int(answer.headers["access-control-max-age"]) > 0
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("path", ["/v1/datasets", "/v1/events/stream", "/nowhere", "/openapi.json"])
async def test_a_stranger_that_asks_before_it_sends_is_told_nothing(
    api: httpx.AsyncClient, path: str, origin: str
) -> None:
    del api.headers["Authorization"]
    answer = await api.options(path, headers=asking(origin, method="POST", headers="authorization"))
    assert read_cors_headers(answer) == {}
    assert PAGE not in answer.text


def asking(origin: str, *, method: str, headers: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}


async def test_an_answer_that_is_given_again_is_for_the_page_that_asks_again(api: httpx.AsyncClient) -> None:
    ask = {"url": "/v1/datasets", "json": {"name": "once"}}
    answers = [
        await api.post(**ask, headers={"Origin": origin, "Idempotency-Key": "k"})  # type: ignore[arg-type]
        for origin in (PAGE, OTHER_PAGE, STRANGERS[0])
    ]
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true", "true"]
    assert [answer.headers.get("access-control-allow-origin") for answer in answers] == [PAGE, OTHER_PAGE, None]


@pytest.mark.parametrize("origin", [PAGE, *STRANGERS])
async def test_without_the_setting_no_answer_speaks_of_origins(engine: AsyncEngine, origin: str) -> None:
    async with opened(engine, msgspec.structs.replace(SETTINGS, cors_origins=None)) as api:
        preflight = await api.options("/v1/datasets", headers=asking(origin, method="POST", headers="authorization"))
        answer = await api.get("/v1/datasets", headers={"Origin": origin})
    assert answer.status_code == 200
    assert (read_cors_headers(preflight), read_cors_headers(answer)) == ({}, {})
    assert "vary" not in answer.headers
