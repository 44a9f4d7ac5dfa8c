"""Imports: the whole file is received and checked, and then added in chunks, or not at all."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec

from service.errors import NotFound
from service.ledger.decider import Decider, Event, require_state
from service.operations.domain import NotCancellable

Format = Literal["openai-chat", "alpaca", "csv", "tuneledger"]
OnError = Literal["abort", "skip"]
ImportStage = Literal["uploading", "staged", "adding", "withdrawing", "succeeded", "failed", "cancelled"]
OPEN_STAGES: tuple[ImportStage, ...] = ("uploading", "staged", "adding", "withdrawing")


class ImportStarted(Event):
    """The upload began. All events of the import carry the request id `asked_in`."""

    dataset_id: UUID
    format: Format
    on_error: OnError
    asked_by: str
    asked_in: str
    name: str | None = None


class ImportStaged(Event):
    """The whole file was read: so many good rows wait to be added, so many are bad. `errors` are digests of texts."""

    rows: int
    bad: int
    bytes: int
    errors: tuple[str, ...] = ()


class ImportAdvanced(Event):
    """The good rows up to number `through` were added; `added` of them were new."""

    through: int
    added: int


class ImportSucceeded(Event):
    added: int
    duplicates: int


class ImportFailed(Event):
    """None of the file is in the dataset."""

    code: str
    detail: str
    line: int | None = None
    rows: int = 0
    bad: int = 0
    errors: tuple[str, ...] = ()


class ImportCancelRequested(Event):
    """A worker has to stop it and remove what it has added so far."""

    code: str | None = None
    detail: str | None = None


class ImportCancelled(Event):
    withdrawn: int = 0


ImportEvent = (
    ImportStarted
    | ImportStaged
    | ImportAdvanced
    | ImportSucceeded
    | ImportFailed
    | ImportCancelRequested
    | ImportCancelled
)


class ImportState(msgspec.Struct, frozen=True, kw_only=True):
    """`failure` is the reason for a withdrawal that nobody requested."""

    dataset_id: UUID
    format: Format
    on_error: OnError
    asked_by: str
    asked_in: str
    name: str | None
    state: ImportStage = "uploading"
    rows: int = 0
    bad: int = 0
    bytes: int = 0
    errors: tuple[str, ...] = ()
    through: int = 0
    added: int = 0
    duplicates: int = 0
    failure: ImportFailed | None = None


def evolve(import_: ImportState | None, event: ImportEvent) -> ImportState:  # noqa: PLR0911 - one return an event
    if isinstance(event, ImportStarted):
        fields = {name: getattr(event, name) for name in ImportStarted.__struct_fields__}
        return ImportState(**fields)
    import_ = require_state(import_)
    match event:
        case ImportStaged():
            return msgspec.structs.replace(
                import_, state="staged", rows=event.rows, bad=event.bad, bytes=event.bytes, errors=event.errors
            )
        case ImportAdvanced():
            return msgspec.structs.replace(import_, state="adding", through=event.through, added=event.added)
        case ImportSucceeded():
            return msgspec.structs.replace(import_, state="succeeded", added=event.added, duplicates=event.duplicates)
        case ImportFailed():
            bad, errors = event.bad or import_.bad, event.errors or import_.errors
            return msgspec.structs.replace(import_, state="failed", failure=event, bad=bad, errors=errors, added=0)
        case ImportCancelRequested():
            failure = ImportFailed(code=event.code, detail=event.detail or "") if event.code else None
            return msgspec.structs.replace(import_, state="withdrawing", failure=failure)
        case ImportCancelled():
            return msgspec.structs.replace(import_, state="cancelled", added=0)
        case _:
            assert_never(event)


IMPORT: Decider[ImportState, ImportEvent] = Decider(
    "import",
    events=(
        ImportStarted,
        ImportStaged,
        ImportAdvanced,
        ImportSucceeded,
        ImportFailed,
        ImportCancelRequested,
        ImportCancelled,
    ),
    evolve=evolve,
)


def finish_upload(import_: ImportState | None, *, staging: ImportStaged) -> list[ImportEvent]:
    """Record that the file was read. With on_error=abort, one bad row fails it; a cancelled import stays cancelled."""
    before = _require_import(import_)
    if before.state != "uploading":
        return []
    if staging.bad and before.on_error == "abort":
        detail = (
            f"{staging.bad} of {staging.rows + staging.bad} rows are bad; nothing was added. The import lists them."
        )
        return [ImportFailed(code="bad_rows", detail=detail, rows=staging.rows, bad=staging.bad, errors=staging.errors)]
    return [staging]


def fail(import_: ImportState | None, *, failure: ImportFailed) -> list[ImportEvent]:
    """Fail the import, unless something was added: that has to be withdrawn first."""
    before = _require_import(import_)
    if before.state not in ("uploading", "staged"):
        return []
    return [failure]


def finish(import_: ImportState | None) -> list[ImportEvent]:
    """Record that all good rows were added; duplicates were in the dataset, or earlier in the file."""
    before = _require_import(import_)
    if before.state not in ("staged", "adding"):
        return []
    return [ImportSucceeded(added=before.added, duplicates=before.rows - before.added)]


def cancel(import_: ImportState | None) -> list[ImportEvent]:
    """Stop the import and remove what it added. Raises NotCancellable once it has ended."""
    before = _require_import(import_)
    match before.state:
        case "uploading" | "staged":
            return [ImportCancelled()]
        case "adding":
            return [ImportCancelRequested()]
        case "withdrawing" | "cancelled":
            return []
        case "succeeded" | "failed":
            raise NotCancellable(f"The import has already {before.state}.")
        case _:
            assert_never(before.state)


def fail_staging(import_: ImportState | None, *, detail: str) -> list[ImportEvent]:
    """The staged rows were lost (Postgres crashed): fail, and remove what was added."""
    before = _require_import(import_)
    if before.state == "staged":
        return [ImportFailed(code="staging_lost", detail=detail)]
    if before.state == "adding":
        return [ImportCancelRequested(code="staging_lost", detail=detail)]
    return []


def finish_withdrawal(import_: ImportState | None, *, examples: int) -> list[ImportEvent]:
    """Record that everything was removed."""
    before = _require_import(import_)
    if before.state != "withdrawing":
        return []
    return [before.failure or ImportCancelled(withdrawn=examples)]


def _require_import(import_: ImportState | None) -> ImportState:
    if import_ is None:
        raise NotFound("No such import.")
    return import_
