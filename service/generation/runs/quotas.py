"""How many inputs to write about each topic, and the temperature of each answer. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from service.generation.topics.domain import TopicPath

BATCH_SIZE = 20  # inputs per question; with more, models begin to repeat themselves


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """How many inputs to write about a topic. With a category, the right answer to each is that category."""

    topic: TopicPath
    count: int
    category: str | None = None

    @property
    def key(self) -> str:
        return self.topic.key if self.category is None else f"{self.topic.key}/{self.category}"

    @property
    def batches(self) -> list[int]:
        full, rest = divmod(self.count, BATCH_SIZE)
        return [BATCH_SIZE] * full + ([rest] if rest else [])


def plan_portions(
    topics: Sequence[TopicPath], *, per_topic: int | None, total: int | None, categories: Mapping[str, int] | None
) -> list[Portion]:
    """The counts of the categories, else `per_topic` for each topic, else `total` spread over the topics."""
    if categories:
        return [
            portion
            for turn, (name, count) in enumerate(sorted(categories.items()))
            for portion in _spread_category(topics, name, count, first=turn)
        ]
    counts = [per_topic] * len(topics) if per_topic else split_evenly(total or 0, len(topics))
    return [Portion(topic=topic, count=count) for topic, count in zip(topics, counts, strict=True) if count]


def _spread_category(topics: Sequence[TopicPath], name: str, count: int, *, first: int) -> list[Portion]:
    counts = split_evenly(count, len(topics), first=first)
    return [
        Portion(topic=topic, count=share, category=name) for topic, share in zip(topics, counts, strict=True) if share
    ]


def split_evenly(total: int, parts: int, *, first: int = 0) -> list[int]:
    """The total in equal parts. The remainder goes to the parts from `first` on, one each."""
    share, rest = divmod(total, parts)
    larger = {(first + number) % parts for number in range(rest)}
    return [share + (number in larger) for number in range(parts)]


def spread_temperatures(low: float, high: float, count: int) -> list[float]:
    """`count` temperatures from low to high in equal steps."""
    if count == 1:
        return [low]
    return [round(low + (high - low) * number / (count - 1), 4) for number in range(count)]
