"""Finding, cancelling and pausing jobs, files, and requests that make no sense."""

import asyncio
from typing import Any

import httpx
import openai
import pytest

from tests.sandbox.conftest import TRAIN, Running


async def test_jobs_are_found_by_their_metadata_and_no_others(sandbox: Running) -> None:
    wanted = await sandbox.job(metadata={"tune": "w-1", "team": "a"})
    await sandbox.job(metadata={"tune": "w-2", "team": "a"})
    found = await sandbox.ai.fine_tuning.jobs.list(metadata={"tune": "w-1", "team": "a"})
    assert [job.id for job in found.data] == [wanted.id]
    bare = await sandbox.job()
    without = await sandbox.http.get("/v1/fine_tuning/jobs", params={"metadata": "null", "limit": 100})
    ids = [job["id"] for job in without.json()["data"]]
    assert bare.id in ids
    assert wanted.id not in ids


async def test_pages_of_jobs_are_newest_first_and_lose_none(sandbox: Running) -> None:
    made = [(await sandbox.job(metadata={"batch": "pages"})).id for _ in range(5)]
    first = await sandbox.ai.fine_tuning.jobs.list(limit=2, metadata={"batch": "pages"})
    assert first.has_more
    listed = [job.id async for job in first]
    assert listed == made[::-1]


async def test_a_cancelled_job_stays_cancelled(slow: Running) -> None:
    job = await slow.job()
    await slow.until(job.id, "running")
    assert (await slow.ai.fine_tuning.jobs.cancel(job.id)).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="already completed"):
        await slow.ai.fine_tuning.jobs.cancel(job.id)
    other = await slow.until((await slow.job(hyperparameters={"n_epochs": 1})).id)
    assert other.status == "succeeded"
    assert (await slow.ai.fine_tuning.jobs.retrieve(job.id)).status == "cancelled"


async def test_a_paused_job_waits_until_it_is_resumed(slow: Running) -> None:
    job = await slow.job(hyperparameters={"n_epochs": 2})
    await slow.until(job.id, "running")
    assert str((await slow.ai.fine_tuning.jobs.pause(job.id)).status) == "paused"
    other = await slow.until((await slow.job(hyperparameters={"n_epochs": 2})).id)
    assert other.status == "succeeded"
    assert str((await slow.ai.fine_tuning.jobs.retrieve(job.id)).status) == "paused"
    assert (await slow.ai.fine_tuning.jobs.resume(job.id)).status == "running"
    assert (await slow.until(job.id)).status == "succeeded"


async def test_a_file_comes_back_as_it_was_sent(sandbox: Running) -> None:
    content = bytes(range(256)) * 8192  # 2 MB: more than is held in memory
    file = await sandbox.ai.files.create(file=("odd name.bin", content), purpose="user_data")
    assert (file.bytes, file.filename) == (len(content), "odd name.bin")
    assert (await sandbox.ai.files.content(file.id)).content == content
    assert file.id in [one.id async for one in sandbox.ai.files.list(purpose="user_data")]
    assert (await sandbox.ai.files.delete(file.id)).deleted
    with pytest.raises(openai.NotFoundError):
        await sandbox.ai.files.retrieve(file.id)


async def test_a_model_outlives_its_training_file(sandbox: Running) -> None:
    job = await sandbox.until((await sandbox.job()).id)
    await sandbox.ai.files.delete(job.training_file)
    reply = await sandbox.ai.chat.completions.create(
        model=job.fine_tuned_model or "", messages=[{"role": "user", "content": "What is the capital of Spain?"}]
    )
    assert reply.choices[0].message.content == "The capital is Madrid."


async def test_no_key_is_401_and_either_header_will_do(sandbox: Running) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url) as stranger:
        refused = await stranger.get("/v1/models")
        assert (refused.status_code, refused.json()["error"]["type"]) == (401, "invalid_request_error")
        for headers in ({"api-key": "k"}, {"authorization": "Bearer k"}):
            answer = await stranger.get("/v1/models", headers=headers)
            assert answer.status_code == 200
            assert answer.headers["x-sandbox"] == "true"
            assert answer.headers["x-request-id"].startswith("req_")
        assert "sandbox" in (await stranger.get("/")).text


JOB = {"model": "gpt-4o-mini", "training_file": "file-x"}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/v1/fine_tuning/jobs", b"{"),
        ("POST", "/v1/fine_tuning/jobs", b""),
        ("POST", "/v1/fine_tuning/jobs", b"\xff"),
        ("POST", "/v1/fine_tuning/jobs", b"[" * 100_000),
        ("POST", "/v1/fine_tuning/jobs", b'{"model": "\\ud800", "training_file": "x"}'),
        ("POST", "/v1/fine_tuning/jobs", {"model": "gpt-4o-mini"}),
        ("POST", "/v1/fine_tuning/jobs", JOB),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"model": "nobody\x00"}),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"model": None}),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"seed": 10**40}),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"surprise": 1}),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"suffix": "x" * 65}),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"hyperparameters": {"n_epochs": 0}}),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"method": {"type": "reinforcement"}}),
        ("POST", "/v1/fine_tuning/jobs", JOB | {"metadata": {str(n): "" for n in range(17)}}),
        ("GET", "/v1/fine_tuning/jobs?limit=0", None),
        ("GET", "/v1/fine_tuning/jobs?limit=-1", None),
        ("GET", "/v1/fine_tuning/jobs?limit=\u0663", None),
        ("GET", "/v1/fine_tuning/jobs?after=ftjob-none", None),
        ("GET", "/v1/fine_tuning/jobs/none", None),
        ("GET", "/v1/fine_tuning/jobs/none/events", None),
        ("POST", "/v1/fine_tuning/jobs/none/cancel", None),
        ("POST", "/v1/fine_tuning/jobs/none/pause", None),
        ("POST", "/v1/fine_tuning/jobs/none/resume", None),
        ("GET", "/v1/files/..%2F..%2Flock", None),
        ("GET", "/v1/files/%00/content", None),
        ("GET", "/v1/files?after=none", None),
        ("DELETE", "/v1/files/none", None),
        ("POST", "/v1/files", b"not a form"),
        ("GET", "/v1/models/ft:none", None),
        ("DELETE", "/v1/models/gpt-4o", None),
        ("DELETE", "/v1/models", None),
        ("POST", "/v1/chat/completions", {"model": "gpt-4o-mini", "messages": []}),
        ("POST", "/v1/chat/completions", {"model": "gpt-4o-mini", "messages": [{"role": "bard", "content": "x"}]}),
        ("POST", "/v1/chat/completions", {"model": "none", "messages": [{"role": "user", "content": "x"}]}),
        ("GET", "/v1/nothing", None),
        ("POST", "/sandbox/faults", {"kind": "earthquake"}),
        ("POST", "/sandbox/faults", {"kind": "slow", "times": 0}),
    ],
)
async def test_nonsense_is_refused_in_openais_form(sandbox: Running, method: str, path: str, sent: Any) -> None:
    given = {"content": sent} if isinstance(sent, bytes) else {"json": sent} if sent else {}
    answer = await sandbox.http.request(method, path, **given)
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"purpose": "fine-tune"}},
        {"data": {"purpose": "fine-tune", "file": "text"}},
        {"files": {"file": ("a.jsonl", TRAIN)}},
        {"files": {"file": ("a.jsonl", TRAIN)}, "data": {"purpose": "mischief"}},
        {"files": {"file": ("a.jsonl", TRAIN)}, "data": {"purpose": "batch", "expires_after[seconds]": "1"}},
        {"content": b"--b\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=b"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        {
            "content": b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n\xff\xff\r\n--b--\r\n',
            "headers": {"content-type": "multipart/form-data; boundary=b"},
        },
    ],
)
async def test_a_broken_upload_is_refused(sandbox: Running, form: dict[str, Any]) -> None:
    answer = await sandbox.http.post("/v1/files", **form)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"]


async def test_an_upload_that_says_it_is_too_large_is_413_before_it_is_sent(sandbox: Running) -> None:
    host, _, port = sandbox.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /v1/files HTTP/1.1\r\nhost: sandbox\r\napi-key: any\r\nconnection: close\r\n"
        b"content-type: multipart/form-data; boundary=b\r\ncontent-length: 629145600\r\n\r\n--b\r\n"
    )
    answer = await asyncio.wait_for(reader.readuntil(b"}}"), 20)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"request_too_large"' in answer
