"""How many inputs are written about what, and how warm each answer is asked for. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from service.generation.topics.domain import TopicPath

BATCH_SIZE = 20  # inputs asked for at once: more, and models begin to repeat themselves


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """So many inputs about a topic, all to be answered by the category where there is one."""

    place: TopicPath
    count: int
    category: str | None = None

    @property
    def key(self) -> str:
        return self.place.key if self.category is None else f"{self.place.key}/{self.category}"

    @property
    def batches(self) -> list[int]:
        whole, rest = divmod(self.count, BATCH_SIZE)
        return [BATCH_SIZE] * whole + ([rest] if rest else [])


def plan_portions(
    places: Sequence[TopicPath], *, per_topic: int | None, total: int | None, categories: Mapping[str, int] | None
) -> list[Portion]:
    """By category where there are counts for these, else so many a topic, else a total: spread over all topics."""
    if categories:
        counts = [
            (name, split_evenly(number, len(places), first=turn))
            for turn, (name, number) in enumerate(_sorted(categories))
        ]
        return [
            Portion(place=place, count=share[at], category=name)
            for name, share in counts
            for at, place in enumerate(places)
            if share[at]
        ]
    share = [per_topic] * len(places) if per_topic else split_evenly(total or 0, len(places))
    return [Portion(place=place, count=count) for place, count in zip(places, share, strict=True) if count]


def _sorted(categories: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(categories.items())


def split_evenly(total: int, parts: int, *, first: int = 0) -> list[int]:
    """The total in equal parts; what is left over goes to the parts from `first` on, one each."""
    whole, rest = divmod(total, parts)
    extra = {(first + at) % parts for at in range(rest)}
    return [whole + (at in extra) for at in range(parts)]


def spread_temperatures(low: float, high: float, count: int) -> list[float]:
    """From low to high in equal steps, row by row."""
    if count == 1:
        return [low]
    return [round(low + (high - low) * at / (count - 1), 4) for at in range(count)]
