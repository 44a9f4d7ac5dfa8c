"""The parts of a scorer: settings, score of a row, summary of an evaluation."""

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from service.errors import Fault
from service.evaluations.scores.subject import Subject

# What a row must have to be scored. `judge`, `rival` and `rating` come from outside the row.
Need = Literal["reference", "schema", "categories", "repeats", "latency", "tokens", "cost", "rating", "judge", "rival"]
Unit = Literal[
    "share", "score from 0 to 100", "words", "characters", "seconds", "tokens", "money", "stars", "judge's scale"
]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
# Scorers that take more than linear time or much memory read only this many characters of each text.
MAX_CHARACTERS = 100_000


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings of one scorer. `label` distinguishes two of the same kind."""

    label: Label | None = None

    def faults(self, *, at: str = "") -> list[Fault]:  # noqa: ARG002 - subclasses use it
        """Check what types cannot: patterns, schemas, paths."""
        return []


class Score(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row's score, in the scorer's unit. None: the scorer does not apply; `details` says why."""

    value: float | None
    passed: bool | None = None
    details: dict[str, Any] = {}


C = TypeVar("C", bound=Config)
Summary = dict[str, Any]


class Scorer(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """A rule to score by. If `deterministic`, the same subject always gets the same score within one `version`.

    `weigh` says how much work a subject is, for rules whose work the settings decide; `scoring_process` knows the unit.
    """

    name: str
    version: int = 1
    unit: Unit = "share"
    higher_is_better: bool | None = True
    deterministic: bool = True
    needs: frozenset[Need] = frozenset()
    config: type[C]
    score: Callable[[Subject, C], Score]
    summarize: Callable[[Sequence[Score], C], Summary]
    weigh: Callable[[Subject, C], float] | None = None

    @property
    def definition(self) -> str:
        """How the score is computed, with its source."""
        return inspect.getdoc(self.score) or ""


NO_REFERENCE = Score(
    value=None, details={"reason": "no_reference", "detail": "The example has no answer to compare with."}
)
NO_ANSWER = Score(value=None, details={"reason": "no_answer", "detail": "The model gave no answer."})


def no_score(reason: str, detail: str) -> Score:
    """Say that the scorer does not apply to a row. `reason` is for programs."""
    return Score(value=None, details={"reason": reason, "detail": detail})


def binary_score(passed: bool, **details: Any) -> Score:  # noqa: FBT001 - it is the only argument
    """Score 1 or 0."""
    return Score(value=float(passed), passed=passed, details=details)


def graded_score(value: float, *, least: float | None, **details: Any) -> Score:
    """Score a value that passes from `least`. Without `least` it neither passes nor fails."""
    return Score(value=value, passed=None if least is None else value >= least, details=details)


def summarize(scores: Sequence[Score], _: Any = None) -> Summary:
    """Summarize scores: counts, mean, and the share that passed. `reasons` counts why rows were not scored.

    `mean` and `pass_rate` are None if there is nothing to compute them from.
    """
    values = [score.value for score in scores if score.value is not None]
    marks = [score.passed for score in scores if score.value is not None and score.passed is not None]
    reasons = [score.details.get("reason", "unknown") for score in scores if score.value is None]
    return {
        "scored": len(values),
        "unscored": len(reasons),
        "reasons": {reason: reasons.count(reason) for reason in sorted(set(reasons))},
        "mean": math.fsum(values) / len(values) if values else None,
        "pass_rate": sum(marks) / len(marks) if marks else None,
    }
