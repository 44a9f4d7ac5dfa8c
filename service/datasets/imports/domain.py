"""Imports: the whole file is received and checked, and then added in chunks, or not at all."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.imports.shapes.recognition import ShapeName
from service.datasets.imports.shapes.row_fields import Extra
from service.errors import NotFound
from service.ledger.decider import Decider, Event, require_state
from service.operations.domain import NotCancellable

Format = ShapeName
OnExisting = Literal["skip", "update", "fail"]
OnDeleted = Literal["skip", "restore"]
OnError = Literal["abort", "skip"]
ImportStage = Literal["uploading", "staged", "adding", "withdrawing", "succeeded", "failed", "cancelled"]
LEASE_KIND = "import"
OPEN_STAGES: tuple[ImportStage, ...] = ("uploading", "staged", "adding", "withdrawing")


class ImportSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an import's file came from, unless it was sent: never with a secret in it."""

    type: Literal["url", "s3", "gcs", "azure", "hub", "dataset", "requests"]
    """The kind of source."""
    location: str
    """The address, of a URL without its query; the bucket and path; or the dataset's id here."""
    revision: str | None = None
    """The revision that was read: a commit of the Hub, a version or ETag of an object, a seq of a dataset."""
    files: tuple[str, ...] = ()
    """The files that were read, of a dataset on the Hub."""


class ImportStarted(Event):
    """The upload began. All events of the import carry the request id `asked_in`."""

    dataset_id: UUID
    format: Format | None  # None: to be recognized
    on_error: OnError
    asked_by: str
    asked_in: str
    name: str | None = None
    on_existing: OnExisting = "skip"
    deleted: OnDeleted = "skip"
    extra: Extra | None = None
    map: str | None = None
    source: ImportSource | None = None


class ImportStaged(Event):
    """The whole file was read: so many good rows wait to be added, so many are bad. `errors` are digests of texts.

    `format` is the recognized one, `losses` counts the rows that have something which examples do not have.
    """

    rows: int
    bad: int
    bytes: int
    errors: tuple[str, ...] = ()
    format: Format | None = None
    losses: dict[str, int] = {}
    sha256: str | None = None


class ImportAdvanced(Event):
    """The good rows up to number `through` were added; `added` of them were new."""

    through: int
    added: int


class ImportReconciled(Event):
    """The rows up to number `through` that were in the dataset before were compared with it: counts so far.

    `written` events of examples come right before this one. `errors` are digests of texts that name rows not taken.
    """

    through: int
    written: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    deleted: int = 0
    restored: int = 0
    errors: tuple[str, ...] = ()


class ImportSucceeded(Event):
    """`duplicates` are the rows that changed nothing: `skipped` differ, `deleted` were deleted, the rest is equal."""

    added: int
    duplicates: int
    changed: int = 0
    skipped: int = 0
    deleted: int = 0
    restored: int = 0
    bad: int = 0


class ImportFailed(Event):
    """None of the file is in the dataset."""

    code: str
    detail: str
    line: int | None = None
    rows: int = 0
    bad: int = 0
    errors: tuple[str, ...] = ()
    format: Format | None = None


class ImportCancelRequested(Event):
    """A worker has to stop it and remove what it has added so far."""

    code: str | None = None
    detail: str | None = None


class ImportCancelled(Event):
    """`withdrawn` examples were removed, `reverted` set back; those that others changed since stay as they are."""

    withdrawn: int = 0
    reverted: int = 0


ImportEvent = (
    ImportStarted
    | ImportStaged
    | ImportAdvanced
    | ImportReconciled
    | ImportSucceeded
    | ImportFailed
    | ImportCancelRequested
    | ImportCancelled
)


class ImportState(msgspec.Struct, frozen=True, kw_only=True):
    """`failure` is the reason for a withdrawal that nobody requested."""

    dataset_id: UUID
    format: Format | None
    on_error: OnError
    asked_by: str
    asked_in: str
    name: str | None
    on_existing: OnExisting
    deleted: OnDeleted
    extra: Extra | None
    map: str | None
    source: ImportSource | None
    state: ImportStage = "uploading"
    rows: int = 0
    bad: int = 0
    bytes: int = 0
    sha256: str | None = None
    errors: tuple[str, ...] = ()
    through: int = 0
    losses: dict[str, int] = {}
    added: int = 0
    reconciled: ImportReconciled = ImportReconciled(through=0)
    failure: ImportFailed | None = None

    @property
    def compared(self) -> int:
        """How many rows were found to be in the dataset before."""
        counts = self.reconciled
        return counts.changed + counts.unchanged + counts.skipped + counts.deleted + counts.restored


NONE = ImportReconciled(through=0)


def evolve(import_: ImportState | None, event: ImportEvent) -> ImportState:  # noqa: PLR0911 - one return an event
    if isinstance(event, ImportStarted):
        fields = {name: getattr(event, name) for name in ImportStarted.__struct_fields__}
        return ImportState(**fields)
    import_ = require_state(import_)
    match event:
        case ImportStaged():
            staged = {name: getattr(event, name) for name in ("rows", "bad", "bytes", "errors", "losses", "sha256")}
            return replace(import_, state="staged", format=event.format or import_.format, **staged)
        case ImportAdvanced():
            return replace(import_, state="adding", through=event.through, added=event.added)
        case ImportReconciled():
            return replace(import_, reconciled=event, errors=(*import_.errors, *event.errors))
        case ImportSucceeded():
            return _with_end(import_, event)
        case ImportFailed():
            bad, errors = event.bad or import_.bad, event.errors or import_.errors
            format_ = event.format or import_.format
            return replace(
                import_, state="failed", failure=event, format=format_, bad=bad, errors=errors, added=0, reconciled=NONE
            )
        case ImportCancelRequested():
            failure = ImportFailed(code=event.code, detail=event.detail or "") if event.code else None
            return replace(import_, state="withdrawing", failure=failure)
        case ImportCancelled():
            return replace(import_, state="cancelled", added=0, reconciled=NONE)
        case _:
            assert_never(event)


def _with_end(import_: ImportState, event: ImportSucceeded) -> ImportState:
    """An import of before rows were compared recorded only that they were duplicates."""
    counts = ImportReconciled(
        through=import_.through,
        changed=event.changed,
        unchanged=event.duplicates - event.skipped - event.deleted,
        skipped=event.skipped,
        deleted=event.deleted,
        restored=event.restored,
    )
    return replace(import_, state="succeeded", added=event.added, reconciled=counts)


IMPORT: Decider[ImportState, ImportEvent] = Decider(
    "import",
    events=(
        ImportStarted,
        ImportStaged,
        ImportAdvanced,
        ImportReconciled,
        ImportSucceeded,
        ImportFailed,
        ImportCancelRequested,
        ImportCancelled,
    ),
    evolve=evolve,
)


def finish_upload(import_: ImportState | None, *, staging: ImportStaged) -> list[ImportEvent]:
    """Record that the file was read. With on_error=abort, one bad row fails it; without a good row it fails anyway."""
    before = _require_import(import_)
    if before.state != "uploading":
        return []
    if staging.bad and (before.on_error == "abort" or not staging.rows):
        detail = (
            f"{staging.bad} of {staging.rows + staging.bad} rows are bad; nothing was added. The import lists them."
        )
        return [
            ImportFailed(
                code="bad_rows",
                detail=detail,
                rows=staging.rows,
                bad=staging.bad,
                errors=staging.errors,
                format=staging.format,
            )
        ]
    return [staging]


def fail(import_: ImportState | None, *, failure: ImportFailed) -> list[ImportEvent]:
    """Fail the import, unless something was added: that has to be withdrawn first."""
    before = _require_import(import_)
    if before.state not in ("uploading", "staged"):
        return []
    return [failure]


def finish(import_: ImportState | None) -> list[ImportEvent]:
    """Record that all good rows are in the dataset: added, or compared with what was there."""
    before = _require_import(import_)
    if before.state not in ("staged", "adding"):
        return []
    counts = before.reconciled
    return [
        ImportSucceeded(
            added=before.added,
            duplicates=before.rows - before.added - counts.changed - counts.restored,
            changed=counts.changed,
            skipped=counts.skipped,
            deleted=counts.deleted,
            restored=counts.restored,
            bad=before.bad,
        )
    ]


def refuse_existing(import_: ImportState | None, *, failure: ImportFailed) -> list[ImportEvent]:
    """With on_existing=fail: fail, and remove what was added."""
    before = _require_import(import_)
    if before.state == "staged":
        return [failure]
    if before.state == "adding":
        return [ImportCancelRequested(code=failure.code, detail=failure.detail)]
    return []


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


def finish_withdrawal(import_: ImportState | None, *, examples: int, reverted: int = 0) -> list[ImportEvent]:
    """Record that everything was removed or set back."""
    before = _require_import(import_)
    if before.state != "withdrawing":
        return []
    return [before.failure or ImportCancelled(withdrawn=examples, reverted=reverted)]


def _require_import(import_: ImportState | None) -> ImportState:
    if import_ is None:
        raise NotFound("No such import.")
    return import_
