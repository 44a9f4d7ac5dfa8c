"""What tunes look like over HTTP: bodies in, answers out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.splits import Split
from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.ledger.decider import StreamState
from service.providers.provider import Method, MetricPoint, State
from service.tunes import events as tunes
from service.tunes.events import Bump, Failure, SentFile

Number = Annotated[float, Meta(ge=-1e12, le=1e12)]
Word = Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
HyperparameterName = Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_.]*$")]
Suffix = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Part of the model's name.")]
BaseModelId = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]


class Target(Body):
    """What to tune, and through which connection. Any base model that the provider knows will do."""

    connection_id: UUID
    base_model: BaseModelId
    hyperparameters: Annotated[
        dict[HyperparameterName, Number | Word],
        Meta(max_length=32, description="In the provider's names: n_epochs, batch_size, learning_rate_multiplier, …"),
    ] = {}
    suffix: Suffix | None = None


class Splits(Body):
    """Which splits of the version to train on and to validate with; without examples there, or null, no validation."""

    train: Split = "train"
    validation: Split | None = "validation"


class NewTunes(Body):
    """One target makes one tune, several a sweep over the same dataset version."""

    dataset_id: UUID
    dataset_version: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    targets: Annotated[list[Target], Meta(min_length=1, max_length=50)]
    model: (
        Annotated[Name, Meta(description="The line of model versions that each success becomes a part of.")] | None
    ) = None
    bump: Bump = "minor"
    method: Method = "supervised"
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    splits: Splits = Splits()
    notes: Text | None = None


class CancelTune(Body):
    reason: Reason | None = None


class Tune(msgspec.Struct, frozen=True, kw_only=True):
    """One job at one provider. `state` is our word for where it stands, `raw_status` the provider's own.

    `retries` is the tune that this one tries again. The files are those that the provider got: the sha256 of their
    bytes, and the provider's ids. `error` has the provider's own words, and a hint of ours. `trouble` is what the last
    attempt to reach the provider ended with, when it is tried again.
    """

    id: UUID
    sweep_id: UUID
    state: State
    raw_status: str | None
    connection_id: UUID
    connection_kind: str
    base_model: str
    method: Method
    hyperparameters: dict[str, float | str]
    suffix: str | None
    seed: int | None
    dataset_id: UUID
    dataset_version: str
    dataset_seq: int
    dataset_digest: str
    train_split: Split
    train_examples: int
    validation_split: Split | None
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
    bump: Bump
    notes: str | None
    retries: UUID | None
    created_at: datetime
    created_by: str
    submitted_at: datetime | None
    estimated_finish: datetime | None
    finished_at: datetime | None
    updated_at: datetime


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """The tunes of one request, in the order of its targets; retried ones follow. `states` counts them by state."""

    id: UUID
    tunes: list[Tune]
    states: dict[str, int]
    finished: bool


class TunePage(Page[Tune], frozen=True, kw_only=True):
    """One page of tunes, the newest first."""


class TuneLogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the job's own log, in the provider's words."""

    id: str
    at: datetime | None
    level: str
    message: str


class TuneLogPage(Page[TuneLogLine], frozen=True, kw_only=True):
    """One page of the job's log, the oldest line first."""


class MetricPage(Page[MetricPoint], frozen=True, kw_only=True):
    """One page of the curves, by step."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A model kept on the way, and what was measured of it."""

    id: str
    step: int
    model: str
    at: datetime | None
    metrics: MetricPoint


class CheckpointPage(Page[Checkpoint], frozen=True, kw_only=True):
    """One page of checkpoints, by step."""


def from_row(row: Any) -> Tune:
    fields = {name: getattr(row, name) for name in Tune.__struct_fields__ if name != "cancel_requested"}
    fields["cancel_requested"] = row.cancel is not None
    # As it was asked for: 3 epochs, not 3.0.
    return msgspec.structs.replace(msgspec.convert(fields, Tune), hyperparameters=row.hyperparameters)


def from_stored(stored: StreamState[tunes.Tune]) -> Tune:
    tune = stored.state
    fields: dict[str, Any] = {n: getattr(source, n) for source in (tune.asked, tune) for n in _shared(source)}
    fields |= {name: getattr(tune.sending, name, None) for name in ("training_file", "validation_file")}
    fields |= {name: getattr(stored, name) for name in ("id", "created_at", "created_by", "updated_at")}
    return Tune(**fields, trouble=None, cancel_requested=tune.cancel is not None)


def sweep_of(sweep_id: UUID, members: list[Tune]) -> Sweep:
    states: dict[str, int] = {}
    for tune in members:
        states[tune.state] = states.get(tune.state, 0) + 1
    finished = all(tune.finished_at is not None for tune in members)
    return Sweep(id=sweep_id, tunes=members, states=states, finished=finished)


def _shared(source: msgspec.Struct) -> list[str]:
    return [name for name in source.__struct_fields__ if name in Tune.__struct_fields__]
