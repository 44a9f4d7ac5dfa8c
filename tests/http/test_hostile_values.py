"""Values and paths that fit their type and nothing else: refused in words, never a 500."""

import uuid
from typing import Any

import httpx
import pytest

TIMES = ["2026-01-01T00:00:00+19:19", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]


@pytest.mark.parametrize("time", TIMES)
async def test_a_time_that_postgres_cannot_hold_is_refused(api: httpx.AsyncClient, time: str) -> None:
    key = {"name": "k", "scopes": ["tasks:read"], "expires_at": time}
    answers = [
        await api.post("/v1/api-keys", json=key),
        await api.get("/v1/requests", params={"since": time, "until": time}),
        await api.get("/v1/datasets", params={"as_of": time}),
        await api.post("/v1/requests", json={"requests": [{"model_id": str(uuid.uuid4()), "input": "x", "at": time}]}),
    ]
    assert [answer.text for answer in answers if answer.status_code >= 500] == []


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        (
            "/v1/datasets/support-intents",
            "`support-intents` is not an id of a dataset; find it with GET /v1/datasets?name=support-intents",
        ),
        (
            "/v1/examples/t-018/history",
            (
                "`t-018` is not an id of an example; if it is an external id, "
                "find it with GET /v1/datasets/{dataset_id}/examples?external_id=t-018"
            ),
        ),
        ("/v1/tunes/latest", "`latest` is not an id of a tune; find it with GET /v1/tunes"),
        ("/v1/datasets/a%20b/stats", "`a b` is not an id of a dataset; find it with GET /v1/datasets?name=a%20b"),
        ("/v1/nothing/here", "No such path."),
    ],
)
async def test_a_name_where_an_id_belongs_says_so(api: httpx.AsyncClient, path: str, detail: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()["detail"]) == (404, detail)


async def test_a_body_without_texts_is_a_megabyte_at_most(api: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"name": "t", "instruction": "x", "input_schema": {"enum": [[]] * 500_000}}
    for path in ("/v1/tasks", f"/v1/tasks/{uuid.uuid4()}/preview"):
        refused = await api.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_a_byte_order_mark_is_no_part_of_a_body(api: httpx.AsyncClient) -> None:
    body = b'\xef\xbb\xbf{"name": "marked"}'
    response = await api.post("/v1/datasets", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 201, response.text


async def test_a_preview_needs_the_scope_that_reads_examples(api: httpx.AsyncClient) -> None:
    task = (await api.post("/v1/tasks", json={"name": "t", "instruction": "x"})).json()["id"]
    key = (await api.post("/v1/api-keys", json={"name": "narrow", "scopes": ["tasks:read"]})).json()["secret"]
    refused = await api.post(f"/v1/tasks/{task}/preview", json={}, headers={"Authorization": f"Bearer {key}"})
    assert (refused.status_code, "datasets:read" in refused.json()["detail"]) == (403, True)


async def test_a_past_state_is_shown_by_reads_of_one_thing(api: httpx.AsyncClient) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "past"})).json()["id"]
    model = (await api.post("/v1/models", json={"name": "before"})).json()["id"]
    seq = (await api.get("/v1/events", params={"limit": 200})).json()["data"][-1]["seq"]
    content = {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}
    added = await api.post(f"/v1/datasets/{dataset}/examples", json={"content": content})
    assert added.status_code == 201, added.text
    assert (await api.patch(f"/v1/models/{model}", json={"name": "after"})).status_code == 200
    counts = [
        (await api.get(f"/v1/datasets/{dataset}/stats", params=params)).json()["examples"]
        for params in ({"as_of": seq}, {})
    ]
    names = [(await api.get(f"/v1/models/{model}", params=params)).json()["name"] for params in ({"as_of": seq}, {})]
    assert (counts, names) == ([0, 1], ["before", "after"])
