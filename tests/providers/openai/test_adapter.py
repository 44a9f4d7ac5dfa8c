"""The adapter against recorded answers: what other servers of this wire say, and what the sandbox never would."""

import email.utils
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from service.providers.abilities import Pauser, Provider
from service.providers.provider import Capabilities, JobSpec, MetricPoint, Refused, Unreachable
from tests.providers.conftest import look
from tests.providers.recorded_wire import Wire

Connect = Callable[..., Provider]
JOBS = "/v1/fine_tuning/jobs"
ORDER = JobSpec(base_model="base", training_file="file-1", token="0192-token")
EMPTY = {"object": "list", "data": [], "has_more": False}


def quiet(wire: Wire, **job: Any) -> None:
    """A job `j` without events or checkpoints."""
    wire.says("GET", f"{JOBS}/j", {"id": "j", "model": "base", "status": "running"} | job)
    wire.says("GET", f"{JOBS}/j/events", EMPTY)
    wire.says("GET", f"{JOBS}/j/checkpoints", EMPTY)


def metrics_event(name: str, **data: Any) -> dict[str, Any]:
    return {"id": name, "created_at": 1_700_000_000, "level": "info", "message": name, "type": "metrics", "data": data}


async def test_the_secret_goes_in_the_header_of_the_account_and_nowhere_else(
    wire: Wire, provider_at: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-machine")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-machine")
    wire.says("GET", JOBS, EMPTY)
    wire.says("GET", "/v1/models", {"data": [{"id": "base"}, {"id": "ft:base:me"}]})
    azure = provider_at(wire.base_url, header_name="api-key", header_prefix="")
    assert (await azure.check()).models == ("base", "ft:base:me")
    assert await azure.base_models() == ("base",)
    for request in wire.requests:
        assert request.headers["api-key"] == "sk-very-secret"
        assert "authorization" not in request.headers
        assert not any("of-the-machine" in value for value in request.headers.values())


async def test_bearer_is_the_usual_header(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", JOBS, EMPTY)
    assert (await provider_at(wire.base_url).check()).models == ()
    assert wire.requests[0].headers["authorization"] == "Bearer sk-very-secret"


async def test_a_redirect_is_refused_rather_than_followed_with_the_secret(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", JOBS, {}, status=302, headers={"location": f"{wire.base_url}/elsewhere"})
    with pytest.raises(Refused, match="302"):
        await provider_at(wire.base_url).check()
    assert len(wire.requests) == 1


@pytest.mark.parametrize("error", [None, {}, {"code": None, "message": None, "param": None}, "", []])
async def test_an_empty_error_object_is_no_error(wire: Wire, provider_at: Connect, error: object) -> None:
    quiet(wire, status="succeeded", error=error, fine_tuned_model="ft:base:me")
    job = await provider_at(wire.base_url).job("j")
    assert (job.state, job.error, job.model) == ("succeeded", None, "ft:base:me")


async def test_fields_that_are_absent_are_nothing(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", f"{JOBS}/j", {"id": "j"})
    wire.says("GET", f"{JOBS}/j/events", {"data": [{"id": "e"}, {"message": "checkpoint"}]})
    wire.says("GET", f"{JOBS}/j/checkpoints", {"data": [{"id": "c", "step_number": 4}]})
    seen = await look(provider_at(wire.base_url), "j")
    assert (seen.job.state, seen.job.raw_status, seen.job.trained_tokens) == ("running", "", None)
    assert (seen.news.events[-1].at, seen.news.events[-1].message) == (None, "")
    assert seen.news.checkpoints[0].metrics == MetricPoint(step=4)


async def test_an_unknown_status_keeps_its_word_and_counts_as_running(wire: Wire, provider_at: Connect) -> None:
    quiet(wire, status="rebalancing")
    job = await provider_at(wire.base_url).job("j")
    assert (job.state, job.raw_status) == ("running", "rebalancing")


async def test_cancelling_is_not_the_end(wire: Wire, provider_at: Connect) -> None:
    wire.says("POST", f"{JOBS}/j/cancel", {"id": "j", "status": "cancelling"})
    job = await provider_at(wire.base_url).cancel("j")
    assert (job.state, job.raw_status) == ("running", "cancelling")


async def test_points_come_from_events_and_a_plain_file_fills_the_rest(wire: Wire, provider_at: Connect) -> None:
    quiet(wire, status="succeeded", result_files=["file-r"])
    nan = json.dumps({"data": [metrics_event("e2", step=2, train_loss=float("nan"))], "has_more": True}).encode()
    wire.script[("GET", f"{JOBS}/j/events")].clear()
    wire.says("GET", f"{JOBS}/j/events", nan)
    wire.says("GET", f"{JOBS}/j/events", {"data": [metrics_event("e1", step=1, train_loss=2.0)], "has_more": False})
    wire.says("GET", "/v1/files/file-r/content", b"step,train_loss,valid_loss\n1,9,3.0\n2,9,\n3,0.5,\n")
    seen = await look(provider_at(wire.base_url), "j")
    assert [event.id for event in seen.news.events] == ["e1", "e2"]
    assert seen.news.metrics == (
        MetricPoint(step=1, train_loss=2.0, valid_loss=3.0),
        MetricPoint(step=2, not_finite=("train_loss",)),
        MetricPoint(step=3, train_loss=0.5),
    )


async def test_a_result_file_that_is_gone_does_not_hide_a_finished_job(wire: Wire, provider_at: Connect) -> None:
    quiet(wire, status="succeeded", result_files=["file-r"])
    assert (await provider_at(wire.base_url).job("j")).state == "succeeded"
    wire.says("GET", "/v1/files/file-r/content", {}, status=500)
    assert (await provider_at(wire.base_url).job("j")).state == "succeeded"


async def test_a_server_without_events_is_waited_for_until_it_gives_its_file(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", f"{JOBS}/j", {"id": "j", "status": "succeeded", "result_files": ["file-r"]})
    wire.says("GET", "/v1/files/file-r/content", {"error": "nope"}, status=500)
    wire.says("GET", "/v1/files/file-r/content", b"step,train_loss\n1,0.5\n")
    plain = provider_at(wire.base_url, capabilities=Capabilities(events=False, checkpoints=False))
    first = await look(plain, "j")
    assert (first.news.troubles, first.news.metrics) == (("Could not read the result file: nope",), ())
    assert (await look(plain, "j", cursor=first.news.cursor)).news.metrics == (MetricPoint(step=1, train_loss=0.5),)
    assert not wire.asked("GET", f"{JOBS}/j/events")


async def test_a_list_that_ignores_the_cursor_does_not_go_round_for_ever(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", JOBS, {"data": [{"id": "a"}, {"id": "b"}], "has_more": True})
    lookup = await provider_at(wire.base_url).find("0192-token")
    assert (lookup.jobs, lookup.complete) == ((), False)
    assert len(wire.requests) == 2


async def test_a_filter_that_the_server_ignores_does_not_find_a_strangers_job(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", JOBS, {"data": [{"id": "a", "metadata": {"tuneledger_job_id": "other"}}], "has_more": True})
    ours = {"id": "b", "metadata": {"tuneledger_job_id": "0192-token"}}
    wire.says("GET", JOBS, {"data": [ours], "has_more": False})
    lookup = await provider_at(wire.base_url).find("0192-token")
    assert ([job.id for job in lookup.jobs], lookup.complete) == (["b"], True)
    assert [request.query.get("after") for request in wire.requests] == [None, ["a"]]
    assert wire.requests[0].query["metadata[tuneledger_job_id]"] == ["0192-token"]


async def test_without_metadata_the_token_travels_in_the_suffix(wire: Wire, provider_at: Connect) -> None:
    wire.says("POST", JOBS, {"id": "j", "status": "queued"})
    wire.says("GET", JOBS, {"data": [{"id": "j", "user_provided_suffix": "news-0192-token"}], "has_more": False})
    plain = provider_at(wire.base_url, capabilities=Capabilities(metadata=False, metadata_filter=False))
    await plain.submit(JobSpec(base_model="base", training_file="f", token="0192-token", suffix="news"))
    sent = json.loads(wire.requests[0].body)
    assert sent["suffix"] == "news-0192-token"
    assert "metadata" not in sent
    assert [job.id for job in (await plain.find("0192-token")).jobs] == ["j"]
    assert not [name for name in wire.requests[1].query if name.startswith("metadata")]


async def test_an_order_is_sent_whole_with_the_accounts_own_fields(wire: Wire, provider_at: Connect) -> None:
    wire.says("POST", JOBS, {"id": "j", "status": "queued"})
    order = JobSpec(
        base_model="base",
        training_file="file-1",
        validation_file="file-2",
        suffix="news",
        seed=7,
        method="dpo",
        hyperparameters={"n_epochs": 3, "beta": 0.1},
        token="0192-token",
    )
    await provider_at(wire.base_url, extra_body={"trainingType": "standard"}).submit(order)
    assert json.loads(wire.requests[0].body) == {
        "model": "base",
        "training_file": "file-1",
        "validation_file": "file-2",
        "suffix": "news",
        "seed": 7,
        "method": {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 3, "beta": 0.1}}},
        "metadata": {"tuneledger_job_id": "0192-token"},
        "trainingType": "standard",
    }


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (400, {"error": {"message": "n_epochs too large", "code": None, "type": "invalid_request_error"}},
         "invalid_request_error", "n_epochs too large"),
        (401, {"error": {"message": "Incorrect API key provided: sk-very-secret", "code": "invalid_api_key"}},
         "invalid_api_key", "Incorrect API key provided: …"),
        (403, {"error": {"code": "training_not_available", "message": "winding down"}},
         "training_not_available", "winding down"),
        (422, {"detail": "no such field"}, None, "no such field"),
        (429, {"error": {"code": "insufficient_quota", "message": "pay first"}}, "insufficient_quota", "pay first"),
        (413, b"<html>too large</html>", None,
         "The provider answered 413 with application/json, not with its JSON error."),
        (404, {"error": "no such model"}, None, "no such model"),
    ],
)  # fmt: skip
async def test_a_refusal_for_good_repeats_the_providers_words(
    wire: Wire, provider_at: Connect, status: int, body: object, code: str | None, said: str
) -> None:
    wire.says("POST", JOBS, body, status=status)
    with pytest.raises(Refused) as refused:
        await provider_at(wire.base_url).submit(ORDER)
    assert (refused.value.detail, refused.value.provider_code, refused.value.provider_status) == (said, code, status)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
async def test_a_passing_trouble_is_told_once_with_the_wait_the_provider_asked_for(
    wire: Wire, provider_at: Connect, status: int
) -> None:
    body = {"error": {"message": "not now", "code": "slow_down"}}
    wire.says("POST", JOBS, body, status=status, headers={"retry-after": "3"})
    with pytest.raises(Unreachable, match="not now") as waiting:
        await provider_at(wire.base_url).submit(ORDER)
    assert waiting.value.retry_after == 3.0
    assert len(wire.requests) == 1


async def test_a_wait_until_a_date_is_understood(wire: Wire, provider_at: Connect) -> None:
    date = email.utils.formatdate(time.time() + 3600, usegmt=True)
    wire.says("GET", f"{JOBS}/j", {}, status=429, headers={"retry-after": date})
    with pytest.raises(Unreachable) as waiting:
        await look(provider_at(wire.base_url), "j")
    assert waiting.value.retry_after is not None
    assert 3000 < waiting.value.retry_after <= 3601


@pytest.mark.parametrize("answer", [b"", b"{", b"[]", b'{"status": "queued"}', b"\xff", b"[" * 100_000])
async def test_an_answer_that_cannot_be_read_is_no_answer(wire: Wire, provider_at: Connect, answer: bytes) -> None:
    wire.says("POST", JOBS, answer)
    with pytest.raises(Unreachable, match="could not be read"):
        await provider_at(wire.base_url).submit(ORDER)


async def test_a_server_that_is_silent_or_absent_is_unavailable(wire: Wire, provider_at: Connect) -> None:
    wire.says("POST", JOBS, {}, hangs=True)
    with pytest.raises(Unreachable, match=r"within 0\.3 seconds"):
        await provider_at(wire.base_url, timeout_seconds=0.3).submit(ORDER)
    with pytest.raises(Unreachable, match="could not be reached"):
        await provider_at("http://127.0.0.1:9/v1").submit(ORDER)
    assert len(wire.requests) == 1


async def test_a_completion_carries_text_tokens_and_the_whole_reply(wire: Wire, provider_at: Connect) -> None:
    said = {"choices": [{"message": {"role": "assistant", "content": "sports"}, "finish_reason": "stop"}],
            "model": "ft:base:me", "usage": {"prompt_tokens": 9, "completion_tokens": 1}, "extra": 1}  # fmt: skip
    wire.says("POST", "/v1/chat/completions", said)
    wire.says("POST", "/v1/chat/completions", {"choices": [{"message": {"content": None}}]})
    wire.says("POST", "/v1/chat/completions", {"choices": []})
    provider = provider_at(wire.base_url)
    messages = [{"role": "user", "content": "who won?"}]
    full = await provider.complete("ft:base:me", messages, max_tokens=5, temperature=0, options={"top_k": 3})
    assert (full.text, full.input_tokens, full.output_tokens, full.finish_reason) == ("sports", 9, 1, "stop")
    assert full.raw["extra"] == 1
    sent = json.loads(wire.requests[0].body)
    assert (sent["messages"], sent["max_tokens"], sent["temperature"], sent["top_k"]) == (messages, 5, 0, 3)
    bare = await provider.complete("base", messages)
    assert (bare.text, bare.model, bare.input_tokens) == ("", "base", None)
    with pytest.raises(Unreachable, match="no choices"):
        await provider.complete("base", messages)


@pytest.mark.parametrize(
    ("job", "state"),
    [
        ({"status": "completed", "finished_at": 1_700_000_000, "fine_tuned_model": "ft:m"}, "succeeded"),
        ({"status": "SUCCEEDED", "finished_at": "1700000000", "fine_tuned_model": "ft:m"}, "succeeded"),
        ({"status": "deploying"}, "running"),
        ({"status": "sublimated", "fine_tuned_model": "ft:m"}, "succeeded"),
        ({"status": "sublimated", "finished_at": "2026-11-30T10:00:00Z"}, "failed"),
        ({"status": None, "error": {"code": "x"}, "finished_at": 1_700_000_000}, "failed"),
    ],
)
async def test_unknown_last_words_with_a_time_or_a_model_are_an_end(
    wire: Wire, provider_at: Connect, job: dict[str, Any], state: str
) -> None:
    wire.says("GET", f"{JOBS}/j", {"id": "j"} | job)
    seen = await provider_at(wire.base_url).job("j")
    assert (seen.state, seen.raw_status) == (state, job["status"] or "")


async def test_events_without_ids_times_as_text_and_tokens_as_floats_are_read(wire: Wire, provider_at: Connect) -> None:
    quiet(wire, status="succeeded", trained_tokens="4321.0", finished_at="2026-11-30T10:00:00")
    lines = [{"message": "two", "created_at": "1700000001"}, {"message": "one", "created_at": "2026-11-30T10:00:00Z"}]
    wire.script[("GET", f"{JOBS}/j/events")].clear()
    wire.says("GET", f"{JOBS}/j/events", {"data": lines, "has_more": False})
    provider = provider_at(wire.base_url)
    first = await look(provider, "j")
    assert (first.job.trained_tokens, first.job.finished_at) == (4321, datetime(2026, 11, 30, 10, tzinfo=UTC))
    assert [event.message for event in first.news.events] == ["one", "two"]
    assert len({event.id for event in first.news.events}) == 2
    assert (await look(provider, "j", cursor=first.news.cursor)).news.events == ()


async def test_the_states_of_many_jobs_come_from_one_list(wire: Wire, provider_at: Connect) -> None:
    newest = [{"id": f"j{number}", "status": "running"} for number in range(100)]
    wire.says("GET", JOBS, {"data": newest, "has_more": True})
    wire.says("GET", JOBS, {"data": [{"id": "old", "status": "succeeded"}], "has_more": True})
    provider = provider_at(wire.base_url)
    found = await provider.states(["j3", "old"])
    assert {name: job.raw_status for name, job in found.items()} == {"j3": "running", "old": "succeeded"}
    assert await provider.states(["never"]) == {}
    assert len(wire.requests) == 4  # the server goes on giving its last page


async def test_a_page_that_fails_leaves_the_others_and_nothing_is_concluded(wire: Wire, provider_at: Connect) -> None:
    ours = {"id": "b", "metadata": {"tuneledger_job_id": "0192-token"}, "created_at": 5}
    older = {"id": "a", "metadata": {"tuneledger_job_id": "0192-token"}, "created_at": 3}
    wire.says("GET", JOBS, {"data": [ours, older], "has_more": True})
    wire.says("GET", JOBS, {}, status=500)
    lookup = await provider_at(wire.base_url).find("0192-token")
    assert ([job.id for job in lookup.jobs], lookup.complete) == (["a", "b"], False)
    with pytest.raises(Unreachable):
        await provider_at(wire.base_url).states(["b", "c"])


async def test_a_query_of_the_connection_goes_with_each_request(wire: Wire, provider_at: Connect) -> None:
    azure = provider_at(wire.base_url, query={"api-version": "2024-10-21"})
    wire.says("POST", f"{JOBS}/j/pause", {"id": "j", "status": "pausing"})
    wire.says("GET", JOBS, EMPTY)
    wire.says("POST", "/v1/chat/completions", {"choices": [{"message": {"content": "x"}}]})
    assert isinstance(azure, Pauser)
    assert (await azure.pause("j")).raw_status == "pausing"
    await azure.check()
    await azure.complete("m", [{"role": "user", "content": "hi"}])
    assert {request.query["api-version"][0] for request in wire.requests} == {"2024-10-21"}


async def test_the_end_of_a_model_is_read(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", JOBS, EMPTY)
    models = [{"id": "a", "shutdown_date": "2027-01-14"}, {"id": "b", "shutdown_date": 1_800_000_000}, {"id": "c"}]
    wire.says("GET", "/v1/models", {"data": models})
    seen = (await provider_at(wire.base_url).check()).shutdown_dates
    assert seen == {"a": date(2027, 1, 14), "b": date(2027, 1, 15)}


@pytest.mark.parametrize(("status", "undone"), [(429, True), (425, True), (500, False), (503, False), (408, False)])
async def test_it_is_known_when_nothing_was_done(wire: Wire, provider_at: Connect, status: int, undone: bool) -> None:
    wire.says("POST", JOBS, {}, status=status)
    with pytest.raises(Unreachable) as unreachable:
        await provider_at(wire.base_url).submit(ORDER)
    assert unreachable.value.undone == undone
    with pytest.raises(Unreachable) as unsent:
        await provider_at("http://127.0.0.1:9/v1").submit(ORDER)
    assert unsent.value.undone
