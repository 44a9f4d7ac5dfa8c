"""A tune as a run at a real MLflow server, and in W&B's own files. Run by `make test-trackers`, which has both."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.composition import open_ledger
from tests.http_client import OPERATOR_KEY, SHARED
from tests.http_client import SETTINGS as API_SETTINGS
from tests.trackers.ended_tunes import end_tune, integrate
from tests.tunes import conftest
from tests.tunes.conftest import SETTINGS, Desk, ok
from tests.tunes.sandbox import Sandbox

pytest.importorskip("mlflow")
pytest.importorskip("wandb")
KEY = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
async def app(engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Litestar:
    monkeypatch.setattr(conftest, "SETTINGS", msgspec.structs.replace(SETTINGS, data_directory=tmp_path))
    monkeypatch.setenv("WANDB_MODE", "offline")
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return SHARED.over(engine, API_SETTINGS)


@pytest.fixture
async def mlflow_url(tmp_path: Path) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = f"sqlite:///{tmp_path}/mlflow.db"
    command = ["-m", "mlflow", "server", "--port", str(port), "--backend-store-uri", store, "--workers", "1"]
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"}
    process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=tmp_path, env=environment)
    try:
        async with httpx.AsyncClient() as client:
            await wait_for(client, f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def wait_for(client: httpx.AsyncClient, url: str) -> None:
    for _ in range(240):
        try:
            if (await client.get(url)).is_success:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.5)
    pytest.fail("MLflow did not start")


async def test_a_tune_is_a_run_at_mlflow_and_in_the_files_of_wandb(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient, mlflow_url: str, tmp_path: Path
) -> None:
    await integrate(api, kind="mlflow", url=mlflow_url, options={"experiment": "tunes"})
    await integrate(api, kind="wandb", name="w", url="http://127.0.0.1:9", secret=KEY, options={"project": "acme"})
    tune, runs = await end_tune(desk, sandbox, engine)
    assert {run["kind"]: (run["state"], run["error"]) for run in runs} == {
        "mlflow": ("logged", None),
        "wandb": ("logged", None),
    }
    points = await desk.listed(tune["id"], "metrics")
    await check_mlflow(mlflow_url, tune, points)
    check_wandb(tmp_path, tune, points)
    assert KEY not in (await api.get("/v1/events?limit=1000")).text


async def check_mlflow(url: str, tune: Any, points: list[Any]) -> None:
    async with httpx.AsyncClient(base_url=f"{url}/api/2.0/mlflow") as client:
        found = await ok(await client.get("/experiments/get-by-name", params={"experiment_name": "tunes"}))
        search = {"experiment_ids": [found["experiment"]["experiment_id"]]}
        [run] = (await ok(await client.post("/runs/search", json=search)))["runs"]
        query = {"run_id": run["info"]["run_id"], "metric_key": "train_loss", "max_results": 5_000}
        losses = (await ok(await client.get("/metrics/get-history", params=query)))["metrics"]
    assert (run["info"]["status"], run["info"]["run_name"]) == ("FINISHED", "headlines v1.0")
    parameters = {each["key"]: each["value"] for each in run["data"]["params"]}
    assert (parameters["dataset_digest"], parameters["seed"]) == (tune["dataset_digest"], "7")
    tags = {each["key"]: each["value"] for each in run["data"]["tags"]}
    assert (tags["tuneledger.tune_id"], tags["tuneledger.model_version"]) == (tune["id"], "v1.0")
    expected = [(point["step"], point["train_loss"]) for point in points if point["train_loss"] is not None]
    assert sorted((each["step"], each["value"]) for each in losses) == expected


def check_wandb(folder: Path, tune: Any, points: list[Any]) -> None:
    from wandb.proto import wandb_internal_pb2  # noqa: PLC0415 - only where it is installed

    [file] = folder.glob(f"wandb/wandb/offline-run-*/run-{tune['id']}.wandb")
    history = []
    config: dict[str, str] = {}
    for data in read_records(file.read_bytes()):
        record = wandb_internal_pb2.Record.FromString(data)
        if record.WhichOneof("record_type") == "history":
            items = {(item.key or item.nested_key[0]): item.value_json for item in record.history.item}
            history.append(int(items["step"]))
        if record.WhichOneof("record_type") == "run":
            config |= {each.key: each.value_json for each in record.run.config.update}
    assert history == [point["step"] for point in points]
    assert msgspec.json.decode(config["dataset_digest"]) == tune["dataset_digest"]
    assert KEY.encode() not in file.read_bytes()


def read_records(content: bytes) -> Iterator[bytes]:
    """Read W&B's file: after a header of seven bytes, LevelDB's log of records in blocks of 32 KiB."""
    position, part = 7, b""
    while position + 7 <= len(content):
        left = 32_768 - position % 32_768
        if left < 7:  # too little for a header: the block is padded
            position += left
            continue
        length, kind = int.from_bytes(content[position + 4 : position + 6], "little"), content[position + 6]
        part += content[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in {1, 4}:  # whole, or the last part
            yield part
            part = b""
