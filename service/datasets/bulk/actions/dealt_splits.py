"""Deal examples to splits: exact shares in each category, and what belongs together on one side. Pure."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args
from uuid import UUID

import msgspec

from service.datasets.splits import Split, SplitPolicy

SPLITS: tuple[Split, ...] = get_args(Split)


class DealtExample(msgspec.Struct, frozen=True, kw_only=True):
    """An example to deal. `fixed` is the side it has to keep; examples of one `group` share a side."""

    id: UUID
    split: Split
    category: str | None
    group: int
    fixed: Split | None = None


def deal(examples: Sequence[DealtExample], policy: SplitPolicy) -> dict[UUID, Split]:
    """The side of each example that changes sides. The same examples and seed give the same sides.

    A group goes where one of its examples is fixed, else, the largest first, where its category lacks most.
    """
    groups: defaultdict[int, list[DealtExample]] = defaultdict(list)
    for example in examples:
        groups[example.group].append(example)
    lacking = _count_lacking(examples, policy)
    sides: dict[UUID, Split] = {}
    for group in sorted(groups.values(), key=lambda group: _rank(group, policy.seed)):
        anchor = next((example.fixed for example in group if example.fixed), None)
        sides |= {example.id: example.fixed for example in group if example.fixed}
        free = [example for example in group if example.fixed is None]
        if free:
            side = anchor or _find_neediest(free, lacking)
            sides |= dict.fromkeys((example.id for example in free), side)
            for example in free:
                lacking[example.category, side] -= 1
    return {example.id: sides[example.id] for example in examples if sides[example.id] != example.split}


def apportion(total: int, policy: SplitPolicy) -> dict[Split, int]:
    """Whole numbers that sum to the total, each within one of its share, by the largest remainders."""
    exact = {split: total * getattr(policy, split) for split in SPLITS}
    whole: dict[Split, int] = {split: int(share + 1e-9) for split, share in exact.items()}
    by_remainder = sorted(SPLITS, key=lambda split: whole[split] - exact[split])
    for split in by_remainder[: total - sum(whole.values())]:
        whole[split] += 1
    return whole


def _count_lacking(examples: Iterable[DealtExample], policy: SplitPolicy) -> Counter[tuple[str | None, Split]]:
    """How many examples of each category each side lacks, beside those that are fixed there."""
    totals = Counter(example.category for example in examples)
    lacking: Counter[tuple[str | None, Split]] = Counter()
    for category, total in totals.items():
        lacking.update({(category, split): count for split, count in apportion(total, policy).items()})
    lacking.subtract(Counter((example.category, example.fixed) for example in examples if example.fixed))
    return lacking


def _rank(group: Sequence[DealtExample], seed: int) -> tuple[bool, int, bytes]:
    """Groups with a fixed example come first, then the largest; the seed mixes the others."""
    first = min(example.id for example in group)
    is_free = all(example.fixed is None for example in group)
    return is_free, -len(group), hashlib.sha256(seed.to_bytes(4, "big") + first.bytes).digest()


def _find_neediest(group: Sequence[DealtExample], lacking: Mapping[tuple[str | None, Split], int]) -> Split:
    needs = {split: sum(lacking[example.category, split] for example in group) for split in SPLITS}
    return max(SPLITS, key=lambda split: needs[split])
