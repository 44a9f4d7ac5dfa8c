"""AWS' own SDK against the emulator, and the adapter against moto: each is a witness for the other."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EventStreamError
from moto.server import ThreadedMotoServer

from service.network.address_policy import LOOPBACK
from service.providers.abilities import TrainingFile
from service.providers.bedrock import bedrock_files
from service.providers.bedrock.bedrock_adapter import BedrockProvider
from service.providers.provider import Account, JobSpec
from tests.emulators.bedrock import BedrockEmulator
from tests.emulators.bedrock.jobs import BASE_MODELS
from tests.emulators.bedrock.server import SECRET
from tests.emulators.bedrock.storage import BUCKET
from tests.emulators.bedrock.wire import KEYS, REGION

TOKEN = "0192aaaa-7000-7000-8000-00000000000a"
CREDENTIALS = {
    "aws_access_key_id": KEYS["access_key_id"],
    "aws_secret_access_key": KEYS["secret_access_key"],
    "aws_session_token": KEYS["session_token"],
    "region_name": REGION,
}
Client = Callable[[str, str], Any]
CONFIG = Config(retries={"total_max_attempts": 1}, proxies={}, s3={"addressing_style": "path"})


@pytest.fixture
def client() -> Iterator[Client]:
    """Opens clients of services at an address, and closes them."""
    with ExitStack() as opened:
        yield lambda service, address: opened.enter_context(
            closing(boto3.client(service, endpoint_url=address, config=CONFIG, **CREDENTIALS))
        )


async def test_the_sdk_speaks_with_the_emulator(emulator: BedrockEmulator, client: Client) -> None:
    bedrock, runtime = client("bedrock", emulator.address), client("bedrock-runtime", emulator.address)
    place = f"s3://{BUCKET}/train.jsonl"

    def tune() -> str:
        created = bedrock.create_model_customization_job(
            jobName="sdk",
            customModelName="sdk",
            roleArn=emulator.options["role_arn"],
            baseModelIdentifier=BASE_MODELS[0],
            trainingDataConfig={"s3Uri": place},
            outputDataConfig={"s3Uri": place},
            hyperParameters={"epochCount": "1"},
        )
        emulator.clock.advance(20)
        job = bedrock.get_model_customization_job(jobIdentifier=created["jobArn"])
        assert (job["status"], job["trainingMetrics"]) == ("Completed", {"trainingLoss": 0.5})
        [listed] = bedrock.list_model_customization_jobs(nameContains="sdk")["modelCustomizationJobSummaries"]
        assert listed["customModelArn"] == job["outputModelArn"]
        with pytest.raises(bedrock.exceptions.ConflictException):
            bedrock.stop_model_customization_job(jobIdentifier=created["jobArn"])
        return str(job["outputModelArn"])

    def chat(model: str) -> None:
        deployment = bedrock.create_custom_model_deployment(modelDeploymentName="sdk", modelArn=model)
        arn = deployment["customModelDeploymentArn"]
        emulator.clock.advance(3)
        assert bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=arn)["status"] == "Active"
        messages = [{"role": "user", "content": [{"text": "hello"}]}]
        answer = runtime.converse(modelId=arn, messages=messages)
        assert answer["output"]["message"]["content"] == [{"text": "Echo: hello"}]
        events = list(runtime.converse_stream(modelId=arn, messages=messages)["stream"])
        assert events[-2]["messageStop"]["stopReason"] == "end_turn"
        emulator.converse.breaks = "throttlingException"
        with pytest.raises(EventStreamError, match="throttlingException"):
            list(runtime.converse_stream(modelId=arn, messages=messages)["stream"])

    await asyncio.to_thread(chat, await asyncio.to_thread(tune))


@pytest.fixture
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()
    gc.collect()  # what they leave open is told here, and not in another test


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sockets of moto and boto3
async def test_the_adapter_speaks_with_moto(
    moto: str, client: Client, write_file: Callable[..., TrainingFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = client("s3", moto)
    await asyncio.to_thread(storage.create_bucket, Bucket=BUCKET)
    options = {"region": REGION, "bucket": f"s3://{BUCKET}/a//b", "storage_url": moto, "runtime_url": moto}
    options["role_arn"] = "arn:aws:iam::123456789012:role/tuning"
    provider = BedrockProvider(
        Account(kind="bedrock", base_url=moto, secret=SECRET, options=options, policy=LOOPBACK, timeout_seconds=30.0)
    )
    file = write_file()
    assert await provider.find_file(file) is None
    reference = await provider.upload(file)
    assert await provider.find_file(file) == reference
    order = JobSpec(base_model=BASE_MODELS[0], training_file=reference, token=TOKEN, suffix="moto")
    job = await provider.submit(order)
    # moto knows no request tokens, so the job is known by its name.
    assert (await provider.submit(order)).id == job.id
    assert [each.id for each in (await provider.find(TOKEN)).jobs] == [job.id]
    assert (await provider.states([job.id]))[job.id].state == "running"
    # A whole ARN in a path, as boto3 sends it, is not read by moto either; the name is.
    assert (await provider.cancel(f"moto-{TOKEN}")).state == "cancelled"
    monkeypatch.setattr(bedrock_files, "WHOLE_BYTES", 1_000)
    monkeypatch.setattr(bedrock_files, "PART_BYTES", 5 * 2**20)  # the smallest that S3 takes
    large = write_file(rows=60_000, name="large")
    key = (await provider.upload(large)).removeprefix(f"s3://{BUCKET}/")
    copy = large.path.with_suffix(".copy")
    await asyncio.to_thread(storage.download_file, BUCKET, key, str(copy))
    assert copy.read_bytes() == large.path.read_bytes()
    await provider.delete_file(reference)
    assert await provider.find_file(file) is None
    await provider.aclose()
