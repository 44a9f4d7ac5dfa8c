"""A version's weights are taken home: downloaded, converted, signed, and verified offline."""

from functools import partial
from pathlib import Path
from typing import Any

import gguf
import httpx
import msgspec
import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import worker as sealing
from service.weights.tensor_file import read_folder
from tests.emulators.together import TogetherEmulator
from tests.models.exports.conftest import EXPORT_LOOPS, download, export, wait_for_end
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.test_together import MODEL
from tests.weights.plain_models import K
from tuneledger.audit import verifier_of
from tuneledger.audit.bundles import verify_folder

ALL = ["adapter", "merged", "gguf-q8_0", "gguf-f16", "gguf-adapter", "ollama", "card"]
STEM = "headlines-v1.0"


async def test_a_version_is_exported_in_all_forms_signed_and_verified(
    api: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    worker_engine: AsyncEngine,
    base: Path,
    version: str,
    tmp_path: Path,
) -> None:
    async with working(worker_engine, *EXPORT_LOOPS, sealing.run):
        begun = await export(api, version, forms=ALL)
        assert (begun["kind"], begun["resource"]) == ("model_export", version)
        assert (await export(api, version, forms=ALL))["id"] == begun["id"]
        done = await wait_for_end(api, begun)
    assert (done["state"], done["result"]["skipped"]) == ("succeeded", []), done
    folder = tmp_path / "home"
    assert await download(api, done, folder) == sorted(
        [
            *("README.md", "Modelfile", "model.sig", "model-signing.pub"),
            *("adapter/adapter_config.json", "adapter/adapter_model.safetensors"),
            *(f"merged/{name}" for name in ("config.json", "model.safetensors")),
            *(f"merged/{name}" for name in ("tokenizer.json", "tokenizer_config.json")),
            *(f"{STEM}-{form}.gguf" for form in ("q8_0", "f16", "adapter")),
        ]
    )
    merged = read_folder(folder / "merged")[f"{K}.weight"].load()
    tensors = {each.name: each for each in gguf.GGUFReader(folder / f"{STEM}-q8_0.gguf").tensors}
    rows = merged.reshape(2, 2, 4, 32).swapaxes(1, 2).reshape(16, 32)
    found = tensors["blk.0.attn_k.weight"].data
    assert np.array_equal(found, gguf.quants.quantize(rows, gguf.GGMLQuantizationType.Q8_0))
    assert (
        msgspec.json.decode((folder / "adapter/adapter_config.json").read_bytes())["base_model_name_or_path"] == MODEL
    )
    assert f"FROM ./{STEM}-q8_0.gguf" in (folder / "Modelfile").read_text()
    row = await ok(await api.get(version))
    card = (folder / "README.md").read_text()
    assert f'base_model: "{MODEL}"' in card
    assert row["dataset_digest"] in card
    assert (await ok(await stranger.get("/v1/artifacts?kind=model")))["data"] == []
    await check_bundle(api, folder, row)


async def check_bundle(api: httpx.AsyncClient, folder: Path, row: Any) -> None:
    """Verify offline with the log's keys; what was changed is found."""
    checkpoint = await ok(await api.get("/v1/ledger/checkpoint"))
    keys = [verifier_of(text) for text in checkpoint["keys"]]
    report = verify_folder(folder, trusted=keys, kept=[checkpoint["note"]])
    assert report.findings == []
    assert report.claims["dataset_digest"] == row["dataset_digest"]
    assert (report.files, report.claims["model_version"]) == (12, "v1.0")
    assert verify_folder(folder, trusted=[]).findings[0].kind == "signature"
    with (folder / "merged/model.safetensors").open("r+b") as opened:
        opened.seek(5_000)
        opened.write(b"!")
    (folder / "Modelfile").unlink()
    (folder / "merged/evil.bin").write_bytes(b"?")
    found = {(each.kind, each.file, each.start) for each in verify_folder(folder, trusted=keys).findings}
    assert found == {
        ("altered", "merged/model.safetensors", 0),
        ("missing", "Modelfile", None),
        ("added", "merged/evil.bin", None),
    }


async def test_what_cannot_be_converted_says_why(
    api: httpx.AsyncClient, worker_engine: AsyncEngine, together: TogetherEmulator, version: str
) -> None:
    async with working(worker_engine, *EXPORT_LOOPS, sealing.run):
        done = await wait_for_end(api, await export(api, version, forms=["adapter", "gguf-q8_0", "ollama"]))
        nothing = await wait_for_end(api, await export(api, version, forms=["merged"]))
    assert done["state"] == "succeeded"
    reasons = {each["form"]: each["reason"] for each in done["result"]["skipped"]}
    assert set(reasons) == {"gguf-q8_0", "ollama"}
    assert f"{MODEL} is not on this server" in reasons["gguf-q8_0"]
    assert nothing["error"]["code"] == "not_convertible"
    assert f"{MODEL} is not on this server" in nothing["error"]["detail"]


async def is_done(api: httpx.AsyncClient, operation_id: str, count: int) -> bool:
    return bool((await ok(await api.get(f"/v1/operations/{operation_id}")))["progress"]["done"] == count)


async def test_an_export_that_was_killed_goes_on_and_ends_once(
    desk: Desk, api: httpx.AsyncClient, worker_engine: AsyncEngine, base: Path, version: str
) -> None:
    async with working(worker_engine, *EXPORT_LOOPS):  # without a sealed log it cannot be signed, and waits
        begun = await export(api, version, forms=["adapter", "gguf-f16"])
        await desk.happens(partial(is_done, api, begun["id"], 3))
    async with working(worker_engine, *EXPORT_LOOPS, sealing.run):
        done = await wait_for_end(api, begun)
    assert (done["state"], done["progress"]) == ("succeeded", {"done": 4, "total": 4, "unit": "forms"})
    events = (await ok(await api.get("/v1/events?limit=1000")))["data"]
    of_export = [event for event in events if event["stream_id"] == begun["id"]]
    forms = [event["data"]["form"] for event in of_export if event["type"] == "ModelExportFormMade"]
    assert forms == ["adapter", "gguf-f16", "card", "signature"]
    assert [event["type"] for event in of_export][-1] == "ModelExported"


@pytest.mark.parametrize("kind", ["adapter", "merged"])
async def test_a_queued_export_can_be_cancelled(api: httpx.AsyncClient, version: str, kind: str) -> None:
    begun = await export(api, version, forms=[kind])
    cancelled = await ok(await api.post(f"/v1/operations/{begun['id']}/cancel"))
    assert cancelled["state"] == "cancelled"
    assert (await api.post(f"/v1/operations/{begun['id']}/cancel")).status_code == 200


async def test_a_version_without_weights_is_refused_with_a_reason(api: httpx.AsyncClient) -> None:
    model = await ok(await api.post("/v1/models", json={"name": "elsewhere"}))
    connection = {"name": "c", "kind": "sandbox", "base_url": "http://127.0.0.1:9/v1", "secret": "sk-hush-hush-hush"}
    made = await ok(await api.post("/v1/connections", json=connection))
    body = {"connection_id": made["id"], "base_model": "gpt", "provider_model": "ft:gpt"}
    await ok(await api.post(f"/v1/models/{model['id']}/versions", json=body))
    refused = await api.post(f"/v1/models/{model['id']}/versions/v1.0/export", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "trained elsewhere" in refused.json()["detail"]
