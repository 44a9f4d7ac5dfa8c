"""What lineage looks like over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.datasets.projection import DatasetVersionRow
from service.datasets.splits import Split
from service.http.pagination import Page
from service.providers.provider import Method
from service.tunes.events import SentFile

# What a model version did with an example that its dataset version holds; null for one that it never saw.
Use = Literal["training", "validation"]


class TrainedBy(msgspec.Struct, frozen=True, kw_only=True):
    """The tune: its job at the provider, and the files the provider got, with the sha256 of their bytes."""

    tune_id: UUID
    sweep_id: UUID
    connection_id: UUID
    job_id: str | None
    method: Method
    seed: int | None
    hyperparameters: dict[str, int | float | str]
    training_file: SentFile | None
    validation_file: SentFile | None
    requested_by: str
    finished_at: datetime | None


class TrainedOn(msgspec.Struct, frozen=True, kw_only=True):
    """The frozen dataset version; `digest` is sha256 over its sorted content digests, in hex."""

    dataset_id: UUID
    version: str
    seq: int
    digest: str
    examples: int
    splits: dict[str, int]


class ExampleUsed(msgspec.Struct, frozen=True, kw_only=True):
    """An example as the dataset version holds it. `digest` commits to its content, also after that was erased.

    `use` is what the model version did with it; null for one that it never saw. `changed_by` made this `revision`.
    """

    example_id: UUID
    revision: int
    split: Split
    use: Use | None
    digest: str
    source: dict[str, Any]
    external_id: str | None
    changed_at: datetime
    changed_by: str


class ModelVersionLineage(Page[ExampleUsed], frozen=True, kw_only=True):
    """One page of the examples, in the order they were added, under what they went through to become this version."""

    model_id: UUID
    version: str
    base_model: str
    provider_model: str
    tune: TrainedBy | None
    dataset: TrainedOn | None


class ModelVersionMade(msgspec.Struct, frozen=True, kw_only=True):
    """A model version made from a dataset version that holds the example; `use` is null where it never saw it."""

    model_id: UUID
    model: str
    version: str
    tune_id: UUID | None
    use: Use | None


class DatasetVersionWith(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset version that holds the example, at which of its revisions, and what was made of that version."""

    dataset_version: str
    seq: int
    revision: int
    digest: str
    created_at: datetime
    model_versions: list[ModelVersionMade]


class ExampleLineage(Page[DatasetVersionWith], frozen=True, kw_only=True):
    """One page of the dataset versions that hold the example, the newest first."""

    example_id: UUID
    dataset_id: UUID
    split: Split


def origin_fields(made: Any, tune: Any, frozen: DatasetVersionRow | None) -> dict[str, Any]:
    """What stands over the examples: the model version, its tune, and its dataset version, where it has them."""
    fields = {name: getattr(made, name) for name in ("model_id", "base_model", "provider_model")}
    origin = {"tune": _tune(tune) if tune else None, "dataset": _dataset(frozen) if frozen else None}
    return fields | {"version": made.name} | origin


def example_used(made: Any, row: Any) -> ExampleUsed:
    fields = {name: getattr(row, name) for name in ExampleUsed.__struct_fields__ if hasattr(row, name)}
    return ExampleUsed(**fields, example_id=row.id, use=_use_of(made, row.split))


def dataset_version_with(row: Any, split: Split, made: Sequence[Any]) -> DatasetVersionWith:
    fields = {name: getattr(row, name) for name in ("seq", "revision", "digest", "created_at")}
    return DatasetVersionWith(
        **fields,
        dataset_version=row.name,
        model_versions=[
            ModelVersionMade(
                model_id=each.model_id,
                model=each.model,
                version=each.name,
                tune_id=each.tune_id,
                use=_use_of(each, split),
            )
            for each in made
        ],
    )


def _tune(tune: Any) -> TrainedBy:
    fields = {name: getattr(tune, name) for name in TrainedBy.__struct_fields__ if hasattr(tune, name)}
    return msgspec.convert(fields | {"tune_id": tune.id, "requested_by": tune.created_by}, TrainedBy)


def _dataset(frozen: DatasetVersionRow) -> TrainedOn:
    own = ("dataset_id", "seq", "digest", "examples", "splits")
    return TrainedOn(**{name: getattr(frozen, name) for name in own}, version=frozen.name)


def _use_of(made: Any, split: Split) -> Use | None:
    if split == made.train_split:
        return "training"
    return "validation" if split == made.validation_split else None
