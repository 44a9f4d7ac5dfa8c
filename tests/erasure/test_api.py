"""Erasing examples over HTTP: what is asked for, what every read shows afterwards, and the receipt."""

import hashlib
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.worker import load_signer
from service.composition import REGISTRY
from service.database.engine import metadata
from service.ledger.rebuild import rebuild
from tests.conftest import as_owner
from tests.datasets.example_bodies import Json, add, chat, make_dataset, ok
from tests.erasure.erasing import count, erase, order
from tests.tunes.conftest import SETTINGS
from tuneledger.audit.notes import opened

SECRET = "Jane Roe has the flu"


async def marked(api: httpx.AsyncClient, dataset_id: str, **more: Any) -> Json:
    return await add(api, dataset_id, content=chat(SECRET, "noted"), **more)


async def texts_with(engine: AsyncEngine, text: str) -> int:
    query = "select count(*) from ledger.contents where position(convert_to(:text, 'UTF8') in body) > 0"
    async with engine.connect() as connection:
        return int(await connection.scalar(sa.text(query), {"text": text}) or 0)


async def test_erasing_needs_a_confirmation_and_a_dry_run_erases_nothing(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api, "news")
    example = await marked(api, dataset)
    path = f"/v1/examples/{example['id']}/erase"
    unconfirmed = await api.post(path, json={"reason": "asked"})
    assert (unconfirmed.status_code, unconfirmed.json()["errors"][0]["code"]) == (400, "not_confirmed")
    preview = await ok(await api.post(path, json={"reason": "asked", "dry_run": True}))
    assert preview["would_erase"]["examples"] == 1
    assert await texts_with(engine, SECRET) == 1
    assert (await ok(await api.get("/v1/erasures")))["data"] == []


async def test_an_erased_example_reads_as_erased_everywhere(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api, "news")
    untouched, gone = await add(api, dataset, content=chat("kept", "yes")), await marked(api, dataset)
    await ok(await api.patch(f"/v1/examples/{gone['id']}", json={"content": chat(SECRET, "again")}))
    frozen = await ok(await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v1"}))
    receipt = await erase(api, engine, f"/v1/examples/{gone['id']}/erase")
    assert (count(receipt, "examples"), len(receipt["erased"][0]["digests"])) == (1, 2)
    assert await texts_with(engine, SECRET) == 0

    read = await ok(await api.get(f"/v1/examples/{gone['id']}"))
    assert (read["erased"], read["content"]) == (True, None)
    then = await ok(await api.get(f"/v1/examples/{gone['id']}", params={"as_of": "v1"}))
    assert (then["erased"], then["content"]) == (True, None)
    listed = (await ok(await api.get(f"/v1/datasets/{dataset}/examples")))["data"]
    assert [(example["id"], example["erased"]) for example in listed] == [(untouched["id"], False)]
    past = (await ok(await api.get(f"/v1/datasets/{dataset}/examples", params={"as_of": "v1"})))["data"]
    assert [example["erased"] for example in past] == [False, True]
    history = (await ok(await api.get(f"/v1/examples/{gone['id']}/history")))["data"]
    assert history[-1]["type"] == "ExampleErased"
    diff = (await ok(await api.get(f"/v1/datasets/{dataset}/compare", params={"from": "v1"})))["data"]
    assert [(each["change"], each["before"]["content"]) for each in diff] == [("removed", None)]

    version = await ok(await api.get(f"/v1/datasets/{dataset}/versions/v1"))
    assert (version["digest"], version["erased"], version["examples"]) == ("incomplete: 1 erased", 1, 2)
    assert frozen["digest"] != version["digest"]
    export = await api.get(f"/v1/datasets/{dataset}/export", params={"version": "v1"})
    assert (export.headers["Erased-Examples"], export.text.count("\n")) == ("1", 1)
    again = await ok(await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v2"}))
    assert (again["examples"], again["erased"], len(again["digest"])) == (1, 0, 64)
    held = receipt["held_by"]["dataset_versions"]
    assert held == [{"dataset_id": dataset, "name": "v1", "examples": 1}]


async def test_an_erased_example_takes_no_change(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    example = await marked(api, await make_dataset(api, "news"))
    await erase(api, engine, f"/v1/examples/{example['id']}/erase")
    path = f"/v1/examples/{example['id']}"
    answers = [
        await api.patch(path, json={"content": chat("new", "text")}),
        await api.patch(path, json={"tags": ["a"]}),
        await api.put(f"{path}/rating", json={"overall": {"type": "stars", "value": 5}}),
        await api.post(f"{path}/repair", json={"instruction": "better", "output": "x"}),
        await api.post(f"{path}/restore", json={"version": 1}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "erased")] * 5
    assert (await api.delete(path)).status_code == 204


async def test_a_deleted_example_can_be_erased(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    example = await marked(api, await make_dataset(api, "news"))
    assert (await api.delete(f"/v1/examples/{example['id']}")).status_code == 204
    await erase(api, engine, f"/v1/examples/{example['id']}/erase")
    assert await texts_with(engine, SECRET) == 0
    assert (await ok(await api.get(f"/v1/examples/{example['id']}")))["erased"]


async def test_a_filter_or_a_persons_key_says_which_examples_of_a_dataset_go(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset, other = await make_dataset(api, "news"), await make_dataset(api, "other")
    tagged = await marked(api, dataset, tags=["old"])
    hers = await marked(api, dataset, metadata={"subject": "jane@roe.example"})
    elsewhere = await marked(api, other, metadata={"subject": "jane@roe.example"})
    similar = await marked(api, dataset, metadata={"about": "jane@roe.example"})
    path = f"/v1/datasets/{dataset}/erase"
    refused = await api.post(path, json={"reason": "asked", "confirm": True})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/filter")
    first = await erase(api, engine, path, filter={"tag": "old"})
    assert first["erased"][0]["ids"] == [tagged["id"]]
    second = await erase(api, engine, path, subject={"value": "jane@roe.example"})
    assert second["erased"][0]["ids"] == [hers["id"]]
    third = await erase(api, engine, path, subject={"path": "metadata.about", "value": "jane@roe.example"})
    assert third["erased"][0]["ids"] == [similar["id"]]
    assert not (await ok(await api.get(f"/v1/examples/{elsewhere['id']}")))["erased"]


async def test_the_receipt_is_signed_and_no_event_has_the_persons_key(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await marked(api, await make_dataset(api, "news"), metadata={"subject": "jane@roe.example"})
    receipt = await erase(api, engine, "/v1/subjects/jane@roe.example/erase")
    text = opened(receipt["note"], load_signer(SETTINGS).verifiers)
    digests = sorted(bytes.fromhex(digest) for digest in receipt["erased"][0]["digests"])
    assert f"examples 1 texts 2 sha256:{hashlib.sha256(b''.join(digests)).hexdigest()}" in text
    async with engine.connect() as connection:
        query = sa.text("select count(*) from ledger.events where data::text like '%jane@roe%'")
        assert await connection.scalar(query) == 0
        assert await connection.scalar(sa.text("select count(*) from ledger.contents")) == 0
    async with as_owner(engine) as owner:
        assert (await rebuild(owner, REGISTRY, metadata, verify=True)).clean


async def test_a_repeat_never_brings_an_erased_text_back(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api, "news")
    path, key = f"/v1/datasets/{dataset}/examples", {"Idempotency-Key": "k"}
    body = {"content": chat(SECRET, "noted")}
    example = await ok(await api.post(path, json=body, headers=key))
    assert (await api.post(path, json=body, headers=key)).json() == example
    await erase(api, engine, f"/v1/examples/{example['id']}/erase")
    repeated = await api.post(path, json=body, headers=key)
    assert (repeated.status_code, repeated.json()["code"]) == (410, "erased")
    assert repeated.headers["Idempotency-Replayed"] == "true"


async def test_another_workspace_erases_nothing_here(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    example = await marked(api, await make_dataset(api, "news"), metadata={"subject": "jane"})
    foreign = await stranger.post(f"/v1/examples/{example['id']}/erase", json={"reason": "x", "confirm": True})
    assert foreign.status_code == 404
    receipt = await erase(stranger, engine, "/v1/subjects/jane/erase")
    assert (receipt["erased"], await texts_with(engine, SECRET)) == ([], 1)
    mine = await order(api, "/v1/subjects/jane/erase")
    assert (await stranger.get(f"/v1/erasures/{mine['id']}")).status_code == 404
