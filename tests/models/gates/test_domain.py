import math
from typing import Any

import msgspec
import pytest

from service.errors import Conflict, Forbidden, Invalid
from service.models import domain as models
from service.models.aliases import domain as aliases
from service.models.domain import AliasMoved, GateSet, ModelState
from service.models.gates.domain import (
    NO_FACTS,
    Facts,
    GatePolicy,
    MeasuredGain,
    Ruling,
    WantedEvaluation,
    WantedRating,
)
from service.models.gates.gate_checks import GateRefused, evaluate_gate
from tests.models.measurements import DATASET_ID, WANTED, dollars, facts, measured, policy, score
from tests.models.test_domain import line


def short(ruling: Ruling) -> list[str]:
    return [check.name for check in ruling.checks if not check.passed]


def ruled(wanted: GatePolicy, known: Facts, current: str | None = "v1.0") -> list[str]:
    """The names of what falls short."""
    return short(evaluate_gate(wanted, known, "v1.1", current, base_model="gpt-4o-mini"))


def changed(**override: Any) -> Facts:
    """The facts, but for these of v1.1."""
    known = facts()
    new = msgspec.structs.replace(known.versions["v1.1"], **override)
    return msgspec.structs.replace(known, versions=known.versions | {"v1.1": new})


def build_gated_model(wanted: GatePolicy | None = None, *moves: str) -> ModelState:
    """A model of v1.0, v1.1 and v1.2 whose production has stood at `moves`, with a gate set after that."""
    model = line("minor", "minor", "minor")
    for version in moves:
        model = models.evolve(model, *aliases.move(model, "production", version=version))
    return models.evolve(model, *models.set_gate(model, wanted or policy(), may_override=False))


def test_a_version_that_shows_all_it_is_asked_for_passes() -> None:
    everything = policy(
        interval_excludes_zero=True,
        over_current=0.05,
        human_rating=WantedRating(),
        cost_per_thousand=dollars("0.30"),
        latency_p95_ms=800,
    )
    ruling = evaluate_gate(everything, facts(), "v1.1", "v1.0", base_model="gpt-4o-mini")
    assert (ruling.passed, short(ruling)) == (True, [])
    assert [check.name for check in ruling.checks] == [
        "evaluation",
        "over_base",
        "over_base_interval",
        "over_current",
        "over_current_interval",
        "format_validity",
        "human_rating",
        "cost_per_thousand",
        "latency_p95_ms",
    ]
    assert ruling.facts == facts()


def test_a_tenth_more_than_the_base_is_enough_and_less_is_not() -> None:
    assert ruled(policy(), facts(base=measured(0.5))) == []
    assert ruled(policy(), facts(base=measured(0.501))) == ["over_base"]
    # 0.77 over 0.7 is 0.09999999999999998 in floats.
    assert (
        ruled(policy(over_current=None), Facts(versions=changed(score=score(0.77)).versions, base=measured(0.7))) == []
    )


def test_a_version_may_equal_the_one_that_stands_there_but_not_fall_behind_it() -> None:
    assert ruled(policy(), facts(versions=facts().versions | {"v1.0": measured(0.55)})) == []
    assert ruled(policy(), facts(versions=facts().versions | {"v1.0": measured(0.5501)})) == ["over_current"]


def test_the_first_version_at_an_alias_is_compared_with_the_base_alone() -> None:
    ruling = evaluate_gate(policy(), facts(), "v1.1", None, base_model="gpt-4o-mini")
    assert (ruling.passed, [check.name for check in ruling.checks]) == (
        True,
        ["evaluation", "over_base", "format_validity"],
    )


def test_where_lower_scores_are_better_lower_is_an_improvement() -> None:
    errors = facts(versions=changed(score=score(0.4)).versions, base=measured(0.5), higher_is_better=False)
    assert ruled(policy(), errors) == []
    assert ruled(policy(), msgspec.structs.replace(errors, higher_is_better=True)) == ["over_base", "over_current"]


def test_what_nobody_measured_falls_short() -> None:
    wanted = policy(human_rating=WantedRating(), cost_per_thousand=dollars("1"), latency_p95_ms=500)
    ruling = evaluate_gate(wanted, NO_FACTS, "v1.1", "v1.0", base_model="gpt-4o-mini")
    assert short(ruling) == [check.name for check in ruling.checks]
    assert {check.found for check in ruling.checks} == {None}


def test_a_base_model_that_nobody_measured_is_named_with_what_to_do() -> None:
    ruling = evaluate_gate(policy(), msgspec.structs.replace(facts(), base=None), "v1.1", None, base_model="nano")
    [told] = [check.because for check in ruling.checks if check.name == "over_base"]
    assert told.startswith("the base model, nano, has no score to compare: evaluate it on the same rows; ")


def test_a_score_that_is_no_number_counts_as_none() -> None:
    for value in (math.nan, math.inf):
        assert ruled(policy(), changed(score=score(value))) == ["evaluation", "over_base", "over_current"]
    assert ruled(policy(), facts(base=measured(math.nan))) == ["over_base"]
    assert ruled(policy(), changed(format_validity=math.nan)) == ["format_validity"]
    # The ruling is kept in an event, which has to be read again.
    encoded = msgspec.json.encode(
        evaluate_gate(policy(), changed(score=score(math.nan)), "v1.1", "v1.0", base_model="gpt-4o-mini")
    )
    assert msgspec.json.decode(encoded, type=Ruling).passed is False


def test_an_evaluation_of_no_rows_shows_nothing() -> None:
    assert ruled(policy(), changed(score=score(0.55, n=0))) == ["evaluation"]


def test_any_gain_is_enough_over_a_base_that_scores_nothing() -> None:
    assert ruled(policy(), facts(base=measured(0.0))) == []
    still = facts(base=measured(0.0), versions={"v1.0": measured(0.0), "v1.1": measured(0.0, format_validity=1.0)})
    assert ruled(policy(), still) == ["over_base"]


@pytest.mark.parametrize("gain", [None, MeasuredGain(low=0.0, high=0.1), MeasuredGain(low=math.nan, high=0.1)])
def test_an_improvement_that_may_be_none_is_refused_where_it_has_to_be_sure(gain: MeasuredGain | None) -> None:
    known = facts(over_base=gain, over_current=gain)
    assert ruled(policy(interval_excludes_zero=True), known) == ["over_base_interval"]
    assert ruled(policy(interval_excludes_zero=True, over_current=0.01), known) == [
        "over_base_interval",
        "over_current_interval",
    ]
    assert ruled(policy(), known) == []


@pytest.mark.parametrize(
    ("limits", "known", "falls"),
    [
        ({}, {"format_validity": 0.95}, []),
        ({}, {"format_validity": 0.949}, ["format_validity"]),
        ({"format_validity": None}, {"format_validity": 0.1}, []),
        ({"human_rating": WantedRating()}, {"human_rating": 4.0}, []),
        ({"human_rating": WantedRating()}, {"human_rating": 3.99}, ["human_rating"]),
        ({"human_rating": WantedRating(ratings=13)}, {"human_rating": 5.0}, ["human_rating"]),
        ({"cost_per_thousand": dollars("0.3")}, {"cost_per_thousand": dollars("0.300001")}, ["cost_per_thousand"]),
        ({"cost_per_thousand": dollars("1")}, {"cost_per_thousand": dollars("NaN")}, ["cost_per_thousand"]),
        ({"latency_p95_ms": 500}, {"latency_p95_ms": 500.5}, ["latency_p95_ms"]),
    ],
)
def test_each_limit_holds_to_its_number(limits: dict[str, Any], known: dict[str, Any], falls: list[str]) -> None:
    assert ruled(policy(**limits), changed(**known)) == falls


def test_a_cost_in_another_currency_has_shown_nothing() -> None:
    euros = msgspec.structs.replace(dollars("0.01"), currency="EUR")
    assert ruled(policy(cost_per_thousand=dollars("1")), changed(cost_per_thousand=euros)) == ["cost_per_thousand"]


def test_a_gate_refuses_with_every_number_that_falls_short() -> None:
    known = facts(base=measured(0.53), versions=changed(format_validity=0.9).versions)
    with pytest.raises(GateRefused) as refused:
        aliases.move(build_gated_model(None, "v1.0"), "production", version="v1.1", facts=known)
    faults = {fault.code: fault.detail for fault in refused.value.errors}
    assert faults == {
        "over_base": "v1.1 scores 0.55, the base model 0.53: +3.774%; at least +10% is required.",
        "format_validity": "v1.1 keeps its format in 90% of its answers; 95% is required.",
    }
    assert (refused.value.status, refused.value.code) == (409, "gate_refused")


def test_a_move_through_the_gate_keeps_what_it_was_decided_by() -> None:
    [event] = aliases.move(build_gated_model(None, "v1.0"), "production", version="v1.1", facts=facts())
    assert isinstance(event, AliasMoved)
    assert event.ruling == evaluate_gate(policy(), facts(), "v1.1", "v1.0", base_model="gpt-4o-mini")
    assert event.overridden is False


def test_a_ruling_keeps_no_score_that_the_gate_did_not_look_at() -> None:
    known = changed(others=(score(0.9), score(0.1)))
    known = msgspec.structs.replace(known, base=measured(0.5, others=(score(0.3),)))
    assert evaluate_gate(policy(), known, "v1.1", "v1.0", base_model="gpt-4o-mini").facts == facts()


def test_a_gate_that_was_told_nothing_refuses() -> None:
    with pytest.raises(GateRefused):
        aliases.move(build_gated_model(), "production", version="v1.1")


def test_an_alias_that_the_gate_does_not_name_moves_freely() -> None:
    model = build_gated_model(policy(protects=("production", "canary")))
    assert aliases.move(model, "staging", version="v1.1") == [AliasMoved(alias="staging", model_version="v1.1")]
    with pytest.raises(GateRefused):
        aliases.move(model, "canary", version="v1.1")


def test_an_override_moves_against_the_gate_and_is_kept_as_one() -> None:
    model = build_gated_model(None, "v1.0")
    [event] = aliases.move(model, "production", version="v1.1", override=True, may_override=True, reason="outage")
    assert isinstance(event, AliasMoved)
    assert (event.overridden, event.reason, event.ruling and event.ruling.passed) == (True, "outage", False)


def test_an_override_that_was_not_needed_is_none() -> None:
    override: dict[str, Any] = {"override": True, "may_override": True, "reason": "to be sure"}
    [event] = aliases.move(build_gated_model(), "production", version="v1.1", facts=facts(), **override)
    assert isinstance(event, AliasMoved)
    assert (event.overridden, event.ruling and event.ruling.passed) == (False, True)


@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_an_override_says_why(reason: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        aliases.move(build_gated_model(), "production", version="v1.1", override=True, may_override=True, reason=reason)
    assert refused.value.errors[0].pointer == "/reason"


def test_an_override_takes_the_right_to_it() -> None:
    with pytest.raises(Forbidden):
        aliases.move(build_gated_model(), "production", version="v1.1", facts=facts(), override=True, reason="outage")


def test_a_protected_alias_goes_back_without_a_gate_but_not_without_a_reason() -> None:
    model = build_gated_model(None, "v1.0", "v1.1")
    with pytest.raises(Invalid) as refused:
        aliases.roll_back(model, "production")
    assert refused.value.errors[0].pointer == "/reason"
    [event] = aliases.roll_back(model, "production", reason="slower")
    assert event == AliasMoved(
        alias="production", model_version="v1.0", previous="v1.1", reason="slower", rollback=True
    )


def test_a_rollback_that_cannot_be_is_refused_as_such_before_a_reason_is_asked_for() -> None:
    with pytest.raises(Conflict):
        aliases.roll_back(build_gated_model(None, "v1.0"), "production")


def test_setting_the_same_gate_again_records_nothing() -> None:
    assert models.set_gate(build_gated_model(), policy(), may_override=False) == []
    assert models.set_gate(line("minor"), None, may_override=False) == []


def test_a_gate_that_is_there_is_changed_only_by_who_may_override_it() -> None:
    for wanted in (None, policy(over_base=0.0)):
        with pytest.raises(Forbidden):
            models.set_gate(build_gated_model(), wanted, may_override=False)
        assert models.set_gate(build_gated_model(), wanted, may_override=True, reason="looser") == [
            GateSet(policy=wanted, reason="looser")
        ]


def test_a_line_whose_gate_was_taken_away_promotes_freely() -> None:
    [event] = models.set_gate(build_gated_model(), None, may_override=True)
    model = models.evolve(build_gated_model(), event)
    assert aliases.move(model, "production", version="v1.2") == [AliasMoved(alias="production", model_version="v1.2")]


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (GatePolicy(evaluation=WantedEvaluation(scorer="f1")), "/policy/evaluation/dataset_id"),
        (
            GatePolicy(evaluation=msgspec.structs.replace(WANTED, suite="nightly")),
            "/policy/evaluation/dataset_id",
        ),
        (
            GatePolicy(evaluation=WantedEvaluation(scorer="f1", suite="nightly", dataset_version="v1")),
            "/policy/evaluation/dataset_version",
        ),
        *[
            (policy(cost_per_thousand=dollars(amount)), "/policy/cost_per_thousand/amount")
            for amount in ("NaN", "Infinity", "-0.01", "1000001", "1e999999", "0.0000001", "1e-999999")
        ],
    ],
)
def test_a_policy_that_nothing_could_be_held_to_is_refused(wanted: GatePolicy, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        models.set_gate(line("minor"), wanted, may_override=True)
    assert refused.value.errors[0].pointer == pointer


def test_a_policy_is_kept_whole_so_that_no_default_of_a_later_day_changes_it() -> None:
    stored = msgspec.json.decode(msgspec.json.encode(GateSet(policy=policy())))["policy"]
    assert (stored["over_base"], stored["over_current"], stored["format_validity"]) == (0.1, 0.0, 0.95)
    assert stored["protects"] == ["production"]
    assert stored["evaluation"] == {
        "scorer": "exact_match",
        "dataset_id": str(DATASET_ID),
        "dataset_version": None,
        "split": "test",
        "suite": None,
    }
