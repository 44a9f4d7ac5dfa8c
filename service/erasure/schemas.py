"""Requests and responses of erasures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from service.datasets.filters.selection import FilterIn
from service.erasure.domain import (
    CopyKind,
    ErasureState,
    HeldFile,
    HeldModel,
    HeldVersion,
    HoldersFound,
    Kind,
    Scope,
    SentCopy,
)
from service.erasure.targets.erasure_targets import COUNTED, ErasureTargets
from service.erasure.targets.persons import Person
from service.errors import Fault, Invalid
from service.http.bodies import NO_NUL, Body
from service.http.pagination import Page
from service.ledger.decider import StreamState

EraseReason = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=2_000, pattern=NO_NUL, description="Why. It stays: do not name the person."),
]
MetadataPath = Annotated[
    str,
    msgspec.Meta(
        max_length=500,
        pattern=r"^metadata(\.[^.\x00]+)+$",
        description="Where the person's key stands in metadata, such as `metadata.subject`.",
    ),
]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]
DEFAULT_PATH = "metadata.subject"


class Erase(Body):
    """Erasing is for good: send `dry_run` first to see what would go, then `confirm`."""

    reason: EraseReason
    confirm: bool = False
    """True to erase for good."""
    dry_run: bool = False
    """True to list what would go, and erase nothing."""
    delete_models: bool = False
    """True to delete the tuned models that were trained on the texts, at their providers, even if they are in use."""

    def check_confirmed(self) -> None:
        """Raises Invalid when it is neither confirmed nor a dry run, or both."""
        if self.confirm == self.dry_run:
            detail = "Send confirm: true to erase for good, or dry_run: true to see what would go."
            raise Invalid(detail, errors=[Fault(pointer="/confirm", detail=detail, code="not_confirmed")])


class SubjectChoice(Body):
    """A person's key, and where it stands."""

    value: Key
    """The person's key."""
    path: MetadataPath = DEFAULT_PATH

    def build_person(self) -> Person:
        return build_person(self.path, self.value)


class EraseDataset(Erase):
    """Which examples of the dataset: those that match the filter now, or that carry a person's key. Give one."""

    filter: FilterIn | None = None
    """The present examples that match, by an expression or by fields; an empty filter matches all."""
    subject: SubjectChoice | None = None
    """The examples that carry a person's key, deleted ones too."""

    def check_choice(self) -> None:
        """Raises Invalid unless it has either a filter or a subject."""
        if (self.filter is None) == (self.subject is None):
            detail = "Give a filter or a subject; an empty filter, {}, erases all examples of the dataset."
            raise Invalid(detail, errors=[Fault(pointer="/filter", detail=detail, code="required")])


class EraseSubject(Erase):
    """The person's key is in the path of the URL."""

    path: MetadataPath = DEFAULT_PATH


class ErasedTextsOut(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of one kind that are gone."""

    kind: Kind
    """What they were texts of."""
    count: int
    """How many examples, calls, documents, … they belonged to."""
    ids: list[UUID]
    """The ids of these, where they have ids."""
    digests: list[str]
    """The salted digests that the events have of the texts, in hex. Their salts are gone, too."""


class ProviderCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A copy at a provider."""

    connection_id: UUID
    """The connection to the provider."""
    id: str
    """The file's id at the provider."""
    state: Literal["open", "deleted", "refused"]
    """Open ones are tried again until the provider can be reached."""
    detail: str | None
    """What the provider said when it refused."""


class Holders(msgspec.Struct, frozen=True, kw_only=True):
    """Who held the texts. Models keep what they learnt: train them again without these examples."""

    dataset_versions: list[HeldVersion]
    """Frozen versions, which are incomplete now."""
    tunes: list[UUID]
    """Tunes of these versions."""
    provider_files: list[ProviderCopy]
    """Training and validation files at providers."""
    model_versions: list[HeldModel]
    """Versions of models that were trained on them."""
    evaluations: list[UUID]
    """Evaluations that measured with them."""
    sent_copies: list[SentCopy]
    """Copies that exports sent elsewhere, of datasets and of models; delete them there."""


class Erasure(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="erasure"):
    """An erasure and its receipt: what went, who held it, what remains to be done. Signed once it is complete."""

    id: UUID
    """The erasure's id."""
    state: Literal["working", "complete"]
    """Working until nothing remains."""
    scope: Scope
    """Whether an example, a dataset or a person was to be erased."""
    example_id: UUID | None
    """The example."""
    dataset_id: UUID | None
    """The dataset."""
    reason: str
    """Why."""
    erased: list[ErasedTextsOut]
    """What was erased, by kind."""
    held_by: Holders
    """Who held it."""
    remains: list[str]
    """What is still open, as sentences."""
    note: str | None
    """The receipt as a signed note, in the form of the log's checkpoints; null until complete."""
    requested_at: datetime
    """When it was asked for."""
    requested_by: str
    """Who asked for it."""
    completed_at: datetime | None
    """When it was complete."""


class ErasurePage(Page[Erasure], frozen=True, kw_only=True):
    """One page of erasures, the newest first."""


class ErasurePreview(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="preview"):
    """What an erasure would erase."""

    dry_run: Literal[True] = True
    """Nothing was erased."""
    would_erase: dict[str, int]
    """How many of each kind."""
    held_by: Holders
    """Who holds them."""


def build_person(path: str, value: str) -> Person:
    return Person(path=tuple(path.split(".")[1:]), value=value)


def build_preview(targets: ErasureTargets, holders: HoldersFound) -> ErasurePreview:
    counts = {name: len(getattr(targets, name)) for name in COUNTED}
    return ErasurePreview(would_erase=counts, held_by=_build_holders(holders, {}))


def build_erasure(stored: StreamState[ErasureState]) -> Erasure:
    state, order = stored.state, stored.state.order
    erased = [
        ErasedTextsOut(
            kind=kind,
            count=texts.count + len(texts.ids),
            ids=sorted(texts.ids),
            digests=sorted(texts.digests),
        )
        for kind, texts in state.erased.items()
    ]
    return Erasure(
        id=stored.id,
        state="complete" if state.note is not None else "working",
        **{name: getattr(order, name) for name in ("scope", "example_id", "dataset_id", "reason")},
        erased=erased,
        held_by=_build_holders(state.holders, state.copies),
        remains=list(_list_remains(state)),
        note=state.note,
        requested_at=stored.created_at,
        requested_by=stored.created_by,
        completed_at=stored.updated_at if state.note is not None else None,
    )


def _list_remains(state: ErasureState) -> Sequence[str]:
    remains = [f"Provider file {file.file_id} is to be deleted." for file in state.open_files]
    if state.note is None and not remains:
        remains.append("A worker is erasing, or waits for runs and imports that began before.")
    refused = sum(refusal is not None for refusal in state.copies.values())
    if refused:
        remains.append(f"{refused} copies at providers were refused to be deleted; delete them there.")
    if copies := state.holders.sent_copies:
        remains.append(f"{len(copies)} copies were sent elsewhere; delete them there.")
    kept = [held for held in state.holders.models if state.copies.get(("model", held.name), "kept") is not None]
    if kept:
        remains.append(
            f"{len(kept)} model versions were trained on erased texts. Train them again without these, and delete the "
            "old ones: DELETE /v1/models/{id}/versions/{version}/provider-model."
        )
    return remains


def _build_holders(holders: HoldersFound, copies: dict[tuple[CopyKind, str], str | None]) -> Holders:
    return Holders(
        dataset_versions=list(holders.versions),
        tunes=list(holders.tunes),
        provider_files=[_build_copy(file, copies) for file in holders.files],
        model_versions=list(holders.models),
        evaluations=list(holders.evaluations),
        sent_copies=list(holders.sent_copies),
    )


def _build_copy(file: HeldFile, copies: dict[tuple[CopyKind, str], str | None]) -> ProviderCopy:
    refusal = copies.get(("file", file.file_id))
    is_open = ("file", file.file_id) not in copies
    state: Literal["open", "deleted", "refused"] = "open" if is_open else "deleted" if refusal is None else "refused"
    return ProviderCopy(connection_id=file.connection_id, id=file.file_id, state=state, detail=refusal)
