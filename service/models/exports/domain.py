"""The export of a model version: an operation that makes its weights into the forms people use, once."""

from typing import Any, Literal, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, NotFound
from service.integrations.domain import ExportTarget
from service.ledger.decider import Decider, Event, require_state
from service.models.domain import ModelVersionRegistered
from service.operations.domain import NotCancellable
from service.weights.refusal import NotConvertible

ExportForm = Literal["adapter", "merged", "gguf-q8_0", "gguf-f16", "gguf-adapter", "ollama", "card"]
ExportStage = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
ENDED: frozenset[ExportStage] = frozenset({"succeeded", "failed", "cancelled"})


class SkippedForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form that these weights cannot be converted to, and why."""

    form: str
    reason: str


class ModelExportRequested(Event):
    """All later events carry the request id `asked_in`."""

    model_id: UUID
    model_version: str
    tune_id: UUID
    forms: tuple[ExportForm, ...]
    asked_by: str
    asked_in: str
    to: ExportTarget | None = None


class ModelExportFetching(Event):
    """It waits for the weights, which this operation downloads."""

    weights_operation: UUID


class ModelExportFormMade(Event):
    """A form is in the artifact store; or it is skipped, and a reason says why."""

    form: str
    done: int
    total: int
    artifacts: tuple[UUID, ...] = ()
    bytes: int = 0
    skipped: str | None = None


class ModelExported(Event):
    """`location`: where the folder was published."""

    artifacts: tuple[UUID, ...]
    bytes: int
    skipped: tuple[SkippedForm, ...] = ()
    location: str | None = None


class ModelExportFailed(Event):
    code: str
    detail: str


class ModelExportCancelRequested(Event):
    """A worker has to stop. Forms that were made stay artifacts."""


class ModelExportCancelled(Event):
    pass


ModelExportEvent = (
    ModelExportRequested
    | ModelExportFetching
    | ModelExportFormMade
    | ModelExported
    | ModelExportFailed
    | ModelExportCancelRequested
    | ModelExportCancelled
)


class ModelExportState(msgspec.Struct, frozen=True, kw_only=True):
    """`made`: by form, in the order in which they were made, also those that were skipped."""

    asked: ModelExportRequested
    state: ExportStage = "queued"
    weights_operation: UUID | None = None
    made: dict[str, ModelExportFormMade] = {}

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def has_forms(self) -> bool:
        """Whether any form that was asked for could be made."""
        return any(made.artifacts for form, made in self.made.items() if form in self.asked.forms)


def evolve(export: ModelExportState | None, event: ModelExportEvent) -> ModelExportState:
    if isinstance(event, ModelExportRequested):
        return ModelExportState(asked=event)
    export = require_state(export)
    match event:
        case ModelExportFetching():
            changes: dict[str, Any] = {"state": "running", "weights_operation": event.weights_operation}
        case ModelExportFormMade():
            changes = {"state": "running", "made": export.made | {event.form: event}}
        case ModelExported():
            changes = {"state": "succeeded"}
        case ModelExportFailed():
            changes = {"state": "failed"}
        case ModelExportCancelRequested():
            changes = {"state": "cancelling"}
        case ModelExportCancelled():
            changes = {"state": "cancelled"}
        case _:
            assert_never(event)
    return replace(export, **changes)


MODEL_EXPORT: Decider[ModelExportState, ModelExportEvent] = Decider(
    "model_export",
    events=(
        ModelExportRequested,
        ModelExportFetching,
        ModelExportFormMade,
        ModelExported,
        ModelExportFailed,
        ModelExportCancelRequested,
        ModelExportCancelled,
    ),
    evolve=evolve,
)


def build_artifact_id(model_id: UUID, version: str, path: str) -> UUID:
    """The same file of the same version is the same artifact, however often it is exported."""
    return uuid5(model_id, f"exports/{version}/{path}")


def require_exportable(version: ModelVersionRegistered, *, gives_weights: bool | None) -> UUID:
    """Return the tune whose weights are exported. Raises Conflict where there are none, and says why."""
    if version.tune_id is None:
        raise Conflict(
            "This version was trained elsewhere, so its weights are not here: export the version of a tune of yours."
        )
    if not gives_weights:
        raise Conflict(
            "Its provider keeps the weights: a model that was tuned there runs only there. "
            "Tune it at one whose `weights` is true (GET /v1/providers)."
        )
    return version.tune_id


def fetch(export: ModelExportState | None, *, weights_operation: UUID) -> list[ModelExportEvent]:
    before = _require_export(export)
    if before.ended or before.weights_operation == weights_operation:
        return []
    return [ModelExportFetching(weights_operation=weights_operation)]


def make(export: ModelExportState | None, made: ModelExportFormMade) -> list[ModelExportEvent]:
    """Record a form, unless it is to stop."""
    before = _require_export(export)
    return [] if before.ended or before.state == "cancelling" or made.form in before.made else [made]


def finish(export: ModelExportState | None, *, location: str | None) -> list[ModelExportEvent]:
    """End it well. If every form was skipped, it fails with the first reason."""
    before = _require_export(export)
    if before.ended:
        return []
    skipped = tuple(
        SkippedForm(form=name, reason=made.skipped) for name, made in before.made.items() if made.skipped is not None
    )
    if skipped and not before.has_forms:
        return [ModelExportFailed(code=NotConvertible.code, detail=skipped[0].reason)]
    artifacts = tuple(each for made in before.made.values() for each in made.artifacts)
    size = sum(made.bytes for made in before.made.values())
    return [ModelExported(artifacts=artifacts, bytes=size, skipped=skipped, location=location)]


def fail(export: ModelExportState | None, *, code: str, detail: str) -> list[ModelExportEvent]:
    return [] if _require_export(export).ended else [ModelExportFailed(code=code, detail=detail)]


def cancel(export: ModelExportState | None) -> list[ModelExportEvent]:
    """Stop it. Raises NotCancellable once it has ended otherwise."""
    before = _require_export(export)
    match before.state:
        case "queued":
            return [ModelExportCancelled()]
        case "running":
            return [ModelExportCancelRequested()]
        case "cancelling" | "cancelled":
            return []
        case "succeeded" | "failed":
            raise NotCancellable(f"The export has already {before.state}.")
        case _:
            assert_never(before.state)


def finish_cancel(export: ModelExportState | None) -> list[ModelExportEvent]:
    """Record that it was stopped."""
    return [ModelExportCancelled()] if _require_export(export).state == "cancelling" else []


def _require_export(export: ModelExportState | None) -> ModelExportState:
    if export is None:
        raise NotFound("No such export.")
    return export
