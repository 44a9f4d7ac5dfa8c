# Generated from openapi/openapi.json by `make clients`.
"""Structs of production."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Fault, Money


class AgainstMonthBefore(Shape, frozen=True, kw_only=True):
    """Change since the month before: relative (0.1 is 10% more), or a difference for error rate and rating.

    Null when either month lacks the figure.
    """

    requests: float | None
    """Change in requests, as a share: 0.1 is 10% more."""
    latency_p50: float | None
    """Change in median latency, as a share."""
    latency_p95: float | None
    """Change in the 95th percentile of latency, as a share."""
    cost_per_request: float | None
    """Change in cost per request, as a share; null unless all costs have one currency."""
    error_rate: float | None
    """Error rate minus that of the month before."""
    average_rating: float | None
    """Average rating minus that of the month before, in stars."""


class CallError(Shape, frozen=True, kw_only=True):
    """Why there was no answer."""

    code: str
    """A short code, such as timeout."""
    message: str | None = None
    """The error in words."""
    provider_code: str | None = None
    """The provider's own code, such as context_length_exceeded."""


class Cost(Shape, frozen=True, kw_only=True):
    """An exact amount, as a decimal number in a string."""

    amount: Decimal
    """A decimal number in a string, from 0 to less than 1,000,000, with at most 12 decimal places."""
    currency: str
    """Such as USD."""


class CostLine(Shape, frozen=True, kw_only=True):
    """What something cost, in one currency."""

    key: str | None
    """The category, connection, base model, model or month. Null: it belongs to none."""
    total: Money | None
    """The sum. Null when no cost of this line is known."""
    priced: int
    """How many tunes, deployments, calls or requests the sum is of."""
    unpriced: int
    """How many have no known cost."""
    by_provider: bool
    """Whether every amount is the provider's own figure. False: some are computed from prices and tokens."""


class CostPaid(Shape, frozen=True, kw_only=True):
    """An exact amount, as a decimal number in a string."""

    amount: str
    """A decimal number in a string."""
    currency: str
    """Such as USD."""


class CostTable(Shape, frozen=True, kw_only=True):
    """What a workspace has paid in a time: tunes, deployments, generation, evaluations, prompts and production."""

    by: OneOf["base_model", "category", "connection", "model", "month"]
    """What it was added up by."""
    since: str
    """From this time on."""
    until: str
    """Before this time."""
    lines: list[CostLine]
    """One line for each key and currency."""
    totals: list[Money]
    """Everything together, by currency."""


class Costs(Shape, frozen=True, kw_only=True):
    """Costs in one currency; `total` is exact, percentiles are accurate to half a percent."""

    currency: str
    """Such as USD."""
    requests: int
    """How many requests reported a cost in this currency."""
    total: str
    """The exact sum, as a decimal number in a string."""
    p50: float
    """Median cost of a request."""
    p90: float
    """90th percentile of a request's cost."""
    p95: float
    """95th percentile of a request's cost."""
    p99: float
    """99th percentile of a request's cost."""


class Drift(Shape, frozen=True, kw_only=True):
    """The distance between a month's inputs and the training inputs; `times_baseline` near 1 means no drift.

    `value` compares two samples of `texts` texts each; `baseline` compares two samples of the training inputs.
    """

    measure: OneOf["jensen_shannon_unigrams"]
    """How the distance is measured."""
    dataset_version: str
    """The dataset version that the model version was trained on."""
    texts: int
    """How many texts each sample has."""
    value: float
    """The distance between requests and training inputs, 0 (equal) to 1 (disjoint)."""
    baseline: float
    """The distance between two samples of the training inputs: what chance alone gives."""
    times_baseline: float | None
    """`value` divided by `baseline`; near 1 means no drift. Null when the baseline is 0."""
    words: list[NewWord]
    """The words whose share rose the most."""


class Failing(Shape, frozen=True, kw_only=True):
    """The latest failed requests, grouped by similar inputs (MinHash of 3-word runs, Jaccard of about 0.6 or more)."""

    read: int
    """How many failed requests were read, at most 1,000."""
    clusters: list[FailureCluster]
    """The largest groups of similar inputs, at most 20."""


class FailureCluster(Shape, frozen=True, kw_only=True):
    """Failed requests with nearly the same input."""

    requests: int
    """How many requests are in the cluster."""
    input: str
    """The first 500 characters of the latest input."""
    ways: dict[str, int]
    """How many requests failed in each way: `error`, `invalid`, `low_rating`. One request may fail in several."""
    error_codes: dict[str, int]
    """How many requests had each error code."""
    versions: dict[str, int]
    """How many requests each model version had."""
    request_ids: list[str]
    """At most 20 of the requests, the latest first."""


class Latencies(Shape, frozen=True, kw_only=True):
    """Latency in milliseconds; percentiles by nearest rank over the requests that reported one."""

    requests: int
    """How many requests reported a latency."""
    mean: float
    """Milliseconds."""
    p50: float
    """Median, in milliseconds."""
    p90: float
    """90th percentile, in milliseconds."""
    p95: float
    """95th percentile, in milliseconds."""
    p99: float
    """99th percentile, in milliseconds."""


class LoggedBatch(Shape, frozen=True, kw_only=True):
    """The outcome of each call, in the order they were sent, and why any were refused."""

    new: int
    """How many calls were logged now."""
    repeated: int
    """How many were logged before."""
    refused: int
    """How many were refused."""
    data: list[LoggedOutcome]
    """The outcome of each call, in the order sent."""
    errors: list[Fault]
    """What is wrong with the refused calls."""


class LoggedCall(Shape, frozen=True, kw_only=True):
    """A call of a model in production, by version or by alias."""

    model_id: str
    """The model that was called."""
    input: str | list[dict[str, Any]]
    """A text, or messages in OpenAI's chat format."""
    alias: str | None = None
    """The alias that was called. The request counts for the version the alias pointed to at that time."""
    at: dt.datetime | None = None
    """When the model was called; now by default. Not in the future, and at most 1,098 days ago."""
    cached_tokens: int | None = None
    """Those of the input's tokens that the provider had cached."""
    client_id: str | None = None
    """Your own id. A call with the same id is logged once."""
    cost: Cost | None = None
    """What the call cost."""
    error: CallError | None = None
    """Why there was no answer."""
    feedback: NewFeedback | None = None
    """Feedback on the answer, if you have it already."""
    finish_reason: str | None = None
    """Why the answer ended, in the provider's words: stop, length, tool_calls, …"""
    input_tokens: int | None = None
    """Tokens of the input."""
    latency_ms: int | None = None
    """Milliseconds from the question to the end of the answer."""
    metadata: dict[str, Any] | None = None
    """Any JSON object of yours."""
    output: str | None = None
    """The model's text."""
    output_tokens: int | None = None
    """Tokens of the output."""
    provider_request_id: str | None = None
    """The provider's id of the request, for its support."""
    reasoning_tokens: int | None = None
    """Those of the output's tokens that were spent on reasoning."""
    tool_calls: list[dict[str, Any]] | None = None
    """The model's tool calls, in OpenAI's format."""
    tools: list[dict[str, Any]] | None = None
    """The tools that the model could call, in OpenAI's format. An example made from the call has them too."""
    user_hash: str | None = None
    """A hash that stands for the user. Never send a name."""
    version: str | None = None
    """The version that was called, such as v1.0. Give this or `alias`."""


class LoggedLines(Shape, frozen=True, kw_only=True):
    """How many calls of a file were new, repeated or refused, and the first 1,000 faults."""

    new: int
    """How many calls were logged now."""
    repeated: int
    """How many were logged before."""
    refused: int
    """How many were refused."""
    errors: list[Fault]
    """What is wrong with the refused calls, by line; at most 1,000."""


class LoggedOutcome(Shape, frozen=True, kw_only=True):
    """The outcome of one call. A repeated call was logged before under this `id`, and is unchanged."""

    outcome: OneOf["new", "refused", "repeated"]
    """`new`; `repeated` when its `client_id` was logged before; or `refused`."""
    client_id: str | None = None
    """The id you sent."""
    id: str | None = None
    """The logged request; absent when refused."""


class LoggedRequest(Shape, frozen=True, kw_only=True):
    """A logged call. Once erased, only its figures are left: its texts, metadata and user are null."""

    id: str
    """The request's id."""
    client_id: str | None
    """The id you sent; null without one or once erased."""
    at: str
    """When the model was called."""
    model_id: str
    """The model that was called."""
    version: str
    """The version that was called."""
    alias: str | None
    """The alias it was called by; null when it was called by version."""
    input: Any
    """A text, or messages in OpenAI's chat format; null once erased."""
    output: str | None
    """The model's text; null once erased."""
    tool_calls: Any
    """The model's tool calls; null once erased."""
    tools: Any
    """The tools that the model could call; null without any or once erased."""
    error: CallError | None
    """Why there was no answer; null when there was one."""
    finish_reason: str | None
    """Why the answer ended, in the provider's words; null when unknown."""
    valid: bool | None
    """Whether the output matched the task's schema when it was logged; null when nothing was checked."""
    latency_ms: int | None
    """Milliseconds from the question to the end of the answer."""
    input_tokens: int | None
    """Tokens of the input."""
    output_tokens: int | None
    """Tokens of the output."""
    cached_tokens: int | None
    """Those of the input's tokens that the provider had cached; null when unknown."""
    reasoning_tokens: int | None
    """Those of the output's tokens that were spent on reasoning; null when unknown."""
    provider_request_id: str | None
    """The provider's id of the request; null when unknown or once erased."""
    cost: CostPaid | None
    """What the call cost; null when unknown."""
    user_hash: str | None
    """The hash that stands for the user; null once erased."""
    metadata: dict[str, Any] | None
    """The JSON object you sent; null once erased."""
    feedback: RequestFeedback | None
    """The latest feedback; null without any."""
    examples: list[PromotedTo]
    """The examples made from this request."""
    logged_by: str
    """Who logged it."""
    received_at: dt.datetime
    """When it was logged."""
    erased_at: dt.datetime | None
    """When it was erased; null while it is kept."""


class ModelReport(Shape, frozen=True, kw_only=True):
    """A model's month in UTC: all versions together, and each version."""

    model_id: str
    """The model."""
    month: str
    """The month in UTC, such as 2026-11."""
    figures: MonthFigures
    """The figures of all versions together."""
    before: MonthFigures | None
    """The figures of the month before; null without requests."""
    change: AgainstMonthBefore | None
    """The change since the month before; null without requests then."""
    versions: list[VersionMonth]
    """Each version by itself, the latest version first."""
    failing: Failing
    """What failed, grouped by similar inputs."""


class MonthFigures(Shape, frozen=True, kw_only=True):
    """The figures of a month."""

    requests: int
    """How many requests were logged."""
    errors: int
    """How many ended in an error."""
    error_rate: float
    """Errors as a share of requests, 0 to 1."""
    checked: int
    """How many outputs were checked against the task's schema."""
    invalid: int
    """How many checked outputs failed."""
    input_tokens: int
    """Input tokens of all requests."""
    output_tokens: int
    """Output tokens of all requests."""
    latency_ms: Latencies | None
    """Latency in milliseconds; null when no request reported one."""
    costs: list[Costs]
    """Costs, by currency."""
    ratings: Ratings
    """Ratings given as feedback."""


class NewFeedback(Shape, frozen=True, kw_only=True):
    """Feedback on an answer; at least one field. It replaces earlier feedback."""

    comment: str | None = None
    """What is good or bad about the answer."""
    correction: str | None = None
    """What the output should have been."""
    stars: int | None = None
    """Overall rating, 1 to 5 stars."""
    thumbs: OneOf["down", "up"] | None = None
    """`up` counts as 5 stars, `down` as 1."""


class NewWord(Shape, frozen=True, kw_only=True):
    """A word and its share of all words, in training and in the month."""

    word: str
    """The word, in lower case."""
    trained: float
    """Its share of all words in the training inputs, 0 to 1."""
    asked: float
    """Its share of all words in the month's inputs, 0 to 1."""


class PromotedTo(Shape, frozen=True, kw_only=True):
    """The example made from the request in a dataset."""

    dataset_id: str
    """The dataset that holds the example."""
    example_id: str
    """The example."""


class Promotion(Shape, frozen=True, kw_only=True):
    """The example of one promoted request."""

    request_id: str
    """The request."""
    example_id: str
    """The example made from it."""
    new: bool
    """Whether the example was created now; false when it existed before."""
    repaired: bool
    """Whether a correction repaired the example now."""


class Promotions(Shape, frozen=True, kw_only=True):
    """The promoted requests, in the order sent."""

    data: list[Promotion]
    """One entry per request, in the order sent."""


class Ratings(Shape, frozen=True, kw_only=True):
    """Ratings from feedback, in stars; a thumb up counts as 5, down as 1."""

    rated: int
    """How many requests have a rating."""
    average: float | None
    """Average rating in stars, 1 to 5; null without ratings."""
    low: int
    """How many are rated 2 stars or less."""
    stars: dict[str, int]
    """How many requests got each number of stars."""
    thumbs: dict[str, int]
    """How many requests got a thumb up or down."""


class RequestFeedback(Shape, frozen=True, kw_only=True):
    """The latest feedback on a request. Erased texts are null."""

    stars: int | None
    """Overall rating, 1 to 5 stars."""
    thumbs: OneOf["down", "up"] | None
    """`up` or `down`."""
    rating: float | None
    """The rating in stars: `stars`, or 5 for `up` and 1 for `down`."""
    comment: str | None
    """The comment; null once erased."""
    correction: str | None
    """What the output should have been; null once erased."""
    by: str
    """Who gave the feedback."""
    at: str
    """When it was given."""


class RequestPage(Shape, frozen=True, kw_only=True):
    """One page of logged requests, the latest call first."""

    data: list[LoggedRequest]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class RetentionSetting(Shape, frozen=True, kw_only=True):
    """How long the workspace keeps its requests."""

    days: int | None
    """Days to keep a request, counted from the call; null keeps it until it is erased."""


class Saving(Shape, frozen=True, kw_only=True):
    """A version beside another model."""

    against: str
    """The other model, by the provider's name."""
    role: OneOf["base", "other", "teacher"]
    """Whether it is the version's base, its teacher (it generated rows of the version's dataset), or another."""
    same_questions: bool
    """Whether only calls of runs were compared in which both were asked. False: all calls, which may differ."""
    currency: str
    """ISO 4217 code of the costs."""
    cheaper: Times
    """By the mean cost of a call."""
    faster: Times
    """By the geometric mean of the latencies."""
    verdict: str
    """In words."""


class Times(Shape, frozen=True, kw_only=True):
    """How many times less the version takes, with a 95% interval."""

    times: float | None
    """How many times less: 4 is a quarter. Null where one of the two has no such figure."""
    low: float | None
    """The lower end of the interval. Null with fewer than 30 calls of either."""
    high: float | None
    """The upper end of the interval. Null with fewer than 30 calls of either."""
    version_calls: int
    """Calls of the version that tell the figure."""
    other_calls: int
    """Calls of the other model that tell it."""
    version_mean: float | None
    """What a call of the version takes: the mean cost, or the geometric mean of the latencies in milliseconds."""
    other_mean: float | None
    """What a call of the other model takes."""


class Trail(Shape, frozen=True, kw_only=True):
    """A request with its feedback, and the examples made from it."""

    request: LoggedRequest
    """The request and its feedback."""
    examples: list[TrailExample]
    """The examples made from the request."""


class TrailEvaluation(Shape, frozen=True, kw_only=True):
    """An evaluation of the model version: the mean of each scorer, and whether this example passed."""

    evaluation_id: str
    """The evaluation."""
    name: str
    """The evaluation's name."""
    dataset_id: str
    """The dataset it measured on."""
    dataset_version: str
    """The dataset version it measured on."""
    split: str
    """The split it measured on."""
    target: str
    """The model version's name in the evaluation."""
    rows: int
    """How many examples were measured."""
    means: dict[str, float | None]
    """The mean score of each scorer; null when the scorer has no score."""
    passed: bool | None
    """Whether this example passed; null when it was not measured, or no scorer decides pass or fail."""
    finished_at: dt.datetime
    """When the evaluation finished."""


class TrailExample(Shape, frozen=True, kw_only=True):
    """The example that the request became in a dataset, and the latest 200 dataset versions that hold it."""

    dataset_id: str
    """The dataset that holds the example."""
    example_id: str
    """The example."""
    promoted_at: dt.datetime
    """When the example was made from the request."""
    promoted_by: str
    """Who made it."""
    repair: TrailRepair | None
    """The example's first repair; null when it was never repaired."""
    dataset_versions: list[TrailVersion]
    """The latest 200 dataset versions that hold the example."""


class TrailModel(Shape, frozen=True, kw_only=True):
    """A model version trained on the dataset version, and its evaluations, the newest first."""

    model_id: str
    """The model."""
    model: str
    """The model's name."""
    version: str
    """The version of the model."""
    tune_id: str | None
    """The tune that trained it; null where it was trained elsewhere."""
    use: OneOf["training", "validation"] | None
    """What the version used the example for; null where it did not use it."""
    evaluations: list[TrailEvaluation]
    """The evaluations that measured this model version, the newest first."""


class TrailRepair(Shape, frozen=True, kw_only=True):
    """The repair of an example, and the revision it created. The instruction is null once erased."""

    revision: int
    """The example's revision that the repair created."""
    instruction: str | None
    """The instruction of the repair; null without one or once erased."""
    reason: str | None
    """Why the example was repaired."""
    by: str
    """Who repaired it."""
    at: str
    """When it was repaired."""


class TrailVersion(Shape, frozen=True, kw_only=True):
    """A dataset version with the example, and the models trained on it."""

    dataset_version: str
    """The dataset version's name."""
    seq: int
    """The event in the workspace's log that the version includes up to."""
    revision: int
    """The example's revision in this version."""
    repaired: bool
    """Whether the version holds the repaired example."""
    created_at: dt.datetime
    """When the version was frozen."""
    model_versions: list[TrailModel]
    """The model versions trained on it."""


class VersionMonth(Shape, frozen=True, kw_only=True):
    """The figures of one model version for the month."""

    version: str
    """The model version's name."""
    figures: MonthFigures
    """The version's figures for the month."""
    before: MonthFigures | None
    """Its figures for the month before; null without requests."""
    change: AgainstMonthBefore | None
    """The change since the month before; null without requests then."""
    drift: Drift | None
    """How far inputs moved from the training data; null when that data is unknown or there are too few texts."""


class VersionSavings(Shape, frozen=True, kw_only=True):
    """How many times cheaper and faster a version is than the models it came from."""

    model_id: str
    """The model."""
    version: str
    """The version."""
    savings: list[Saving]
    """Beside its base, its teachers, and the model that was asked for."""
