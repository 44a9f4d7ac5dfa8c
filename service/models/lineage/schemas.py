"""The responses of lineage."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.datasets.projection import DatasetVersionRow
from service.datasets.splits import Split
from service.http.pagination import Page
from service.models.schemas import Lineage, describe_lineage
from service.providers.provider import Method
from service.tunes.tune_files import SentFile

# How a model version used an example of its dataset version; null if it did not.
Use = Literal["training", "validation"]


class TrainedBy(msgspec.Struct, frozen=True, kw_only=True):
    """The tune: its job at the provider, and the files sent to the provider, with their SHA-256."""

    tune_id: UUID
    """The tune."""
    sweep_id: UUID
    """The sweep that the tune belongs to."""
    connection_id: UUID
    """The connection to the provider that ran the job."""
    job_id: str | None
    """The job's id at the provider."""
    method: Method
    """The training method."""
    seed: int | None
    """The seed that was asked for; null leaves it to the provider."""
    hyperparameters: dict[str, bool | int | float | str]
    """The hyperparameters that were asked for, in the provider's names."""
    training_file: SentFile | None
    """The training file that the provider got."""
    validation_file: SentFile | None
    """The validation file that the provider got; null where there was none."""
    check_id: UUID | None
    """The check of the examples that the tune had to pass; null where that was not asked."""
    requested_by: str
    """The API key or person that asked for the tune."""
    finished_at: datetime | None
    """When the job ended."""


class TrainedOn(msgspec.Struct, frozen=True, kw_only=True):
    """The frozen dataset version that a model version was trained on."""

    dataset_id: UUID
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


class ExampleUsed(msgspec.Struct, frozen=True, kw_only=True):
    """An example of the dataset version, and how the model version used it."""

    example_id: UUID
    """The example."""
    revision: int
    """The example's revision in this dataset version, from 1."""
    split: Split
    """The example's split."""
    use: Use | None
    """What the model version used it for; null where it did not use it."""
    digest: str
    """SHA-256 that commits to the content, in hex. It stays after the content was erased."""
    source: dict[str, Any]
    """Where the example came from."""
    external_id: str | None
    """The client's own id of the example."""
    changed_at: datetime
    """When this revision was made."""
    changed_by: str
    """The API key or person that made this revision."""
    content: Any = msgspec.UNSET
    """With `include=content`, the content at that revision. Null once erased."""


class ModelVersionLineage(Page[ExampleUsed], frozen=True, kw_only=True):
    """A model version's tune and dataset version, and one page of its examples, in the order they were added."""

    model_id: UUID
    """The model."""
    version: str
    """The version of the model."""
    base_model: str
    """The base model that was tuned."""
    provider_model: str
    """The version's model name at the provider."""
    lineage: Lineage
    """How much is known: `tune`, trained by a tune of this workspace; `stated`, by what whoever registered it said;
    `unknown`."""
    tune: TrainedBy | None
    """The tune that trained it; null where it was trained elsewhere."""
    dataset: TrainedOn | None
    """The dataset version it was trained on; null where none is known."""


class ModelVersionMade(msgspec.Struct, frozen=True, kw_only=True):
    """A model version made from a dataset version that contains the example, and how it used the example."""

    model_id: UUID
    """The model."""
    model: str
    """The model's name."""
    version: str
    """The version of the model."""
    tune_id: UUID | None
    """The tune that trained it; null where it was trained elsewhere."""
    use: Use | None
    """What the version used the example for; null where it did not use it."""


class DatasetVersionWith(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset version that contains the example, and the model versions made from it."""

    dataset_version: str
    """The name of the dataset version."""
    seq: int
    """The last event of the workspace's log that the version contains."""
    revision: int
    """The example's revision in this version, from 1."""
    digest: str
    """SHA-256 that commits to the example's content at that revision, in hex."""
    created_at: datetime
    """When the dataset version was frozen."""
    model_versions: list[ModelVersionMade]
    """The model versions made from this dataset version."""


class ExampleLineage(Page[DatasetVersionWith], frozen=True, kw_only=True):
    """One page of the dataset versions that contain the example, the newest first."""

    example_id: UUID
    """The example."""
    dataset_id: UUID
    """The example's dataset."""
    split: Split
    """The example's split."""


def build_origin_fields(model_version: Any, tune: Any, frozen: DatasetVersionRow | None) -> dict[str, Any]:
    """Build the fields of ModelVersionLineage other than its examples."""
    fields = {name: getattr(model_version, name) for name in ("model_id", "base_model", "provider_model")}
    origin = {
        "tune": _build_trained_by(tune) if tune else None,
        "dataset": _build_trained_on(frozen) if frozen else None,
    }
    return fields | {"version": model_version.name, "lineage": describe_lineage(model_version)} | origin


def build_example_used(model_version: Any, row: Any) -> ExampleUsed:
    fields = {name: getattr(row, name) for name in ExampleUsed.__struct_fields__ if hasattr(row, name)}
    if fields.get("content") is not None:
        fields["content"] = msgspec.Raw(fields["content"])
    return ExampleUsed(**fields, example_id=row.id, use=_find_use(model_version, row.split))


def build_dataset_version_with(row: Any, split: Split, model_versions: Sequence[Any]) -> DatasetVersionWith:
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
                use=_find_use(each, split),
            )
            for each in model_versions
        ],
    )


def _build_trained_by(tune: Any) -> TrainedBy:
    fields = {name: getattr(tune, name) for name in TrainedBy.__struct_fields__ if hasattr(tune, name)}
    return msgspec.convert(fields | {"tune_id": tune.id, "requested_by": tune.created_by}, TrainedBy)


def _build_trained_on(frozen: DatasetVersionRow) -> TrainedOn:
    own = ("dataset_id", "seq", "digest", "examples", "splits")
    return TrainedOn(**{name: getattr(frozen, name) for name in own}, version=frozen.name)


def _find_use(model_version: Any, split: Split) -> Use | None:
    if split == model_version.train_split:
        return "training"
    return "validation" if split == model_version.validation_split else None
