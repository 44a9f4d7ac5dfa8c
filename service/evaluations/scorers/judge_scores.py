"""Scores that a judge model gives. They are asked for and read elsewhere; here they are handed in and summed up."""

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
    """`rubric` judges by the task's requirements on `scale`; `g_eval` by `criterion` and `steps` from 1 to 5."""

    method: Literal["rubric", "g_eval"] = "rubric"
    scale: Scale = "one_to_five"
    criterion: Sentence | None = None
    steps: Annotated[tuple[Sentence, ...], msgspec.Meta(max_length=20)] = ()
    least: Annotated[float, msgspec.Meta(ge=0, le=5)] | None = None

    def faults(self, *, at: str = "") -> list[Fault]:
        found = []
        if self.method == "g_eval" and self.criterion is None:
            detail = "G-Eval needs a criterion."
            found.append(Fault(pointer=f"{at}/criterion", detail=detail, code="required"))
        if self.method == "g_eval" and self.scale != "one_to_five":
            found.append(Fault(pointer=f"{at}/scale", detail="G-Eval gives scores from 1 to 5."))
        return found


class PreferenceConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="preference"):
    """Against which answer is compared, the example's or another model's, is said where it is run."""


def judge(subject: Subject, config: JudgeConfig) -> Score:
    """What a judge model gives the answer: 1 or 0, or from 1 to 5, overall and by requirement. G-Eval is the mean of
    the scores weighted by the judge's own probabilities of them. Passes: `pass`, or 4 and more, or `least`.

    Sources: Zheng et al. 2023, "Judging LLM-as-a-Judge"; Liu et al. 2023, "G-Eval".
    """
    said = subject.verdict
    if said is None:
        return no_score("no_verdict", "No judge was asked, or it gave no answer.")
    if isinstance(said, Fault):
        return no_score(said.code, said.detail)
    passed = said.passed if config.least is None else said.value >= config.least
    details = {"scale": said.scale, "requirements": said.requirements, "expected_value": said.expected_value}
    return Score(value=said.value, passed=passed, details=details)


def preference(subject: Subject, _: PreferenceConfig) -> Score:
    """1 where a judge model prefers this answer to the other one, 0.5 for a tie, 0 where it prefers the other. Which
    of the two was shown first is random and recorded; `first_shown_wins` tells how much the place mattered.

    Source: Zheng et al. 2023, "Judging LLM-as-a-Judge", with its position bias.
    """
    said = subject.preference
    if said is None:
        return no_score("no_verdict", "No judge was asked, or it gave no answer.")
    if isinstance(said, Fault):
        return no_score(said.code, said.detail)
    details = {"winner": said.winner, "shown_first": said.shown_first}
    return Score(value=POINTS[said.winner], passed=said.winner != "second", details=details)


def summarize_judge(scores: Sequence[Score], config: JudgeConfig) -> Summary:
    """Beside the mean, the mean of each requirement."""
    marks: dict[str, list[float]] = {}
    for score in scores:
        for name, mark in score.details.get("requirements", {}).items():
            marks.setdefault(name, []).append(mark)
    return summarize(scores, config) | {"requirements": {name: sum(seen) / len(seen) for name, seen in marks.items()}}


def summarize_preference(scores: Sequence[Score], config: PreferenceConfig) -> Summary:
    """Beside the mean, how often which side won, and the share of those won that the answer shown first won."""
    said = [score.details for score in scores if score.value is not None]
    winners = [row["winner"] for row in said]
    decided = [row for row in said if row["winner"] != "tie"]
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
