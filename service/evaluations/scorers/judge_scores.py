"""Score by a judge model's verdict or preference, which judge_runner has asked for."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from service.errors import Fault
from service.evaluations.judges.verdict_parser import Scale
from service.evaluations.scorers.scorer import Config, Score, Scorer, Summary, no_score, summarize
from service.evaluations.scores.subject import Subject

Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=5_000, pattern=r"^[^\x00]*$")]
POINTS = {"first": 1.0, "tie": 0.5, "second": 0.0}


class JudgeConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="judge"):
    """`rubric` scores the task's requirements on `scale`; `g_eval` scores one `criterion` by `steps`, from 1 to 5."""

    method: Literal["rubric", "g_eval"] = "rubric"
    scale: Scale = "one_to_five"
    criterion: Sentence | None = None
    steps: Annotated[tuple[Sentence, ...], msgspec.Meta(max_length=20)] = ()
    least: Annotated[float, msgspec.Meta(ge=0, le=5)] | None = None

    def faults(self, *, at: str = "") -> list[Fault]:
        faults = []
        if self.method == "g_eval" and self.criterion is None:
            detail = "G-Eval needs a criterion. Set one."
            faults.append(Fault(pointer=f"{at}/criterion", detail=detail, code="required"))
        if self.method == "g_eval" and self.scale != "one_to_five":
            faults.append(Fault(pointer=f"{at}/scale", detail="G-Eval scores from 1 to 5. Set scale to one_to_five."))
        return faults


class PreferenceConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="preference"):
    """The judge's `against` says which answer this one is compared with."""


def judge(subject: Subject, config: JudgeConfig) -> Score:
    """A judge model's score: pass (1) or fail (0), or 1 to 5, overall and by requirement. For G-Eval, the mean of the
    scores weighted by the judge's own probabilities. Passes from `least`; by default `pass`, or 4 and more.

    Sources: Zheng et al. 2023, "Judging LLM-as-a-Judge"; Liu et al. 2023, "G-Eval".
    """
    verdict = subject.verdict
    if verdict is None:
        return no_score("no_verdict", "No judge was asked, or it gave no answer.")
    if isinstance(verdict, Fault):
        return no_score(verdict.code, verdict.detail)
    passed = verdict.passed if config.least is None else verdict.value >= config.least
    details = {
        "scale": verdict.scale,
        "requirements": verdict.requirements,
        "expected_value": verdict.expected_value,
    }
    return Score(value=verdict.value, passed=passed, details=details)


def preference(subject: Subject, _: PreferenceConfig) -> Score:
    """1 if a judge model prefers this answer to the other, 0.5 for a tie, 0 if it prefers the other. Which answer is
    shown first is random and recorded; `first_shown_wins` says how much the position mattered.

    Source: Zheng et al. 2023, "Judging LLM-as-a-Judge", on position bias.
    """
    chosen = subject.preference
    if chosen is None:
        return no_score("no_verdict", "No judge was asked, or it gave no answer.")
    if isinstance(chosen, Fault):
        return no_score(chosen.code, chosen.detail)
    details = {"winner": chosen.winner, "shown_first": chosen.shown_first}
    return Score(value=POINTS[chosen.winner], passed=chosen.winner != "second", details=details)


def summarize_judge(scores: Sequence[Score], config: JudgeConfig) -> Summary:
    """Add the mean of each requirement."""
    by_requirement: dict[str, list[float]] = {}
    for score in scores:
        for name, value in score.details.get("requirements", {}).items():
            by_requirement.setdefault(name, []).append(value)
    means = {name: sum(values) / len(values) for name, values in by_requirement.items()}
    return summarize(scores, config) | {"requirements": means}


def summarize_preference(scores: Sequence[Score], config: PreferenceConfig) -> Summary:
    """Add wins, ties and losses, and the share of decided pairs that the answer shown first won."""
    pairs = [score.details for score in scores if score.value is not None]
    winners = [row["winner"] for row in pairs]
    decided = [row for row in pairs if row["winner"] != "tie"]
    first = sum(row["winner"] == row["shown_first"] for row in decided)
    counts = {"wins": winners.count("first"), "ties": winners.count("tie"), "losses": winners.count("second")}
    return summarize(scores, config) | counts | {"first_shown_wins": first / len(decided) if decided else None}


JUDGE = Scorer(
    name="judge",
    unit="judge's scale",
    deterministic=False,
    needs=frozenset({"judge"}),
    config=JudgeConfig,
    score=judge,
    summarize=summarize_judge,
)
PREFERENCE = Scorer(
    name="preference",
    deterministic=False,
    needs=frozenset({"judge", "rival"}),
    config=PreferenceConfig,
    score=preference,
    summarize=summarize_preference,
)
