"""Datasets: their name, task, split policy and frozen versions."""

from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

import msgspec

from service.datasets.filters.selection import Filter
from service.datasets.splits import SplitPolicy, check_shares
from service.errors import Archived, Conflict, Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Event, require_state

# A letter first, so that a name is never taken for a seq or a time; no newline, which `$` alone would let end it.
VERSION_NAME = r"^[A-Za-z][A-Za-z0-9._-]{0,99}$(?!\n)"


class ForkedFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What a dataset was forked from, and when."""

    dataset_id: UUID
    """The dataset it was forked from."""
    seq: int
    """The position in the event log whose state was copied."""
    version: str | None = None
    """The version that was copied; null for all examples."""


class DatasetCreated(Event):
    name: str
    description: str = ""
    task_id: UUID | None = None
    split_policy: SplitPolicy = SplitPolicy()
    forked_from: ForkedFrom | None = None


class DatasetEdited(Event):
    """Absent fields stay as they were; `detached`: the dataset has no task any more."""

    name: str | None = None
    description: str | None = None
    task_id: UUID | None = None
    detached: bool = False
    reason: str | None = None


class SplitPolicyChanged(Event):
    """For examples added from now on; existing ones keep their split."""

    split_policy: SplitPolicy
    reason: str | None = None


class DatasetVersionFrozen(Event):
    """A name for the examples that match a filter at a seq (`moment`), with the digest that proves its content."""

    name: str
    moment: int
    digest: str
    examples: int
    splits: dict[str, int]
    filter: Filter = Filter()
    notes: str = ""


class DatasetArchived(Event):
    """Out of lists and closed to new work. `at` is the server's clock."""

    at: datetime
    reason: str | None = None


class DatasetUnarchived(Event):
    reason: str | None = None


DatasetEvent = (
    DatasetCreated | DatasetEdited | SplitPolicyChanged | DatasetVersionFrozen | DatasetArchived | DatasetUnarchived
)


class DatasetState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str
    task_id: UUID | None
    split_policy: SplitPolicy
    versions: frozenset[str] = frozenset()
    archived_at: datetime | None = None
    forked_from: ForkedFrom | None = None


def evolve(dataset: DatasetState | None, event: DatasetEvent) -> DatasetState:
    if isinstance(event, DatasetCreated):
        return DatasetState(**{name: getattr(event, name) for name in DatasetCreated.__struct_fields__})
    dataset = require_state(dataset)
    match event:
        case DatasetEdited():
            changes = {name: value for name in EDITABLE if (value := getattr(event, name)) is not None}
            return msgspec.structs.replace(dataset, **changes, **({"task_id": None} if event.detached else {}))
        case SplitPolicyChanged(split_policy=policy):
            return msgspec.structs.replace(dataset, split_policy=policy)
        case DatasetVersionFrozen(name=name):
            return msgspec.structs.replace(dataset, versions=dataset.versions | {name})
        case DatasetArchived(at=at):
            return msgspec.structs.replace(dataset, archived_at=at)
        case DatasetUnarchived():
            return msgspec.structs.replace(dataset, archived_at=None)
        case _:
            assert_never(event)


EDITABLE = ("name", "description", "task_id")
DATASET: Decider[DatasetState, DatasetEvent] = Decider(
    "dataset",
    events=(
        DatasetCreated,
        DatasetEdited,
        SplitPolicyChanged,
        DatasetVersionFrozen,
        DatasetArchived,
        DatasetUnarchived,
    ),
    evolve=evolve,
)


def create(
    *, name: str, description: str = "", task_id: UUID | None = None, split_policy: SplitPolicy
) -> list[DatasetEvent]:
    check_shares(split_policy)
    return [DatasetCreated(name=name, description=description, task_id=task_id, split_policy=split_policy)]


def fork(dataset: DatasetState, *, name: str, description: str | None, origin: ForkedFrom) -> DatasetCreated:
    """Create a dataset with the task and the split policy of the one that it is forked from."""
    return DatasetCreated(
        name=name,
        description=dataset.description if description is None else description,
        task_id=dataset.task_id,
        split_policy=dataset.split_policy,
        forked_from=origin,
    )


def edit(
    dataset: DatasetState | None, *, reason: str | None = None, detach: bool = False, **changes: Any
) -> list[DatasetEvent]:
    """Change name, description or task_id (None leaves it), or `detach` the task."""
    before = require_active(dataset)
    different = {name: value for name, value in changes.items() if value is not None and value != getattr(before, name)}
    detached = detach and before.task_id is not None
    return [DatasetEdited(reason=reason, detached=detached, **different)] if different or detached else []


def change_split_policy(
    dataset: DatasetState | None, *, split_policy: SplitPolicy, reason: str | None = None
) -> list[DatasetEvent]:
    before = require_active(dataset)
    check_shares(split_policy)
    return [] if split_policy == before.split_policy else [SplitPolicyChanged(split_policy=split_policy, reason=reason)]


def freeze(dataset: DatasetState | None, *, frozen: DatasetVersionFrozen, unfinished: str | None) -> list[DatasetEvent]:
    """Freeze a version. Raises Conflict for a name that exists, or while what `unfinished` names is half done."""
    before = require_active(dataset)
    if frozen.name in before.versions:
        fault = Fault(pointer="/name", detail="A version of this name exists; choose another name.", code="taken")
        raise Conflict(f"Version {frozen.name} already exists.", errors=[fault])
    if unfinished is not None:
        raise Conflict(f"{unfinished}; freeze the version when that has ended, or cancel it.")
    if frozen.examples == 0:
        detail = "No example matches; a version needs at least one."
        raise Unprocessable(detail, errors=[Fault(pointer="/filter", detail=detail, code="no_examples")])
    return [frozen]


def archive(dataset: DatasetState | None, *, at: datetime, reason: str | None) -> list[DatasetEvent]:
    """Take the dataset out of lists and close it to new work. Repeating it records nothing."""
    return [] if _require_dataset(dataset).archived_at else [DatasetArchived(at=at, reason=reason)]


def unarchive(dataset: DatasetState | None, *, reason: str | None) -> list[DatasetEvent]:
    """Bring the dataset back. Repeating it records nothing."""
    return [DatasetUnarchived(reason=reason)] if _require_dataset(dataset).archived_at else []


def require_active(dataset: DatasetState | None, *, pointer: str = "") -> DatasetState:
    """Return the dataset to work on. Raises NotFound without one, Archived for an archived one."""
    if _require_dataset(dataset).archived_at:
        raise Archived("dataset", pointer=pointer)
    return _require_dataset(dataset)


def _require_dataset(dataset: DatasetState | None) -> DatasetState:
    if dataset is None:
        raise NotFound("No such dataset.")
    return dataset
