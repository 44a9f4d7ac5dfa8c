"""What is decided of evaluations and results, on plain values."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from service.database.engine import new_id
from service.datasets.examples.chat_content import Assistant, Content, User
from service.errors import Fault, NotFound
from service.evaluations import domain as evaluations
from service.evaluations.domain import EvaluationRequested, EvaluationState, JudgeUsed, Plan, TargetSummary, TargetUsed
from service.evaluations.judges.agreement_stats import RatedResult, compare_judges, summarize_ratings
from service.evaluations.judges.judge_runner import (
    Contestant,
    JudgeInput,
    JudgeSetup,
    build_judge_setup,
    judge_without_asking,
)
from service.evaluations.judges.verdict_parser import Preference, Verdict
from service.evaluations.results import domain as results
from service.evaluations.results.domain import RESULT, Failure, RecordedScore, ResultRecorded, ResultState
from service.evaluations.row_selection import ExampleRow
from service.evaluations.scorers.judge_scores import JudgeConfig, PreferenceConfig
from service.evaluations.scorers.measures import WordsConfig
from service.evaluations.scorers.text_match import ContainsConfig, ExactMatchConfig
from service.evaluations.scores.row_scores import (
    build_subject,
    configure_scorer,
    has_passed,
    hash_answers,
    score_answer,
)
from service.evaluations.scores.scorer_setup import describe_scorer
from service.evaluations.scores.subject import Subject
from service.evaluations.scores.summaries import Outcome, summarize_target
from service.inference.domain import Served
from service.inference.outcomes import CallFailure, ModelAnswer

EVALUATION_ID, EXAMPLE_ID = new_id(), new_id()
SERVED = Served(connection_id=new_id(), provider_model="base")
CONTENT = Content(messages=(User(content="Which?"), Assistant(content="sports")))
REFUSED = Failure(code="model_refused", detail="It refused.")
AWAY = Failure(code="provider_refused", detail="No quota.")
COLUMNS = [
    configure_scorer(describe_scorer(config))
    for config in (ExactMatchConfig(), ContainsConfig(texts=("the",), mode="none"), WordsConfig())
]
PLAN = Plan(
    dataset_seq=1,
    dataset_digest="ab",
    rows=2,
    targets=(TargetUsed(name="base", served=SERVED), TargetUsed(name="other", served=SERVED)),
    scorers=tuple(column.used for column in COLUMNS),
)
ROW = ExampleRow(
    example_id=EXAMPLE_ID, content="ab", body=b"", metadata=None, metadata_digest=None, tags=(), external_id=None
)


def answered(text: str, **fields: Any) -> ModelAnswer:
    own: dict[str, Any] = {
        "tool_calls": (),
        "logprobs": None,
        "finish_reason": "stop",
        "input_tokens": 3,
        "output_tokens": 1,
    }
    defaults: dict[str, Any] = {
        "cost": Decimal("0.5"),
        "latency_ms": 10,
        "attempts": 1,
        "provider_model": "base",
        "content": "cd",
    }
    return ModelAnswer(call_id=new_id(), text=text, subject=new_id(), **(own | defaults | fields))


def failed(failure: Failure) -> CallFailure:
    return CallFailure(call_id=new_id(), code=failure.code, detail=failure.detail)


def recorded() -> ResultState:
    event = ResultRecorded(
        evaluation_id=EVALUATION_ID, target="base", place=0, example_id=EXAMPLE_ID, example_content="ab"
    )
    return RESULT.evolve(None, event)


def test_a_rater_has_one_rating_and_the_mean_is_over_all_raters() -> None:
    result = recorded()
    for stars, rater in ((5, "ann"), (2, "bob"), (4, "ann")):
        events = results.rate(result, EVALUATION_ID, stars=stars, rater=rater)
        result = RESULT.evolve(result, events[0])
    assert isinstance(events[0], results.ResultRated)
    assert (events[0].rating, len(result.ratings)) == (3.0, 2)
    assert results.rate(result, EVALUATION_ID, stars=4, rater="ann") == []


@pytest.mark.parametrize("result", [None, recorded()])
def test_a_result_of_another_evaluation_is_not_there(result: ResultState | None) -> None:
    with pytest.raises(NotFound):
        results.rate(result, new_id(), stars=3, rater="ann")


def test_what_it_came_to_is_said_once() -> None:
    requested = EvaluationRequested(
        name="x", dataset_id=new_id(), dataset_version="v1", split="test", run_id=new_id(), plan=PLAN
    )
    events = evaluations.finish(EvaluationState(request=requested), (TargetSummary(target="base", rows=2),))
    after = evaluations.evolve(EvaluationState(request=requested), events[0])
    assert after.summaries == (TargetSummary(target="base", rows=2),)
    assert evaluations.finish(after, ()) == []


def test_what_a_model_fails_to_say_is_wrong_and_no_merit_of_silence_counts() -> None:
    subject = build_subject([failed(REFUSED)], CONTENT, None)
    scores = score_answer(COLUMNS, subject, failure=REFUSED, known={}, identity=None)
    assert (scores["exact_match"].value, scores["exact_match"].passed) == (0.0, False)
    assert (scores["contains"].value, scores["contains"].passed) == (0.0, False)
    assert scores["words"].value is None
    assert has_passed(scores, REFUSED) is False


def test_what_the_provider_withholds_says_nothing_of_the_model() -> None:
    scores = score_answer(COLUMNS, build_subject([failed(AWAY)], CONTENT, None), failure=AWAY, known={}, identity=None)
    assert [score.value for score in scores.values()] == [None, None, None]
    assert has_passed(scores, AWAY) is None


def test_the_same_answer_is_not_scored_twice() -> None:
    answers = [answered("sports")]
    identity = hash_answers(answers, EXAMPLE_ID, "ab", None)
    subject = build_subject(answers, CONTENT, None)
    first = score_answer(COLUMNS, subject, failure=None, known={}, identity=identity)
    marked = {score.key or "": RecordedScore(value=0.25, key=score.key) for score in first.values()}
    again = score_answer(COLUMNS, subject, failure=None, known=marked, identity=identity)
    assert [score.value for score in again.values()] == [0.25] * 3
    other = hash_answers(answers, EXAMPLE_ID, "ab", (new_id(), 1))
    fresh = score_answer(COLUMNS, subject, failure=None, known=marked, identity=other)
    assert [score.value for score in fresh.values()] == [1.0, 1.0, 1.0]
    assert hash_answers([*answers, failed(AWAY)], EXAMPLE_ID, "ab", None) is None


def side(target: str, output: str | None, failure: Failure | None = None) -> Contestant:
    return Contestant(target=target, subject=Subject(output=output), failure=failure, identity=output)


def bench(kind: str, config: Any) -> JudgeSetup:
    scorer = describe_scorer(config)
    used = JudgeUsed(label=scorer.label, kind=kind, served=SERVED, scorer=scorer, against="other")  # type: ignore[arg-type]
    return build_judge_setup(used, configure_scorer(used.scorer), None)


def test_a_judge_is_not_asked_about_an_answer_that_was_not_given() -> None:
    rubric = bench("rubric", JudgeConfig(scale="pass_fail"))
    lost = JudgeInput(plan=PLAN, row=ROW, answer=side("base", "", REFUSED), rival=None)
    assert judge_without_asking(rubric, lost) == Verdict(scale="pass_fail", value=0.0, passed=False)
    away = judge_without_asking(rubric, JudgeInput(plan=PLAN, row=ROW, answer=side("base", None, AWAY), rival=None))
    assert isinstance(away, Fault)
    assert away.code == "no_answer"
    assert (
        judge_without_asking(rubric, JudgeInput(plan=PLAN, row=ROW, answer=side("base", "sports"), rival=None)) is None
    )


@pytest.mark.parametrize(
    ("own", "other", "winner"),
    [(REFUSED, None, "second"), (None, REFUSED, "first"), (REFUSED, REFUSED, "tie"), (None, None, None)],
)
def test_of_two_answers_the_one_that_was_given_wins(
    own: Failure | None, other: Failure | None, winner: str | None
) -> None:
    case = JudgeInput(plan=PLAN, row=ROW, answer=side("base", "a", own), rival=side("other", "b", other))
    verdict = judge_without_asking(bench("pairwise", PreferenceConfig()), case)
    assert (verdict.winner if isinstance(verdict, Preference) else verdict) == winner


def test_a_summary_counts_costs_times_and_what_is_missing() -> None:
    good = RecordedScore(value=1.0, passed=True)
    outcomes = [
        outcome(latency_ms=number, cost=Decimal("0.002"), scores={"exact_match": good}) for number in (10, 20, 30)
    ]
    outcomes.append(outcome(failure=REFUSED, scores={"exact_match": RecordedScore(value=0.0, passed=False)}))
    outcomes.append(outcome(failure=AWAY, scores={"exact_match": RecordedScore(details={"reason": "no_answer"})}))
    summary = summarize_target(PLAN, "base", COLUMNS[:1], outcomes)
    assert (summary.rows, summary.failed, summary.failures) == (5, 2, {"model_refused": 1, "provider_refused": 1})
    assert (summary.latency_ms.n, summary.latency_ms.p50, summary.latency_ms.p95) == (3, 20.0, 29.0)
    assert (summary.cost.amount, summary.cost.per_thousand, summary.cost.without_price) == ("0.006", "2", 0)
    exact = summary.scores["exact_match"]
    assert (exact["mean"], exact["scored"], exact["reasons"]) == (0.75, 4, {"no_answer": 1})
    assert exact["interval"]["low"] < 0.75 < exact["interval"]["high"]


def outcome(**fields: Any) -> Outcome:
    nothing: dict[str, Any] = dict.fromkeys(("failure", "latency_ms", "input_tokens", "output_tokens", "cost"))
    return Outcome(**nothing | fields)


def rated(number: int, target: str, stars: float, **values: float) -> RatedResult:
    return RatedResult(
        example_id=UUID(int=number),
        target=target,
        rating=stars,
        raters=1,
        scores={label: RecordedScore(value=value) for label, value in values.items()},
    )


def judging(kind: str, config: Any) -> Plan:
    used = bench(kind, config).used
    return Plan(dataset_seq=1, dataset_digest="ab", rows=12, targets=PLAN.targets, scorers=(), judges=(used,))


def test_a_judge_that_says_what_people_say_is_trusted_from_ten_answers_on() -> None:
    plan = judging("rubric", JudgeConfig())
    rows = [rated(number, "base", 1 + number % 5, judge=1 + number % 5) for number in range(10)]
    standing = compare_judges(plan, rows)[0]
    assert (standing.trusted, standing.trust.n, standing.trust.spearman) == (True, 10, 1.0)
    assert not compare_judges(plan, rows[:9])[0].trusted
    contrary = [rated(number, "base", 5 - number % 5, judge=1 + number % 5) for number in range(10)]
    refuted = compare_judges(plan, contrary)[0]
    assert (refuted.trusted, refuted.because[:15]) == (False, "not yet trusted")


def test_a_judge_of_pairs_is_measured_by_which_answer_people_like_better() -> None:
    plan = judging("pairwise", PreferenceConfig())
    rows = []
    for number in range(12):
        liked = number % 3  # 0: the other one, 1: both the same, 2: this one
        rows += [rated(number, "base", 2 + liked, preference=liked / 2), rated(number, "other", 3)]
    standing = compare_judges(plan, rows)[0]
    assert (standing.trust.n, standing.trust.agreement.estimate, standing.trusted) == (12, 1.0, True)
    means = {each.target: (each.mean, each.results) for each in summarize_ratings(plan, rows)}
    assert means == {"base": (3.0, 12), "other": (3.0, 12)}
