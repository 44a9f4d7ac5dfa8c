"""Training with tools of one's own: files out, reports in, a model version at the end."""

import hashlib
import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.models import worker as registrar
from service.tunes.submission import dispatcher
from tests.tunes.conftest import Desk, ok, working

MODEL = "SmolLM2-135M-Instruct"


@pytest.fixture
async def own_tools(api: httpx.AsyncClient) -> str:
    made = await ok(await api.post("/v1/connections", json={"name": "our GPU box", "kind": "files"}))
    return str(made["id"])


@pytest.fixture
async def queued(desk: Desk, own_tools: str, engine: AsyncEngine) -> dict[str, Any]:
    target = {"connection_id": own_tools, "base_model": MODEL, "hyperparameters": {"lora_r": 16}}
    body = {**await desk.frozen(), "targets": [target], "model": "sections"}
    [tune] = (await ok(await desk.api.post("/v1/tunes", json=body)))["tunes"]
    async with working(engine, dispatcher.run):
        return await desk.until(tune["id"], "queued")


async def test_a_training_elsewhere_has_files_curves_and_a_version(
    desk: Desk, queued: dict[str, Any], engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    path = f"/v1/tunes/{queued['id']}"
    rows = await api.get(f"{path}/training-file")
    assert hashlib.sha256(rows.content).hexdigest() == queued["training_file"]["digest"]
    assert [len(json.loads(line)["messages"]) for line in rows.content.splitlines()] == [2] * 24
    assert len((await api.get(f"{path}/training-file?split=validation")).content.splitlines()) == 6

    recipe = await api.get(f"{path}/recipe?for=trl")
    with zipfile.ZipFile(io.BytesIO(recipe.content)) as archive:
        assert [len(archive.read(f"data/{split}.jsonl").splitlines()) for split in ("train", "validation")] == [24, 6]
        assert json.loads(archive.read("tuneledger.json"))["tune_id"] == queued["id"]
        settings = archive.read("trl.yaml").decode().splitlines()
        assert {f'model_name_or_path: "{MODEL}"', "lora_r: 16", 'dataset_test_split: "validation"'} <= set(settings)
    assert (await api.get(f"{path}/recipe")).status_code == 400

    report = {
        "points": [{"step": 1, "train_loss": 4.5}, {"step": 2, "not_finite": ["train_loss"]}],
        "checkpoints": [{"id": "checkpoint-2", "step": 2, "model": "/runs/7/checkpoint-2"}],
        "log": [{"id": "1", "message": "loaded"}],
    }
    for _ in range(2):
        reported = await api.post(f"{path}/report", json=report)
        assert (reported.json()["state"], reported.headers["etag"]) == ("running", '"4"')
    await ok(await api.post(f"{path}/report", json={"points": [{"step": 1, "valid_loss": 4.0}]}))
    points = await desk.listed(queued["id"], "metrics")
    assert [(point["step"], point["train_loss"], point["valid_loss"]) for point in points] == [
        (1, 4.5, 4.0),
        (2, None, None),
    ]
    assert [each["model"] for each in await desk.listed(queued["id"], "checkpoints")] == ["/runs/7/checkpoint-2"]

    end = {
        "model": "sections-7",
        "trained_tokens": 19_000,
        "cost": {"amount": "0.02"},
        "weights": [{"name": "adapter_model.safetensors", "bytes": 9_800_000, "digest": "ab" * 32}],
    }
    for _ in range(2):
        completed = await ok(await api.post(f"{path}/complete", json=end))
        assert (completed["state"], completed["cost"]["amount"]) == ("succeeded", "0.02")
    assert (await api.post(f"{path}/report", json=report)).status_code == 409
    assert (await api.post(f"{path}/fail", json={"message": "no"})).status_code == 409
    async with working(engine, registrar.run):
        [version] = await desk.happens(lambda: versions_of(api, "sections"))
    assert (version["version"], version["provider_model"], version["tune_id"]) == ("v1.0", "sections-7", queued["id"])
    history = await ok(await api.get(f"/v1/events?stream_id={queued['id']}&limit=100"))
    assert history["data"][-1]["data"]["weights"] == end["weights"]


async def versions_of(api: httpx.AsyncClient, name: str) -> list[dict[str, Any]]:
    models = (await ok(await api.get("/v1/models")))["data"]
    for model in models:
        if model["name"] == name:
            versions: list[dict[str, Any]] = (await ok(await api.get(f"/v1/models/{model['id']}/versions")))["data"]
            return versions
    return []


async def test_a_failure_can_be_retried_and_a_cancel_ends_at_once(
    desk: Desk, queued: dict[str, Any], engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    path = f"/v1/tunes/{queued['id']}"
    failed = await ok(await api.post(f"{path}/fail", json={"message": "out of memory", "code": "out_of_memory"}))
    assert (failed["state"], failed["error"]["code"]) == ("failed", "out_of_memory")
    again = await ok(await api.post(f"{path}/retry"))
    early = await api.post(f"/v1/tunes/{again['id']}/complete", json={"model": "x"})
    assert (early.status_code, "being prepared" in early.json()["detail"]) == (409, True)
    async with working(engine):
        await desk.until(again["id"], "queued")
        assert (await ok(await api.post(f"/v1/tunes/{again['id']}/cancel", json={})))["state"] == "cancelled"


async def test_a_provider_tells_itself_how_its_tunes_go(desk: Desk, api: httpx.AsyncClient) -> None:
    tune = await desk.asked(await desk.connected())
    for action, body in (("report", {}), ("complete", {"model": "x"}), ("fail", {"message": "x"})):
        refused = await api.post(f"/v1/tunes/{tune['id']}/{action}", json=body)
        assert (refused.status_code, "ask the provider" in refused.json()["detail"]) == (409, True)


async def test_only_where_nothing_is_sent_is_no_secret_needed(own_tools: str, api: httpx.AsyncClient) -> None:
    assert (await ok(await api.post(f"/v1/connections/{own_tools}/check")))["models"] == []
    refused = await api.post("/v1/connections", json={"name": "o", "kind": "openai"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/secret")
