# Generated from openapi/openapi.json by `make clients`.
"""Structs of tunes."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import SentFile


class Checkpoint(Shape, frozen=True, kw_only=True):
    """A model kept on the way, and what was measured of it."""

    id: str
    step: int
    model: str
    at: str | None
    metrics: MetricPoint


class CheckpointPage(Shape, frozen=True, kw_only=True):
    """One page of checkpoints, by step."""

    data: list[Checkpoint]
    next_cursor: str | None
    count: int | None = None


class Failure(Shape, frozen=True, kw_only=True):
    """Why a tune failed: `message` in the provider's own words where it spoke, `hint` what may be done about it."""

    code: str
    message: str
    hint: str | None = None
    param: str | None = None


class MetricPage(Shape, frozen=True, kw_only=True):
    """One page of the curves, by step."""

    data: list[MetricPoint]
    next_cursor: str | None
    count: int | None = None


class MetricPoint(Shape, frozen=True, kw_only=True):
    """Measured at a step: losses in nats per token, accuracies 0 to 1; `not_finite` names the NaNs and infinities."""

    step: int
    full_valid_accuracy: float | None = None
    full_valid_loss: float | None = None
    not_finite: list[str] = []
    train_accuracy: float | None = None
    train_loss: float | None = None
    valid_accuracy: float | None = None
    valid_loss: float | None = None


class Splits(Shape, frozen=True, kw_only=True):
    """Which splits of the version to train on and to validate with; without examples there, or null, no validation."""

    train: OneOf["test", "train", "validation"] = "train"
    validation: OneOf["test", "train", "validation"] | None = "validation"


class Sweep(Shape, frozen=True, kw_only=True):
    """The tunes of one request, in the order of its targets; retried ones follow. `states` counts them by state."""

    id: str
    tunes: list[Tune]
    states: dict[str, int]
    finished: bool


class Target(Shape, frozen=True, kw_only=True):
    """What to tune, and through which connection. Any base model that the provider knows will do."""

    connection_id: str
    base_model: str
    hyperparameters: dict[str, float | str] = {}
    """In the provider's names: n_epochs, batch_size, learning_rate_multiplier, …"""
    suffix: str | None = None


class Tune(Shape, frozen=True, kw_only=True):
    """One job at one provider. `state` is our word for where it stands, `raw_status` the provider's own.

    `retries` is the tune that this one tries again. The files are those that the provider got: the sha256 of their
    bytes, and the provider's ids. `error` has the provider's own words, and a hint of ours. `trouble` is what the
    last attempt to reach the provider ended with, when it is tried again.
    """

    id: str
    sweep_id: str
    state: OneOf["cancelled", "failed", "paused", "pending", "queued", "running", "succeeded", "validating"]
    raw_status: str | None
    connection_id: str
    connection_kind: str
    base_model: str
    method: OneOf["dpo", "supervised"]
    hyperparameters: dict[str, float | str]
    suffix: str | None
    seed: int | None
    dataset_id: str
    dataset_version: str
    dataset_seq: int
    dataset_digest: str
    train_split: OneOf["test", "train", "validation"]
    train_examples: int
    validation_split: OneOf["test", "train", "validation"] | None
    validation_examples: int
    training_file: SentFile | None
    validation_file: SentFile | None
    job_id: str | None
    provider_model: str | None
    trained_tokens: int | None
    error: Failure | None
    trouble: str | None
    cancel_requested: bool
    model: str | None
    bump: OneOf["major", "minor"]
    notes: str | None
    retries: str | None
    created_at: dt.datetime
    created_by: str
    submitted_at: dt.datetime | None
    estimated_finish: str | None
    finished_at: dt.datetime | None
    updated_at: dt.datetime


class TuneLogLine(Shape, frozen=True, kw_only=True):
    """A line of the job's own log, in the provider's words."""

    id: str
    at: str | None
    level: str
    message: str


class TuneLogPage(Shape, frozen=True, kw_only=True):
    """One page of the job's log, the oldest line first."""

    data: list[TuneLogLine]
    next_cursor: str | None
    count: int | None = None


class TunePage(Shape, frozen=True, kw_only=True):
    """One page of tunes, the newest first."""

    data: list[Tune]
    next_cursor: str | None
    count: int | None = None
