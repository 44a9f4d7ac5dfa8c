# Generated from openapi/openapi.json by `make clients`.
"""Structs of erasures."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

from msgspec import field

from tuneledger._shapes import OneOf, Shape


class ErasedTextsOut(Shape, frozen=True, kw_only=True):
    """The texts of one kind that are gone."""

    kind: OneOf[
        "answers",
        "calls",
        "candidates",
        "documents",
        "examples",
        "exports",
        "import_errors",
        "import_rows",
        "labels",
        "prompts",
        "requests",
    ]
    """What they were texts of."""
    count: int
    """How many examples, calls, documents, … they belonged to."""
    ids: list[str]
    """The ids of these, where they have ids."""
    digests: list[str]
    """The salted digests that the events have of the texts, in hex. Their salts are gone, too."""


class Erasure(Shape, frozen=True, kw_only=True, tag_field="type", tag="erasure"):
    """An erasure and its receipt: what went, who held it, what remains to be done. Signed once it is complete."""

    type: ClassVar[OneOf["erasure"]] = "erasure"
    id: str
    """The erasure's id."""
    state: OneOf["complete", "working"]
    """Working until nothing remains."""
    scope: OneOf["dataset", "example", "subject"]
    """Whether an example, a dataset or a person was to be erased."""
    example_id: str | None
    """The example."""
    dataset_id: str | None
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
    requested_at: dt.datetime
    """When it was asked for."""
    requested_by: str
    """Who asked for it."""
    completed_at: dt.datetime | None
    """When it was complete."""


class ErasurePage(Shape, frozen=True, kw_only=True):
    """One page of erasures, the newest first."""

    data: list[Erasure]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ErasurePreview(Shape, frozen=True, kw_only=True, tag_field="type", tag="preview"):
    """What an erasure would erase."""

    type: ClassVar[OneOf["preview"]] = "preview"
    would_erase: dict[str, int]
    """How many of each kind."""
    held_by: Holders
    """Who holds them."""
    dry_run: Literal[True] = True
    """Nothing was erased."""


class HeldModel(Shape, frozen=True, kw_only=True):
    """A model version that was trained on erased examples."""

    model_id: str
    """The model."""
    version: str
    """Its version."""


class HeldVersion(Shape, frozen=True, kw_only=True):
    """A frozen dataset version that held erased examples."""

    dataset_id: str
    """The dataset."""
    name: str
    """The version's name."""
    examples: int
    """How many of its examples were erased."""


class Holders(Shape, frozen=True, kw_only=True):
    """Who held the texts. Models keep what they learnt: train them again without these examples."""

    dataset_versions: list[HeldVersion]
    """Frozen versions, which are incomplete now."""
    tunes: list[str]
    """Tunes of these versions."""
    provider_files: list[ProviderCopy]
    """Training and validation files at providers."""
    model_versions: list[HeldModel]
    """Versions of models that were trained on them."""
    evaluations: list[str]
    """Evaluations that measured with them."""
    sent_copies: list[SentCopy]
    """Copies that exports sent elsewhere, of datasets and of models; delete them there."""


class ProviderCopy(Shape, frozen=True, kw_only=True):
    """A copy at a provider."""

    connection_id: str
    """The connection to the provider."""
    id: str
    """The file's id at the provider."""
    state: OneOf["deleted", "open", "refused"]
    """Open ones are tried again until the provider can be reached."""
    detail: str | None
    """What the provider said when it refused."""


class SentCopy(Shape, frozen=True, kw_only=True):
    """A copy that an export sent elsewhere: of a dataset, or of a model that was trained on it."""

    operation_id: str
    """The export."""
    location: str
    """Where it went. Nothing here can delete it there."""


class SubjectChoice(Shape, frozen=True, kw_only=True):
    """A person's key, and where it stands."""

    value: str
    """The person's key."""
    path_: str = field(default="metadata.subject", name="path")
    """Where the person's key stands in metadata, such as `metadata.subject`."""
