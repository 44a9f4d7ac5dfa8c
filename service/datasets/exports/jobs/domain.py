"""An export into the artifact store: an operation, from the request to its end."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import NotFound
from service.integrations.domain import ExportTarget
from service.ledger.decider import Decider, Digest, Event, require_state
from service.operations.domain import NotCancellable

ExportStage = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
ENDED: frozenset[ExportStage] = frozenset({"succeeded", "failed", "cancelled"})


class DatasetTarget(ExportTarget, frozen=True, kw_only=True):
    """Where a folder of the dataset goes. `license` is for its card."""

    license: str | None = None


class DatasetExportRequested(Event):
    """`order` is the digest of a text: the selection and the options, which may hold a system prompt."""

    dataset_id: UUID
    format: str
    order: Digest
    asked_by: str
    asked_in: str
    version: str | None = None
    to: DatasetTarget | None = None


class DatasetExportAdvanced(Event):
    """So many bytes were written."""

    done: int


class DatasetExportSent(Event):
    """A copy is about to leave: from now on some of it may be there."""

    location: str


class DatasetExported(Event):
    """The file is an artifact, whose event has its sha256. `losses` and `left_out` count examples.

    With a target there is an artifact for each of its files, and `location` says where the copy is.
    """

    artifact_id: UUID
    rows: int
    bytes: int
    losses: dict[str, int] = {}
    left_out: dict[str, int] = {}
    erased: int = 0
    artifacts: tuple[UUID, ...] = ()
    location: str | None = None


class DatasetExportFailed(Event):
    code: str
    detail: str


class DatasetExportCancelRequested(Event):
    pass


class DatasetExportCancelled(Event):
    pass


ExportEvent = (
    DatasetExportRequested
    | DatasetExportAdvanced
    | DatasetExportSent
    | DatasetExported
    | DatasetExportFailed
    | DatasetExportCancelRequested
    | DatasetExportCancelled
)
STAGES: dict[type[Event], ExportStage] = {
    DatasetExportAdvanced: "running",
    DatasetExported: "succeeded",
    DatasetExportFailed: "failed",
    DatasetExportCancelRequested: "cancelling",
    DatasetExportCancelled: "cancelled",
}


class ExportState(msgspec.Struct, frozen=True, kw_only=True):
    asked: DatasetExportRequested
    state: ExportStage = "queued"
    is_sent: bool = False

    @property
    def ended(self) -> bool:
        return self.state in ENDED


def evolve(export: ExportState | None, event: ExportEvent) -> ExportState:
    if isinstance(event, DatasetExportRequested):
        return ExportState(asked=event)
    export = require_state(export)
    match event:
        case DatasetExportSent():
            return replace(export, is_sent=True)
        case (
            DatasetExportAdvanced()
            | DatasetExported()
            | DatasetExportFailed()
            | DatasetExportCancelRequested()
            | DatasetExportCancelled()
        ):
            return replace(export, state=STAGES[type(event)])
        case _:
            assert_never(event)


DATASET_EXPORT: Decider[ExportState, ExportEvent] = Decider(
    "dataset_export",
    events=(
        DatasetExportRequested,
        DatasetExportAdvanced,
        DatasetExportSent,
        DatasetExported,
        DatasetExportFailed,
        DatasetExportCancelRequested,
        DatasetExportCancelled,
    ),
    evolve=evolve,
)


def advance(export: ExportState | None, *, done: int) -> list[ExportEvent]:
    """Record how far it is, unless it is to stop."""
    before = _require_export(export)
    return [] if before.ended or before.state == "cancelling" else [DatasetExportAdvanced(done=done)]


def send(export: ExportState | None, *, location: str) -> list[ExportEvent]:
    """Record that a copy is about to leave, once."""
    before = _require_export(export)
    return [] if before.is_sent or before.state != "running" else [DatasetExportSent(location=location)]


def finish(export: ExportState | None, end: DatasetExported | DatasetExportFailed) -> list[ExportEvent]:
    return [] if _require_export(export).ended else [end]


def cancel(export: ExportState | None) -> list[ExportEvent]:
    """Stop it. Raises NotCancellable once it has ended otherwise."""
    before = _require_export(export)
    match before.state:
        case "queued":
            return [DatasetExportCancelled()]
        case "running":
            return [DatasetExportCancelRequested()]
        case "cancelling" | "cancelled":
            return []
        case "succeeded" | "failed":
            raise NotCancellable(f"The export has already {before.state}.")
        case _:
            assert_never(before.state)


def finish_cancel(export: ExportState | None) -> list[ExportEvent]:
    """Record that it was stopped."""
    return [DatasetExportCancelled()] if _require_export(export).state == "cancelling" else []


def _require_export(export: ExportState | None) -> ExportState:
    if export is None:
        raise NotFound("No such export.")
    return export
