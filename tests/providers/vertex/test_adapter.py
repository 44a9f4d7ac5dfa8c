"""The adapter for Vertex against the emulator: files, jobs and what is told about them."""

import asyncio
import resource
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from service.providers.abilities import TrainingFile
from service.providers.provider import JobSpec, Refused, RemoteJob, Unreachable
from service.providers.vertex.vertex_adapter import VertexProvider
from service.providers.vertex.vertex_jobs import VertexJob, convert_job
from service.providers.vertex.vertex_order import build_label
from tests.emulators.vertex import VertexEmulator
from tests.emulators.vertex.wire import build_error
from tests.providers.conftest import write_training_file
from tests.providers.vertex.conftest import PREFERENCE, account_at

MODEL = "gemini-2.5-flash"
Write = Callable[..., TrainingFile]


def order(uri: str, **given: object) -> JobSpec:
    return JobSpec(**({"base_model": MODEL, "training_file": uri, "token": "token-1"} | given))  # type: ignore[arg-type]


async def submit(provider: VertexProvider, write_file: Write, **given: object) -> RemoteJob:
    return await provider.submit(order(await provider.upload(write_file()), **given))


async def finish(provider: VertexProvider, emulator: VertexEmulator, job: RemoteJob) -> RemoteJob:
    emulator.clock.advance(50)
    return await provider.job(job.id)


async def test_a_file_goes_to_the_folder_of_the_bucket(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    file = write_file()
    assert await provider.upload(file) == f"gs://acme-training/tunes/{file.name}"
    assert emulator.bucket.stored == {f"tunes/{file.name}": file.path.read_bytes()}


async def test_a_file_whose_name_lacks_the_digest_gets_it(provider: VertexProvider, write_file: Write) -> None:
    file = msgspec.structs.replace(write_file(), name="train.jsonl")
    assert (await provider.upload(file)).endswith(f"/{file.digest}-train.jsonl")
    assert await provider.find_file(file)


async def test_a_large_upload_keeps_memory_flat(provider: VertexProvider, tmp_path: Path) -> None:
    megabytes, received = 160, 0

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        await reader.readuntil(b"\r\n\r\n")
        while received < megabytes << 20:
            received += len(await reader.read(1 << 16))
        answer = b'{"name": "x", "size": "%d"}' % received
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(answer)
        writer.write(head + answer)
        writer.close()

    file = write_training_file(tmp_path, b"")
    with file.path.open("wb") as target:
        target.truncate(megabytes << 20)
    file = msgspec.structs.replace(file, bytes=megabytes << 20)
    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        storage = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        account = provider._client.account
        account = msgspec.structs.replace(account, options=account.options | {"storage_url": storage})
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        other = VertexProvider(account)
        assert await other.upload(file) == "gs://acme-training/x"
        await other.aclose()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_the_check_names_a_bucket_that_is_not_there(emulator: VertexEmulator) -> None:
    account = account_at(emulator, options=emulator.options | {"bucket": "gs://another"})
    provider = VertexProvider(account)
    with pytest.raises(Refused, match="bucket does not exist") as refused:
        await provider.check()
    assert refused.value.provider_code == "notFound"
    await provider.aclose()


async def test_flat_hyperparameters_are_sent_as_vertex_nests_them(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    given = {"epoch_count": 3, "adapter_size": 8, "learning_rate_multiplier": 0.5, "export_last_checkpoint_only": True}
    valid = await provider.upload(write_file(times=3))
    job = await submit(provider, write_file, hyperparameters=given, suffix="mine", validation_file=valid)
    body = emulator.jobs.stored[job.id].body
    spec = body["supervisedTuningSpec"]
    assert spec["hyperParameters"] == {
        "epochCount": 3,
        "adapterSize": "ADAPTER_SIZE_EIGHT",
        "learningRateMultiplier": 0.5,
    }
    assert (spec["exportLastCheckpointOnly"], spec["validationDatasetUri"]) == (True, valid)
    assert (body["baseModel"], body["tunedModelDisplayName"]) == (MODEL, "mine")
    assert body["labels"] == {"tuneledger_job": "token-1"}


async def test_preferences_have_a_spec_of_their_own(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    uri = await provider.upload(write_file(PREFERENCE))
    job = await provider.submit(order(uri, method="dpo", hyperparameters={"beta": 0.1}))
    assert emulator.jobs.stored[job.id].body["preferenceOptimizationSpec"]["hyperParameters"] == {"beta": 0.1}
    assert (await finish(provider, emulator, job)).state == "succeeded"


async def test_a_job_tells_its_phases_steps_and_tokens(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file)
    seen = [(job.state, job.raw_status, job.steps_done)]
    for _ in range(3):
        emulator.clock.advance(1.0)
        job = await provider.job(job.id)
        seen.append((job.state, job.raw_status, job.steps_done))
    assert seen == [
        ("queued", "JOB_STATE_PENDING", None),
        ("validating", "JOB_STATE_RUNNING", None),
        ("running", "JOB_STATE_RUNNING", None),
        ("running", "JOB_STATE_RUNNING", 1),
    ]
    ended = await finish(provider, emulator, job)
    assert (ended.steps_done, ended.steps_total) == (4, 4)
    assert ended.trained_tokens
    assert ended.model == f"projects/123456789012/locations/us-central1/endpoints/{job.id}"
    assert ended.finished_at
    assert ended.finished_at > ended.created_at  # type: ignore[operator]


async def test_checkpoints_are_endpoints_and_a_job_goes_on_from_one(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    checkpoints = (await provider.news(job, cursor=None)).checkpoints
    assert [(each.id, each.step) for each in checkpoints] == [(f"{job.id}:1", 2), (f"{job.id}:2", 4)]
    assert checkpoints[1].model == job.model
    uri = await provider.upload(write_file())
    more = await provider.submit(order(uri, start_from=checkpoints[0].model))
    model = f"projects/123456789012/locations/us-central1/models/{job.id}@1"
    assert emulator.jobs.stored[more.id].body["preTunedModel"] == {"tunedModelName": model, "checkpointId": "1"}
    assert more.base_model == MODEL
    with pytest.raises(Refused, match="not found"):
        await provider.submit(order(uri, start_from=f"{job.model}9"))
    with pytest.raises(Refused, match="no name of a resource"):
        await provider.submit(order(uri, start_from="../../secrets"))


async def test_rows_that_vertex_cannot_use_fail_the_job_with_its_reason(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    uri = await provider.upload(write_file({"messages": []}))
    failed = await finish(provider, emulator, await provider.submit(order(uri)))
    assert (failed.state, failed.model) == ("failed", None)
    assert failed.error
    assert (failed.error.code, failed.error.message) == ("INVALID_ARGUMENT", "Line 1: contents is required.")


async def test_a_state_that_nobody_knows_ends_with_the_job_alone(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file)
    emulator.clock.advance(50)
    emulator.jobs.stored[job.id].odd_state = "JOB_STATE_ARCHIVED"
    assert (await provider.job(job.id)).state == "succeeded"
    emulator.jobs.stored[job.id].odd_state = "JOB_STATE_EXPIRED"
    expired = await provider.job(job.id)
    assert expired.error
    assert (expired.state, expired.error.message) == ("failed", "The job ended as JOB_STATE_EXPIRED.")


def test_a_model_that_is_deployed_early_does_not_end_its_job() -> None:
    early = VertexJob(name="x/1", state="JOB_STATE_SHARING", tuned_model={"endpoint": "projects/1/endpoints/2"})
    assert (convert_job(early).state, convert_job(early).model) == ("running", None)


async def test_a_server_that_does_not_filter_is_read_to_the_end(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    emulator.jobs.no_filter = True
    first = await submit(provider, write_file)
    for number in range(101):
        await provider.submit(order("gs://acme-training/none", token=f"other-{number}"))
    lookup = await provider.find("token-1")
    assert ([job.id for job in lookup.jobs], lookup.complete) == ([first.id], True)
    assert set(await provider.states([first.id])) == {first.id}


def test_a_token_that_no_label_can_hold_becomes_a_digest() -> None:
    assert build_label("0192aaaa-7000-7000-8000-00000000000a") == "0192aaaa-7000-7000-8000-00000000000a"
    assert build_label("Träger 7") != build_label("Träger 8")
    assert len(build_label("T" * 100)) == 40


async def test_an_unknown_field_is_refused_by_its_place(provider: VertexProvider, write_file: Write) -> None:
    with pytest.raises(Refused, match="Unknown name") as refused:
        await submit(provider, write_file, hyperparameters={"n_epochs": 2})
    assert refused.value.provider_code == "INVALID_ARGUMENT"
    assert refused.value.reply
    assert refused.value.reply.param == "tuning_job.supervisedTuningSpec.hyper_parameters"


@pytest.mark.parametrize("reason", ["RESOURCE_QUOTA_EXCEEDED", "BILLING_DISABLED"])
async def test_a_quota_that_is_used_up_is_refused_and_a_rate_waits(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write, reason: str
) -> None:
    uri = await provider.upload(write_file())
    create = "POST /v1/projects/.*/tuningJobs"
    emulator.faults.add(create, status=429, body=build_error(429, "None left.", details=[{"reason": reason}]))
    with pytest.raises(Refused, match="None left"):
        await provider.submit(order(uri))
    emulator.faults.add(create, status=429, body=build_error(429, "Slow.", details=[{"retryDelay": "1.5s"}]))
    with pytest.raises(Unreachable) as busy:
        await provider.submit(order(uri))
    assert (busy.value.retry_after, busy.value.because, busy.value.undone) == (1.5, "busy", True)


async def test_a_job_is_read_by_its_whole_name_too(
    provider: VertexProvider, emulator: VertexEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file)
    name = emulator.jobs.stored[job.id].name
    assert (await provider.job(name)).id == job.id
