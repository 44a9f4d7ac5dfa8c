"""A lost answer never makes two of anything."""

import asyncio
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.errors import InFlight, Invalid, KeyReused
from service.http.idempotency import PRUNE, claim, hash_request, parse_key
from service.http.responses import StoredResponse
from service.ledger.store import Claim

PRINT = hash_request(b"/v1/datasets", b"", b"{}")


async def names(api: httpx.AsyncClient) -> list[str]:
    return [dataset["name"] for dataset in (await api.get("/v1/datasets")).json()["data"]]


async def aged(engine: AsyncEngine, seconds: int) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            f"update ledger.answers set claimed_at = claimed_at - interval '{seconds} seconds'"
        )


async def test_a_repeat_gets_the_first_answer_and_makes_nothing(api: httpx.AsyncClient) -> None:
    first = await api.post("/v1/datasets", json={"name": "once"}, headers={"Idempotency-Key": "k"})
    again = await api.post("/v1/datasets", json={"name": "once"}, headers={"Idempotency-Key": '"k"'})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert await names(api) == ["once"]


async def test_another_body_under_the_same_key_is_refused(api: httpx.AsyncClient) -> None:
    await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    other = await api.post("/v1/datasets", json={"name": "b"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await names(api) == ["a"]


async def test_a_key_belongs_to_its_route_and_its_workspace(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    mine = await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    theirs = await stranger.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    elsewhere = await api.post("/v1/tasks", json={"name": "a", "instruction": "do"}, headers={"Idempotency-Key": "k"})
    assert [r.status_code for r in (mine, theirs, elsewhere)] == [201, 201, 201]
    assert mine.json()["id"] != theirs.json()["id"]


async def test_of_many_at_once_one_is_carried_out(api: httpx.AsyncClient) -> None:
    async def post() -> httpx.Response:
        return await api.post("/v1/datasets", json={"name": "race"}, headers={"Idempotency-Key": "k"})

    answers = await asyncio.gather(*(post() for _ in range(12)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"idempotency_in_flight"}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await names(api) == ["race"]


async def test_a_refusal_is_repeated_too(api: httpx.AsyncClient) -> None:
    first = await api.post("/v1/datasets", json={"nam": "a"}, headers={"Idempotency-Key": "k"})
    again = await api.post("/v1/datasets", json={"nam": "a"}, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code, again.content) == (400, 400, first.content)
    assert again.headers["content-type"].startswith("application/problem+json")


async def test_a_conflict_is_not_stored_since_it_may_pass(api: httpx.AsyncClient) -> None:
    await api.post("/v1/datasets", json={"name": "a"})
    first = await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    again = await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (409, 409)
    assert "idempotency-replayed" not in again.headers


async def test_a_key_whose_holder_died_is_free_after_its_time(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    assert isinstance(await claim(engine, workspace_id, "POST /x", "k", PRINT), Claim)
    with pytest.raises(InFlight):
        await claim(engine, workspace_id, "POST /x", "k", PRINT)
    await aged(engine, 31)
    assert isinstance(await claim(engine, workspace_id, "POST /x", "k", PRINT), Claim)


async def test_a_key_is_held_by_one_body_while_it_runs(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    await claim(engine, workspace_id, "POST /x", "k", PRINT)
    with pytest.raises(KeyReused):
        await claim(engine, workspace_id, "POST /x", "k", hash_request(b"other"))


async def test_answers_are_kept_seven_days(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    body = {"name": "a"}
    made = await api.post("/v1/datasets", json=body, headers={"Idempotency-Key": "k"})
    workspace_id = UUID((await api.get("/v1/me")).json()["workspace_id"])
    print_ = hash_request(b"/v1/datasets", b"", made.request.content)
    await aged(engine, 6 * 86_400)
    assert isinstance(await claim(engine, workspace_id, "POST /v1/datasets", "k", print_), StoredResponse)
    await aged(engine, 2 * 86_400)
    async with engine.begin() as connection:
        assert (await connection.exec_driver_sql(PRUNE)).rowcount == 1
    assert isinstance(await claim(engine, workspace_id, "POST /v1/datasets", "k", print_), Claim)


@pytest.mark.parametrize("header", ["", '""', "a" * 256, "ü", "a\tb"])
def test_a_key_that_is_none_is_refused_by_name(header: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_key(header)
    assert caught.value.errors[0].pointer == "Idempotency-Key"


@pytest.mark.parametrize(
    ("header", "key"), [("a", "a"), ('"a"', "a"), ("a" * 255, "a" * 255), ("a b", "a b"), (None, None)]
)
def test_a_key_is_bare_or_quoted(header: str | None, key: str | None) -> None:
    assert parse_key(header) == key
