"""What a scorer is: its settings, the score it gives a row, and the figures it gives an evaluation."""

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from service.errors import Fault
from service.evaluations.scores.subject import Subject

# What a row must bring for a scorer to apply; `judge` and `rating` are words of somebody else, handed in.
Need = Literal["reference", "schema", "categories", "repeats", "latency", "tokens", "cost", "rating", "judge", "rival"]
Unit = Literal[
    "share", "score from 0 to 100", "words", "characters", "seconds", "tokens", "money", "stars", "judge's scale"
]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
# Texts whose comparing takes more than linear time or a lot of memory are read this far.
MAX_CHARACTERS = 100_000


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The settings of one scorer in one evaluation. `label` tells two of the same kind apart."""

    label: Label | None = None

    def faults(self, *, at: str = "") -> list[Fault]:  # noqa: ARG002 - for those that have more to check than types
        """What the types do not say: a pattern, a schema or a path that cannot be used."""
        return []


class Score(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row by one scorer. `value` is in the scorer's unit; None says that it does not apply, and `details` why."""

    value: float | None
    passed: bool | None = None
    details: dict[str, Any] = {}


C = TypeVar("C", bound=Config)
Summary = dict[str, Any]


class Scorer(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """One rule. A deterministic one gives the same score to the same subject for ever, within one `version`."""

    name: str
    version: int = 1
    unit: Unit = "share"
    higher_is_better: bool | None = True
    deterministic: bool = True
    needs: frozenset[Need] = frozenset()
    config: type[C]
    score: Callable[[Subject, C], Score]
    summarize: Callable[[Sequence[Score], C], Summary]

    @property
    def definition(self) -> str:
        """How the score is defined, and after whom."""
        return inspect.getdoc(self.score) or ""


NO_REFERENCE = Score(
    value=None, details={"reason": "no_reference", "detail": "The example has no answer to compare with."}
)
NO_ANSWER = Score(value=None, details={"reason": "no_answer", "detail": "The model gave no answer."})


def no_score(reason: str, detail: str) -> Score:
    """A row that the scorer does not apply to. `reason` is for programs."""
    return Score(value=None, details={"reason": reason, "detail": detail})


def binary_score(passed: bool, **details: Any) -> Score:  # noqa: FBT001 - it is the one thing said
    """A score of 1 or 0."""
    return Score(value=float(passed), passed=passed, details=details)


def graded_score(value: float, *, least: float | None, **details: Any) -> Score:
    """A score that passes from `least` on, and neither passes nor fails where nothing is asked."""
    return Score(value=value, passed=None if least is None else value >= least, details=details)


def summarize(scores: Sequence[Score], _: Any = None) -> Summary:
    """How many rows were scored, their mean, and the share that passed of those that could; None where there are none.

    `reasons` counts why the others were not scored.
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
