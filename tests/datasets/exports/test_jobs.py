"""Exports into the artifact store: an operation, from the request to the artifact."""

import asyncio
from functools import partial

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.exports.jobs import worker
from service.evaluations.results.preference_pairs import load_judgement_pairs
from tests.datasets.example_bodies import Json, add, chat, export, freeze, make_dataset, ok, pointers
from tests.datasets.import_files import tables_follow_from_the_log
from tests.tunes.conftest import working

RUN = partial(worker.run, load_judgement_pairs)


async def ordered(api: httpx.AsyncClient, dataset: str, **body: object) -> Json:
    sent = await api.post(f"/v1/datasets/{dataset}/exports", json=body)
    assert (sent.status_code, sent.headers["Location"]) == (202, f"/v1/operations/{sent.json()['id']}"), sent.text
    return await ok(sent)


async def ended(api: httpx.AsyncClient, operation: Json) -> Json:
    return await ok(await api.get(f"/v1/operations/{operation['id']}", params={"wait": 30}))


async def test_an_export_becomes_an_artifact(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    await add(api, dataset, "One?")
    reasoned = chat("Two?")
    reasoned["messages"][1]["reasoning"] = "I think."
    await add(api, dataset, content=reasoned)
    await freeze(api, dataset)
    lossy = {"format": "alpaca", "system": "Be short."}
    async with working(engine, RUN):
        first = await ended(api, await ordered(api, dataset, version="v1", **lossy))
        again = await ended(api, await ordered(api, dataset, version="v1", **lossy))
        now = await ended(api, await ordered(api, dataset, filter={"q": "One?"}))
        strict = await ended(api, await ordered(api, dataset, version="v1", format="alpaca", strict=True))
    assert first["state"] == "succeeded", first
    assert first["result"] == again["result"]
    assert (first["result"]["rows"], first["result"]["losses"]) == (2, {"reasoning": 1})
    content = await api.get(f"/v1/artifacts/{first['result']['artifact_id']}/content")
    assert content.content == await export(api, dataset, version="v1", **lossy)
    assert now["result"]["rows"] == 1
    assert (strict["state"], strict["error"]["code"]) == ("failed", "unprocessable")
    listed = (await ok(await api.get(f"/v1/datasets/{dataset}/exports")))["data"]
    assert {row["id"] for row in listed} >= {first["result"]["artifact_id"], now["result"]["artifact_id"]}
    await tables_follow_from_the_log(engine)


async def test_an_export_that_waits_is_cancelled_at_once(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    await add(api, dataset)
    operation = await ordered(api, dataset)
    cancelled = await ok(await api.post(f"/v1/operations/{operation['id']}/cancel"))
    assert cancelled["state"] == "cancelled"
    async with working(engine, RUN):
        await asyncio.sleep(0.5)
    assert (await ok(await api.get(f"/v1/datasets/{dataset}/exports")))["data"] == []


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"format": "xml"}, 400, "/format"),
        ({"format": "vertex", "include": "fields"}, 400, "?include"),
        ({"version": "v1", "as_of": "v1"}, 400, "/as_of"),
        ({"recipe": {"tool": "make"}}, 400, "/recipe/tool"),
        ({"filter": {"rating_gte": 9}}, 400, "/filter/rating_gte"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(
    api: httpx.AsyncClient, body: Json, status: int, pointer: str
) -> None:
    dataset = await make_dataset(api)
    refused = await api.post(f"/v1/datasets/{dataset}/exports", json=body)
    assert (refused.status_code, pointers(refused)) == (status, [pointer])
