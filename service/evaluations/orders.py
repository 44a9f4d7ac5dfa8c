"""What is asked for over HTTP: an evaluation, with its targets, scorers and judges, and a rating of a result."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from service.datasets.domain import VERSION_NAME
from service.datasets.splits import Split
from service.evaluations.evaluations import JudgeKind
from service.evaluations.rows import MOST_ROWS
from service.evaluations.scorers.scorer import Label
from service.evaluations.verdicts import Scale
from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.prompts.shapes import Inputs, LabelText, VersionNumber
from service.runs.targets import ModelChoice

TargetName = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL, description="Unique in the evaluation.")]
Sentence = Annotated[str, Meta(min_length=1, max_length=5_000, pattern=NO_NUL)]


class PromptAsked(Body):
    """A version by number or label, the latest without either. `inputs` go before those that the version names."""

    prompt_id: UUID
    version: VersionNumber | None = None
    label: LabelText | None = None
    inputs: Inputs = {}


class NewTarget(ModelChoice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What answers, and with a prompt what it is asked; without one it is asked what the examples ask."""

    name: TargetName | None = None
    prompt: PromptAsked | None = None


class NewScorer(Body):
    """A scorer of `GET /scorers` by its name, with settings as its `config_schema` has them."""

    name: Annotated[str, Meta(max_length=100)]
    config: dict[str, Any] = {}


class NewCriterion(Body):
    """One thing that a good answer does, as a judge is told of it."""

    name: Name
    instruction: Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
    priority: Annotated[int, Meta(ge=0, le=3)] = 1


class JudgeAsked(Body):
    """A model that scores: each answer by requirements (`rubric`) or by one criterion (`geval`), or pairs of answers.

    Without requirements or an instruction of its own it goes by the dataset's task. A pair is with the answer of
    `against`: the name of a target, or `reference`; by default the first base model. `least` passes.
    """

    target: ModelChoice
    kind: JudgeKind = "rubric"
    label: Label | None = None
    scale: Scale = "one_to_five"
    criterion: Sentence | None = None
    steps: Annotated[tuple[Sentence, ...], Meta(max_length=20)] = ()
    instruction: Text | None = None
    requirements: Annotated[list[NewCriterion], Meta(min_length=1, max_length=100)] | None = None
    least: Annotated[float, Meta(ge=0, le=5)] | None = None
    against: TargetName | None = None


class NewEvaluation(Body):
    """Over a split of a frozen version: all of it, the first `limit` rows, or a `sample` that follows from `seed`.

    `repeats` asks each question so often: the first answer is scored, all of them tell the consistency. What was
    answered before under the same settings is taken from there, unless it is to be `fresh`.
    """

    name: Name
    dataset_id: UUID
    version: Annotated[str, Meta(pattern=VERSION_NAME, description="A frozen version's name.")]
    targets: Annotated[list[NewTarget], Meta(min_length=1, max_length=20)]
    split: Split = "test"
    scorers: Annotated[list[NewScorer], Meta(max_length=50)] = []
    judges: Annotated[list[JudgeAsked], Meta(max_length=5)] = []
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] | None = None
    sample: Annotated[int, Meta(ge=1, le=MOST_ROWS)] | None = None
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    repeats: Annotated[int, Meta(ge=1, le=20)] = 1
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    options: Annotated[dict[str, Any], Meta(description="Further fields of the provider's request.")] = {}
    format_scorer: (
        Annotated[Label, Meta(description="The label of the scorer that says whether an answer keeps its format.")]
        | None
    ) = None
    force_leakage: bool = False
    fresh: bool = False


class RateResult(Body):
    """Stars from 1 to 5; each rater has one rating of a result."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    reason: Reason | None = None
