"""Count the examples of a dataset, and say what to expect of tuning on that many."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.counts.queries import load_counts
from service.datasets.size_guide import BY_MODELS, BY_PEOPLE, Ladder, Step, build_ladder

# From how many examples on tuning brings how much.
GUIDE = (
    (5_000, "the best"),
    (1_000, "strong"),
    (200, "noticeable"),
    (50, "little"),
    (0, "too few"),
)


class DatasetStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the present examples. `quantity` is what to expect of tuning on that many.

    `reviewed` counts by source those that people have rated, repaired or labelled.
    """

    examples: int
    """How many examples the dataset has."""
    rated: int
    """How many have a rating."""
    repaired: int
    """How many were repaired."""
    invalid: int
    """How many fail their task's schema."""
    average_rating: float | None
    """Mean rating in stars. Null if nothing is rated."""
    splits: dict[str, int]
    """Number of examples by split."""
    sources: dict[str, int]
    """Number of examples by type of source."""
    reviewed: dict[str, int]
    """Number of examples that were rated, repaired or labelled, by type of source."""
    tags: dict[str, int]
    """Number of examples by tag, the 1,000 most frequent."""
    quantity: str
    """What tuning on this many examples is expected to bring."""
    ladder: Ladder
    """The steps by which a dataset grows, and the next one to take."""


async def load_stats(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int | None = None
) -> DatasetStats:
    """The statistics now, or at `seq`."""
    counts = await load_counts(engine, workspace_id, dataset_id, seq=seq)
    splits, sources, reviewed = (counts.get(kind, {}) for kind in ("split", "source", "reviewed"))
    ratings = counts.get("rating", {})
    rated, total = sum(ratings.values()), sum(splits.values())
    stars = sum(float(score) * number for score, number in ratings.items())
    return DatasetStats(
        examples=total,
        rated=rated,
        repaired=counts.get("repaired", {}).get("", 0),
        invalid=counts.get("invalid", {}).get("", 0),
        average_rating=round(stars / rated, 3) if rated else None,
        splits=splits,
        sources=sources,
        reviewed=reviewed,
        tags=counts.get("tag", {}),
        quantity=next(word for least, word in GUIDE if total >= least),
        ladder=build_ladder(_count_by_step(sources, reviewed)),
    )


def _count_by_step(sources: Mapping[str, int], reviewed: Mapping[str, int]) -> dict[Step, int]:
    synthetic = sum(sources.get(each, 0) for each in BY_MODELS)
    checked = sum(reviewed.get(each, 0) for each in BY_MODELS)
    return {
        "by_hand": sum(sources.get(each, 0) for each in BY_PEOPLE),
        "reviewed": checked,
        "synthesized": synthetic - checked,
        "served": sources.get("log", 0),
    }
