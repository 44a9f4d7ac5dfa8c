"""The event feed over HTTP."""

import hashlib
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.ledger.readers import feed
from service.ledger.readers.feed import EventFilter
from tests.datasets.import_files import ended, working


async def create_keys(api: httpx.AsyncClient, count: int) -> list[str]:
    """Keys of the caller's own: one event each."""
    body = {"member_id": (await api.get("/v1/me")).json()["member_id"], "scopes": ["audit:read"]}
    return [(await api.post("/v1/api-keys", json={"name": f"key {n}", **body})).json()["id"] for n in range(count)]


async def all_pages(api: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    while True:
        page = (await api.get("/v1/events", params=params)).json()
        seen += page["data"]
        if page["next_cursor"] is None:
            return seen
        params["cursor"] = page["next_cursor"]


async def workspace(api: httpx.AsyncClient) -> UUID:
    return UUID((await api.get("/v1/me")).json()["workspace_id"])


async def test_the_feed_has_every_event_once_in_order(api: httpx.AsyncClient) -> None:
    await create_keys(api, 5)
    seen = await all_pages(api, limit=2)
    assert [event["seq"] for event in seen] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [event["type"] for event in seen] == ["WorkspaceCreated", "MemberInvited"] + ["ApiKeyCreated"] * 6


async def test_following_the_feed_goes_on_from_where_it_was(api: httpx.AsyncClient) -> None:
    first = (await api.get("/v1/events")).json()
    assert (first["reached"], first["next_cursor"]) == (3, None)
    [key] = await create_keys(api, 1)
    news = (await api.get("/v1/events", params={"after": first["reached"]})).json()
    assert [(event["seq"], event["stream_id"]) for event in news["data"]] == [(4, key)]
    nothing = (await api.get("/v1/events", params={"after": 4})).json()
    assert (nothing["data"], nothing["reached"]) == ([], 4)


async def test_an_event_says_who_caused_it_and_in_which_request(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/api-keys", json={"name": "ci", "scopes": ["audit:read"]})
    event = (await api.get("/v1/events/5")).json()
    assert (event["stream"], event["stream_id"], event["version"]) == ("api_key", response.json()["id"], 1)
    assert (event["actor"], event["request_id"]) == ("first key", response.headers["x-tuneledger-request-id"])
    assert event["key_id"] == (await api.get("/v1/me")).json()["key_id"]
    assert event["data"]["name"] == "ci"
    assert response.json()["secret"] not in json.dumps(event)


async def test_a_leaf_can_be_computed_from_what_the_feed_says(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await create_keys(api, 1)
    workspace_id = await workspace(api)
    event = await feed.get_event(engine, workspace_id, 4)
    micros = round(event.recorded_at.timestamp() * 1_000_000)
    envelope = [str(workspace_id), 4, "api_key", str(event.stream_id), 1, "ApiKeyCreated"]
    envelope += [event.actor, event.request_id, micros, bytes(event.data).decode()]
    text = json.dumps(envelope, ensure_ascii=False)
    assert hashlib.sha256(b"\0" + text.encode()).hexdigest() == event.leaf
    assert (await api.get("/v1/events/4")).json()["leaf"] == event.leaf
    assert bytes(event.data) in (await api.get("/v1/events/4")).content


@pytest.mark.parametrize(
    ("params", "seqs"),
    [
        ({"types": "ApiKeyRevoked"}, [6]),
        ({"types": "ApiKeyRevoked,WorkspaceCreated"}, [1, 6]),
        ({"types": ["ApiKeyRevoked", "WorkspaceCreated"]}, [1, 6]),
        ({"stream": "workspace"}, [1]),
        ({"actor": "first key"}, [4, 5, 6]),
        ({"actor": "nobody"}, []),
        ({"stream": "api_key", "types": "ApiKeyCreated", "after": 3}, [4, 5]),
    ],
)
async def test_filters_narrow_the_feed(api: httpx.AsyncClient, params: dict[str, Any], seqs: list[int]) -> None:
    first, _ = await create_keys(api, 2)
    await api.delete(f"/v1/api-keys/{first}")
    assert [event["seq"] for event in await all_pages(api, limit=1, **params)] == seqs
    assert [event["seq"] for event in await all_pages(api, stream_id=first, limit=1)] == [4, 6]


async def test_a_search_in_a_long_log_says_how_far_it_came(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_keys(api, 8)
    monkeypatch.setattr(feed, "WINDOW", 3)
    monkeypatch.setattr(feed, "MAX_SEARCH_SECONDS", 0.0)
    page = (await api.get("/v1/events", params={"types": "Nothing", "actor": "nobody"})).json()
    assert (page["data"], page["reached"], page["next_cursor"]) == ([], 3, "3")
    assert await all_pages(api, types="Nothing") == []
    assert len(await all_pages(api, types="ApiKeyCreated", limit=4)) == 9


@pytest.mark.parametrize("seq", ["0", "5", "-1", str(-(2**63) - 1), "9" * 15, "9" * 30, "9" * 5000, "x", "1.5"])
async def test_there_is_no_event_of_that_number(api: httpx.AsyncClient, seq: str) -> None:
    assert (await api.get(f"/v1/events/{seq}")).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        f"after={'9' * 40}",
        "cursor=abc",
        "limit=0",
        "stream_id=1",
        "types=%00",
        "actor=%00",
        "resource=x",
        "resource=example:1",
        "from=yesterday",
        "to=0001-01-01",
        "operation=7",
        "request_id=%00",
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get(f"/v1/events?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"?{query.split('=', maxsplit=1)[0]}"


async def test_a_stranger_sees_only_its_own_events(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    [key] = await create_keys(api, 1)
    theirs = (await stranger.get("/v1/events")).json()["data"]
    assert [event["type"] for event in theirs] == ["WorkspaceCreated", "MemberInvited", "ApiKeyCreated"]
    assert (await stranger.get("/v1/events", params={"stream_id": key})).json()["data"] == []
    assert (await stranger.get("/v1/events/4")).status_code == 404


async def test_the_feed_needs_its_scope(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/api-keys", json={"name": "other", "scopes": ["datasets:write"]})
    headers = {"Authorization": f"Bearer {response.json()['secret']}"}
    assert (await api.get("/v1/events", headers=headers)).status_code == 403


async def plan(engine: AsyncEngine, workspace_id: UUID, wanted: EventFilter) -> str:
    query = feed._build_query(workspace_id, 40_000, 90_000, wanted, 50)
    text = str(query.compile(engine.sync_engine, compile_kwargs={"literal_binds": True}))
    async with engine.connect() as connection:
        return "\n".join(row[0] for row in await connection.exec_driver_sql(f"explain {text}"))


async def test_the_plans_use_the_indexes(engine: AsyncEngine, owner: AsyncEngine) -> None:
    workspace_id, stream_id = new_id(), new_id()
    fill = sa.text(
        "insert into ledger.events select :workspace_id, n, 'toy', case when n % 5000 = 0 then cast(:stream_id as uuid)"
        " else gen_random_uuid() end, n, case when n < 99000 then 'Common' else 'Late' end, '{}',"
        " case when n < 99000 then 'ada' else 'bob' end, case when n < 99000 then 'r' else 's' end, now(), '', null"
        " from generate_series(1, 100000) n"
    )
    async with owner.begin() as connection:  # who may also analyze
        await connection.execute(fill, {"workspace_id": workspace_id, "stream_id": stream_id})
        await connection.exec_driver_sql("analyze ledger.events")
    indexes = {
        EventFilter(): "pk_events",
        EventFilter(stream_id=stream_id): "uq_events_stream_version",
        EventFilter(types=("Common",)): "ix_events_type",
        EventFilter(types=("Late", "Common")): "ix_events_type",
        EventFilter(actor="bob"): "ix_events_actor",
        EventFilter(request_id="s"): "ix_events_request",
    }
    for wanted, index in indexes.items():
        planned = await plan(engine, workspace_id, wanted)
        in_order = planned if wanted.types else planned.partition("Sort  (")[0]  # types are merged, and so sorted
        assert index in in_order, planned
        assert "Seq Scan" not in planned, planned


async def test_filters_leave_the_events_that_they_name(api: httpx.AsyncClient) -> None:
    [key] = await create_keys(api, 1)
    revoked = await api.delete(f"/v1/api-keys/{key}")
    request_id = revoked.headers["x-tuneledger-request-id"]
    assert revoked.status_code == 200
    every = [4, 5]
    assert await seqs(api, resource=f"api_key:{key}") == every
    assert await seqs(api, resource=f"/v1/api-keys/{key}") == every
    assert await seqs(api, resource=f"/v1/api-keys/{key}/anything") == every
    assert await seqs(api, resource=f"/v1/operations/{key}") == every
    assert await seqs(api, resource=f"/v1/tasks/{key}") == []
    assert await seqs(api, request_id=request_id) == [5]
    assert await seqs(api, request_id=request_id, types="ApiKeyCreated") == []
    assert await seqs(api, stream="api_key") == [3, 4, 5]
    assert await seqs(api, stream="api_key", types="WorkspaceCreated") == []
    assert await seqs(api, stream="workspace", actor="first start") == [1]
    assert await seqs(api, types="ApiKeyRevoked,WorkspaceCreated,Nothing") == [1, 5]
    assert await seqs(api, actor="first key", types="ApiKeyRevoked") == [5]


async def seqs(api: httpx.AsyncClient, **params: Any) -> list[int]:
    return [event["seq"] for event in await all_pages(api, limit=1, **params)]


async def test_an_operation_names_all_that_happened_for_it(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "news"})).json()["id"]
    lines = "".join(
        json.dumps({"messages": [{"role": "user", "content": f"{n}"}, {"role": "assistant", "content": "yes"}]}) + "\n"
        for n in range(3)
    )
    headers = {"Content-Type": "application/x-ndjson"}
    sent = await api.post(f"/v1/datasets/{dataset}/imports", content=lines, headers=headers)
    operation = sent.json()["id"]
    async with working(engine):
        await ended(api, operation)
    caused = await all_pages(api, operation=operation)
    assert [event["type"] for event in caused].count("ExampleAdded") == 3
    assert {event["type"] for event in caused} == {
        "ImportStarted",
        "ImportStaged",
        "ExampleAdded",
        "ImportAdvanced",
        "ImportSucceeded",
    }
    refused = await api.get("/v1/events", params={"operation": str(new_id())})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?operation")


async def test_times_bound_the_feed(api: httpx.AsyncClient) -> None:
    await create_keys(api, 2)
    events = await all_pages(api)
    third = events[3]["recorded_at"]
    assert await seqs(api, **{"from": third}) == [4, 5]
    assert await seqs(api, to=third) == [1, 2, 3]
    between = {"from": events[2]["recorded_at"], "to": events[4]["recorded_at"]}
    assert await seqs(api, **between, actor="first key") == [4]
    assert await seqs(api, **{"from": "2100-01-01T00:00:00Z"}) == []
    page = (await api.get("/v1/events", params={"to": third})).json()
    assert (page["reached"], page["next_cursor"]) == (3, None)
