# Generated from openapi/openapi.json by `make clients`.
"""Structs of tunes."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import SentFile


class Checkpoint(Shape, frozen=True, kw_only=True):
    """A model kept on the way, and what was measured of it."""

    id: str
    """The checkpoint's id at the provider."""
    step: int
    """The training step it was saved at."""
    model: str
    """The checkpoint's model name at the provider."""
    at: str | None
    """When it was saved; null where the provider does not say."""
    metrics: MetricPoint
    """The measures at that step."""


class CheckpointPage(Shape, frozen=True, kw_only=True):
    """One page of checkpoints, by step."""

    data: list[Checkpoint]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Failure(Shape, frozen=True, kw_only=True):
    """Why a tune failed: `message` in the provider's own words where it spoke, `hint` what may be done about it."""

    code: str
    """The provider's error code, or one of ours."""
    message: str
    """What went wrong, in the provider's words where it gave any."""
    hint: str | None = None
    """Another way to tune the same dataset; null where there is none."""
    param: str | None = None
    """The field of the provider's request that was wrong; null where none is named."""


class MetricPage(Shape, frozen=True, kw_only=True):
    """One page of the curves, by step."""

    data: list[MetricPoint]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class MetricPoint(Shape, frozen=True, kw_only=True):
    """Measured at a step: losses in nats per token, accuracies 0 to 1; `not_finite` names the NaNs and infinities."""

    step: int
    """The training step, from 0."""
    full_valid_accuracy: float | None = None
    """Token accuracy on all validation examples, 0 to 1."""
    full_valid_loss: float | None = None
    """Loss on all validation examples, in nats per token."""
    not_finite: list[str] = []
    """Names of the measures that were NaN or infinite."""
    train_accuracy: float | None = None
    """Token accuracy on the training examples, 0 to 1."""
    train_loss: float | None = None
    """Loss on the training examples, in nats per token."""
    valid_accuracy: float | None = None
    """Token accuracy on a batch of validation examples, 0 to 1."""
    valid_loss: float | None = None
    """Loss on a batch of validation examples, in nats per token."""


class Splits(Shape, frozen=True, kw_only=True):
    """Which splits of the version to train on and to validate with; without examples there, or null, no validation."""

    train: OneOf["test", "train", "validation"] = "train"
    """The split to train on."""
    validation: OneOf["test", "train", "validation"] | None = "validation"
    """The split to validate with; null for no validation."""


class Sweep(Shape, frozen=True, kw_only=True):
    """The tunes of one request, in the order of its targets; retried ones follow. `states` counts them by state."""

    id: str
    """The sweep."""
    tunes: list[Tune]
    """Its tunes in the order of the targets; retried ones follow."""
    states: dict[str, int]
    """How many tunes are in each state."""
    finished: bool
    """Whether all its tunes have ended."""


class Target(Shape, frozen=True, kw_only=True):
    """What to tune, and through which connection. Any base model that the provider knows will do."""

    connection_id: str
    """The connection to the provider."""
    base_model: str
    """The base model's id at the provider."""
    hyperparameters: dict[str, float | str] = {}
    """In the provider's names: n_epochs, batch_size, learning_rate_multiplier, …"""
    suffix: str | None = None
    """Text for the provider to put into the tuned model's name."""


class Tune(Shape, frozen=True, kw_only=True):
    """One job at one provider. `state` is our word for where it stands, `raw_status` the provider's own.

    `retries` is the tune that this one tries again. The files are those that the provider got: the sha256 of their
    bytes, and the provider's ids. `error` has the provider's own words, and a hint of ours. `trouble` is what the
    last attempt to reach the provider ended with, when it is tried again.
    """

    id: str
    """The tune."""
    sweep_id: str
    """The sweep: all tunes of one request."""
    state: OneOf["cancelled", "failed", "paused", "pending", "queued", "running", "succeeded", "validating"]
    """The tune's state, the same for all providers."""
    raw_status: str | None
    """The job's status in the provider's own word."""
    connection_id: str
    """The connection to the provider."""
    connection_kind: str
    """The kind of provider."""
    base_model: str
    """The base model's id at the provider."""
    method: OneOf["dpo", "supervised"]
    """The training method."""
    hyperparameters: dict[str, float | str]
    """The hyperparameters that were asked for, in the provider's names."""
    suffix: str | None
    """Text for the provider to put into the tuned model's name."""
    seed: int | None
    """The seed that was asked for; null leaves it to the provider."""
    dataset_id: str
    """The dataset to train on."""
    dataset_version: str
    """The frozen version of the dataset."""
    dataset_seq: int
    """The last event of the workspace's log that the version contains."""
    dataset_digest: str
    """SHA-256 over the version's contents, in hex."""
    train_split: OneOf["test", "train", "validation"]
    """The split to train on."""
    train_examples: int
    """How many examples that split has."""
    validation_split: OneOf["test", "train", "validation"] | None
    """The split to validate with; null for no validation."""
    validation_examples: int
    """How many examples that split has."""
    training_file: SentFile | None
    """The training file that the provider got; null until it is uploaded."""
    validation_file: SentFile | None
    """The validation file that the provider got; null until it is uploaded, or where there is none."""
    job_id: str | None
    """The job's id at the provider; null until the provider has it."""
    provider_model: str | None
    """The tuned model's name at the provider; null until the tune succeeded."""
    trained_tokens: int | None
    """How many tokens were trained; null where the provider does not say."""
    error: Failure | None
    """Why the tune failed; null unless it failed."""
    trouble: str | None
    """Why the provider could not be reached the last time; it is tried again."""
    cancel_requested: bool
    """Whether someone asked to cancel the tune."""
    model: str | None
    """The model that a success becomes a version of; null for none."""
    bump: OneOf["major", "minor"]
    """Whether the new model version gets a minor (v1.1) or a major number (v2.0)."""
    notes: str | None
    """Notes for the model version that comes of it, in Markdown."""
    retries: str | None
    """The tune that this one tries again; null for a first try."""
    created_at: dt.datetime
    """When the tune was asked for."""
    created_by: str
    """The API key or person that asked for the tune."""
    submitted_at: dt.datetime | None
    """When the provider took the job."""
    estimated_finish: str | None
    """When the provider expects the job to end."""
    finished_at: dt.datetime | None
    """Null until the tune has ended."""
    updated_at: dt.datetime
    """When the tune last changed."""


class TuneLogLine(Shape, frozen=True, kw_only=True):
    """A line of the job's own log, in the provider's words."""

    id: str
    """The line's id at the provider."""
    at: str | None
    """When it was logged; null where the provider does not say."""
    level: str
    """The line's level, such as info or error."""
    message: str
    """The line, in the provider's words."""


class TuneLogPage(Shape, frozen=True, kw_only=True):
    """One page of the job's log, the oldest line first."""

    data: list[TuneLogLine]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class TunePage(Shape, frozen=True, kw_only=True):
    """One page of tunes, the newest first."""

    data: list[Tune]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
