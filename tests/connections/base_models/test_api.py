"""The catalogue over HTTP: its own rows, a workspace's entries, and what an account lists."""

from typing import Any

import httpx
import pytest

from tests.connections.test_api import connect
from tests.tunes.sandbox import MODEL, Sandbox

OWN = {
    "id": "our/model-7b",
    "provider": "openai_compatible",
    "kind": "openai",
    "name": "Ours",
    "methods": ["supervised"],
}
PRICES = {"training": "0.30", "as_of": "2026-11-01", "source": "our contract", "verified": True}


async def read(api: httpx.AsyncClient, **query: Any) -> list[Any]:
    rows: list[Any] = []
    cursor = None
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        answer = (await api.get("/v1/base-models", params={"limit": 40, **query, **more})).json()
        rows += answer["data"]
        cursor = answer["next_cursor"]
        if cursor is None:
            return rows


async def test_pages_hold_each_model_once_in_order(api: httpx.AsyncClient) -> None:
    rows = await read(api)
    keys = [(row["provider"], row["id"]) for row in rows]
    assert keys == sorted(set(keys))
    assert len(keys) >= 60
    assert len({provider for provider, _ in keys}) >= 7
    assert all(row["source"] and row["source_date"] for row in rows)


async def test_filters_take_provider_kind_and_method(api: httpx.AsyncClient) -> None:
    assert {row["provider"] for row in await read(api, provider="vertex")} == {"vertex"}
    assert {row["kind"] for row in await read(api, kind="together")} == {"together"}
    assert all("dpo" in row["methods"] for row in await read(api, method="dpo"))


async def test_open_weights_say_what_training_them_needs(api: httpx.AsyncClient) -> None:
    local = {row["id"]: row for row in await read(api, provider="local")}
    memory = local["Qwen/Qwen3-8B"]["memory"]
    assert memory["qlora_gb"] < memory["lora_gb"] < memory["full_gb"]
    closed = await read(api, provider="vertex")
    assert {row["memory"] for row in closed} == {None}


async def test_hyperparameters_come_with_ranges_and_defaults(api: httpx.AsyncClient) -> None:
    rows = {row["id"]: row for row in await read(api, provider="bedrock")}
    nova = rows["amazon.nova-micro-v1:0:128k"]["hyperparameters"]["supervised"]["epochCount"]
    assert (nova["minimum"], nova["maximum"], nova["default"]) == (1, 5, 2)
    openai = {row["id"]: row for row in await read(api, provider="openai")}
    assert openai["gpt-4.1-2025-04-14"]["hyperparameters"]["dpo"]["beta"]["maximum"] == 2


async def test_a_workspace_adds_a_model_overrides_it_and_takes_it_back(api: httpx.AsyncClient, engine: Any) -> None:
    added = await api.put("/v1/base-models", json=OWN)
    assert (added.status_code, added.headers["etag"]) == (200, '"1"')
    priced = (await api.put("/v1/base-models", json=OWN | {"prices": PRICES, "reason": "new contract"})).json()
    assert priced["prices"]["training"] == {"amount": "0.30", "currency": "USD"}
    assert [row["id"] for row in await read(api, provider="openai_compatible")] == [OWN["id"]]
    assert (await api.put("/v1/base-models", json=OWN | {"prices": PRICES})).headers["etag"] == '"2"'  # nothing new
    assert (await api.delete(f"/v1/base-models/{priced['entry_id']}")).status_code == 204
    assert await read(api, provider="openai_compatible") == []
    assert (await api.delete(f"/v1/base-models/{priced['entry_id']}")).status_code == 404


async def test_an_entry_replaces_the_row_of_the_catalogue(api: httpx.AsyncClient) -> None:
    ours = OWN | {"provider": "vertex", "kind": "vertex", "id": "gemini-2.5-flash", "name": "Flash by contract"}
    await api.put("/v1/base-models", json=ours)
    rows = [row for row in await read(api, provider="vertex") if row["id"] == "gemini-2.5-flash"]
    assert [(row["name"], row["entry_id"] is not None) for row in rows] == [("Flash by contract", True)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "cohere"), ("methods", ["magic"]), ("parameters_billion", 0), ("prices", {"training": "-1"})],
)
async def test_a_wrong_entry_is_refused_by_field(api: httpx.AsyncClient, field: str, value: Any) -> None:
    refused = await api.put("/v1/base-models", json=OWN | {field: value})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"].startswith(f"/{field}")


async def test_what_an_account_lists_is_merged(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    connection = await connect(api, kind="sandbox", base_url=sandbox.base_url, name="toy")
    rows = {row["id"]: row for row in await read(api, connection_id=connection["id"])}
    assert rows[MODEL]["listed"] is True
    assert {row["provider"] for row in rows.values()} == {"sandbox"}
    assert rows["gpt-4.1-2025-04-14"]["kind"] == "sandbox"
