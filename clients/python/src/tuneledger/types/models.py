# Generated from openapi/openapi.json by `make clients`.
"""Structs of models."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType, field

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import SentFile


class AliasMove(Shape, frozen=True, kw_only=True):
    """A move of an alias, and the gate's check of it."""

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
    """The gate's checks, with their measurements; null where no gate was checked."""
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
    """How a version's dataset version differs from the previous version's, in examples."""

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
    """A model version's answer."""

    model_id: str
    """The model that answered."""
    version: str
    """The version that answered."""
    provider_model: str
    """The version's model name at the provider."""
    text: str
    """The text of the first answer."""
    finish_reason: str | None
    """Why the answer ended, in the provider's words: stop, length, …"""
    usage: Usage
    """How many tokens were used."""
    provider_answer: dict[str, Any]
    """The provider's whole answer, tool calls included."""


class CostPerThousand(Shape, frozen=True, kw_only=True):
    """The cost of 1,000 answers: an amount and its currency."""

    amount: Decimal
    """A decimal from 0 to 1,000,000 with at most six places."""
    currency: str = "USD"
    """The currency's ISO 4217 code."""


class ExampleUsed(Shape, frozen=True, kw_only=True):
    """An example of the dataset version, and how the model version used it."""

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
    content: Any | UnsetType = UNSET
    """With `include=content`, the content at that revision. Null once erased."""


class Facts(Shape, frozen=True, kw_only=True):
    """The measurements that the gate checks: of the candidate, the current version and the candidate's base model."""

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
    """A model's gate: what a version must show before a protected alias may move to it."""

    model_id: str
    """The model."""
    policy: GatePolicy | None
    """What a version must show; null where the model has no gate."""


class GateCheck(Shape, frozen=True, kw_only=True):
    """The result of one check of the gate."""

    name: str
    """The check, such as over_base or format_validity."""
    wanted: float
    """The number that passes."""
    found: float | None
    """The measured number; null where it was not measured."""
    unit: str
    """The unit of both numbers: rows, relative, score, share, stars, ms or a currency."""
    passed: bool
    """Whether the version passed this check."""
    because: str
    """The result in a sentence."""


class GatePolicy(Shape, frozen=True, kw_only=True):
    """What a version must show to pass. A number that is null is not checked.

    `over_base` and `over_current` are improvements of the score over the base model and over the alias's current
    version. With `interval_excludes_zero`, the whole confidence interval of the improvement must lie above zero:
    over the base, and over the current version if `over_current` is more than 0.
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
    """The protected aliases: they move only to a version that passes."""


class GateTrial(Shape, frozen=True, kw_only=True):
    """The check of a version against the gate. If the gate does not protect the alias, the move is always allowed."""

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
    """The confidence interval of an improvement, in the score's unit. Above 0 is better, also if lower scores are."""

    low: float | None
    """The lower end of the interval; null where it is not known."""
    high: float | None
    """The upper end of the interval; null where it is not known."""


class MeasuredScore(Shape, frozen=True, kw_only=True):
    """A mean score with its confidence interval, and the rows it was measured on."""

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
    """The measurements of one version, or of its base model. A number that was not measured is null."""

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
    """A model: a line of versions, and aliases that point to them."""

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
    archived_at: dt.datetime | None
    """When it was archived; null unless it is."""


class ModelPage(Shape, frozen=True, kw_only=True):
    """One page of models, the oldest first."""

    data: list[Model]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ModelVersion(Shape, frozen=True, kw_only=True):
    """A version of a model, and what it was made from. Without a tune it was trained elsewhere."""

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
    lineage: OneOf["stated", "tune", "unknown"]
    """How much is known of its training: `tune`, a tune of this workspace; `stated`, the dataset that whoever
    registered it named; `unknown`.
    """
    deletion: OneOf["deleted", "refused", "requested"] | None
    """Whether its model was to be deleted at its provider, and whether that was done. Null unless somebody asked."""
    deletion_refusal: str | None
    """Why the provider did not delete it."""
    deleted_at: dt.datetime | None
    """When its model was deleted at its provider. It cannot be run any more."""
    created_at: dt.datetime
    """When the version was registered."""
    created_by: str
    """The API key or person that registered the version."""


class ModelVersionLineage(Shape, frozen=True, kw_only=True):
    """A model version's tune and dataset version, and one page of its examples, in the order they were added."""

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
    lineage: OneOf["stated", "tune", "unknown"]
    """How much is known: `tune`, trained by a tune of this workspace; `stated`, by what whoever registered it said;
    `unknown`.
    """
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


class NewExportTarget(Shape, frozen=True, kw_only=True):
    """Where a folder goes besides the artifact store."""

    integration_id: str
    """An integration of kind `huggingface` or `object_store`."""
    path_: str = field(name="path")
    """On the Hub `owner/name`; else a folder in the store."""
    private: bool = True
    """Whether a repository that is made for it is private."""


class NotesDraft(Shape, frozen=True, kw_only=True):
    """A draft of a version's notes, in Markdown. It names examples by id only."""

    model_id: str
    """The model."""
    version: str
    """The version that the notes describe."""
    text: str
    """The draft, in Markdown."""


class Rollback(Shape, frozen=True, kw_only=True):
    """The rollback of an alias."""

    alias: str
    """The alias that was rolled back."""
    returned_to: str
    """The version it is at now."""
    returned_from: str
    """The version it was at before the rollback."""
    reason: str | None
    """Why it was rolled back."""


class RolledBackModel(Shape, frozen=True, kw_only=True):
    """The model after the rollback."""

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
    archived_at: dt.datetime | None
    """When it was archived; null unless it is."""
    rollback: Rollback
    """The rollback."""


class Ruling(Shape, frozen=True, kw_only=True):
    """The gate's result for a version, check by check, with the measurements it is based on."""

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
    """The tune: its job at the provider, and the files sent to the provider, with their SHA-256."""

    tune_id: str
    """The tune."""
    sweep_id: str
    """The sweep that the tune belongs to."""
    connection_id: str
    """The connection to the provider that ran the job."""
    job_id: str | None
    """The job's id at the provider."""
    method: OneOf["dpo", "kto", "reinforcement", "supervised"]
    """The training method."""
    seed: int | None
    """The seed that was asked for; null leaves it to the provider."""
    hyperparameters: dict[str, bool | int | float | str]
    """The hyperparameters that were asked for, in the provider's names."""
    training_file: SentFile | None
    """The training file that the provider got."""
    validation_file: SentFile | None
    """The validation file that the provider got; null where there was none."""
    check_id: str | None
    """The check of the examples that the tune had to pass; null where that was not asked."""
    requested_by: str
    """The API key or person that asked for the tune."""
    finished_at: dt.datetime | None
    """When the job ended."""


class TrainedOn(Shape, frozen=True, kw_only=True):
    """The frozen dataset version that a model version was trained on."""

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
    """The tokens used."""

    input_tokens: int | None
    """Tokens of the request; null where the provider does not count them."""
    output_tokens: int | None
    """Tokens of the answer; null where the provider does not count them."""


class WantedEvaluation(Shape, frozen=True, kw_only=True):
    """Which evaluation counts: one by this scorer, on a dataset's split or on a suite.

    Without a `dataset_version`, the last evaluation on any frozen version counts.
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
    """The lowest mean rating by people, and how many ratings it needs."""

    ratings: int = 1
    """The fewest ratings that pass."""
    stars: float = 4
    """The lowest mean rating that passes, 1 to 5 stars."""
