"""The adapter for Bedrock against the emulator: what the contract suite does not ask."""

import json
import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from service.providers.abilities import DeploymentSpec, TrainingFile
from service.providers.bedrock import bedrock_files
from service.providers.bedrock.bedrock_adapter import BedrockProvider
from service.providers.bedrock.bedrock_jobs import build_name, write_parameter
from service.providers.provider import JobSpec, Refused, RemoteJob, Unreachable
from tests.emulators.bedrock import BedrockEmulator
from tests.emulators.bedrock.jobs import BASE_MODELS
from tests.emulators.bedrock.storage import BUCKET
from tests.emulators.bedrock.wire import KEYS
from tests.providers.bedrock.conftest import account_at

TOKEN = "0192aaaa-7000-7000-8000-00000000000a"
Write = Callable[..., TrainingFile]


def order(reference: str, **given: Any) -> JobSpec:
    return JobSpec(**({"base_model": BASE_MODELS[0], "training_file": reference, "token": TOKEN} | given))


async def submit(provider: BedrockProvider, write_file: Write, **given: Any) -> RemoteJob:
    return await provider.submit(order(await provider.upload(write_file()), **given))


async def finish(provider: BedrockProvider, emulator: BedrockEmulator, job: RemoteJob) -> RemoteJob:
    emulator.clock.advance(20)
    return await provider.job(job.id)


async def test_an_account_is_checked_by_its_jobs_bucket_and_models(
    provider: BedrockProvider, emulator: BedrockEmulator
) -> None:
    checked = await provider.check()
    assert checked.models == BASE_MODELS
    assert checked.shutdown_dates == {BASE_MODELS[1]: date(2027, 6, 30)}
    elsewhere = BedrockProvider(account_at(emulator, options=emulator.options | {"bucket": "s3://nobodys"}))
    with pytest.raises(Refused, match="no bucket nobodys"):
        await elsewhere.check()
    await elsewhere.aclose()


async def test_an_order_is_written_as_bedrock_wants_it(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    validation = await provider.upload(write_file(rows=3, name="validation"))
    given = {"epochCount": 2, "learningRate": 0.00001}
    await submit(
        provider, write_file, hyperparameters=given, validation_file=validation, suffix="my  model, v2 of it all!"
    )
    [job] = emulator.jobs.stored.values()
    assert job.body["hyperParameters"] == {"epochCount": "2", "learningRate": "0.00001"}
    assert job.body["clientRequestToken"] == TOKEN
    assert job.body["jobName"] == job.body["customModelName"] == f"my-model-v2-of-it-all-{TOKEN}"
    assert job.body["validationDataConfig"] == {"validators": [{"s3Uri": validation}]}
    assert job.body["outputDataConfig"] == {"s3Uri": f"s3://{BUCKET}/tuneledger/output/{TOKEN}/"}
    assert job.body["roleArn"] == emulator.options["role_arn"]


def test_names_and_parameters() -> None:
    assert build_name(None, TOKEN) == TOKEN
    assert len(build_name("x" * 26, TOKEN)) == 63
    assert build_name("--", "t") == "t"
    assert [write_parameter(value) for value in (True, 3, 1e-7, 0.1, "auto")] == [
        "true",
        "3",
        "0.0000001",
        "0.1",
        "auto",
    ]


async def test_the_same_order_again_is_the_same_job(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file)
    assert (await submit(provider, write_file)).id == job.id
    emulator.jobs.stored[job.id].body = {**emulator.jobs.stored[job.id].body, "clientRequestToken": "forgotten"}
    with pytest.raises(Refused, match="in use"):
        await submit(provider, write_file)
    emulator.jobs.stored[job.id].body = {
        **emulator.jobs.stored[job.id].body,
        "clientRequestToken": TOKEN,
        "jobTags": [],
    }
    assert (await submit(provider, write_file)).id == job.id


async def test_a_job_tells_its_stages_and_its_losses_at_the_end(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    validation = await provider.upload(write_file(rows=3, name="validation"))
    job = await submit(provider, write_file, hyperparameters={"epochCount": 3}, validation_file=validation)
    states = []
    for _ in range(4):
        states.append((await provider.states([job.id]))[job.id].state)
        emulator.clock.advance(2)
    assert states == ["validating", "validating", "running", "succeeded"]
    assert (await provider.news(job, cursor=None)).metrics == ()
    done = await provider.job(job.id)
    assert done.model == emulator.jobs.stored[job.id].model_arn
    news = await provider.news(done, cursor=None)
    [point] = news.metrics
    assert (point.step, point.train_loss, point.full_valid_loss) == (3, 0.5, 0.6)
    assert (await provider.news(done, cursor=news.cursor)).metrics == ()


async def test_the_losses_of_each_step_are_read_from_the_bucket(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    folder = f"tuneledger/output/model-customization-job-{job.id.rpartition('/')[2]}"
    emulator.storage.objects |= {
        f"{folder}/training_artifacts/step_wise_training_metrics.csv": (
            b"step_number,epoch_number,training_loss,perplexity\n0,0,2.5,12.1\n1,0,1.5,4.4\n2,1,nan,\nodd,1,1,1\n"
        ),
        f"{folder}/validation_artifacts/post_fine_tuning_validation/validation/validation_metrics.csv": (
            b"\xef\xbb\xbfstep_number,epoch_number,validation_loss,perplexity\r\n1,0,1.75,5.7\r\n"
        ),
    }
    points = (await provider.news(job, cursor=None)).metrics
    assert [(point.step, point.train_loss, point.full_valid_loss) for point in points] == [
        (0, 2.5, None),
        (1, 1.5, 1.75),
        (2, None, None),
    ]
    assert points[2].not_finite == ("train_loss",)
    emulator.faults.add("GET .*step_wise.*", status=403, body="<Error><Code>AccessDenied</Code></Error>")
    assert [point.step for point in (await provider.news(job, cursor=None)).metrics] == [1]


async def test_a_failure_is_told_in_lists_too(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    emulator.jobs.settings = {"outcome": "Failed"}
    job = await submit(provider, write_file)
    emulator.clock.advance(20)
    error = (await provider.states([job.id]))[job.id].error
    assert error
    assert "learning rate" in error.message


async def test_a_job_that_has_ended_is_not_stopped(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    assert (await provider.cancel(job.id)).state == "succeeded"
    with pytest.raises(Refused, match="not found"):
        await provider.cancel("no-such-job")


async def test_a_large_file_is_sent_in_parts(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bedrock_files, "WHOLE_BYTES", 1_000)
    monkeypatch.setattr(bedrock_files, "PART_BYTES", 700)
    file = write_file()
    reference = await provider.upload(file)
    [(key, content)] = emulator.storage.objects.items()
    assert reference == f"s3://{BUCKET}/{key}"
    assert content == file.path.read_bytes()
    assert await provider.find_file(file) == reference
    emulator.storage.incomplete = True
    with pytest.raises(Unreachable, match="internal error"):
        await provider.upload(file)
    assert emulator.storage.uploads == {}


async def test_a_file_elsewhere_is_not_deleted(provider: BedrockProvider) -> None:
    for reference in ("s3://other-bucket/x.jsonl", "file-1", f"s3://{BUCKET}"):
        with pytest.raises(Refused, match="no file"):
            await provider.delete_file(reference)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "ThrottlingException", "busy"),
        (429, "TooManyRequestsException", "busy"),
        (500, "InternalServerException", "down"),
        (503, "Unknown", "down"),
        (408, "ModelTimeoutException", "timed_out"),
        (400, "ConflictException", None),
        (409, "ConflictException", None),
        (402, "ServiceQuotaExceededException", None),
        (403, "AccessDeniedException", None),
        (400, "ExpiredTokenException", None),
        (400, "NeverSeenException", None),
    ],
)
async def test_errors_go_by_their_code(
    provider: BedrockProvider, emulator: BedrockEmulator, status: int, code: str, kind: str | None
) -> None:
    said = {"message": f"Not now, {KEYS['access_key_id']} with {KEYS['session_token']}."}
    headers = {"x-amzn-ErrorType": f"{code}:http://x"}
    emulator.faults.add("GET .*", status=status, body=said, headers=headers)
    expected: Any = Unreachable if kind else Refused
    with pytest.raises(expected) as told:
        await provider.job("a-job")
    assert (told.value.provider_code, getattr(told.value, "because", None)) == (code, kind)
    assert not [key for key in KEYS.values() if key in f"{told.value.detail} {told.value.reply}"]


async def test_expired_keys_say_what_to_do(provider: BedrockProvider, emulator: BedrockEmulator) -> None:
    body = {"__type": "com.amazonaws#ExpiredTokenException", "message": "The security token is expired"}
    emulator.faults.add("GET .*", status=403, body=body)
    with pytest.raises(Refused, match=r"is expired\. Give the connection new keys\."):
        await provider.check()


async def test_wrong_keys_are_refused_by_bedrock_and_by_storage(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    emulator.keys["secret_access_key"] = "another"
    with pytest.raises(Refused, match="may be wrong"):
        await provider.check()
    with pytest.raises(Refused, match="does not match") as refused:
        await provider.upload(write_file())
    assert refused.value.provider_code == "InvalidSignatureException"


@pytest.mark.parametrize(
    "secret", ["AKIAVERYSECRET", "{}", '{"access_key_id": "AKIAVERYSECRET"}', '["AKIAVERYSECRET"]', "\ud800"]
)
def test_a_secret_that_holds_no_keys_is_refused_without_it(emulator: BedrockEmulator, secret: str) -> None:
    with pytest.raises(Refused, match="It is JSON") as refused:
        BedrockProvider(account_at(emulator, secret=secret))
    assert "AKIA" not in refused.value.detail


def test_keys_that_no_header_carries_are_refused(emulator: BedrockEmulator) -> None:
    with pytest.raises(Refused, match="a header cannot carry"):
        BedrockProvider(account_at(emulator, secret=json.dumps(KEYS | {"session_token": "a\nb"})))


async def test_nothing_of_the_secret_is_logged(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await provider.upload(write_file())
    await provider.check()
    assert not [key for key in KEYS.values() if key in caplog.text]


async def test_a_deployment_from_its_creation_to_its_end(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    spec = DeploymentSpec(model=job.model or "", token=TOKEN, name="Head lines / v1")
    assert await provider.find_deployment(TOKEN) is None
    emulator.faults.add("POST .*/custom-model-deployments", drop="after")
    with pytest.raises(Unreachable):
        await provider.deploy(spec)
    deployed = await provider.deploy(spec)
    assert list(emulator.deployments.stored) == [deployed.id]
    assert deployed.state == "creating"
    with pytest.raises(Unreachable, match="being created"):
        await provider.undeploy(deployed.id)
    emulator.clock.advance(3)
    found = await provider.find_deployment(TOKEN)
    assert found
    assert (found.id, found.state, found.address) == (deployed.id, "ready", deployed.id)
    answer = await provider.complete(deployed.id, [{"role": "user", "content": "hello"}])
    assert answer.text == "Echo: hello"
    await provider.undeploy(deployed.id)
    await provider.undeploy(deployed.id)
    with pytest.raises(Refused) as gone:
        await provider.deployment(deployed.id)
    assert gone.value.provider_status == 404


async def test_a_deployment_that_failed_says_why(
    provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    emulator.deployments.fails = True
    deployed = await provider.deploy(DeploymentSpec(model=job.model or "", token=TOKEN, name="x"))
    emulator.clock.advance(3)
    failed = await provider.deployment(deployed.id)
    assert (failed.state, failed.error) == ("failed", "No capacity.")


async def test_a_model_is_deleted_once(provider: BedrockProvider, emulator: BedrockEmulator, write_file: Write) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    await provider.delete_model(job.model or "")
    await provider.delete_model(job.model or "")
    assert emulator.jobs.models == {}
