# Generated from openapi/openapi.json by `make clients`.
"""Structs of evaluations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import DrawnExample, ModelChoice, Requirement, Served


class ComparedTarget(Shape, frozen=True, kw_only=True):
    """One target of a comparison."""

    evaluation_id: str
    """The evaluation that measured the target."""
    target: EvaluationTarget
    """The target."""
    is_compared_with: bool
    """True for the base."""
    rows: int
    """Number of rows."""
    scored: int
    """Number of rows with a score."""
    mean: float | None
    """Mean over all scored rows. Null if none was scored."""
    change: TargetChange | None
    """Change from the base. Null for the base itself."""
    verdict: str
    """The change in words."""
    latency_ms: TargetTimes
    """How long the answers took."""
    consistency: float | None
    """Mean agreement of repeated answers, 0 to 1. Null without repeats."""
    format_validity: float | None
    """Share of answers in the right format, 0 to 1. Null without a `format_scorer`."""
    cost: TargetCost
    """Cost of the scored answers."""
    leaked: int
    """Rows the target had already seen in training or in its prompt. If above 0, do not trust its figures."""


class Evaluation(Shape, frozen=True, kw_only=True):
    """Targets measured side by side on a split of a frozen dataset version."""

    id: str
    """The evaluation's id."""
    name: str
    """The evaluation's name. Not unique: evaluations that share a name form a suite."""
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    """State of its operation."""
    dataset_id: str
    """The dataset."""
    dataset_version: str
    """Name of the frozen dataset version."""
    split: str
    """The split whose rows are measured."""
    rows: int
    """Number of rows to measure."""
    limit: int | None
    """Only the first so many rows are measured. Null: no limit."""
    sample: int | None
    """So many rows are drawn at random, by `seed`. Null: no sample."""
    seed: int
    """Seed of the sample, the intervals, and the order of answers shown to pairwise judges."""
    task_id: str | None
    """The dataset's task. Null if it has none."""
    task_version: int | None
    """Version of the task when the evaluation was requested."""
    targets: list[EvaluationTarget]
    """What is measured."""
    scorers: list[EvaluationScorer]
    """The scorers, with those added automatically."""
    judges: list[EvaluationJudge]
    """The judge models."""
    format_scorer: str | None
    """Label of the scorer that decides `format_validity`. Null: format validity is not measured."""
    repeats: int
    """How many times each question is asked."""
    temperature: float | None
    """Overrides the temperature of prompts. Null: the prompt's, or the provider's default."""
    max_tokens: int | None
    """Overrides the output token limit of prompts. Null: the prompt's, or the provider's default."""
    options: dict[str, Any]
    """Further fields of the provider's request."""
    fresh: bool
    """True: earlier answers to the same questions are not reused."""
    leakage: EvaluationLeakage
    """Which rows the targets had already seen."""
    summaries: list[TargetFigures] | None
    """Figures by target. Null until the evaluation has succeeded."""
    operation_id: str
    """The operation that runs the evaluation."""
    created_at: dt.datetime
    """When the evaluation was requested."""
    created_by: str
    """Who requested it."""
    finished_at: dt.datetime | None
    """When it succeeded. Null until then."""


class EvaluationDetail(Shape, frozen=True, kw_only=True):
    """An evaluation with people's ratings so far, and how well its judges agree with them."""

    id: str
    """The evaluation's id."""
    name: str
    """The evaluation's name. Not unique: evaluations that share a name form a suite."""
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    """State of its operation."""
    dataset_id: str
    """The dataset."""
    dataset_version: str
    """Name of the frozen dataset version."""
    split: str
    """The split whose rows are measured."""
    rows: int
    """Number of rows to measure."""
    limit: int | None
    """Only the first so many rows are measured. Null: no limit."""
    sample: int | None
    """So many rows are drawn at random, by `seed`. Null: no sample."""
    seed: int
    """Seed of the sample, the intervals, and the order of answers shown to pairwise judges."""
    task_id: str | None
    """The dataset's task. Null if it has none."""
    task_version: int | None
    """Version of the task when the evaluation was requested."""
    targets: list[EvaluationTarget]
    """What is measured."""
    scorers: list[EvaluationScorer]
    """The scorers, with those added automatically."""
    judges: list[EvaluationJudge]
    """The judge models."""
    format_scorer: str | None
    """Label of the scorer that decides `format_validity`. Null: format validity is not measured."""
    repeats: int
    """How many times each question is asked."""
    temperature: float | None
    """Overrides the temperature of prompts. Null: the prompt's, or the provider's default."""
    max_tokens: int | None
    """Overrides the output token limit of prompts. Null: the prompt's, or the provider's default."""
    options: dict[str, Any]
    """Further fields of the provider's request."""
    fresh: bool
    """True: earlier answers to the same questions are not reused."""
    leakage: EvaluationLeakage
    """Which rows the targets had already seen."""
    summaries: list[TargetFigures] | None
    """Figures by target. Null until the evaluation has succeeded."""
    operation_id: str
    """The operation that runs the evaluation."""
    created_at: dt.datetime
    """When the evaluation was requested."""
    created_by: str
    """Who requested it."""
    finished_at: dt.datetime | None
    """When it succeeded. Null until then."""
    ratings: list[TargetRating]
    """People's ratings by target, so far."""
    standings: list[JudgeStanding]
    """For each judge, whether people's ratings confirm its scores."""


class EvaluationJudge(Shape, frozen=True, kw_only=True):
    """A judge model with the settings used."""

    label: str
    """The key of its scores in results and summaries."""
    kind: OneOf["geval", "pairwise", "rubric"]
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


class EvaluationLeakage(Shape, frozen=True, kw_only=True):
    """Which rows the targets had already seen."""

    forced: bool
    """True if the evaluation ran although rows had leaked (`force_leakage`)."""
    targets: list[TargetLeak]
    """One entry for each target that had seen some of the rows."""


class EvaluationPage(Shape, frozen=True, kw_only=True):
    """One page of evaluations, newest first."""

    data: list[Evaluation]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class EvaluationPrompt(Shape, frozen=True, kw_only=True):
    """The prompt version that builds a target's questions."""

    prompt_id: str
    """The prompt."""
    version: int
    """The number of the prompt's version."""
    inputs: dict[str, str]
    """Where each variable is filled from, by variable; in addition to the version's own inputs."""
    examples: list[DrawnExample]
    """The few-shot examples shown before every row."""


class EvaluationResult(Shape, frozen=True, kw_only=True):
    """One target's answer to one example, with its scores and ratings."""

    id: str
    """The result's id."""
    evaluation_id: str
    """The evaluation."""
    target: str
    """The target's name."""
    example_id: str
    """The example."""
    output: str | None
    """The answer. Null if there is none or its text was erased."""
    tool_calls: list[dict[str, Any]]
    """The tool calls of the answer."""
    reference: str | None
    """The example's own answer. Null if it has none or was erased."""
    scores: dict[str, ResultScore]
    """Scores by label of the scorer or judge."""
    passed: bool | None
    """Whether all scorers that decide passed. Null if none decides."""
    failure: ResultFailure | None
    """Why there is no usable answer. Null if there is one."""
    latency_ms: int | None
    """Duration of the call, in milliseconds."""
    input_tokens: int | None
    """Input tokens, as counted by the provider."""
    output_tokens: int | None
    """Output tokens, as counted by the provider."""
    cost: dict[str, str] | None
    """Cost of the call. Null if the price is unknown."""
    calls: list[str]
    """The model calls, one for each repeat; see the operation's calls."""
    rating: float | None
    """Mean of `ratings`, in stars. Null if nobody has rated the answer."""
    ratings: dict[str, ResultRating]
    """People's ratings, by rater."""
    created_at: dt.datetime
    """When the result was recorded."""
    updated_at: dt.datetime
    """When it was last rated, or recorded."""
    version: int
    """The result's version, for `If-Match`."""


class EvaluationResultPage(Shape, frozen=True, kw_only=True):
    """One page of results, by example and target."""

    data: list[EvaluationResult]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class EvaluationScorer(Shape, frozen=True, kw_only=True):
    """A scorer with the settings used."""

    label: str
    """The key of its scores in results and summaries."""
    name: str
    """The scorer's name in `GET /v1/scorers`."""
    version: int
    """The scorer's version."""
    config: dict[str, Any]
    """The settings used."""


class EvaluationTarget(Shape, frozen=True, kw_only=True):
    """A model or model version to measure, with an optional prompt."""

    name: str
    """Unique in the evaluation."""
    served: Served
    """The model that answers, as resolved when the evaluation was requested."""
    is_base: bool
    """True for a provider's model, false for a version of one of your models."""
    prompt: EvaluationPrompt | None
    """The prompt version that builds the question. Null: the example's own messages are sent."""


class Interval(Shape, frozen=True, kw_only=True):
    """An estimate from `n` rows with its interval."""

    n: int
    """Number of rows."""
    estimate: float | None
    """The estimated value. Null without rows."""
    low: float | None
    """Lower end of the interval. Null if there are too few rows."""
    high: float | None
    """Upper end of the interval. Null if there are too few rows."""
    confidence: float = 0.95
    """Confidence level, 0 to 1."""
    method: OneOf["bca", "constant", "none", "normal", "percentile", "wilson"] = "none"
    """How the interval was computed."""


class JudgeAsked(Shape, frozen=True, kw_only=True):
    """A model that scores: each answer by requirements (`rubric`) or by one criterion (`geval`), or pairs of answers.

    Without requirements or an instruction of its own it goes by the dataset's task. A pair is with the answer of
    `against`: the name of a target, or `reference`; by default the first base model. `least` passes.
    """

    target: ModelChoice
    """The model that judges."""
    against: str | None = None
    """The target, or `reference`, that a pairwise judge compares with. Default: the first base model."""
    criterion: str | None = None
    """The criterion of a `geval` judge. Required for that kind."""
    instruction: str | None = None
    """What the answers should do. Default: the task's instruction; required if the dataset has no task."""
    kind: OneOf["geval", "pairwise", "rubric"] = "rubric"
    """`rubric` scores each requirement, `geval` scores one criterion, `pairwise` picks the better of two answers."""
    label: str | None = None
    """The key of its scores. Default: the scorer's name."""
    least: float | None = None
    """The lowest score that passes. Default: 4, or `pass`."""
    requirements: list[NewCriterion] | None = None
    """What to score by. Default: the task's requirements."""
    scale: OneOf["one_to_five", "pass_fail"] = "one_to_five"
    """Scale of a `rubric` judge's scores; `geval` is always 1 to 5."""
    steps: list[str] = []
    """Evaluation steps shown to a `geval` judge."""


class JudgeStanding(Shape, frozen=True, kw_only=True):
    """How well a judge agrees with people's ratings."""

    label: str
    """The judge's label."""
    trusted: bool
    """True from 10 rated answers and a weighted kappa of 0.41."""
    because: str
    """The reason, in words."""
    trust: Trust
    """The figures behind it."""


class McNemar(Shape, frozen=True, kw_only=True):
    """McNemar's test of rows that pass or fail."""

    fixed: int
    """Rows that failed before and pass now."""
    broken: int
    """Rows that passed before and fail now."""
    p_value: float
    """P-value of the exact two-sided test."""


class NewCriterion(Shape, frozen=True, kw_only=True):
    """A requirement that a judge scores by."""

    name: str
    """Short name of the requirement."""
    instruction: str
    """What a good answer does."""
    priority: int = 1
    """0 matters most, 3 least."""


class NewScorer(Shape, frozen=True, kw_only=True):
    """A scorer to use, with its settings."""

    name: str
    """A scorer's name from `GET /v1/scorers`."""
    config: dict[str, Any] = {}
    """Settings; see the scorer's `config_schema`."""


class NewTarget(Shape, frozen=True, kw_only=True):
    """A model or model version to measure, with an optional prompt."""

    alias: str | None = None
    """An alias of your model, such as production."""
    connection_id: str | None = None
    """The connection to ask; needs `model`."""
    model: str | None = None
    """A model of the connection, by the provider's name."""
    model_id: str | None = None
    """One of your models; needs `version` or `alias`."""
    name: str | None = None
    """Unique in the evaluation. Default: made from the names of the model and the prompt."""
    prompt: PromptAsked | None = None
    """The prompt version that builds the question. Default: the example's own messages are sent."""
    version: str | None = None
    """A version of your model, such as v1.0."""


class PromptAsked(Shape, frozen=True, kw_only=True):
    """The prompt version to use: by number, by label, or the latest."""

    prompt_id: str
    """The prompt."""
    inputs: dict[str, str] = {}
    """Where in an example each variable's value is: a JSON pointer into `input` (the last question and its JSON),
    `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
    """
    label: str | None = None
    """Label of the version, instead of its number."""
    version: int | None = None
    """Number of the version. Default: the latest."""


class ResultFailure(Shape, frozen=True, kw_only=True):
    """Why there is no usable answer."""

    code: str
    """Stable code, for programs."""
    detail: str
    """What went wrong."""


class ResultRating(Shape, frozen=True, kw_only=True):
    """One person's stars, from 1 to 5."""

    stars: int
    """1 (worst) to 5 (best)."""
    reason: str | None
    """Why, if the rater said so."""


class ResultScore(Shape, frozen=True, kw_only=True):
    """A score by one scorer or judge."""

    value: float | None
    """In the scorer's unit. Null where the scorer does not apply; `details.reason` says why."""
    passed: bool | None
    """Whether the answer passed. Null where nothing decides that."""
    details: dict[str, Any]
    """What else the scorer reports; depends on the scorer."""
    call_id: str | None
    """The judge's model call. Null for scorers."""


class ScorerList(Shape, frozen=True, kw_only=True):
    """All scorers, by name."""

    data: list[ScorerShown]
    """All scorers, by name."""


class ScorerShown(Shape, frozen=True, kw_only=True):
    """A rule to score answers by."""

    name: str
    """Name to use in an evaluation's `scorers`."""
    version: int
    """Changes when the scorer could give a different score to the same answer."""
    definition: str
    """How the score is computed, with its source."""
    unit: OneOf[
        "characters", "judge's scale", "money", "score from 0 to 100", "seconds", "share", "stars", "tokens", "words"
    ]
    """Unit of the score."""
    higher_is_better: bool | None
    """False where less is better. Null where neither is."""
    deterministic: bool
    """True if the same answer always gets the same score; it is then scored only once."""
    needs: list[
        OneOf["categories", "cost", "judge", "latency", "rating", "reference", "repeats", "rival", "schema", "tokens"]
    ]
    """What a row must have to be scored."""
    config_schema: dict[str, Any]
    """JSON Schema of the settings."""
    asked_for: str | None
    """Where to request it, if not among an evaluation's `scorers`. Null otherwise."""


class TargetChange(Shape, frozen=True, kw_only=True):
    """A target's change from the base, on the rows that both have a score for."""

    pairs: int
    """Number of rows on which both targets have a score."""
    base: float | None
    """Mean of the base on those rows."""
    value: float | None
    """Mean of the target on those rows."""
    absolute: Interval
    """`value` minus `base`, with its 95% interval."""
    relative: Interval | None
    """The change as a share of the base: 0.12 is 12% more. Null where the base is, or might be, 0."""
    mcnemar: McNemar | None
    """McNemar's test, for scores that are only 0 or 1. Null for others."""
    better: bool | None
    """True: better than the base; false: worse; null: no change is certain."""


class TargetComparison(Shape, frozen=True, kw_only=True):
    """All targets compared with a base, by one scorer."""

    metric: str
    """Label of the scorer compared by."""
    metrics: list[str]
    """Labels of all scorers you can compare by."""
    unit: OneOf[
        "characters", "judge's scale", "money", "score from 0 to 100", "seconds", "share", "stars", "tokens", "words"
    ]
    """Unit of the scores."""
    higher_is_better: bool | None
    """False where less is better. Null where neither is."""
    base: str
    """Name of the target that the others are compared with."""
    data: list[ComparedTarget]
    """One entry for each target, the base included."""


class TargetCost(Shape, frozen=True, kw_only=True):
    """Cost of the scored answers."""

    total: dict[str, str] | None
    """Cost of all scored answers with a known price. Null if no price is known."""
    per_thousand: dict[str, str] | None
    """Average cost of 1,000 answers. Null if the price of any answer is unknown."""
    without_price: int
    """Number of answers with no known price."""


class TargetFigures(Shape, frozen=True, kw_only=True):
    """The figures of one target."""

    target: str
    """The target's name."""
    rows: int
    """Number of rows."""
    failed: int
    """Number of rows without a usable answer."""
    failures: dict[str, int]
    """Number of failed rows, by failure code."""
    scores: dict[str, dict[str, Any]]
    """Figures by scorer label: `mean`, `scored`, `pass_rate`, `interval`, and others that depend on the scorer."""
    latency_ms: TargetTimes
    """How long the answers took."""
    input_tokens: int
    """Input tokens of the scored answers."""
    output_tokens: int
    """Output tokens of the scored answers."""
    cost: TargetCost
    """Cost of the scored answers."""
    format_validity: float | None
    """Share of answers in the right format, 0 to 1. Null without a `format_scorer`."""
    consistency: float | None
    """Mean agreement of repeated answers, 0 to 1. Null without repeats."""


class TargetLeak(Shape, frozen=True, kw_only=True):
    """How many of the rows a target had already seen, and how."""

    target: str
    """The target's name."""
    trained: int
    """Rows the target was trained on."""
    equal: int
    """Rows with the same text as an example the target was trained on."""
    shown: int
    """Rows that the target's prompt shows as few-shot examples."""
    validated: int
    """Rows used to validate the target's tuning. Reported, but not refused."""
    examples: list[str]
    """The first 20 leaked examples."""


class TargetRating(Shape, frozen=True, kw_only=True):
    """People's ratings of one target's answers."""

    target: str
    """The target's name."""
    results: int
    """Number of results that people have rated."""
    ratings: int
    """Number of ratings."""
    mean: float
    """Mean over the rated results, in stars."""


class TargetTimes(Shape, frozen=True, kw_only=True):
    """How long the answers took, in milliseconds."""

    n: int
    """Number of answers timed."""
    p50: float | None
    """Median, in milliseconds. Null if `n` is 0."""
    p95: float | None
    """95th percentile, in milliseconds. Null if `n` is 0."""


class Trust(Shape, frozen=True, kw_only=True):
    """How well a judge agrees with people on the answers that both have scored."""

    n: int
    """Number of answers that both the judge and people have scored."""
    agreement: Interval
    """Share on which both give the same score, with its interval."""
    kappa: float | None
    """Cohen's kappa: agreement corrected for chance. Null where it is undefined."""
    weighted_kappa: float | None
    """Cohen's kappa weighted by squared distance. Null where it is undefined."""
    spearman: float | None
    """Spearman's rank correlation. Null where it is undefined."""
    kendall: float | None
    """Kendall's tau-b. Null where it is undefined."""
    enough: bool
    """True from 10 answers."""
    words: str
    """The agreement in words."""
