"""Google's own SDK against the emulator: what the adapter relies on is what the SDK speaks."""

import pytest
from google import genai
from google.genai import types
from google.genai.errors import ClientError
from google.oauth2.credentials import Credentials

from tests.emulators.vertex import VertexEmulator
from tests.emulators.vertex.jobs_api import PROJECT
from tests.providers.vertex.conftest import CHAT

# The SDK derives from aiohttp's session, and calls its tuning experimental.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The SDK's tuning"),
]
MODEL = "gemini-2.5-flash"
URI = "gs://acme-training/sdk.jsonl"


@pytest.fixture
def sdk(emulator: VertexEmulator) -> genai.Client:
    options = types.HttpOptions(base_url=emulator.tokens.address, api_version="v1beta1")
    credentials = Credentials(token=emulator.tokens.make())  # type: ignore[no-untyped-call]
    return genai.Client(
        vertexai=True, project=PROJECT, location="us-central1", credentials=credentials, http_options=options
    )


async def test_a_job_from_its_creation_to_a_chat(sdk: genai.Client, emulator: VertexEmulator) -> None:
    emulator.bucket.stored["sdk.jsonl"] = (str(CHAT).replace("'", '"') + "\n").encode() * 20
    job = await sdk.aio.tunings.tune(
        base_model=MODEL,
        training_dataset=types.TuningDataset(gcs_uri=URI),
        config=types.CreateTuningJobConfig(
            epoch_count=2,
            adapter_size=types.AdapterSize.ADAPTER_SIZE_FOUR,
            tuned_model_display_name="sdk",
            labels={"team": "search"},
        ),
    )
    assert job.state == types.JobState.JOB_STATE_PENDING
    emulator.clock.advance(20)
    job = await sdk.aio.tunings.get(name=job.name or "")
    assert job.state == types.JobState.JOB_STATE_SUCCEEDED
    assert job.tuned_model
    assert [each.step for each in job.tuned_model.checkpoints or ()] == [2, 4]
    assert job.tuning_data_stats
    assert job.tuning_data_stats.supervised_tuning_data_stats
    listed = await sdk.aio.tunings.list(config={"page_size": 5, "filter": 'labels.team="search"'})
    assert [each.name async for each in listed] == [job.name]
    said = await sdk.aio.models.generate_content(model=job.tuned_model.endpoint or "", contents="hello")
    assert said.text == "Echo: hello"
    stream = await sdk.aio.models.generate_content_stream(model=MODEL, contents="hello you")
    assert "".join([piece.text or "" async for piece in stream]) == "Echo: hello you"


async def test_preferences_a_cancel_and_a_refusal(sdk: genai.Client, emulator: VertexEmulator) -> None:
    job = await sdk.aio.tunings.tune(
        base_model=MODEL,
        training_dataset=types.TuningDataset(gcs_uri=URI),
        config=types.CreateTuningJobConfig(method=types.TuningMethod.PREFERENCE_TUNING, beta=0.1),
    )
    await sdk.aio.tunings.cancel(name=job.name or "")
    emulator.clock.advance(2)
    job = await sdk.aio.tunings.get(name=job.name or "")
    assert job.state == types.JobState.JOB_STATE_CANCELLED
    with pytest.raises(ClientError, match="FAILED_PRECONDITION"):
        await sdk.aio.tunings.cancel(name=job.name or "")
