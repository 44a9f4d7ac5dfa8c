"""TRL trains a model for real and reports it by the callback of the Python client to a real server."""

import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path

from tests.live_server import KEY
from tests.local.conftest import LocalServer
from tests.local.frozen_things import find_version, request_tune, wait_for

SECONDS = 600


async def test_trl_trains_and_two_lines_report_it(server: LocalServer, tmp_path: Path, tiny_base: Path) -> None:
    client = server.client
    connection = await client.post("/connections", {"name": "our GPU box", "kind": "files"})
    asked = await request_tune(client, connection["id"])
    path = f"/tunes/{asked['id']}"
    queued = await wait_for(client, path, "queued")
    rows, out = tmp_path / "train.jsonl", tmp_path / "out"
    rows.write_bytes(await client.get_bytes(f"{path}/training-file"))
    assert hashlib.sha256(rows.read_bytes()).hexdigest() == queued["training_file"]["digest"]

    command = [sys.executable, "-m", "tests.local.trl_script", asked["id"], str(tiny_base), str(rows), str(out)]
    where = {"TUNELEDGER_BASE_URL": server.url, "TUNELEDGER_API_KEY": KEY, "HF_HUB_OFFLINE": "1"}
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | where, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0, output.decode()[-3000:]

    tune = await client.get(path)
    assert tune["state"] == "succeeded"
    assert tune["trained_tokens"]
    state = json.loads((out / "checkpoint-6/trainer_state.json").read_text())
    points = await client.list_all(f"{path}/metrics")
    losses = {each["step"]: each["loss"] for each in state["log_history"] if "loss" in each}
    assert {point["step"]: point["train_loss"] for point in points} == losses
    assert [point["step"] for point in points if point["full_valid_loss"]] == [3, 6]
    checkpoints = await client.list_all(f"{path}/checkpoints")
    assert [Path(each["model"]).name for each in checkpoints] == ["checkpoint-3", "checkpoint-6"]
    version = await find_version(client)
    assert (version["provider_model"], version["tune_id"]) == ("things-1", asked["id"])
    completed = (await client.get("/events", stream_id=asked["id"], limit=100))["data"][-1]
    reported = {each["name"]: each["digest"] for each in completed["data"]["weights"]}
    weights = out / "tuned/adapter_model.safetensors"
    assert reported["adapter_model.safetensors"] == hashlib.sha256(weights.read_bytes()).hexdigest()
