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

    `ruling` is what the gate rollback, with the facts it went by, where one was asked; `overridden`: moved against
    it.
    """

    seq: int
    """The event's seq in the workspace's log."""
    alias: str
    """The alias that moved."""
    version: str
    """The version it moved to."""
    previous: str | None
    """The version it moved from; null for its first move."""
    reason: str | None
    """Why it was moved."""
    rollback: bool
    """Whether it was a rollback."""
    ruling: Ruling | None
    """What the gate rollback; null where none was asked."""
    overridden: bool
    """Whether it moved although the gate refused."""
    moved_at: dt.datetime
    """When it moved."""
    moved_by: str
    """The API key or person that moved it."""


class AliasMovePage(Shape, frozen=True, kw_only=True):
    """One page of an alias's moves, the newest first."""

    data: list[AliasMove]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Changes(Shape, frozen=True, kw_only=True):
    """How many examples of the dataset version were not in the one before, differ from it, or are there no more."""

    added: int
    """Examples that only the new dataset version has."""
    edited: int
    """Examples that both versions have, with a difference."""
    removed: int
    """Examples that only the previous dataset version has."""


class ChatCompletion(Shape, frozen=True, kw_only=True):
    """The provider's answer as it came. With `stream`, server-sent events of `chat.completion.chunk` instead."""

    choices: list[ChatCompletionChoice]
    """The answers."""
    created: int | None = None
    """When the answer was created, in Unix seconds."""
    id: str | None = None
    """The provider's id of the answer."""
    model: str | None = None
    """The model that answered, by the provider's name."""
    object: str | None = None
    """Always `chat.completion`."""
    usage: dict[str, Any] | None = None
    """The tokens used, as the provider counted them."""


class ChatCompletionChoice(Shape, frozen=True, kw_only=True):
    """One answer, in OpenAI's shape."""

    finish_reason: str | None = None
    """Why the model stopped."""
    index: int = 0
    """The answer's number, from 0."""
    message: dict[str, Any] = {}
    """The assistant's message."""


class Completion(Shape, frozen=True, kw_only=True):
    """`text` is the first answer's; `provider_answer` is all that the provider text, tool calls included."""

    model_id: str
    """The model that answered."""
    version: str
    """The version that answered."""
    provider_model: str
    """The version's model name at the provider."""
    text: str
    """The text of the first answer."""
    finish_reason: str | None
    """Why the answer ended, in the provider's word: stop, length, …"""
    usage: Usage
    """How many tokens were used."""
    provider_answer: dict[str, Any]
    """The provider's whole answer, tool calls included."""


class CostPerThousand(Shape, frozen=True, kw_only=True):
    """The cost of 1,000 answers: a decimal and its currency (ISO 4217)."""

    amount: Decimal
    """A decimal from 0 to 1,000,000 with at most six places."""
    currency: str = "USD"
    """The currency's ISO 4217 code."""


class ExampleUsed(Shape, frozen=True, kw_only=True):
    """An example as the dataset version holds it. `digest` commits to its content, also after that was erased.

    `use` is what the model version did with it; null for one that it never saw. `changed_by` made this `revision`.
    """

    example_id: str
    """The example."""
    revision: int
    """The example's revision in this dataset version, from 1."""
    split: OneOf["test", "train", "validation"]
    """The example's split."""
    use: OneOf["training", "validation"] | None
    """What the model version used it for; null where it did not use it."""
    digest: str
    """SHA-256 that commits to the content, in hex. It stays after the content was erased."""
    source: dict[str, Any]
    """Where the example came from."""
    external_id: str | None
    """The client's own id of the example."""
    changed_at: dt.datetime
    """When this revision was made."""
    changed_by: str
    """The API key or person that made this revision."""


class Facts(Shape, frozen=True, kw_only=True):
    """What was known when the gate was asked: the versions by name, and the base model of the one that is to pass.

    The intervals are of its improvement over the base and over the current version.
    """

    base: MeasuredVersion | None = None
    """The measurements of the candidate's base model; null where there are none."""
    higher_is_better: bool = True
    """Whether a higher score is better."""
    over_base: MeasuredGain | None = None
    """The candidate's improvement over its base model; null where it was not measured."""
    over_current: MeasuredGain | None = None
    """The candidate's improvement over the current version; null where it was not measured."""
    versions: dict[str, MeasuredVersion] = {}
    """The measurements of each version, by version name."""


class Gate(Shape, frozen=True, kw_only=True):
    """What a version of the model has to show before a protected alias may stand at it; null where nothing is asked."""

    model_id: str
    """The model."""
    policy: GatePolicy | None
    """What a version must show; null where the model has no gate."""


class GateCheck(Shape, frozen=True, kw_only=True):
    """One thing that the gate asked for. `found` is null where nobody measured it; `because` says it in words."""

    name: str
    """The check, such as over_base or format_validity."""
    wanted: float
    """The number that passes."""
    found: float | None
    """The measured number; null where nobody measured it."""
    unit: str
    """The unit of both numbers: rows, relative, score, share, stars, ms or a currency."""
    passed: bool
    """Whether the version passed this check."""
    because: str
    """The result in a sentence."""


class GatePolicy(Shape, frozen=True, kw_only=True):
    """What a version has to show. A number that is null is not asked for.

    `over_base` and `over_current` are improvements of the score: over the base model it was tuned from, and over
    the version at which the alias stands. With `interval_excludes_zero`, the whole confidence interval of the
    improvement has to lie above zero: over the base, and over the current version where more than 0 is asked for.
    """

    evaluation: WantedEvaluation
    """The evaluation whose score counts."""
    cost_per_thousand: CostPerThousand | None = None
    """The highest cost of 1,000 answers that passes; null does not check it."""
    format_validity: float | None = 0.95
    """The smallest share of valid answers that passes, 0 to 1."""
    human_rating: WantedRating | None = None
    """The rating by people that passes; null does not check it."""
    interval_excludes_zero: bool = False
    """Whether the confidence interval of the improvement must lie above zero."""
    latency_p95_ms: float | None = None
    """The highest 95th percentile of latency that passes, in milliseconds; null does not check it."""
    over_base: float | None = 0.1
    """The smallest improvement over the base model that passes."""
    over_current: float | None = 0
    """The smallest improvement over the alias's current version that passes."""
    protects: list[str] | UnsetType = UNSET
    """The aliases that only a version that passes may move to."""


class GateTrial(Shape, frozen=True, kw_only=True):
    """What would come of a move: whether it would be `allowed`, and what the gate says of the version.

    Where the gate does not protect the alias it is allowed in any case. `current` is where the alias stands;
    `ruling` is null where the model has no gate.
    """

    model_id: str
    """The model."""
    alias: str
    """The alias that was asked about."""
    version: str
    """The version that was asked about."""
    current: str | None
    """The alias's version now; null where it has none."""
    protected: bool
    """Whether the gate protects the alias."""
    allowed: bool
    """Whether the alias may move to the version."""
    ruling: Ruling | None
    """The gate's checks of the version; null where the model has no gate."""


class MeasuredGain(Shape, frozen=True, kw_only=True):
    """The interval of an improvement, in the score's own unit; above 0 is better, also where lower scores are."""

    low: float | None
    """The lower end of the interval; null where it is not known."""
    high: float | None
    """The upper end of the interval; null where it is not known."""


class MeasuredScore(Shape, frozen=True, kw_only=True):
    """A score over `n` rows, with the interval it lies in. `on` says in words what it was measured on."""

    evaluation_ids: list[str]
    """The evaluations that the score comes from."""
    scorer: str
    """The scorer, such as exact_match."""
    value: float | None
    """The mean score; null where it was not measured."""
    high: float | None = None
    """The upper end of the confidence interval; null where it is not known."""
    low: float | None = None
    """The lower end of the confidence interval; null where it is not known."""
    n: int = 0
    """How many rows were scored."""
    on: str = ""
    """The rows it was measured on, in words."""


class MeasuredVersion(Shape, frozen=True, kw_only=True):
    """What evaluations say of one version, or of its base model. A number that nobody measured is null.

    `score` is the one that the gate asks for, `others` are further ones. Format validity is a share.
    """

    cost_per_thousand: CostPerThousand | None = None
    """The cost of 1,000 answers; null where it is not known."""
    format_validity: float | None = None
    """The share of answers in the right format, 0 to 1."""
    human_rating: float | None = None
    """The mean rating by people, in stars."""
    human_ratings: int = 0
    """How many ratings people gave."""
    latency_p95_ms: float | None = None
    """The 95th percentile of latency, in milliseconds."""
    others: list[MeasuredScore] = []
    """Further scores of this version."""
    score: MeasuredScore | None = None
    """The score that the gate checks; null where it was not measured."""


class Model(Shape, frozen=True, kw_only=True):
    """A line of versions. `aliases` says at which version each stands."""

    id: str
    """The model."""
    name: str
    """The model's name, unique in the workspace."""
    description: str | None
    """What the model is for."""
    task_id: str | None
    """The task that the model does."""
    latest_version: str | None
    """The version with the highest number; null where there is none."""
    aliases: dict[str, str]
    """The version of each alias, by alias."""
    created_at: dt.datetime
    """When the model was created."""
    created_by: str
    """The API key or person that created the model."""
    updated_at: dt.datetime
    """When the model or one of its versions last changed."""
    updated_by: str
    """The API key or person that made the last change."""


class ModelPage(Shape, frozen=True, kw_only=True):
    """One page of models, the oldest first."""

    data: list[Model]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ModelVersion(Shape, frozen=True, kw_only=True):
    """A model as the provider knows it, and what it was made from.

    `changes` counts what differs between its dataset version and that of the version `previous`; null where the
    two are not of one dataset. Without a tune it was trained elsewhere. `aliases` are those that stand at it.
    """

    model_id: str
    """The model."""
    version: str
    """The version's number, such as v1.0."""
    aliases: list[str]
    """The aliases that are at this version."""
    connection_id: str
    """The connection that serves the model."""
    base_model: str
    """The base model that was tuned."""
    provider_model: str
    """The version's model name at the provider."""
    tune_id: str | None
    """The tune that trained it; null where it was trained elsewhere."""
    dataset_id: str | None
    """The dataset it was trained on; null where none is known."""
    dataset_version: str | None
    """The frozen version of the dataset."""
    dataset_seq: int | None
    """The last event of the workspace's log that the dataset version contains."""
    dataset_digest: str | None
    """SHA-256 over the dataset version's contents, in hex."""
    train_split: str | None
    """The split it was trained on."""
    validation_split: str | None
    """The split it was validated with; null where there was none."""
    notes: str | None
    """Notes on the version, in Markdown."""
    previous: str | None
    """The version before this one; null for the first."""
    changes: Changes | None
    """How the dataset differs from that of the previous version; null where they are not of one dataset."""
    created_at: dt.datetime
    """When the version was registered."""
    created_by: str
    """The API key or person that registered the version."""


class ModelVersionLineage(Shape, frozen=True, kw_only=True):
    """One page of the examples, in the order they were added, under what they went through to become this version."""

    data: list[ExampleUsed]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    model_id: str
    """The model."""
    version: str
    """The version of the model."""
    base_model: str
    """The base model that was tuned."""
    provider_model: str
    """The version's model name at the provider."""
    tune: TrainedBy | None
    """The tune that trained it; null where it was trained elsewhere."""
    dataset: TrainedOn | None
    """The dataset version it was trained on; null where none is known."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ModelVersionPage(Shape, frozen=True, kw_only=True):
    """One page of versions, the newest first."""

    data: list[ModelVersion]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class NotesDraft(Shape, frozen=True, kw_only=True):
    """Notes for a version, in Markdown, made from what is on record of it. Examples are named by their ids alone."""

    model_id: str
    """The model."""
    version: str
    """The version that the notes describe."""
    text: str
    """The draft, in Markdown."""


class Rollback(Shape, frozen=True, kw_only=True):
    """What an alias was brought back to, from where, and why."""

    alias: str
    """The alias that was rolled back."""
    returned_to: str
    """The version it is at now."""
    returned_from: str
    """The version it was at before the rollback."""
    reason: str | None
    """Why it was rolled back."""


class RolledBackModel(Shape, frozen=True, kw_only=True):
    """The model after an alias was brought back."""

    id: str
    """The model."""
    name: str
    """The model's name, unique in the workspace."""
    description: str | None
    """What the model is for."""
    task_id: str | None
    """The task that the model does."""
    latest_version: str | None
    """The version with the highest number; null where there is none."""
    aliases: dict[str, str]
    """The version of each alias, by alias."""
    created_at: dt.datetime
    """When the model was created."""
    created_by: str
    """The API key or person that created the model."""
    updated_at: dt.datetime
    """When the model or one of its versions last changed."""
    updated_by: str
    """The API key or person that made the last change."""
    rollback: Rollback
    """What was rolled back."""


class Ruling(Shape, frozen=True, kw_only=True):
    """What the gate because of `candidate` where `current` stood, check by check, and the facts it went by."""

    passed: bool
    """Whether the version passed every check."""
    candidate: str
    """The version that was checked."""
    current: str | None
    """The alias's version at that time; null where it had none."""
    checks: list[GateCheck]
    """The result of each check."""
    facts: Facts
    """The measurements that were checked."""


class StreamOptions(Shape, frozen=True, kw_only=True):
    """`StreamOptions`."""

    include_usage: bool | None = None
    """Whether the last chunk carries the token usage."""


class TrainedBy(Shape, frozen=True, kw_only=True):
    """The tune: its job at the provider, and the files the provider got, with the sha256 of their bytes."""

    tune_id: str
    """The tune."""
    sweep_id: str
    """The sweep that the tune belongs to."""
    connection_id: str
    """The connection to the provider that ran the job."""
    job_id: str | None
    """The job's id at the provider."""
    method: OneOf["dpo", "supervised"]
    """The training method."""
    seed: int | None
    """The seed that was asked for; null leaves it to the provider."""
    hyperparameters: dict[str, int | float | str]
    """The hyperparameters that were asked for, in the provider's names."""
    training_file: SentFile | None
    """The training file that the provider got."""
    validation_file: SentFile | None
    """The validation file that the provider got; null where there was none."""
    requested_by: str
    """The API key or person that asked for the tune."""
    finished_at: dt.datetime | None
    """When the job ended."""


class TrainedOn(Shape, frozen=True, kw_only=True):
    """The frozen dataset version; `digest` is sha256 over its sorted content digests, in hex."""

    dataset_id: str
    """The dataset."""
    version: str
    """The name of the frozen dataset version."""
    seq: int
    """The last event of the workspace's log that the version contains."""
    digest: str
    """SHA-256 over the sorted digests of the examples' contents, in hex."""
    examples: int
    """How many examples the version has."""
    splits: dict[str, int]
    """How many examples each split has."""


class Usage(Shape, frozen=True, kw_only=True):
    """In tokens; null where the provider does not count them."""

    input_tokens: int | None
    """Tokens of the request; null where the provider does not count them."""
    output_tokens: int | None
    """Tokens of the answer; null where the provider does not count them."""


class WantedEvaluation(Shape, frozen=True, kw_only=True):
    """Which evaluation counts: a scorer's, over a split of a dataset or over a suite of that name, one of the two.

    Without a `dataset_version`, over whichever frozen version it was run last.
    """

    scorer: str
    """Such as exact_match."""
    dataset_id: str | None = None
    """The dataset it was measured on. Give this or `suite`."""
    dataset_version: str | None = None
    """The frozen version it was measured on; null takes the evaluation that was run last."""
    split: OneOf["test", "train", "validation"] = "test"
    """The split of the dataset it was measured on."""
    suite: str | None = None
    """The name of the suite it was measured on. Give this or `dataset_id`."""


class WantedRating(Shape, frozen=True, kw_only=True):
    """What people have to think of its answers: the mean in stars, of at least so many ratings."""

    ratings: int = 1
    """The fewest ratings that pass."""
    stars: float = 4
    """The lowest mean rating that passes, 1 to 5 stars."""
