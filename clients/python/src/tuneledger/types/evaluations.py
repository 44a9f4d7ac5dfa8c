# Generated from openapi/openapi.json by `make clients`.
"""Structs of evaluations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import DrawnExample, ModelChoice, Requirement, Served


class ComparedTarget(Shape, frozen=True, kw_only=True):
    """A line of the table: `mean` over all `rows` that were scored; `change` is null for the base itself.

    `leaked`: so many of the rows it had seen in training or in its prompt, so its figures say little.
    """

    evaluation_id: str
    target: EvaluationTarget
    is_compared_with: bool
    rows: int
    scored: int
    mean: float | None
    change: TargetChange | None
    verdict: str
    latency_ms: TargetTimes
    consistency: float | None
    format_validity: float | None
    cost: TargetCost
    leaked: int


class Evaluation(Shape, frozen=True, kw_only=True):
    """Targets measured side by side over a split of a frozen version. `summaries` are there once it has succeeded."""

    id: str
    name: str
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    dataset_id: str
    dataset_version: str
    split: str
    rows: int
    limit: int | None
    sample: int | None
    seed: int
    task_id: str | None
    task_version: int | None
    targets: list[EvaluationTarget]
    scorers: list[EvaluationScorer]
    judges: list[EvaluationJudge]
    format_scorer: str | None
    repeats: int
    temperature: float | None
    max_tokens: int | None
    options: dict[str, Any]
    fresh: bool
    leakage: EvaluationLeakage
    summaries: list[TargetFigures] | None
    operation_id: str
    created_at: dt.datetime
    created_by: str
    finished_at: dt.datetime | None


class EvaluationDetail(Shape, frozen=True, kw_only=True):
    """An evaluation with what people think of the answers by now, and how its judges compare with that."""

    id: str
    name: str
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    dataset_id: str
    dataset_version: str
    split: str
    rows: int
    limit: int | None
    sample: int | None
    seed: int
    task_id: str | None
    task_version: int | None
    targets: list[EvaluationTarget]
    scorers: list[EvaluationScorer]
    judges: list[EvaluationJudge]
    format_scorer: str | None
    repeats: int
    temperature: float | None
    max_tokens: int | None
    options: dict[str, Any]
    fresh: bool
    leakage: EvaluationLeakage
    summaries: list[TargetFigures] | None
    operation_id: str
    created_at: dt.datetime
    created_by: str
    finished_at: dt.datetime | None
    ratings: list[TargetRating]
    standings: list[JudgeStanding]


class EvaluationJudge(Shape, frozen=True, kw_only=True):
    """A model that scores, as it was used. `requirements` null: the task's. `against`: whom a pair is with."""

    label: str
    kind: OneOf["geval", "pairwise", "rubric"]
    served: Served
    config: dict[str, Any]
    instruction: str | None
    requirements: list[Requirement] | None
    against: str | None


class EvaluationLeakage(Shape, frozen=True, kw_only=True):
    """What the targets had seen of the rows. `forced`: they were measured all the same."""

    forced: bool
    targets: list[TargetLeak]


class EvaluationPage(Shape, frozen=True, kw_only=True):
    """One page of evaluations, the newest first."""

    data: list[Evaluation]
    next_cursor: str | None
    count: int | None = None


class EvaluationPrompt(Shape, frozen=True, kw_only=True):
    """The version of a prompt that asks; `examples` are those that it shows before every row."""

    prompt_id: str
    version: int
    inputs: dict[str, str]
    examples: list[DrawnExample]


class EvaluationResult(Shape, frozen=True, kw_only=True):
    """What one target answered to one example. `output` and `reference` are null once erased, or where there is none.

    `calls` are the questions, of which the operation tells more; `rating` is the mean of `ratings`, which are by
    rater.
    """

    id: str
    evaluation_id: str
    target: str
    example_id: str
    output: str | None
    tool_calls: list[dict[str, Any]]
    reference: str | None
    scores: dict[str, ResultScore]
    passed: bool | None
    failure: ResultFailure | None
    latency_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: dict[str, str] | None
    calls: list[str]
    rating: float | None
    ratings: dict[str, ResultRating]
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int


class EvaluationResultPage(Shape, frozen=True, kw_only=True):
    """One page of results, by example and target."""

    data: list[EvaluationResult]
    next_cursor: str | None
    count: int | None = None


class EvaluationScorer(Shape, frozen=True, kw_only=True):
    """A scorer as it was used; results and summaries have its scores under its label."""

    label: str
    name: str
    version: int
    config: dict[str, Any]


class EvaluationTarget(Shape, frozen=True, kw_only=True):
    """One who answers. `is_base`: a model of a provider, no version of ours."""

    name: str
    served: Served
    is_base: bool
    prompt: EvaluationPrompt | None


class Interval(Shape, frozen=True, kw_only=True):
    """An estimate from `n` rows with the ends of its interval, None where there are too few rows for one."""

    n: int
    estimate: float | None
    low: float | None
    high: float | None
    confidence: float = 0.95
    method: OneOf["bca", "constant", "none", "normal", "percentile", "wilson"] = "none"


class JudgeAsked(Shape, frozen=True, kw_only=True):
    """A model that scores: each answer by requirements (`rubric`) or by one criterion (`geval`), or pairs of answers.

    Without requirements or an instruction of its own it goes by the dataset's task. A pair is with the answer of
    `against`: the name of a target, or `reference`; by default the first base model. `least` passes.
    """

    target: ModelChoice
    against: str | None = None
    criterion: str | None = None
    instruction: str | None = None
    kind: OneOf["geval", "pairwise", "rubric"] = "rubric"
    label: str | None = None
    least: float | None = None
    requirements: list[NewCriterion] | None = None
    scale: OneOf["one_to_five", "pass_fail"] = "one_to_five"
    steps: list[str] = []


class JudgeStanding(Shape, frozen=True, kw_only=True):
    """A judge beside people. `trusted` from 10 rated answers and a kappa (weighted by distance) of 0.41 on."""

    label: str
    trusted: bool
    because: str
    trust: Trust


class McNemar(Shape, frozen=True, kw_only=True):
    """Pairs of pass and fail: `fixed` failed before and pass now, `broken` passed before and fail now."""

    fixed: int
    broken: int
    p_value: float


class NewCriterion(Shape, frozen=True, kw_only=True):
    """One thing that a good answer does, as a judge is told of it."""

    name: str
    instruction: str
    priority: int = 1


class NewScorer(Shape, frozen=True, kw_only=True):
    """A scorer of `GET /scorers` by its name, with settings as its `config_schema` has them."""

    name: str
    config: dict[str, Any] = {}


class NewTarget(Shape, frozen=True, kw_only=True):
    """What answers, and with a prompt what it is asked; without one it is asked what the examples ask."""

    alias: str | None = None
    connection_id: str | None = None
    model: str | None = None
    model_id: str | None = None
    name: str | None = None
    prompt: PromptAsked | None = None
    version: str | None = None


class PromptAsked(Shape, frozen=True, kw_only=True):
    """A version by number or label, the latest without either. `inputs` go before those that the version names."""

    prompt_id: str
    inputs: dict[str, str] = {}
    """From where in an example each variable is filled: a JSON pointer into `input` (the last question, also into its
    JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
    """
    label: str | None = None
    version: int | None = None


class ResultFailure(Shape, frozen=True, kw_only=True):
    """Why there is no answer to be used: `code` is for programs."""

    code: str
    detail: str


class ResultRating(Shape, frozen=True, kw_only=True):
    """One person's stars, from 1 to 5."""

    stars: int
    reason: str | None


class ResultScore(Shape, frozen=True, kw_only=True):
    """A score; `value` is null where the scorer does not apply, and `details.reason` says why. `call_id`: a judge's."""

    value: float | None
    passed: bool | None
    details: dict[str, Any]
    call_id: str | None


class ScorerList(Shape, frozen=True, kw_only=True):
    """All scorers, by name."""

    data: list[ScorerShown]


class ScorerShown(Shape, frozen=True, kw_only=True):
    """A rule to score by. `definition` says how, and after whom; `config_schema` is the JSON Schema of its settings.

    `needs` is what a row has to have for it. `deterministic`: the same answer is not scored twice. `asked_for`
    says where, if not among the `scorers` of an evaluation.
    """

    name: str
    version: int
    definition: str
    unit: OneOf[
        "characters", "judge's scale", "money", "score from 0 to 100", "seconds", "share", "stars", "tokens", "words"
    ]
    higher_is_better: bool | None
    deterministic: bool
    needs: list[
        OneOf["categories", "cost", "judge", "latency", "rating", "reference", "repeats", "rival", "schema", "tokens"]
    ]
    config_schema: dict[str, Any]
    asked_for: str | None


class TargetChange(Shape, frozen=True, kw_only=True):
    """What is different from the base over the `pairs` rows that both have a score of: `base` is its mean on those.

    `relative` 0.12 is 12% more; null where the base is 0. `better` is null where no change is certain. `mcnemar`
    is there for scores of 0 and 1 alone.
    """

    pairs: int
    base: float | None
    value: float | None
    absolute: Interval
    relative: Interval | None
    mcnemar: McNemar | None
    better: bool | None


class TargetComparison(Shape, frozen=True, kw_only=True):
    """Every target against the base, by one scorer; `metrics` are the labels of those that could be taken."""

    metric: str
    metrics: list[str]
    unit: OneOf[
        "characters", "judge's scale", "money", "score from 0 to 100", "seconds", "share", "stars", "tokens", "words"
    ]
    higher_is_better: bool | None
    base: str
    data: list[ComparedTarget]


class TargetCost(Shape, frozen=True, kw_only=True):
    """What the scored answers cost, and what 1,000 would; null where a price is missing, of so many answers."""

    total: dict[str, str] | None
    per_thousand: dict[str, str] | None
    without_price: int


class TargetFigures(Shape, frozen=True, kw_only=True):
    """What one target came to. `scores` by label: `mean`, `scored`, `pass_rate`, `interval` and what a scorer has
    else.

    `format_validity` is the share of answers that keep their format, `consistency` the mean agreement of repeats.
    """

    target: str
    rows: int
    failed: int
    failures: dict[str, int]
    scores: dict[str, dict[str, Any]]
    latency_ms: TargetTimes
    input_tokens: int
    output_tokens: int
    cost: TargetCost
    format_validity: float | None
    consistency: float | None


class TargetLeak(Shape, frozen=True, kw_only=True):
    """Rows that a target was `trained` on, that have an `equal` text, that its prompt has `shown`, and the first few.

    `validated`: rows that its tuning was validated with, which is told, but not refused.
    """

    target: str
    trained: int
    equal: int
    shown: int
    validated: int
    examples: list[str]


class TargetRating(Shape, frozen=True, kw_only=True):
    """What people gave a target's answers: `mean` in stars over the rated results, from so many `ratings`."""

    target: str
    results: int
    ratings: int
    mean: float


class TargetTimes(Shape, frozen=True, kw_only=True):
    """Of `n` answers, in milliseconds: the median and the 95th percentile."""

    n: int
    p50: float | None
    p95: float | None


class Trust(Shape, frozen=True, kw_only=True):
    """A judge against people on `n` answers. `agreement` is the share on which both say the same with its interval;
    the others correct it for chance (kappa; weighted, the farther apart the worse) or compare ranks. A figure is
    None where it is not defined, as when one side always says the same.
    """

    n: int
    agreement: Interval
    kappa: float | None
    weighted_kappa: float | None
    spearman: float | None
    kendall: float | None
    enough: bool
    words: str
