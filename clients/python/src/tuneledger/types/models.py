# Generated from openapi/openapi.json by `make clients`.
"""Structs of models."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import SentFile


class AliasMove(Shape, frozen=True, kw_only=True):
    """A move of an alias; `seq` is its event in the workspace's log.

    `ruling` is what the gate said, with the facts it went by, where one was asked; `overridden`: moved against it.
    """

    seq: int
    alias: str
    version: str
    previous: str | None
    reason: str | None
    rollback: bool
    ruling: Ruling | None
    overridden: bool
    moved_at: dt.datetime
    moved_by: str


class AliasMovePage(Shape, frozen=True, kw_only=True):
    """One page of an alias's moves, the newest first."""

    data: list[AliasMove]
    next_cursor: str | None
    count: int | None = None


class Changes(Shape, frozen=True, kw_only=True):
    """How many examples of the dataset version were not in the one before, differ from it, or are there no more."""

    added: int
    edited: int
    removed: int


class ChatCompletion(Shape, frozen=True, kw_only=True):
    """The provider's answer as it came. With `stream`, server-sent events of `chat.completion.chunk` instead."""

    choices: list[ChatCompletionChoice]
    created: int | None = None
    id: str | None = None
    model: str | None = None
    object: str | None = None
    usage: dict[str, Any] | None = None


class ChatCompletionChoice(Shape, frozen=True, kw_only=True):
    """One answer, in OpenAI's shape."""

    finish_reason: str | None = None
    index: int = 0
    message: dict[str, Any] = {}


class Completion(Shape, frozen=True, kw_only=True):
    """`text` is the first answer's; `provider_answer` is all that the provider said, tool calls included."""

    model_id: str
    version: str
    provider_model: str
    text: str
    finish_reason: str | None
    usage: Usage
    provider_answer: dict[str, Any]


class CostPerThousand(Shape, frozen=True, kw_only=True):
    """The cost of 1,000 answers: a decimal and its currency (ISO 4217)."""

    amount: Decimal
    currency: str = "USD"


class ExampleUsed(Shape, frozen=True, kw_only=True):
    """An example as the dataset version holds it. `digest` commits to its content, also after that was erased.

    `use` is what the model version did with it; null for one that it never saw. `changed_by` made this `revision`.
    """

    example_id: str
    revision: int
    split: OneOf["test", "train", "validation"]
    use: OneOf["training", "validation"] | None
    digest: str
    source: dict[str, Any]
    external_id: str | None
    changed_at: dt.datetime
    changed_by: str


class Facts(Shape, frozen=True, kw_only=True):
    """What was known when the gate was asked: the versions by name, and the base model of the one that is to pass.

    The intervals are of its improvement over the base and over the current version.
    """

    base: MeasuredVersion | None = None
    higher_is_better: bool = True
    over_base: MeasuredGain | None = None
    over_current: MeasuredGain | None = None
    versions: dict[str, MeasuredVersion] = {}


class Gate(Shape, frozen=True, kw_only=True):
    """What a version of the model has to show before a protected alias may stand at it; null where nothing is asked."""

    model_id: str
    policy: GatePolicy | None


class GateCheck(Shape, frozen=True, kw_only=True):
    """One thing that the gate asked for. `found` is null where nobody measured it; `because` says it in words."""

    name: str
    wanted: float
    found: float | None
    unit: str
    passed: bool
    because: str


class GatePolicy(Shape, frozen=True, kw_only=True):
    """What a version has to show. A number that is null is not asked for.

    `over_base` and `over_current` are improvements of the score: over the base model it was tuned from, and over
    the version at which the alias stands. With `interval_excludes_zero`, the whole confidence interval of the
    improvement has to lie above zero: over the base, and over the current version where more than 0 is asked for.
    """

    evaluation: WantedEvaluation
    cost_per_thousand: CostPerThousand | None = None
    format_validity: float | None = 0.95
    human_rating: WantedRating | None = None
    interval_excludes_zero: bool = False
    latency_p95_ms: float | None = None
    over_base: float | None = 0.1
    over_current: float | None = 0
    protects: list[str] | UnsetType = UNSET


class GateTrial(Shape, frozen=True, kw_only=True):
    """What would come of a move: whether it would be `allowed`, and what the gate says of the version.

    Where the gate does not protect the alias it is allowed in any case. `current` is where the alias stands;
    `ruling` is null where the model has no gate.
    """

    model_id: str
    alias: str
    version: str
    current: str | None
    protected: bool
    allowed: bool
    ruling: Ruling | None


class MeasuredGain(Shape, frozen=True, kw_only=True):
    """The interval of an improvement, in the score's own unit; above 0 is better, also where lower scores are."""

    low: float | None
    high: float | None


class MeasuredScore(Shape, frozen=True, kw_only=True):
    """A score over `n` rows, with the interval it lies in. `on` says in words what it was measured on."""

    evaluation_ids: list[str]
    scorer: str
    value: float | None
    high: float | None = None
    low: float | None = None
    n: int = 0
    on: str = ""


class MeasuredVersion(Shape, frozen=True, kw_only=True):
    """What evaluations say of one version, or of its base model. A number that nobody measured is null.

    `score` is the one that the gate asks for, `others` are further ones. Format validity is a share.
    """

    cost_per_thousand: CostPerThousand | None = None
    format_validity: float | None = None
    human_rating: float | None = None
    human_ratings: int = 0
    latency_p95_ms: float | None = None
    others: list[MeasuredScore] = []
    score: MeasuredScore | None = None


class Model(Shape, frozen=True, kw_only=True):
    """A line of versions. `aliases` says at which version each stands."""

    id: str
    name: str
    description: str | None
    task_id: str | None
    latest_version: str | None
    aliases: dict[str, str]
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    updated_by: str


class ModelPage(Shape, frozen=True, kw_only=True):
    """One page of models, the oldest first."""

    data: list[Model]
    next_cursor: str | None
    count: int | None = None


class ModelVersion(Shape, frozen=True, kw_only=True):
    """A model as the provider knows it, and what it was made from.

    `changes` counts what differs between its dataset version and that of the version `previous`; null where the
    two are not of one dataset. Without a tune it was trained elsewhere. `aliases` are those that stand at it.
    """

    model_id: str
    version: str
    aliases: list[str]
    connection_id: str
    base_model: str
    provider_model: str
    tune_id: str | None
    dataset_id: str | None
    dataset_version: str | None
    dataset_seq: int | None
    dataset_digest: str | None
    train_split: str | None
    validation_split: str | None
    notes: str | None
    previous: str | None
    changes: Changes | None
    created_at: dt.datetime
    created_by: str


class ModelVersionLineage(Shape, frozen=True, kw_only=True):
    """One page of the examples, in the order they were added, under what they went through to become this version."""

    data: list[ExampleUsed]
    next_cursor: str | None
    model_id: str
    version: str
    base_model: str
    provider_model: str
    tune: TrainedBy | None
    dataset: TrainedOn | None
    count: int | None = None


class ModelVersionPage(Shape, frozen=True, kw_only=True):
    """One page of versions, the newest first."""

    data: list[ModelVersion]
    next_cursor: str | None
    count: int | None = None


class NotesDraft(Shape, frozen=True, kw_only=True):
    """Notes for a version, in Markdown, made from what is on record of it. Examples are named by their ids alone."""

    model_id: str
    version: str
    text: str


class Rollback(Shape, frozen=True, kw_only=True):
    """What an alias was brought back to, from where, and why."""

    alias: str
    returned_to: str
    returned_from: str
    reason: str | None


class RolledBackModel(Shape, frozen=True, kw_only=True):
    """The model after an alias was brought back."""

    id: str
    name: str
    description: str | None
    task_id: str | None
    latest_version: str | None
    aliases: dict[str, str]
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    updated_by: str
    rollback: Rollback


class Ruling(Shape, frozen=True, kw_only=True):
    """What the gate said of `candidate` where `current` stood, check by check, and the facts it went by."""

    passed: bool
    candidate: str
    current: str | None
    checks: list[GateCheck]
    facts: Facts


class StreamOptions(Shape, frozen=True, kw_only=True):
    """`StreamOptions`."""

    include_usage: bool | None = None


class TrainedBy(Shape, frozen=True, kw_only=True):
    """The tune: its job at the provider, and the files the provider got, with the sha256 of their bytes."""

    tune_id: str
    sweep_id: str
    connection_id: str
    job_id: str | None
    method: OneOf["dpo", "supervised"]
    seed: int | None
    hyperparameters: dict[str, int | float | str]
    training_file: SentFile | None
    validation_file: SentFile | None
    requested_by: str
    finished_at: dt.datetime | None


class TrainedOn(Shape, frozen=True, kw_only=True):
    """The frozen dataset version; `digest` is sha256 over its sorted content digests, in hex."""

    dataset_id: str
    version: str
    seq: int
    digest: str
    examples: int
    splits: dict[str, int]


class Usage(Shape, frozen=True, kw_only=True):
    """In tokens; null where the provider does not count them."""

    input_tokens: int | None
    output_tokens: int | None


class WantedEvaluation(Shape, frozen=True, kw_only=True):
    """Which evaluation counts: a scorer's, over a split of a dataset or over a suite of that name, one of the two.

    Without a `dataset_version`, over whichever frozen version it was run last.
    """

    scorer: str
    """Such as exact_match."""
    dataset_id: str | None = None
    dataset_version: str | None = None
    split: OneOf["test", "train", "validation"] = "test"
    suite: str | None = None


class WantedRating(Shape, frozen=True, kw_only=True):
    """What people have to think of its answers: the mean in stars, of at least so many ratings."""

    ratings: int = 1
    stars: float = 4
