"""Selections: which examples of a dataset are meant, at one moment. Lists, exports, versions, tunes say it so."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from service.datasets.splits import Split

SourceType = Literal["human", "import", "synthetic", "log", "document"]


class Filter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Conditions that all must hold; absent ones ask for nothing. `rating_gte` compares the mean in stars."""

    tag: str | None = None
    source: SourceType | None = None
    split: Split | None = None
    rating_gte: Annotated[float, msgspec.Meta(ge=1, le=5)] | None = None
    rated: bool | None = None
    repaired: bool | None = None
    valid: bool | None = None
    external_id: str | None = None
    q: str | None = None


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The examples of a dataset that were there at `seq` and match."""

    dataset_id: UUID
    seq: int
    filter: Filter = Filter()
    split: Split | None = None
