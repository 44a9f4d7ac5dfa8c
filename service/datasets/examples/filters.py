"""Selections: which examples of a dataset are meant, at one moment. Lists, exports, versions, tunes say it so."""

from typing import Annotated
from uuid import UUID

import msgspec

from service.datasets.examples.sources import SourceType
from service.datasets.splits import Split

# Postgres has no NUL in a text, so nothing can be asked for that has one.
Words = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00]*$")]


class Filter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Conditions that all must hold; absent ones ask for nothing. `rating_gte` compares the mean in stars."""

    tag: Words | None = None
    """Examples that have this tag."""
    source: SourceType | None = None
    """Examples from this type of source."""
    split: Split | None = None
    """Examples of this split."""
    rating_gte: Annotated[float, msgspec.Meta(ge=1, le=5)] | None = None
    """Examples with a mean rating of at least this many stars."""
    rated: bool | None = None
    """Whether the example has a rating."""
    repaired: bool | None = None
    """Whether the example was repaired."""
    valid: bool | None = None
    """Whether the example matches its task's schema."""
    external_id: Words | None = None
    """The example with this external id."""
    labelled: bool | None = None
    """Whether the example has a label."""
    label: Words | None = None
    """Examples labelled with this category."""
    q: Words | None = None
    """Examples whose text contains this."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The examples of a dataset that were there at `seq` and match."""

    dataset_id: UUID
    seq: int
    filter: Filter = Filter()
    split: Split | None = None
