"""Exports leave for the Hub, S3, Google and Azure, each a real server that speaks the wire; an erasure names them."""

import asyncio
from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import boto3
import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import worker as sealing
from service.datasets.exports.jobs import queries, worker
from service.erasure import worker as erasing
from service.evaluations.results.preference_pairs import load_judgement_pairs
from service.ledger.leases import claim
from service.worker.leased_tasks import LeasedJob
from tests.datasets.example_bodies import Json, add, export, freeze, make_dataset, ok, pointers
from tests.datasets.import_files import tables_follow_from_the_log
from tests.emulators.hub import TOKEN, Hub, serve_hub
from tests.erasure.erasing import order, wait_until_complete
from tests.sources.file_server import serve_files
from tests.tunes.conftest import context_of, working

RUN = partial(worker.run, load_judgement_pairs)
KEYS = {"access_key_id": "id", "secret_access_key": "never-to-be-seen"}


async def integrate(api: httpx.AsyncClient, **fields: Any) -> str:
    return str((await ok(await api.post("/v1/integrations", json=fields)))["id"])


async def integrate_hub(api: httpx.AsyncClient, hub: Hub) -> str:
    return await integrate(api, name="hub", kind="huggingface", url=hub.url, secret=TOKEN)


async def send(api: httpx.AsyncClient, dataset: str, **body: Any) -> Json:
    return await ok(await api.post(f"/v1/datasets/{dataset}/exports", json=body))


async def end(api: httpx.AsyncClient, operation: Json) -> Json:
    return await ok(await api.get(f"/v1/operations/{operation['id']}", params={"wait": 40}))


@pytest.fixture
async def dataset(api: httpx.AsyncClient) -> str:
    """Two splits of three, frozen as v1."""
    dataset = await make_dataset(api, "head`lines", description="Made for tests.")
    for split in ("train", "train", "test"):
        await add(api, dataset, f"{split}?", split=split, external_id=None)
    await freeze(api, dataset)
    return dataset


async def test_a_version_becomes_a_dataset_on_the_hub_and_a_killed_upload_goes_on(
    api: httpx.AsyncClient, engine: AsyncEngine, worker_engine: AsyncEngine, dataset: str
) -> None:
    async with serve_hub() as hub:
        target = {"integration_id": await integrate_hub(api, hub), "path": "acme/headlines", "license": "cc-by-4.0"}
        operation = await send(api, dataset, version="v1", to=target)
        context, hub.gate = context_of(worker_engine), asyncio.Event()
        async with working(worker_engine, sealing.run):
            [lease] = await claim(
                worker_engine,
                queries.LEASE_KIND,
                queries.select_open(),
                owner=uuid4(),
                seconds=1,
                limit=1,
                held=Counter(),
            )
            killed = asyncio.ensure_future(worker._export(load_judgement_pairs, context, LeasedJob(context, lease)))
            await asyncio.wait_for(hub.waiting.wait(), 30)
            killed.cancel()
        assert hub.repositories == {"datasets/acme/headlines": {}}
        hub.gate.set()
        hub.gate = None
        async with working(worker_engine, RUN, sealing.run):
            done = await end(api, operation)
            again = await end(api, await send(api, dataset, version="v1", to=target))
        files = hub.repositories["datasets/acme/headlines"]
        assert (done["result"]["location"], done["result"]["rows"]) == (f"{hub.url}/datasets/acme/headlines", 3)
        assert (again["result"], hub.commits) == (done["result"], 1)
        assert hub.private["datasets/acme/headlines"]
    assert files.keys() == {"README.md", "data/train.jsonl", "data/test.jsonl"}
    assert files["data/test.jsonl"] == await export(api, dataset, version="v1", split="test")
    version = await ok(await api.get(f"/v1/datasets/{dataset}/versions/v1"))
    card = files["README.md"].decode()
    assert card.startswith('---\nlicense: "cc-by-4.0"\n')
    assert '{"split":"test","path":"data/test.jsonl"}' in card
    assert "# head'lines v1\n\nMade for tests.\n" in card
    assert "| train | `data/train.jsonl` | 2 |" in card
    assert version["digest"] in card
    assert TOKEN not in (await api.get("/v1/events?limit=1000")).text
    await tables_follow_from_the_log(engine)


async def test_stores_of_amazon_google_and_azure_take_a_folder(
    api: httpx.AsyncClient, worker_engine: AsyncEngine, dataset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://10.0.0.1")  # ours would be that of the artifact store
    moto = ThreadedMotoServer(port=0)
    moto.start()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    try:
        endpoint = f"http://127.0.0.1:{moto.get_host_and_port()[1]}"
        s3: Any = boto3.client("s3", endpoint_url=endpoint, aws_access_key_id="id", aws_secret_access_key="x")
        s3.create_bucket(Bucket="rows")
        with serve_files() as server:
            stores = {
                "s3://rows/sets": (KEYS, endpoint),
                "gs://rows/sets": ({"client_email": "a@b", "private_key": pem, "token_uri": "http://x"}, server.url),
                "az://rows/sets": ({"account_name": "acme", "account_key": "c2VjcmV0"}, server.url),
            }
            async with working(worker_engine, RUN, sealing.run):
                for url, (secret, address) in stores.items():
                    integration_id = await integrate(
                        api,
                        name=url,
                        kind="object_store",
                        url=url,
                        secret=msgspec.json.encode(secret).decode(),
                        options={"endpoint": address},
                    )
                    target = {"integration_id": integration_id, "path": "a/v1"}
                    done = await end(api, await send(api, dataset, split="test", container="parquet", to=target))
                    assert done["state"] == "succeeded", done
                    assert done["result"]["location"] == f"{url}/a/v1"
                    if url.startswith("s3"):
                        keys = {each["Key"] for each in s3.list_objects_v2(Bucket="rows")["Contents"]}
                    else:
                        keys = {path.removeprefix("/rows/") for path in server.files}
                        server.files.clear()
                    assert keys == {"sets/a/v1/README.md", "sets/a/v1/data/test.parquet"}
            assert {dict(headers)["authorization"].split()[0] for _, headers in server.asked} == {"Bearer", "SharedKey"}
        s3.close()
    finally:
        moto.stop()


async def test_a_target_that_cannot_take_it_is_refused_before_anything_is_made(
    api: httpx.AsyncClient, worker_engine: AsyncEngine, dataset: str
) -> None:
    async with serve_hub() as hub:
        hub_id = await integrate_hub(api, hub)
        mlflow = await integrate(api, name="runs", kind="mlflow", url=hub.url)
        for target, status, pointer in (
            ({"integration_id": hub_id, "path": "headlines"}, 422, "/to/path"),
            ({"integration_id": hub_id, "path": "../up"}, 400, "/to/path"),
            ({"integration_id": mlflow, "path": "a/b"}, 422, "/to/integration_id"),
            ({"integration_id": hub_id, "path": "a/b", "license": "a b"}, 400, "/to/license"),
        ):
            refused = await api.post(f"/v1/datasets/{dataset}/exports", json={"to": target})
            assert (refused.status_code, pointers(refused)) == (status, [pointer]), refused.text
        await ok(await api.patch(f"/v1/integrations/{hub_id}", json={"secret": "hf_wrong"}))
        async with working(worker_engine, RUN, sealing.run):
            done = await end(api, await send(api, dataset, to={"integration_id": hub_id, "path": "a/b"}))
    assert (done["error"]["code"], "401" in done["error"]["detail"]) == ("conflict", True)


async def test_an_erasure_names_the_copies_that_its_examples_went_out_with(
    api: httpx.AsyncClient, worker_engine: AsyncEngine, dataset: str
) -> None:
    async with serve_hub() as hub, working(worker_engine, RUN, sealing.run, erasing.run):
        integration_id = await integrate_hub(api, hub)
        for split in ("train", "test"):
            target = {"integration_id": integration_id, "path": f"acme/{split}"}
            await end(api, await send(api, dataset, split=split, to=target))
        page = await ok(await api.get(f"/v1/datasets/{dataset}/examples", params={"split": "train", "limit": 1}))
        ordered = await order(api, f"/v1/examples/{page['data'][0]['id']}/erase")
        receipt = await wait_until_complete(api, ordered["id"])
        location = f"{hub.url}/datasets/acme/train"
    assert [copy["location"] for copy in receipt["held_by"]["sent_copies"]] == [location]
    assert receipt["remains"] == ["1 copies were sent elsewhere; delete them there."]
    assert f"sent copy {receipt['held_by']['sent_copies'][0]['operation_id']} {location}\n" in receipt["note"]
