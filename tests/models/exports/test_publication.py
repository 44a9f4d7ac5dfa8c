"""An export is published at the Hub and in an object store, once, and with a token that nobody sees."""

import boto3
import httpx
import msgspec
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import worker as sealing
from tests.emulators.hub import TOKEN, serve_hub
from tests.models.exports.conftest import EXPORT_LOOPS, export, wait_for_end
from tests.tunes.conftest import ok, working

KEYS = {"access_key_id": "id", "secret_access_key": "never-to-be-seen"}


async def create(api: httpx.AsyncClient, **fields: object) -> str:
    return str((await ok(await api.post("/v1/integrations", json={"name": "away", **fields})))["id"])


async def test_an_export_is_committed_to_the_hub_once(
    api: httpx.AsyncClient, worker_engine: AsyncEngine, version: str
) -> None:
    async with serve_hub() as hub, working(worker_engine, *EXPORT_LOOPS, sealing.run):
        integration_id = await create(api, kind="huggingface", url=hub.url, secret=TOKEN)
        to = {"integration_id": integration_id, "path": "acme/headlines"}
        hub.refusals = [503]
        done = await wait_for_end(api, await export(api, version, forms=["adapter"], to=to))
        assert (done["state"], done["result"]["location"]) == ("succeeded", f"{hub.url}/acme/headlines"), done
        files = dict(hub.repositories["acme/headlines"])
        again = await wait_for_end(api, await export(api, version, forms=["adapter"], to=to))
        assert (again["state"], hub.repositories["acme/headlines"].keys()) == ("succeeded", files.keys())
        await ok(await api.patch(f"/v1/integrations/{integration_id}", json={"secret": "hf_wrong"}))
        refused = await wait_for_end(api, await export(api, version, forms=["adapter"], to=to))
    assert hub.private["acme/headlines"]
    assert {"README.md", "model.sig", "adapter/adapter_model.safetensors"} < set(files)
    assert (refused["error"]["code"], "401" in refused["error"]["detail"]) == ("conflict", True)
    assert TOKEN not in (await api.get("/v1/events?limit=1000")).text


async def test_an_export_is_put_into_an_object_store(
    api: httpx.AsyncClient, worker_engine: AsyncEngine, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadedMotoServer(port=0)
    server.start()
    endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    keys = {"aws_access_key_id": "id", "aws_secret_access_key": "x"}
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    s3.create_bucket(Bucket="weights")
    try:
        integration_id = await create(
            api,
            kind="object_store",
            url="s3://weights/models",
            secret=msgspec.json.encode(KEYS).decode(),
            options={"endpoint": endpoint, "region": "us-east-1"},
        )
        to = {"integration_id": integration_id, "path": "headlines/v1.0"}
        async with working(worker_engine, *EXPORT_LOOPS, sealing.run):
            done = await wait_for_end(api, await export(api, version, forms=["adapter"], to=to))
        stored = {each["Key"] for each in s3.list_objects_v2(Bucket="weights")["Contents"]}
    finally:
        server.stop()
    assert done["result"]["location"] == "s3://weights/models/headlines/v1.0"
    assert "models/headlines/v1.0/model.sig" in stored
    wrong = await api.post(f"{version}/export", json={"to": {"integration_id": integration_id, "path": "../up"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/to/path")
