"""A version of a model, tuned at an emulated Together that gives real weights away, and its base on this server."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.composition import open_ledger
from service.evaluations.gate_measurements import load_gate_facts
from service.models import worker as registrar
from service.models.exports import worker as exports
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from service.tunes.weights import worker as weights
from tests.emulators.together import TogetherEmulator, emulate
from tests.http_client import OPERATOR_KEY, SHARED
from tests.http_client import SETTINGS as API_SETTINGS
from tests.tunes import conftest
from tests.tunes.conftest import SETTINGS, Desk, desk, ok, working
from tests.tunes.test_together import MODEL, asked, find_version
from tests.weights.plain_models import save_adapter, save_base

__all__ = ["desk"]
EXPORT_LOOPS = (weights.run, partial(exports.run, load_gate_facts))


@pytest.fixture
async def app(engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Litestar:
    settings = {"data_directory": tmp_path / "data", "base_models_directory": tmp_path / "bases"}
    monkeypatch.setattr(conftest, "SETTINGS", msgspec.structs.replace(SETTINGS, **settings))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no-cache"))
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return SHARED.over(engine, msgspec.structs.replace(API_SETTINGS, **settings))


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[TogetherEmulator]:
    async with emulate(pace=0.05) as emulator:
        save_adapter(tmp_path / "trained", r=2, lora_alpha=4)
        emulator.weights.files["adapter"] = {
            f"./output/{path.name}": path.read_bytes() for path in (tmp_path / "trained").iterdir()
        }
        emulator.weights.files["merged"] = {"README.txt": b"nothing that is a model"}
        yield emulator


@pytest.fixture
def base(tmp_path: Path) -> Path:
    save_base(tmp_path / "bases" / MODEL)
    return tmp_path / "bases" / MODEL


@pytest.fixture
async def version(desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient) -> str:
    """The path of the version."""
    tune_id = await asked(desk, together, model="headlines")
    async with working(engine, dispatch.run, poller.run, registrar.run):
        await desk.until(tune_id, "succeeded")
        found: Any = await desk.happens(lambda: find_version(api, tune_id))
    return f"/v1/models/{found['model_id']}/versions/{found['version']}"


async def export(api: httpx.AsyncClient, version: str, **body: Any) -> Any:
    response = await api.post(f"{version}/export", json=body)
    assert response.status_code == 202, response.text
    return response.json()


async def wait_for_end(api: httpx.AsyncClient, operation: Any) -> Any:
    ended = await ok(await api.get(f"/v1/operations/{operation['id']}?wait=50"))
    assert ended["finished_at"], ended
    return ended


async def download(api: httpx.AsyncClient, operation: Any, folder: Path) -> list[str]:
    """Lay the exported files out in a folder, as a person would. Returns their paths."""
    names = []
    for artifact_id in operation["result"]["artifacts"]:
        artifact = await ok(await api.get(f"/v1/artifacts/{artifact_id}"))
        name = artifact["name"].partition("/")[2]
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((await api.get(f"/v1/artifacts/{artifact_id}/content")).content)
        names.append(name)
    return sorted(names)
