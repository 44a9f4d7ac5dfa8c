"""Old jobs at Fireworks: read, listed, cancelled, with their weights; new ones are refused."""

from pathlib import Path

import pytest

from service.providers.fireworks.fireworks_adapter import FireworksProvider
from service.providers.fireworks.fireworks_traits import FIREWORKS
from service.providers.provider import JobSpec, Refused, Unreachable
from tests.emulators.fireworks import FireworksEmulator
from tests.emulators.fireworks.jobs_api import MODEL
from tests.emulators.fireworks.wire import HOME
from tests.providers.conftest import write_training_file


async def test_new_jobs_and_files_are_refused_with_what_to_do(provider: FireworksProvider, tmp_path: Path) -> None:
    with pytest.raises(Refused) as closed:
        await provider.submit(JobSpec(base_model=MODEL, training_file="rows", token="t"))
    assert closed.value.detail == FIREWORKS.closed_hint
    with pytest.raises(Refused):
        await provider.upload(write_training_file(tmp_path, b"{}\n"))


async def test_an_old_job_is_followed_to_its_model(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    emulator.jobs.add("old")
    emulator.clock.advance(2)
    job = await provider.job("old")
    assert (job.id, job.state, job.raw_status, job.base_model) == ("old", "running", "JOB_STATE_RUNNING", MODEL)
    assert (job.steps_done, job.steps_total, job.model) == (50, 100, None)
    emulator.clock.advance(2)
    ended = await provider.job("old")
    assert (ended.state, ended.model, str(ended.cost)) == ("succeeded", "accounts/acme/models/old", "2.5")
    assert ended.finished_at is not None


async def test_a_job_of_another_kind_is_found_by_its_id_alone(
    emulator: FireworksEmulator, provider: FireworksProvider
) -> None:
    emulator.jobs.add("pairs", collection="dpoJobs")
    for name in ("pairs", "dpoJobs/pairs", "accounts/acme/dpoJobs/pairs"):
        job = await provider.job(name)
        assert (job.id, job.base_model) == ("dpoJobs/pairs", MODEL)
    with pytest.raises(Refused) as missing:
        await provider.job("accounts/other/dpoJobs/pairs")
    assert missing.value.provider_status == 404


async def test_each_change_is_told_once(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    emulator.jobs.add("old")
    emulator.clock.advance(2)
    first = await provider.news(await provider.job("old"), cursor=None)
    assert [event.message for event in first.events] == ["JOB_STATE_RUNNING, 50%"]
    assert (await provider.news(await provider.job("old"), cursor=first.cursor)).events == ()
    emulator.clock.advance(2)
    assert (await provider.news(await provider.job("old"), cursor=first.cursor)).events


async def test_a_failed_job_says_why(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    emulator.jobs.add("bad", ending="FAILED")
    emulator.clock.advance(9)
    job = await provider.job("bad")
    assert (job.state, job.model) == ("failed", None)
    assert job.error
    assert (job.error.code, job.error.message) == ("INVALID_ARGUMENT", "Row 3 has no assistant message.")


async def test_states_are_read_from_pages(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    for number in range(450):
        emulator.jobs.add(f"job-{number}")
    emulator.jobs.add("pairs", collection="dpoJobs")
    emulator.jobs.add("odd").fields = {"name": None}
    emulator.clock.advance(4)
    states = await provider.states(["job-449", "job-3", "dpoJobs/pairs", "gone"])
    assert {job_id: job.state for job_id, job in states.items()} == {
        "job-449": "succeeded",
        "job-3": "succeeded",
        "dpoJobs/pairs": "succeeded",
    }
    assert emulator.faults.calls[f"GET {HOME}/supervisedFineTuningJobs"] == 3


async def test_a_list_without_end_is_left(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    emulator.jobs.add("old")
    emulator.jobs.endless = True
    assert set(await provider.states(["old", "gone"])) == {"old"}


@pytest.mark.parametrize(("stubborn", "ending"), [(False, "cancelled"), (True, "succeeded")])
async def test_a_cancelled_job_ends(
    emulator: FireworksEmulator, provider: FireworksProvider, stubborn: bool, ending: str
) -> None:
    emulator.jobs.add("old", stubborn=stubborn)
    assert (await provider.cancel("old")).state == "running"
    emulator.clock.advance(2)
    assert (await provider.job("old")).state == ending


async def test_an_unknown_state_keeps_its_word(emulator: FireworksEmulator, provider: FireworksProvider) -> None:
    job = emulator.jobs.add("old")
    job.odd_state = "JOB_STATE_REBALANCING"
    seen = await provider.job("old")
    assert (seen.state, seen.raw_status) == ("running", "JOB_STATE_REBALANCING")
    job.fields = {"completedTime": "2026-11-20T10:00:00Z"}
    assert (await provider.job("old")).state == "succeeded"


async def test_weights_come_from_signed_addresses_without_the_secret(
    emulator: FireworksEmulator, provider: FireworksProvider
) -> None:
    emulator.jobs.add("old")
    emulator.models.add("old", {"adapter_config.json": b"{}", "adapter_model.safetensors": b"weights" * 1_000})
    with pytest.raises(Refused):
        await provider.weights("old")
    emulator.clock.advance(4)
    files = await provider.weights("old")
    assert [file.name for file in files] == ["adapter_config.json", "adapter_model.safetensors"]
    assert b"".join([chunk async for chunk in provider.read_weights(files[1])]) == b"weights" * 1_000


@pytest.mark.parametrize(
    ("status", "body", "code", "kind"),
    [
        (429, {"code": 8, "message": "Slow down."}, "RESOURCE_EXHAUSTED", Unreachable),
        (503, {"code": 14, "message": "Later."}, "UNAVAILABLE", Unreachable),
        (409, {"code": 10, "message": "Changed meanwhile."}, "ABORTED", Unreachable),
        (409, {"code": 6, "message": "Is there."}, "ALREADY_EXISTS", Refused),
        (412, {"code": 9, "message": "Suspended."}, "FAILED_PRECONDITION", Refused),
        (501, {"code": 12, "message": "Gone."}, "UNIMPLEMENTED", Refused),
        (403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "No."}}, "PERMISSION_DENIED", Refused),
    ],
)
async def test_errors_are_told_by_their_code(
    emulator: FireworksEmulator,
    provider: FireworksProvider,
    status: int,
    body: object,
    code: str,
    kind: type[Refused | Unreachable],
) -> None:
    emulator.faults.add("GET .*", status=status, body=body)
    with pytest.raises((Refused, Unreachable)) as refused:
        await provider.job("old")
    assert isinstance(refused.value, kind)
    assert (refused.value.provider_code, refused.value.provider_status) == (code, status)
