"""Judges: request and response structs."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from service.evaluations.domain import JudgeKind, JudgeUsed
from service.evaluations.judges.verdict_parser import Scale
from service.evaluations.scorers.scorer import Label
from service.evaluations.targets.schemas import TargetName
from service.http.bodies import NO_NUL, Body, Name, Text
from service.inference.domain import Served
from service.inference.targets import ModelChoice
from service.tasks.domain import Requirement


class EvaluationJudge(msgspec.Struct, frozen=True, kw_only=True):
    """A judge model with the settings used."""

    label: str
    """The key of its scores in results and summaries."""
    kind: JudgeKind
    """`rubric` scores each requirement, `geval` scores one criterion, `pairwise` picks the better of two answers."""
    served: Served
    """The model that judges, as resolved when the evaluation was requested."""
    config: dict[str, Any]
    """The settings used."""
    instruction: str | None
    """What the answers should do, as the judge was told. Null: the task's instruction."""
    requirements: list[Requirement] | None
    """What the judge scores by. Null: the task's requirements."""
    against: str | None
    """The target, or `reference`, that a pairwise judge compares with. Null for other kinds."""


Sentence = Annotated[str, Meta(min_length=1, max_length=5_000, pattern=NO_NUL)]


class NewCriterion(Body):
    """A requirement that a judge scores by."""

    name: Name
    """Short name of the requirement."""
    instruction: Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
    """What a good answer does."""
    priority: Annotated[int, Meta(ge=0, le=3)] = 1
    """0 matters most, 3 least."""


class JudgeAsked(Body):
    """A model that scores: each answer by requirements (`rubric`) or by one criterion (`geval`), or pairs of answers.

    Without requirements or an instruction of its own it goes by the dataset's task. A pair is with the answer of
    `against`: the name of a target, or `reference`; by default the first base model. `least` passes.
    """

    target: ModelChoice
    """The model that judges."""
    kind: JudgeKind = "rubric"
    """`rubric` scores each requirement, `geval` scores one criterion, `pairwise` picks the better of two answers."""
    label: Label | None = None
    """The key of its scores. Default: the scorer's name."""
    scale: Scale = "one_to_five"
    """Scale of a `rubric` judge's scores; `geval` is always 1 to 5."""
    criterion: Sentence | None = None
    """The criterion of a `geval` judge. Required for that kind."""
    steps: Annotated[tuple[Sentence, ...], Meta(max_length=20)] = ()
    """Evaluation steps shown to a `geval` judge."""
    instruction: Text | None = None
    """What the answers should do. Default: the task's instruction; required if the dataset has no task."""
    requirements: Annotated[list[NewCriterion], Meta(min_length=1, max_length=100)] | None = None
    """What to score by. Default: the task's requirements."""
    least: Annotated[float, Meta(ge=0, le=5)] | None = None
    """The lowest score that passes. Default: 4, or `pass`."""
    against: TargetName | None = None
    """The target, or `reference`, that a pairwise judge compares with. Default: the first base model."""


def build_judge(used: JudgeUsed) -> EvaluationJudge:
    return EvaluationJudge(
        label=used.label,
        kind=used.kind,
        served=used.served,
        config=used.scorer.config,
        instruction=used.instruction,
        requirements=None if used.requirements is None else list(used.requirements),
        against=used.against,
    )
