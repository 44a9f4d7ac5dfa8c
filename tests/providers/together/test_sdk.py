"""Together's own SDK against the emulator: what the adapter relies on is what the SDK speaks."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from together import AsyncTogether, BadRequestError, NotFoundError

from tests.emulators.together import TogetherEmulator
from tests.emulators.together.endpoints_api import PROJECT
from tests.emulators.together.server import SECRET
from tests.providers.together.conftest import CHAT, PREFERENCE

MODEL = "Qwen/Qwen3-8B"


@pytest.fixture
async def sdk(emulator: TogetherEmulator) -> AsyncIterator[AsyncTogether]:
    async with AsyncTogether(api_key=SECRET, base_url=emulator.address, project_id=PROJECT["id"], max_retries=0) as sdk:
        yield sdk


def write(directory: Path, row: object, *, name: str = "train.jsonl", times: int = 20) -> Path:
    path = directory / name
    path.write_text(f"{json.dumps(row)}\n" * times)
    return path


async def upload(sdk: AsyncTogether, path: Path) -> str:
    file = await sdk.files.upload(path)
    for _ in range(3):
        file = await sdk.files.retrieve(file.id)
    assert file.processing_status == "COMPLETED"
    return file.id


async def test_files(sdk: AsyncTogether, tmp_path: Path) -> None:
    path = write(tmp_path, CHAT)
    file_id = await upload(sdk, path)
    assert (await sdk.files.upload(path)).id == file_id
    stored = await sdk.files.retrieve(file_id)
    assert stored.validation_report
    assert (stored.validation_report.dataset_format, stored.validation_report.nlines) == ("CONVERSATION", 20)
    assert [file.id for file in (await sdk.files.list()).data] == [file_id]
    await sdk.files.delete(file_id)
    with pytest.raises(NotFoundError):
        await sdk.files.retrieve(file_id)


async def test_a_job_from_its_price_to_its_end(sdk: AsyncTogether, emulator: TogetherEmulator, tmp_path: Path) -> None:
    training = await upload(sdk, write(tmp_path, CHAT, times=80))
    validation = await upload(sdk, write(tmp_path, CHAT, name="valid.jsonl", times=3))
    limits = await sdk.fine_tuning.model_limits(model_name=MODEL)
    assert limits.lora_training.max_rank == 64
    estimate = await sdk.fine_tuning.estimate_price(
        training_file=training, model=MODEL, training_method={"method": "sft", "train_on_inputs": "auto"}
    )
    assert estimate.estimation_available
    created = await sdk.fine_tuning.create(
        training_file=training,
        validation_file=validation,
        model=MODEL,
        n_evals=2,
        n_checkpoints=2,
        suffix="sdk",
        lora=True,
    )
    assert created.status == "pending"
    emulator.clock.advance(20)
    job = await sdk.fine_tuning.retrieve(created.id)
    assert job.status == "completed"
    assert job.x_model_output_name
    assert job.total_price
    assert [each.id for each in (await sdk.fine_tuning.list()).data] == [job.id]
    events = (await sdk.fine_tuning.list_events(job.id)).data
    assert [event.type for event in events][::7] == ["job_pending", "model_uploading"]
    rows = (await sdk.fine_tuning.list_metrics(job.id, global_step_from=10)).metrics
    assert [sorted(row) for row in rows or ()][1] == ["eval/loss", "train/global_step"]
    checkpoints = (await sdk.fine_tuning.list_checkpoints(job.id)).data
    assert [checkpoint.step for checkpoint in checkpoints] == [5, 5, 10, 10]
    archive = await sdk.fine_tuning.content(ft_id=job.id, checkpoint="adapter")
    assert (await archive.read())[:4] == b"\x28\xb5\x2f\xfd"
    await sdk.fine_tuning.delete(job.id)
    assert (await sdk.fine_tuning.list()).data == []


async def test_preferences_and_a_cancel(sdk: AsyncTogether, emulator: TogetherEmulator, tmp_path: Path) -> None:
    training = await upload(sdk, write(tmp_path, PREFERENCE))
    job = await sdk.fine_tuning.create(training_file=training, model=MODEL, training_method="dpo", dpo_beta=0.2)
    assert (await sdk.fine_tuning.cancel(job.id)).status == "cancel_requested"
    emulator.clock.advance(2)
    assert (await sdk.fine_tuning.retrieve(job.id)).status == "cancelled"
    with pytest.raises(BadRequestError):
        await sdk.fine_tuning.cancel(job.id)
    with pytest.raises(BadRequestError, match="CONVERSATION"):
        await sdk.fine_tuning.create(training_file=training, model=MODEL)


async def test_an_endpoint_from_its_config_to_a_chat(
    sdk: AsyncTogether, emulator: TogetherEmulator, tmp_path: Path
) -> None:
    training = await upload(sdk, write(tmp_path, CHAT))
    job = await sdk.fine_tuning.create(training_file=training, model=MODEL)
    emulator.clock.advance(20)
    model = await sdk.models.retrieve(str((await sdk.fine_tuning.retrieve(job.id)).api_model_object_id))
    assert [each.price_cents_per_hour for each in (await sdk.endpoints.hardware.list()).data] == [399, 798]
    configs = (await sdk.models.configs.list(reference_model_id=model.base_model_id or "")).data
    endpoint = await sdk.endpoints.create(name="mine")
    deployment = await sdk.endpoints.deployments.create(
        endpoint.id,
        name="first",
        model=f"projects/{model.project_id}/models/{model.id}",
        config=f"projects/{configs[0].project_id}/configs/{configs[0].id}",
        autoscaling={"min_replicas": 1, "max_replicas": 1},
    )
    split = [{"deployment_id": deployment.id, "weight": 1}]
    await sdk.endpoints.update(endpoint.id, traffic_split=split, update_mask="trafficSplit")  # type: ignore[arg-type]
    emulator.clock.advance(3)
    state = await sdk.endpoints.deployments.retrieve(deployment.id, endpoint_id=endpoint.id)
    assert state.status.state == "DEPLOYMENT_STATE_READY"
    said = await sdk.chat.completions.create(model="acme/mine", messages=[{"role": "user", "content": "hello"}])
    assert said.choices[0].message
    assert said.choices[0].message.content == "Echo: hello"
    assert [each.name for each in (await sdk.endpoints.list(filter='name="mine"')).data] == ["acme/mine"]


async def test_who_am_i(sdk: AsyncTogether) -> None:
    assert (await sdk.whoami()).type == "project_api_key"
