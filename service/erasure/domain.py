"""Erasures: what was ordered, what is gone, who held it, what is still open. No event has a text or a person's key."""

from typing import Literal, assert_never, get_args
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.ledger.decider import Decider, Digest, Event, require_state

Scope = Literal["example", "dataset", "subject"]
Kind = Literal[
    "examples",
    "candidates",
    "labels",
    "calls",
    "documents",
    "prompts",
    "requests",
    "import_rows",
    "import_errors",
    "answers",
    "exports",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
CopyKind = Literal["file", "answer", "model"]


class HeldVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen dataset version that held erased examples."""

    dataset_id: UUID
    """The dataset."""
    name: str
    """The version's name."""
    examples: int
    """How many of its examples were erased."""


class HeldFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file at a provider that held erased examples."""

    connection_id: UUID
    """The connection to the provider."""
    file_id: str
    """The file's id at the provider."""


class HeldModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model version that was trained on erased examples."""

    model_id: UUID
    """The model."""
    version: str
    """Its version."""

    @property
    def name(self) -> str:
        return f"{self.model_id}/{self.version}"


class SentCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that an export sent elsewhere: of a dataset, or of a model that was trained on it."""

    operation_id: UUID
    """The export."""
    location: str
    """Where it went. Nothing here can delete it there."""


class ErasureRequested(Event):
    """`criteria` is the salted digest of what was asked for, a filter or a person's key; its text goes at the end.

    `asked_in` is the id of the request that ordered it. `delete_models`: versions trained on the texts go, too.
    """

    scope: Scope
    reason: str
    moment: int
    example_id: UUID | None = None
    dataset_id: UUID | None = None
    criteria: Digest | None = None
    asked_in: str = ""
    delete_models: bool = False


class HoldersFound(Event):
    """Who held texts that are about to be erased, as far as this pass knows: of two counts the larger is true."""

    versions: tuple[HeldVersion, ...] = ()
    tunes: tuple[UUID, ...] = ()
    files: tuple[HeldFile, ...] = ()
    models: tuple[HeldModel, ...] = ()
    evaluations: tuple[UUID, ...] = ()
    sent_copies: tuple[SentCopy, ...] = ()


class TextsErased(Event):
    """Texts of one kind are being deleted. `ids` are those of their subjects; what has no digest is only counted."""

    kind: Kind
    ids: tuple[UUID, ...] = ()
    digests: tuple[Digest, ...] = ()
    count: int = 0


class ProviderCopiesDeleted(Event):
    """Copies at a provider that are gone: files and models by their id there, answers by our call's.

    `refusal`: they are not.
    """

    connection_id: UUID
    kind: CopyKind
    ids: tuple[str, ...]
    refusal: str | None = None


class ErasureCompleted(Event):
    """`note` is the signed receipt."""

    note: str


ErasureEvent = ErasureRequested | HoldersFound | TextsErased | ProviderCopiesDeleted | ErasureCompleted


class ErasedTexts(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased of one kind."""

    ids: frozenset[UUID] = frozenset()
    digests: frozenset[Digest] = frozenset()
    count: int = 0


class ErasureState(msgspec.Struct, frozen=True, kw_only=True):
    """`copies` are the copies at providers that are settled, with the refusal of those that stay."""

    order: ErasureRequested
    erased: dict[Kind, ErasedTexts] = {}
    holders: HoldersFound = HoldersFound()
    copies: dict[tuple[CopyKind, str], str | None] = {}
    note: str | None = None

    def ids_of(self, kind: Kind) -> frozenset[UUID]:
        return self.erased.get(kind, ErasedTexts()).ids

    @property
    def models_to_delete(self) -> list[HeldModel]:
        known = {name for kind, name in self.copies if kind == "model"}
        return [held for held in self.holders.models if self.order.delete_models and held.name not in known]

    @property
    def open_files(self) -> list[HeldFile]:
        return [file for file in self.holders.files if ("file", file.file_id) not in self.copies]


def evolve(erasure: ErasureState | None, event: ErasureEvent) -> ErasureState:
    if isinstance(event, ErasureRequested):
        return ErasureState(order=event)
    before = require_state(erasure)
    match event:
        case HoldersFound():
            return replace(before, holders=_join_holders(before.holders, event))
        case TextsErased(kind=kind):
            return replace(before, erased={**before.erased, kind: _add_texts(before, event)})
        case ProviderCopiesDeleted(kind=copy_kind, ids=ids, refusal=refusal):
            return replace(before, copies={**before.copies, **{(copy_kind, id_): refusal for id_ in ids}})
        case ErasureCompleted(note=note):
            return replace(before, note=note)
        case _:
            assert_never(event)


def _join_holders(known: HoldersFound, more: HoldersFound) -> HoldersFound:
    counts = {(version.dataset_id, version.name): version.examples for version in known.versions}
    for version in more.versions:
        key = (version.dataset_id, version.name)
        counts[key] = max(counts.get(key, 0), version.examples)
    return HoldersFound(
        versions=tuple(HeldVersion(dataset_id=id_, name=name, examples=n) for (id_, name), n in counts.items()),
        tunes=tuple(dict.fromkeys((*known.tunes, *more.tunes))),
        files=tuple(dict.fromkeys((*known.files, *more.files))),
        models=tuple(dict.fromkeys((*known.models, *more.models))),
        evaluations=tuple(dict.fromkeys((*known.evaluations, *more.evaluations))),
        sent_copies=tuple(dict.fromkeys((*known.sent_copies, *more.sent_copies))),
    )


def _add_texts(erasure: ErasureState, event: TextsErased) -> ErasedTexts:
    before = erasure.erased.get(event.kind, ErasedTexts())
    ids = before.ids | set(event.ids)
    return ErasedTexts(ids=ids, digests=before.digests | set(event.digests), count=before.count + event.count)


ERASURE: Decider[ErasureState, ErasureEvent] = Decider(
    "erasure",
    events=(ErasureRequested, HoldersFound, TextsErased, ProviderCopiesDeleted, ErasureCompleted),
    evolve=evolve,
)


def note_holders(erasure: ErasureState | None, holders: HoldersFound) -> list[ErasureEvent]:
    """Record who held the texts. Those that are known record nothing."""
    known = require_state(erasure).holders
    return [] if _join_holders(known, holders) == known else [holders]


def note_texts(erasure: ErasureState | None, gone: TextsErased) -> list[ErasureEvent]:
    """Record which texts go. None, or those that are recorded already, record nothing."""
    before = require_state(erasure).erased.get(gone.kind, ErasedTexts())
    is_new = gone.count or not before.ids.issuperset(gone.ids) or not before.digests.issuperset(gone.digests)
    return [gone] if is_new else []


def note_copies(erasure: ErasureState | None, gone: ProviderCopiesDeleted) -> list[ErasureEvent]:
    """Record what became of copies at a provider. Repeating it records nothing."""
    known = require_state(erasure).copies
    return [] if all((gone.kind, id_) in known for id_ in gone.ids) else [gone]


def complete(erasure: ErasureState | None, *, note: str) -> list[ErasureEvent]:
    """End the erasure with its signed receipt. Repeating it records nothing."""
    return [] if require_state(erasure).note is not None else [ErasureCompleted(note=note)]
