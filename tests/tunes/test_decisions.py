import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from service.errors import Conflict, NotFound, Unprocessable
from service.providers.abilities import News
from service.providers.provider import (
    MetricPoint,
    RemoteError,
    RemoteEvent,
    RemoteJob,
    State,
    TuneCheckpoint,
)
from service.text import replace_unstorable
from service.tunes import decisions
from service.tunes.decisions import count_splits
from service.tunes.events import (
    TUNE,
    Failure,
    TuneCancelled,
    TuneCancelRequested,
    TuneCancelSent,
    TuneDetailed,
    TuneEvent,
    TuneFailed,
    TuneInDoubt,
    TuneNeedsAttention,
    TuneNotSubmitted,
    TuneProgressed,
    TuneRequested,
    TuneState,
    TuneSubmitted,
    TuneSubmitting,
    TuneSucceeded,
)
from service.tunes.progress.decisions import FollowedTune, KnownDetails, observe, observe_absence, select_unknown
from service.tunes.tune_files import SentFile

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = datetime(2026, 11, 21, tzinfo=UTC)
FILE = SentFile(file_id="file-1", digest="00", bytes=10, rows=12)
REQUESTED = TuneRequested(
    sweep_id=uuid.uuid4(),
    connection_id=uuid.uuid4(),
    connection_kind="openai",
    base_model="m",
    dataset_id=uuid.uuid4(),
    dataset_version="v1",
    dataset_seq=9,
    dataset_digest="00",
    train_split="train",
    train_examples=12,
)
SUBMITTING = TuneSubmitting(token="t", training_file=FILE)
SUBMITTED = TuneSubmitted(job_id="job-1", state="validating", raw_status="validating_files", at=NOW)


def after(*events: TuneEvent) -> TuneState:
    tune = None
    for event in (REQUESTED, *events):
        tune = TUNE.evolve(tune, event)
    assert tune
    return tune


RUNNING = after(SUBMITTING, SUBMITTED)
CANCELLING = after(SUBMITTING, SUBMITTED, TuneCancelRequested())


class Look(msgspec.Struct):
    job: RemoteJob
    news: News


def look(state: State = "running", raw: str | None = None, **seen: Any) -> Look:
    names = ("model", "trained_tokens", "error", "finished_at")
    job = {name: seen.pop(name) for name in names if name in seen}
    return Look(RemoteJob(id="job-1", state=state, raw_status=raw or state, base_model="m", **job), News(**seen))


def followed(tune: TuneState, *, missing: bool = False) -> FollowedTune:
    """The tune as its row tells."""
    names = FollowedTune.__struct_fields__
    fields: dict[str, Any] = {name: getattr(tune, name) for name in names if hasattr(tune, name)}
    others: dict[str, Any] = {
        "id": uuid.uuid4(),
        "version": 1,
        "request_id": "r",
        "trouble_since": NOW,
        "news_cursor": None,
    }
    return FollowedTune(**others | fields | {"missing": missing})


def line(number: int) -> RemoteEvent:
    return RemoteEvent(id=f"e{number}", at=NOW, level="info", message=f"line {number}")


def observed(tune: TuneState, *looks: Look) -> tuple[TuneState, list[TuneEvent]]:
    """The tune after these looks, and what the last one recorded."""
    recorded: list[TuneEvent] = []
    for each in looks:
        recorded = observe(followed(tune), each.job, each.news, at=LATER)
        for event in recorded:
            tune = TUNE.evolve(tune, event)
    return tune, recorded


def test_without_news_nothing_is_recorded() -> None:
    assert observed(RUNNING, look(), look())[1] == []


def test_only_what_is_not_known_is_recorded() -> None:
    checkpoint = TuneCheckpoint(id="c1", step=2, model="m:1", at=NOW, metrics=MetricPoint(step=2))
    news = News(
        events=(line(1), line(2), line(2)),
        metrics=(MetricPoint(step=1, train_loss=2.5, valid_loss=3.0), MetricPoint(step=2, train_loss=1.0)),
        checkpoints=(checkpoint,),
    )
    first = MetricPoint(step=1, train_loss=2.0)
    known = KnownDetails(events=frozenset({"e1"}), points={1: first, 2: MetricPoint(step=2, train_loss=1.0)})
    assert select_unknown(news, known) == News(
        events=(line(2),), metrics=(MetricPoint(step=1, train_loss=2.0, valid_loss=3.0),), checkpoints=(checkpoint,)
    )


def test_a_status_that_nobody_knows_is_kept_in_its_own_word() -> None:
    tune, [event] = observed(RUNNING, look("running", "rebalancing"))
    assert isinstance(event, TuneProgressed)
    assert (tune.state, tune.raw_status) == ("running", "rebalancing")


def test_a_success_names_the_model_and_brings_the_last_news() -> None:
    end = look("succeeded", model="ft:m", trained_tokens=5, finished_at=NOW, events=(line(1),))
    tune, [event] = observed(RUNNING, end)
    assert event == TuneSucceeded(
        job_id="job-1", provider_model="ft:m", at=NOW, trained_tokens=5, raw_status="succeeded", events=(line(1),)
    )
    assert (tune.state, tune.provider_model, tune.finished_at) == ("succeeded", "ft:m", NOW)


def test_a_success_without_its_model_is_not_there_yet() -> None:
    tune, _ = observed(RUNNING, look("succeeded"))
    assert (tune.state, tune.raw_status) == ("running", "succeeded")
    assert observed(tune, look("succeeded", model="ft:m"))[0].state == "succeeded"


def test_a_failure_is_told_in_the_providers_words() -> None:
    error = RemoteError(message="too few", code="invalid_n_examples", param="training_file")
    tune, [event] = observed(RUNNING, look("failed", error=error))
    assert isinstance(event, TuneFailed)
    assert tune.error == Failure(code="invalid_n_examples", message="too few", param="training_file")
    assert tune.finished_at == LATER


def test_a_failure_without_a_reason_says_so() -> None:
    tune, _ = observed(RUNNING, look("failed"))
    assert tune.error == Failure(code="provider_failed", message="The provider gave no reason.")


@pytest.mark.parametrize("late", [look(), look("failed"), look("succeeded", model="ft:m"), look("cancelled")])
def test_a_failed_tune_ignores_late_news(late: Look) -> None:
    assert observed(after(SUBMITTING, SUBMITTED, TuneFailed(code="x", message="y", at=NOW)), late)[1] == []


def test_a_cancelled_tune_whose_job_succeeds_after_all_has_succeeded() -> None:
    cancelled = after(SUBMITTING, SUBMITTED, TuneCancelled(at=NOW))
    assert observed(cancelled, look("failed"))[1] == observed(cancelled, look("cancelled"))[1] == []
    assert observed(cancelled, look("succeeded", model="ft:m"))[0].state == "succeeded"


def test_an_end_does_not_wait_for_its_details_and_gets_them_later() -> None:
    end = look("succeeded", model="ft:m", troubles=("Could not read the checkpoints: 500",))
    tune, [event] = observed(RUNNING, end)
    assert isinstance(event, TuneSucceeded)
    assert event.missing
    whole = look("succeeded", model="ft:m", events=(line(1),))
    [details] = observe(followed(tune, missing=True), whole.job, whole.news, at=LATER)
    assert details == TuneDetailed(raw_status="succeeded", events=(line(1),))
    assert TUNE.evolve(tune, details) == tune


def test_a_job_that_is_unknown_for_long_fails_its_tune_and_can_be_looked_for_again() -> None:
    def at(seconds: float) -> datetime:
        return NOW + timedelta(seconds=seconds)

    [trouble] = observe_absence(followed(RUNNING), "No such job.", at=NOW, interval=5)
    missed = TUNE.evolve(RUNNING, trouble)
    assert observe_absence(followed(missed), "No such job.", at=at(299), interval=5) == []
    [failure] = observe_absence(followed(missed), "No such job.", at=at(301), interval=5)
    failed = TUNE.evolve(missed, failure)
    assert failed.error
    assert failed.error.code == "job_not_found"
    [again] = decisions.look_again(failed, reason=None, at=LATER)
    reopened = TUNE.evolve(failed, again)
    assert (reopened.state, reopened.error, reopened.finished_at, reopened.trouble) == ("running", None, None, None)


DOUBT = TuneInDoubt(message="no response", at=NOW, not_before=LATER)


def test_a_create_without_a_response_leaves_a_doubt_and_one_that_was_sent_back_does_not() -> None:
    [doubt] = decisions.record_doubt(after(SUBMITTING), message="no response", at=NOW, settles=LATER - NOW)
    assert doubt == DOUBT
    assert decisions.record_doubt(after(SUBMITTING, DOUBT), message="again", at=NOW, settles=LATER - NOW) == []
    assert decisions.begin(after(SUBMITTING, DOUBT), token="t", training_file=FILE, validation_file=None) == []
    undone = after(SUBMITTING, TuneNotSubmitted(message="busy"))
    assert (undone.posted, decisions.begin_again(undone)) == (False, [SUBMITTING])


def test_of_several_jobs_the_oldest_that_can_succeed_is_followed() -> None:
    ages: tuple[tuple[str, State], ...] = (("a", "cancelled"), ("b", "running"), ("c", "queued"))
    jobs = [RemoteJob(id=name, state=state, raw_status="", base_model="m") for name, state in ages]
    assert decisions.choose_job(jobs).id == "b"
    assert decisions.choose_job(jobs[:1]).id == "a"
    [event] = decisions.record_duplicates(RUNNING, job_id="b", duplicates=["a", "c"], refusals={})
    assert decisions.record_duplicates(TUNE.evolve(RUNNING, event), job_id="b", duplicates=["a"], refusals={}) == []


def test_a_person_decides_about_a_tune_that_needs_attention() -> None:
    asking = after(SUBMITTING, DOUBT, TuneNeedsAttention(message="?", at=NOW))
    assert decisions.next_step(asking) == "nothing"
    with pytest.raises(Conflict):
        decisions.cancel(asking, reason=None, at=NOW)
    [adopted] = decisions.decide(asking, "adopt", job_id="job-7", reason=None, at=NOW)
    assert (after(adopted).job_id, TUNE.evolve(asking, adopted).state) == ("job-7", "running")
    [again] = decisions.decide(asking, "send_again", job_id=None, reason=None, at=NOW)
    resent = TUNE.evolve(asking, again)
    assert (resent.state, resent.posted, decisions.next_step(resent)) == ("pending", False, "send")
    [given_up] = decisions.decide(asking, "give_up", job_id=None, reason="no job", at=NOW)
    assert TUNE.evolve(asking, given_up).state == "failed"
    with pytest.raises(Conflict):
        decisions.decide(RUNNING, "give_up", job_id=None, reason=None, at=NOW)


def test_a_doubt_is_followed_by_a_last_look() -> None:
    sent = after(SUBMITTING, DOUBT, SUBMITTED)
    assert (sent.doubt, decisions.next_step(sent)) == (None, "confirm")
    [confirmed] = decisions.confirm(sent)
    assert decisions.next_step(TUNE.evolve(sent, confirmed)) == "nothing"


def test_a_job_that_succeeds_though_it_was_to_be_cancelled_has_succeeded() -> None:
    tune, _ = observed(TUNE.evolve(CANCELLING, TuneCancelSent()), look("succeeded", model="ft:m"))
    assert tune.state == "succeeded"


def test_a_tune_that_was_not_sent_is_cancelled_at_once() -> None:
    assert decisions.cancel(after(), reason="no", at=NOW) == [TuneCancelled(at=NOW, reason="no")]


def test_once_a_job_may_exist_the_provider_has_to_be_asked() -> None:
    for tune in (after(SUBMITTING), RUNNING):
        assert decisions.cancel(tune, reason=None, at=NOW) == [TuneCancelRequested()]
    assert decisions.next_step(RUNNING) == "nothing"
    assert decisions.next_step(CANCELLING) == "stop"
    assert decisions.next_step(after(SUBMITTING, TuneCancelRequested())) == "send"


def test_cancelling_again_records_nothing_and_what_has_ended_cannot_be_cancelled() -> None:
    assert decisions.cancel(CANCELLING, reason=None, at=NOW) == []
    assert decisions.cancel(after(TuneCancelled(at=NOW)), reason=None, at=NOW) == []
    with pytest.raises(Conflict):
        decisions.cancel(after(TuneFailed(code="x", message="y", at=NOW)), reason=None, at=NOW)
    with pytest.raises(NotFound):
        decisions.cancel(None, reason=None, at=NOW)


def test_who_sends_second_records_nothing() -> None:
    sent: dict[str, Any] = {"token": "t", "training_file": FILE, "validation_file": None}
    assert decisions.begin(after(), **sent) == [SUBMITTING]
    assert decisions.begin(after(SUBMITTING), **sent) == []
    assert decisions.begin(after(TuneCancelled(at=NOW)), **sent) == []


def test_a_job_is_recorded_once_and_its_end_is_left_to_the_next_look() -> None:
    job = RemoteJob(id="job-1", state="succeeded", raw_status="succeeded", base_model="m", model="ft:m")
    [event] = decisions.record_submission(after(SUBMITTING), job, at=NOW)
    assert event == TuneSubmitted(job_id="job-1", state="running", raw_status="succeeded", at=NOW)
    assert decisions.record_submission(RUNNING, job, at=NOW) == []


def test_a_tune_cancelled_while_it_was_sent_ends_when_the_provider_has_no_job() -> None:
    assert decisions.cancel_unsent(after(SUBMITTING, TuneCancelRequested()), at=NOW) == [TuneCancelled(at=NOW)]
    assert decisions.cancel_unsent(CANCELLING, at=NOW) == []


def test_the_provider_is_asked_to_end_a_job_once() -> None:
    assert decisions.record_cancel_answer(CANCELLING, refusal=None) == [TuneCancelSent()]
    assert decisions.record_cancel_answer(TUNE.evolve(CANCELLING, TuneCancelSent()), refusal=None) == []


def test_a_retry_is_the_same_order_that_names_the_first() -> None:
    failed, first = after(TuneFailed(code="x", message="y", at=NOW)), uuid.uuid4()
    assert decisions.retry(failed, first, request_id="r") == replace(REQUESTED, retries=first, request_id="r")
    with pytest.raises(Conflict):
        decisions.retry(RUNNING, first, request_id="r")


def test_a_hint_names_the_other_connections_when_the_account_is_closed() -> None:
    hint = decisions.suggest_connections(["ours", "theirs"], "supervised", code="training_not_available")
    assert hint == "The same dataset version can be tuned (supervised) through ours or theirs."
    assert decisions.suggest_connections([], "dpo", code="training_not_available") is None
    assert decisions.suggest_connections(["ours"], "dpo", code="invalid_request") is None


def test_splits_without_examples_to_train_on_are_refused_and_empty_validation_is_none() -> None:
    assert count_splits({"train": 3}, train="train", validation="validation") == {
        "train_split": "train",
        "train_examples": 3,
        "validation_split": None,
        "validation_examples": 0,
    }
    with pytest.raises(Unprocessable):
        count_splits({"validation": 3}, train="train", validation=None)
    with pytest.raises(Unprocessable):
        count_splits({"train": 3}, train="train", validation="train")


def test_words_from_outside_are_made_fit_to_be_kept() -> None:
    kept = replace_unstorable(News(events=(RemoteEvent(id="e", at=NOW, level="info", message="a\0b\ud800c"),)))
    assert kept.events[0].message == "a\N{REPLACEMENT CHARACTER}b?c"
    assert kept.events[0].at == NOW
