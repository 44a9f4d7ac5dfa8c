"""A tune's weights are downloaded into the artifact store, at an emulated Together."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.domain import ContentGone
from service.composition import REGISTRY, open_ledger
from service.database.engine import metadata
from service.errors import ProviderUnavailable
from service.ledger.rebuild import rebuild
from service.providers.abilities import WeightFile
from service.tunes.weights import worker
from service.tunes.weights.received_file import ReceivedFile, check_file
from tests.emulators.together import TogetherEmulator, emulate
from tests.http_client import OPERATOR_KEY, SHARED
from tests.http_client import SETTINGS as API_SETTINGS
from tests.tunes import conftest
from tests.tunes.conftest import SETTINGS, Desk, ok, worker_process, working
from tests.tunes.test_together import asked


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return {"data_directory": tmp_path}


@pytest.fixture
async def app(engine: AsyncEngine, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Litestar:
    """With a data directory of its own, for the API and for workers in this process and others."""
    monkeypatch.setattr(conftest, "SETTINGS", msgspec.structs.replace(SETTINGS, **settings))
    for name, value in settings.items():
        monkeypatch.setenv(f"TUNELEDGER_{name.upper()}", str(value))
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return SHARED.over(engine, msgspec.structs.replace(API_SETTINGS, **settings))


@pytest.fixture
async def together() -> AsyncIterator[TogetherEmulator]:
    async with emulate(pace=0.05) as emulator:
        yield emulator


@pytest.fixture
async def tune_id(desk: Desk, together: TogetherEmulator, engine: AsyncEngine) -> str:
    tune_id = await asked(desk, together)
    async with working(engine):
        await desk.until(tune_id, "succeeded")
    return tune_id


async def begin(api: httpx.AsyncClient, tune_id: str, **fields: Any) -> Any:
    response = await api.post(f"/v1/tunes/{tune_id}/weights", json=fields)
    assert response.status_code == 202, response.text
    return response.json()


async def ends(api: httpx.AsyncClient, operation: Any) -> Any:
    ended = await ok(await api.get(f"/v1/operations/{operation['id']}?wait=20"))
    assert ended["finished_at"], ended
    return ended


def list_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "artifacts").rglob("*") if path.is_file()]


async def check_weights(api: httpx.AsyncClient, tune_id: str) -> list[Any]:
    """The artifacts of a tune; each is the bytes that its digest names."""
    listed: list[Any] = (await ok(await api.get(f"/v1/tunes/{tune_id}/weights")))["data"]
    assert listed == (await ok(await api.get(f"/v1/artifacts?kind=weights&of={tune_id}")))["data"]
    for artifact in listed:
        content = await api.get(f"/v1/artifacts/{artifact['id']}/content")
        assert (content.status_code, content.headers["etag"]) == (200, f'"{artifact["digest"]}"')
        assert hashlib.sha256(content.content).hexdigest() == artifact["digest"]
        assert len(content.content) == artifact["bytes"] == int(content.headers["content-length"])
        verified = await ok(await api.post(f"/v1/artifacts/{artifact['id']}/verify"))
        assert (verified["ok"], verified["read_bytes"]) == (True, artifact["bytes"])
    return listed


async def read_ranges(api: httpx.AsyncClient, stranger: httpx.AsyncClient, path: str, *, digest: str) -> bytes:
    """Read the content whole, in ranges and by its ETag, and see that a stranger finds none of it."""
    assert (await ok(await api.get(path)))["digest"] == digest
    whole = (await api.get(f"{path}/content")).content
    part = await api.get(f"{path}/content", headers={"Range": "bytes=10-19", "If-Range": f'"{digest}"'})
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert (await api.get(f"{path}/content", headers={"Range": "bytes=-7"})).content == whole[-7:]
    beyond = await api.get(f"{path}/content", headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.json()["code"]) == (416, "range_unsatisfiable")
    known = await api.get(f"{path}/content", headers={"If-None-Match": f'"{digest}"'})
    assert (known.status_code, known.content) == (304, b"")
    for hidden in ("", "/content"):
        assert (await stranger.get(path + hidden)).status_code == 404
    assert (await ok(await stranger.get("/v1/artifacts")))["data"] == []
    return whole


async def test_weights_are_downloaded_once_read_in_ranges_verified_and_deleted(
    api: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    engine: AsyncEngine,
    owner: AsyncEngine,
    together: TogetherEmulator,
    tune_id: str,
    tmp_path: Path,
) -> None:
    together.weights.cut_after = 300_000
    async with working(engine, worker.run):
        begun = await begin(api, tune_id)
        assert (begun["kind"], begun["resource"]) == ("weights", f"/v1/tunes/{tune_id}/weights")
        done = await ends(api, begun)
        assert (done["state"], done["progress"]["done"]) == ("succeeded", done["progress"]["total"])
        merged, adapter = await check_weights(api, tune_id)
        assert sorted(done["result"]["artifacts"]) == [merged["id"], adapter["id"]]
        assert merged["of"] == {"kind": "tune", "id": tune_id}
        again = await ends(api, await begin(api, tune_id))
        assert again["result"] == done["result"]
        step = await ends(api, await begin(api, tune_id, checkpoint=await find_checkpoint(api, tune_id)))
        assert step["state"] == "succeeded"
    assert len(await check_weights(api, tune_id)) == 3
    events = (await ok(await api.get("/v1/events?limit=1000")))["data"]
    stored = [event["data"] for event in events if event["type"] == "ArtifactStored"]
    assert {merged["digest"], adapter["digest"]} < {data["digest"] for data in stored}
    assert len(stored) == 3

    path = f"/v1/artifacts/{merged['id']}"
    whole = await read_ranges(api, stranger, path, digest=merged["digest"])

    [file] = [each for each in list_files(tmp_path) if each.name == merged["digest"]]
    file.write_bytes(b"x" + whole[1:])
    assert (await ok(await api.post(f"{path}/verify")))["ok"] is False
    deleted = await ok(await api.delete(f"{path}?reason=spoilt"))
    assert deleted["deleted_at"]
    assert not file.exists()
    gone = await api.get(f"{path}/content")
    assert (gone.status_code, gone.json()["code"]) == (410, "content_gone")
    async with working(engine, worker.run):
        assert (await ends(api, await begin(api, tune_id)))["result"] == done["result"]
    assert len(await check_weights(api, tune_id)) == 3
    assert (await rebuild(owner, REGISTRY, metadata, verify=True)).clean


async def find_checkpoint(api: httpx.AsyncClient, tune_id: str) -> str:
    return str((await ok(await api.get(f"/v1/tunes/{tune_id}/checkpoints")))["data"][0]["id"])


async def test_a_worker_killed_half_way_begins_again_and_leaves_nothing_half_written(
    api: httpx.AsyncClient,
    desk: Desk,
    engine: AsyncEngine,
    database_url: str,
    together: TogetherEmulator,
    tune_id: str,
    tmp_path: Path,
) -> None:
    together.weights.hold_after = 300_000
    begun = await begin(api, tune_id)
    async with worker_process(database_url) as process:
        [half] = await desk.happens(lambda: find_half(tmp_path))
        assert (await begin(api, tune_id))["id"] == begun["id"]
        process.kill()
        await process.wait()
    assert half.exists()
    together.weights.hold_after = None
    os.utime(half, (0, 0))  # a day later
    async with working(engine, worker.run):
        assert (await ends(api, begun))["state"] == "succeeded"
    digests = [artifact["digest"] for artifact in await check_weights(api, tune_id)]
    assert sorted(path.name for path in list_files(tmp_path)) == sorted(digests)


async def find_half(folder: Path) -> list[Path]:
    return [path for path in list_files(folder) if path.parent.name == "incoming" and path.stat().st_size]


async def test_a_download_is_cancelled_and_what_was_promised_and_did_not_come_is_refused(
    api: httpx.AsyncClient, desk: Desk, engine: AsyncEngine, together: TogetherEmulator, tune_id: str, tmp_path: Path
) -> None:
    waiting = await begin(api, tune_id)
    assert (await ok(await api.post(f"/v1/operations/{waiting['id']}/cancel")))["state"] == "cancelled"
    together.weights.hold_after = 300_000
    async with working(engine, worker.run):
        begun = await begin(api, tune_id)
        await desk.happens(lambda: find_half(tmp_path))
        await ok(await api.post(f"/v1/operations/{begun['id']}/cancel"))
        assert (await ends(api, begun))["state"] == "cancelled"
        together.weights.hold_after = None
        unknown = await ends(api, await begin(api, tune_id, checkpoint="best"))
    assert (unknown["state"], unknown["error"]["code"]) == ("failed", "provider_refused")
    assert list_files(tmp_path) == []


async def test_a_provider_that_keeps_its_weights_says_so(desk: Desk, api: httpx.AsyncClient) -> None:
    tune = await desk.asked(await desk.connected())
    refused = await api.post(f"/v1/tunes/{tune['id']}/weights", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "keeps its weights" in refused.json()["detail"]
    assert (await ok(await api.get(f"/v1/tunes/{tune['id']}/weights")))["data"] == []


@pytest.mark.parametrize("promised", [{"bytes": 4}, {"digest": "0" * 64}])
def test_a_file_that_is_not_what_the_provider_promised_is_not_taken(tmp_path: Path, promised: dict[str, Any]) -> None:
    with ReceivedFile(tmp_path / "file") as received:
        received.write(b"abc")
    check_file(WeightFile(name="f", ref="f", bytes=3, digest=hashlib.sha256(b"abc").hexdigest().upper()), received)
    with pytest.raises(ProviderUnavailable, match="the provider promised"):
        check_file(WeightFile(name="f", ref="f", **promised), received)


async def test_an_object_store_by_url_holds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environment = {"AWS_ENDPOINT": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
        for name, value in (environment | {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}).items():
            monkeypatch.setenv(name, value)
        async with httpx.AsyncClient() as client:
            await client.put(f"http://{host}:{port}/bucket")
        settings = msgspec.structs.replace(SETTINGS, data_directory=tmp_path, artifacts_url="s3://bucket/tuneledger")
        await check_store(ArtifactStore(settings))
    finally:
        server.stop()


async def test_a_folder_holds_the_same(tmp_path: Path) -> None:
    await check_store(ArtifactStore(msgspec.structs.replace(SETTINGS, data_directory=tmp_path)))


async def check_store(store: ArtifactStore) -> None:
    mine, other, content = UUID(int=1), UUID(int=2), os.urandom(12_000_000)
    digest = hashlib.sha256(content).hexdigest()
    for workspace_id in (mine, other):
        with store.receive(workspace_id) as path:
            path.write_bytes(content)
            await store.put(workspace_id, digest, path)
        assert not path.exists()
    assert await store.find_size(mine, digest) == len(content)
    assert await store.compute_digest(mine, digest) == (digest, len(content))
    assert await store.list_digests(mine) == [digest]
    pieces = [piece async for piece in await store.read(mine, digest, first=5, end=9_000_005)]
    assert b"".join(pieces) == content[5:9_000_005]
    await store.delete(mine, digest)
    await store.delete(mine, digest)
    assert await store.find_size(mine, digest) is None
    assert await store.list_digests(mine) == await store.list_digests(UUID(int=3)) == []
    with pytest.raises(ContentGone):
        await store.read(mine, digest, first=0, end=1)
    await store.delete_workspace(other)
    assert await store.find_size(other, digest) is None
