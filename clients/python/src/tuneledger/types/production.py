# Generated from openapi/openapi.json by `make clients`.
"""Structs of production."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Fault


class AgainstMonthBefore(Shape, frozen=True, kw_only=True):
    """Against the month before: shares of it (0.1 is 10% more), but for error rate and rating, which are differences.

    Null where either month has no such figure.
    """

    requests: float | None
    latency_p50: float | None
    latency_p95: float | None
    cost_per_request: float | None
    error_rate: float | None
    average_rating: float | None


class CallError(Shape, frozen=True, kw_only=True):
    """Why there was no answer."""

    code: str
    message: str | None = None


class Cost(Shape, frozen=True, kw_only=True):
    """An exact amount, as a decimal number in a string."""

    amount: Decimal
    currency: str
    """Such as USD."""


class CostPaid(Shape, frozen=True, kw_only=True):
    """An exact amount, as a decimal number in a string."""

    amount: str
    currency: str


class Costs(Shape, frozen=True, kw_only=True):
    """What the `requests` that told it cost in one currency; `total` is exact, percentiles are to half a percent."""

    currency: str
    requests: int
    total: str
    p50: float
    p90: float
    p95: float
    p99: float


class Drift(Shape, frozen=True, kw_only=True):
    """From the training inputs of `dataset_version` to a month's. `times_baseline` near 1 means none to speak of.

    `value` compares samples of `texts` texts each; `baseline` two such samples of the training inputs alone.
    """

    measure: OneOf["jensen_shannon_unigrams"]
    dataset_version: str
    texts: int
    value: float
    baseline: float
    times_baseline: float | None
    words: list[NewWord]


class Failing(Shape, frozen=True, kw_only=True):
    """The latest failures, at most 1,000, `read`; near-duplicates by MinHash of 3-word runs, Jaccard from about 0.6."""

    read: int
    clusters: list[FailureCluster]


class FailureCluster(Shape, frozen=True, kw_only=True):
    """Inputs that are nearly the same. `input` begins the latest one; `request_ids`: at most 20, the latest first."""

    requests: int
    input: str
    ways: dict[str, int]
    error_codes: dict[str, int]
    versions: dict[str, int]
    request_ids: list[str]


class Latencies(Shape, frozen=True, kw_only=True):
    """In milliseconds, by nearest rank over the `requests` that said how long they took."""

    requests: int
    mean: float
    p50: float
    p90: float
    p95: float
    p99: float


class LoggedBatch(Shape, frozen=True, kw_only=True):
    """The outcome of each call, in the order they were sent, and why any were refused."""

    new: int
    repeated: int
    refused: int
    data: list[LoggedOutcome]
    errors: list[Fault]


class LoggedCall(Shape, frozen=True, kw_only=True):
    """A call of a model in production.

    The version by its name, or by the alias that was called: it counts for the version at which the alias stood
    then.
    """

    model_id: str
    input: str | list[dict[str, Any]]
    """A text, or messages in OpenAI's chat shape."""
    alias: str | None = None
    at: dt.datetime | None = None
    client_id: str | None = None
    cost: Cost | None = None
    error: CallError | None = None
    feedback: NewFeedback | None = None
    input_tokens: int | None = None
    latency_ms: int | None = None
    metadata: dict[str, Any] | None = None
    output: str | None = None
    output_tokens: int | None = None
    tool_calls: list[dict[str, Any]] | None = None
    user_hash: str | None = None
    version: str | None = None


class LoggedLines(Shape, frozen=True, kw_only=True):
    """How many calls of a file were new, repeated or refused; `errors` are the first 1,000 faults, by line."""

    new: int
    repeated: int
    refused: int
    errors: list[Fault]


class LoggedOutcome(Shape, frozen=True, kw_only=True):
    """What became of one call. A repeated one was there already, under this `id`, and stays as it was."""

    outcome: OneOf["new", "refused", "repeated"]
    client_id: str | None = None
    id: str | None = None


class LoggedRequest(Shape, frozen=True, kw_only=True):
    """A logged call. `valid`: did the output match the model's task when it was logged; null where none asks for it.

    Erased, only its figures are left: `input`, `output`, `metadata` and whose it was are null.
    """

    id: str
    client_id: str | None
    at: str
    model_id: str
    version: str
    alias: str | None
    input: Any
    output: str | None
    tool_calls: Any
    error: CallError | None
    valid: bool | None
    latency_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: CostPaid | None
    user_hash: str | None
    metadata: dict[str, Any] | None
    feedback: RequestFeedback | None
    examples: list[PromotedTo]
    logged_by: str
    received_at: dt.datetime
    erased_at: dt.datetime | None


class ModelReport(Shape, frozen=True, kw_only=True):
    """A month (UTC) of a model, all versions together and each by itself, the latest version first."""

    model_id: str
    month: str
    figures: MonthFigures
    before: MonthFigures | None
    change: AgainstMonthBefore | None
    versions: list[VersionMonth]
    failing: Failing


class MonthFigures(Shape, frozen=True, kw_only=True):
    """`invalid` of the `checked` outputs failed the task's schema when they were logged."""

    requests: int
    errors: int
    error_rate: float
    checked: int
    invalid: int
    input_tokens: int
    output_tokens: int
    latency_ms: Latencies | None
    costs: list[Costs]
    ratings: Ratings


class NewFeedback(Shape, frozen=True, kw_only=True):
    """What somebody thinks of the answer; at least one of the four. It takes the place of what was said before."""

    comment: str | None = None
    correction: str | None = None
    stars: int | None = None
    thumbs: OneOf["down", "up"] | None = None


class NewWord(Shape, frozen=True, kw_only=True):
    """A word with its share of all words, then and now."""

    word: str
    trained: float
    asked: float


class PromotedTo(Shape, frozen=True, kw_only=True):
    """The example that was made of it in a dataset."""

    dataset_id: str
    example_id: str


class Promotion(Shape, frozen=True, kw_only=True):
    """The example of a request; not `new` when it was made before. `repaired`: by the correction, just now."""

    request_id: str
    example_id: str
    new: bool
    repaired: bool


class Promotions(Shape, frozen=True, kw_only=True):
    """One for each request, in the order they were asked for."""

    data: list[Promotion]


class Ratings(Shape, frozen=True, kw_only=True):
    """`average` is in stars (thumbs up count 5, down 1); `low` of the `rated` have at most 2."""

    rated: int
    average: float | None
    low: int
    stars: dict[str, int]
    thumbs: dict[str, int]


class RequestFeedback(Shape, frozen=True, kw_only=True):
    """What was said last, and by whom. `rating` is in stars (thumbs up count 5, down 1); erased texts are null."""

    stars: int | None
    thumbs: OneOf["down", "up"] | None
    rating: float | None
    comment: str | None
    correction: str | None
    by: str
    at: str


class RequestPage(Shape, frozen=True, kw_only=True):
    """One page of logged requests, the latest call first."""

    data: list[LoggedRequest]
    next_cursor: str | None
    count: int | None = None


class RetentionSetting(Shape, frozen=True, kw_only=True):
    """For how many days after the call requests are kept; null: until they are erased."""

    days: int | None


class Trail(Shape, frozen=True, kw_only=True):
    """A request with its feedback, and the way of each example that was made of it."""

    request: LoggedRequest
    examples: list[TrailExample]


class TrailEvaluation(Shape, frozen=True, kw_only=True):
    """An evaluation that measured the version: the mean of each scorer, and whether this very example passed in it.

    `passed` is null where the example was not among its rows, or no scorer of it decides.
    """

    evaluation_id: str
    name: str
    dataset_id: str
    dataset_version: str
    split: str
    target: str
    rows: int
    means: dict[str, float | None]
    passed: bool | None
    finished_at: dt.datetime


class TrailExample(Shape, frozen=True, kw_only=True):
    """The example that the request became in a dataset, and where it went; its latest 200 dataset versions."""

    dataset_id: str
    example_id: str
    promoted_at: dt.datetime
    promoted_by: str
    repair: TrailRepair | None
    dataset_versions: list[TrailVersion]


class TrailModel(Shape, frozen=True, kw_only=True):
    """A model version that was trained on it, and the evaluations that measured it, the newest first."""

    model_id: str
    model: str
    version: str
    tune_id: str | None
    use: OneOf["training", "validation"] | None
    evaluations: list[TrailEvaluation]


class TrailRepair(Shape, frozen=True, kw_only=True):
    """How the example was repaired, at which of its revisions. The instruction is null once erased."""

    revision: int
    instruction: str | None
    reason: str | None
    by: str
    at: str


class TrailVersion(Shape, frozen=True, kw_only=True):
    """A dataset version that holds the example, `repaired` or as it was logged, and the models trained on it."""

    dataset_version: str
    seq: int
    revision: int
    repaired: bool
    created_at: dt.datetime
    model_versions: list[TrailModel]


class VersionMonth(Shape, frozen=True, kw_only=True):
    """A version's month. `drift` is null where its training data is not known here, or either is too little."""

    version: str
    figures: MonthFigures
    before: MonthFigures | None
    change: AgainstMonthBefore | None
    drift: Drift | None
