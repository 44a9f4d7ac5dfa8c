"""Models from elsewhere at Fireworks: uploaded, deployed, woken up, asked and removed."""

import json
from pathlib import Path

import pytest

from service.providers.abilities import DeploymentSpec
from service.providers.fireworks.fireworks_adapter import FireworksProvider
from service.providers.provider import Refused, Unreachable
from tests.emulators.fireworks import FireworksEmulator
from tests.emulators.fireworks.jobs_api import MODEL
from tests.emulators.fireworks.wire import HOME

MESSAGES = [{"role": "user", "content": "Hi"}]
TOKEN = "0192aaaa-7000-7000-8000-00000000000a"
ADAPTER = {"r": 8, "target_modules": ["q_proj", "v_proj"], "peft_type": "LORA"}
SPEC = DeploymentSpec(model=MODEL, token=TOKEN, name="Sports", idle_minutes=10)


def write_adapter(directory: Path, **config: object) -> list[Path]:
    settings, weights = directory / "adapter_config.json", directory / "adapter_model.safetensors"
    settings.write_text(json.dumps(ADAPTER | config))
    weights.write_bytes(b"weights" * 100_000)
    return [settings, weights]


@pytest.fixture
def running(emulator: FireworksEmulator) -> None:
    """Checks of models take their time by the clock."""
    emulator.models.clock = type(emulator.clock)(running=True)


@pytest.mark.usefixtures("running")
async def test_an_adapter_is_uploaded_once(
    emulator: FireworksEmulator, provider: FireworksProvider, tmp_path: Path
) -> None:
    files = write_adapter(tmp_path)
    name = await provider.import_model("sports", "qwen3-8b", files)
    assert name == "accounts/acme/models/sports"
    stored = emulator.models.stored["sports"]
    assert stored.body["peftDetails"] == {"baseModel": MODEL, "r": 8, "targetModules": ["q_proj", "v_proj"]}
    assert stored.files == {path.name: path.read_bytes() for path in files}
    assert await provider.import_model("sports", MODEL, files) == name
    assert emulator.faults.calls["PUT /storage/sports/adapter_config.json"] == 1
    with pytest.raises(Refused):
        await provider.import_model("sports", "llama-v3p3-70b-instruct", files)
    await provider.delete_model(name)
    await provider.delete_model(name)
    assert not emulator.models.stored


@pytest.mark.usefixtures("running")
async def test_an_upload_that_broke_off_goes_on(
    emulator: FireworksEmulator, provider: FireworksProvider, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text("{}")
    for call in (f"POST {HOME}/models", "PUT .*"):
        emulator.faults.add(call, drop="after")
        with pytest.raises(Unreachable):
            await provider.import_model("My merged model", "", [tmp_path / "config.json"])
    name = await provider.import_model("My merged model", "", [tmp_path / "config.json"])
    assert name.startswith("accounts/acme/models/m-my-merged-model-")
    assert emulator.models.is_ready(name)


@pytest.mark.usefixtures("running")
async def test_a_model_that_fireworks_refuses_says_why(
    emulator: FireworksEmulator, provider: FireworksProvider, tmp_path: Path
) -> None:
    emulator.models.fault = "The tensors are of another model."
    with pytest.raises(Refused, match="another model"):
        await provider.import_model("sports", MODEL, write_adapter(tmp_path))


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest", "file:///etc/passwd", ""])
async def test_files_go_to_no_address_that_is_not_allowed(
    emulator: FireworksEmulator, provider: FireworksProvider, tmp_path: Path, address: str
) -> None:
    files = write_adapter(tmp_path)[:1]
    body = {"filenameToSignedUrls": {files[0].name: address}}
    emulator.faults.add(".*:getUploadEndpoint", content=json.dumps(body).encode())
    with pytest.raises(Refused):
        await provider.import_model("sports", MODEL, files)
    assert emulator.models.stored["sports"].files == {}


@pytest.mark.parametrize("config", [{"r": 128}, {"r": "8"}, {"target_modules": "all-linear"}])
async def test_what_cannot_work_is_refused_before_anything_is_sent(
    emulator: FireworksEmulator, provider: FireworksProvider, tmp_path: Path, config: dict[str, object]
) -> None:
    with pytest.raises(Refused):
        await provider.import_model("sports", MODEL, write_adapter(tmp_path, **config))
    with pytest.raises(Refused):
        await provider.import_model("sports", "Qwen/Qwen3-8B", write_adapter(tmp_path))
    assert not emulator.faults.calls


async def test_a_deployment_lives_sleeps_and_wakes_up(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    assert await provider.find_deployment(TOKEN) is None
    created = await provider.deploy(SPEC)
    assert (created.state, created.address) == ("creating", f"accounts/acme/deployments/{created.id}")
    body = emulator.deployments.stored[created.id].body
    assert body["autoscalingPolicy"] == {"scaleToZeroWindow": "600s"}
    assert (body["minReplicaCount"], body["maxReplicaCount"], body["deploymentShape"]) == (0, 1, "default")
    emulator.clock.advance(3)
    assert (await provider.deployment(created.id)).state == "ready"
    assert (await provider.complete(created.address or "", MESSAGES)).text == "Echo: Hi"
    emulator.clock.advance(700)
    assert (await provider.deployment(created.id)).state == "cold"
    with pytest.raises(Unreachable, match="waking up") as cold:
        await provider.complete(created.address or "", MESSAGES)
    assert (cold.value.provider_code, cold.value.undone) == ("DEPLOYMENT_SCALING_UP", True)
    emulator.clock.advance(3)
    chunks = [chunk async for chunk in provider.stream(created.address or "", MESSAGES)]
    assert chunks[-1]["usage"]
    await provider.undeploy(created.id)
    await provider.undeploy(created.id)
    assert (await provider.deployment(created.id)).state == "stopping"
    emulator.clock.advance(2)
    assert (await provider.deployment(created.id)).state == "stopped"
    with pytest.raises(Refused) as gone:
        await provider.complete(created.address or "", MESSAGES)
    assert gone.value.provider_status == 404
    assert (await provider.deploy(SPEC)).state == "creating"


async def test_a_deployment_whose_response_was_lost_is_one(
    emulator: FireworksEmulator, provider: FireworksProvider
) -> None:
    emulator.faults.add(f"POST {HOME}/deployments", drop="after")
    with pytest.raises(Unreachable):
        await provider.deploy(SPEC)
    found = await provider.find_deployment(TOKEN)
    assert found
    assert (await provider.deploy(SPEC)).id == found.id
    assert len(emulator.deployments.stored) == 1


async def test_a_deployment_that_fails_says_why(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    emulator.deployments.fails = True
    created = await provider.deploy(SPEC)
    emulator.clock.advance(3)
    failed = await provider.deployment(created.id)
    assert (failed.state, failed.error) == ("failed", "No capacity for these accelerators.")


async def test_gpus_without_quota_are_refused_for_good(
    emulator: FireworksEmulator, provider: FireworksProvider
) -> None:
    emulator.faults.add("POST .*", status=429, body={"code": 8, "message": "Quota exceeded for H100."})
    with pytest.raises(Refused, match="quota"):
        await provider.deploy(SPEC)


async def test_an_adapter_is_loaded_onto_a_deployment_that_runs(
    emulator: FireworksEmulator, provider: FireworksProvider
) -> None:
    base = await provider.deploy(SPEC)
    emulator.deployments.stored[base.id].body["enableAddons"] = True
    emulator.clock.advance(3)
    model, token = "accounts/acme/models/sports", "0192aaaa-7000-7000-8000-00000000000b"
    spec = DeploymentSpec(model=model, token=token, name="Sports", hardware=base.address)
    loaded = await provider.deploy(spec)
    assert (loaded.state, loaded.address) == ("ready", f"{model}#{base.address}")
    assert await provider.deploy(spec) == loaded == await provider.find_deployment(token)
    assert (await provider.complete(loaded.address or "", MESSAGES)).text == "Echo: Hi"
    await provider.undeploy(loaded.id)
    await provider.undeploy(loaded.id)
    assert await provider.find_deployment(token) is None
