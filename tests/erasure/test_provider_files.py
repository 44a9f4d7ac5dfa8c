"""Training files at providers: deleted, or tried again until the provider can be reached; the receipt says which."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.app import create_app
from service.composition import open_ledger
from service.erasure import worker
from tests.datasets.example_bodies import ok
from tests.erasure.erasing import order, wait_until_complete
from tests.http_client import OPERATOR_KEY, client
from tests.live_server import free_port
from tests.tunes.conftest import SETTINGS, Desk, working
from tests.tunes.sandbox import sandbox_in


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    async with client(create_app(SETTINGS, engine), OPERATOR_KEY) as api:
        yield Desk(api)


async def first_example(api: httpx.AsyncClient, dataset_id: str) -> str:
    page = await ok(await api.get(f"/v1/datasets/{dataset_id}/examples", params={"split": "train", "limit": 1}))
    return str(page["data"][0]["id"])


async def test_a_file_is_deleted_as_soon_as_its_provider_can_be_reached(
    desk: Desk, engine: AsyncEngine, tmp_path: Path
) -> None:
    port, frozen = free_port(), await desk.frozen()
    async with sandbox_in(tmp_path, pace=0.05, port=port) as sandbox:
        connection_id = await desk.connected(sandbox)
        async with working(engine):
            tune = await desk.until((await desk.asked(connection_id, of=frozen))["id"], "succeeded")
    file_id = tune["training_file"]["file_id"]
    example_id = await first_example(desk.api, frozen["dataset_id"])
    async with working(engine, worker.run):
        ordered = await order(desk.api, f"/v1/examples/{example_id}/erase")
        path = f"/v1/erasures/{ordered['id']}"
        await desk.happens(lambda: is_open(desk.api, path))
        waiting = await ok(await desk.api.get(path))
        assert (waiting["state"], waiting["note"]) == ("working", None)
        assert f"Provider file {file_id} is to be deleted." in waiting["remains"]
        await asyncio.sleep(1)
        async with sandbox_in(tmp_path, pace=0.05, port=port) as sandbox:
            receipt = await wait_until_complete(desk.api, ordered["id"])
            assert (await sandbox.http.get(f"/v1/files/{file_id}")).status_code == 404
    copy = {"connection_id": connection_id, "id": file_id, "state": "deleted", "detail": None}
    assert copy in receipt["held_by"]["provider_files"]
    assert receipt["held_by"]["tunes"] == [tune["id"]]
    assert f"provider file {connection_id} {file_id} deleted" in receipt["note"]


async def is_open(api: httpx.AsyncClient, path: str) -> bool:
    erasure = await ok(await api.get(path))
    return [copy["state"] for copy in erasure["held_by"]["provider_files"]] != [] and bool(erasure["erased"])


async def test_a_tune_that_is_sent_later_leaves_the_erased_rows_out(
    desk: Desk, engine: AsyncEngine, tmp_path: Path
) -> None:
    frozen = await desk.frozen()
    async with sandbox_in(tmp_path, pace=0.05) as sandbox:
        later_tune = await desk.asked(await desk.connected(sandbox), of=frozen)
        example_id = await first_example(desk.api, frozen["dataset_id"])
        async with working(engine, worker.run):
            await wait_until_complete(desk.api, (await order(desk.api, f"/v1/examples/{example_id}/erase"))["id"])
        async with working(engine):
            tune = await desk.until(later_tune["id"], "succeeded")
    assert tune["training_file"]["rows"] == tune["train_examples"] - 1
