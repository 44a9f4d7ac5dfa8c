"""Fireworks' own SDK against the emulator: what the adapter relies on is what the SDK speaks."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fireworks import APIStatusError, AsyncFireworks, ConflictError

from tests.emulators.fireworks import FireworksEmulator
from tests.emulators.fireworks.jobs_api import MODEL
from tests.emulators.fireworks.server import SECRET
from tests.emulators.fireworks.wire import ACCOUNT


@pytest.fixture
async def sdk(emulator: FireworksEmulator) -> AsyncIterator[AsyncFireworks]:
    async with AsyncFireworks(api_key=SECRET, account_id=ACCOUNT, base_url=emulator.address, max_retries=0) as sdk:
        yield sdk


async def test_old_jobs(emulator: FireworksEmulator, sdk: AsyncFireworks) -> None:
    for number in range(120):
        emulator.jobs.add(f"job-{number}")
    emulator.clock.advance(2)
    assert len([job async for job in sdk.supervised_fine_tuning_jobs.list(page_size=50)]) == 120
    job = await sdk.supervised_fine_tuning_jobs.get("job-7")
    assert (job.state, job.job_progress and job.job_progress.percent) == ("JOB_STATE_RUNNING", 50)
    await sdk.supervised_fine_tuning_jobs.cancel("job-7", body={})
    await sdk.supervised_fine_tuning_jobs.delete("job-7")
    with pytest.raises(APIStatusError) as closed:
        await sdk.supervised_fine_tuning_jobs.create(dataset="accounts/acme/datasets/rows", base_model=MODEL)
    assert closed.value.status_code == 501


async def test_models(emulator: FireworksEmulator, sdk: AsyncFireworks) -> None:
    made = await sdk.models.create(
        model_id="mine",
        model={
            "kind": "HF_PEFT_ADDON",
            "peft_details": {"base_model": MODEL, "r": 8, "target_modules": ["q_proj"]},
        },
    )
    assert made.state == "UPLOADING"
    with pytest.raises(ConflictError):
        await sdk.models.create(model_id="mine")
    content = b'{"r": 8}'
    endpoint = await sdk.models.get_upload_endpoint("mine", filename_to_size={"adapter_config.json": str(len(content))})
    address = (endpoint.filename_to_signed_urls or {})["adapter_config.json"]
    range_of_bytes = f"{len(content)},{len(content)}"
    headers = {"Content-Type": "application/octet-stream", "x-goog-content-length-range": range_of_bytes}
    async with httpx.AsyncClient() as storage:
        (await storage.put(address, content=content, headers=headers)).raise_for_status()
    await sdk.models.validate_upload("mine")
    emulator.clock.advance(1)
    assert (await sdk.models.get("mine")).state == "READY"
    given = await sdk.models.get_download_endpoint("mine")
    assert list(given.filename_to_signed_urls or {}) == ["adapter_config.json"]
    await sdk.models.delete("mine")


async def test_deployments(emulator: FireworksEmulator, sdk: AsyncFireworks) -> None:
    made = await sdk.deployments.create(
        base_model=MODEL, deployment_id="d1", autoscaling_policy={"scale_to_zero_window": "300s"}
    )
    assert (made.state, made.name) == ("CREATING", "accounts/acme/deployments/d1")
    emulator.clock.advance(3)
    answer = await sdk.chat.completions.create(
        model="accounts/acme/deployments/d1", messages=[{"role": "user", "content": "Hi"}]
    )
    assert answer.choices[0].message.content == "Echo: Hi"
    with pytest.raises(APIStatusError):
        await sdk.deployments.delete("d1")
    await sdk.deployments.delete("d1", ignore_checks=True)
    assert (await sdk.deployments.get("d1")).state == "DELETING"
