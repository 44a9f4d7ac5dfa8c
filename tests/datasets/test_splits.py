"""Splits follow from the text, the dataset and the policy, and from nothing else."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.datasets.splits import SplitPolicy, assign_split, check_shares
from service.errors import Unprocessable

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
SOME = [b"text %d" % number for number in range(20_000)]
# What was assigned in one release is assigned in the next.
WRITTEN_DOWN = "rrrrrrrrrrrrerrrrrrrrrrrrrrrrrrrrrrerrrr"  # second letters: r of train, a of validation, e of test


def test_an_example_is_always_assigned_the_same_split() -> None:
    assert [assign_split(text, HERE, SplitPolicy()) for text in SOME[:12]] == [
        assign_split(text, HERE, SplitPolicy()) for text in SOME[:12]
    ]
    assert "".join(assign_split(text, HERE, SplitPolicy())[1] for text in SOME[:40]) == WRITTEN_DOWN


def test_shares_are_kept_among_many() -> None:
    counts = Counter(assign_split(text, HERE, SplitPolicy(train=0.5, validation=0.3, test=0.2)) for text in SOME)
    assert counts["train"] == pytest.approx(10_000, rel=0.03)
    assert counts["validation"] == pytest.approx(6_000, rel=0.03)
    assert counts["test"] == pytest.approx(4_000, rel=0.03)


def test_another_seed_deals_anew() -> None:
    other = SplitPolicy(seed=1)
    assert [assign_split(text, HERE, other) for text in SOME[:100]] != [
        assign_split(text, HERE, SplitPolicy()) for text in SOME[:100]
    ]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_share_of_one_takes_all(split: str) -> None:
    shares: dict[str, Any] = {"train": 0.0, "validation": 0.0, "test": 0.0, split: 1.0}
    policy = SplitPolicy(**shares)
    assert {assign_split(text, HERE, policy) for text in SOME[:200]} == {split}


@given(st.binary(), st.floats(0, 1))
def test_a_share_of_zero_takes_none(text: bytes, train: float) -> None:
    assert assign_split(text, HERE, SplitPolicy(train=train, validation=1 - train, test=0.0)) != "test"


def test_a_text_has_one_split_in_its_dataset_or_everywhere() -> None:
    def deal(dataset_id: UUID, policy: SplitPolicy) -> list[str]:
        return [assign_split(text, dataset_id, policy) for text in SOME[:100]]

    everywhere = SplitPolicy(split_by="content")
    assert deal(HERE, SplitPolicy()) != deal(ELSEWHERE, SplitPolicy())
    assert deal(HERE, everywhere) == deal(ELSEWHERE, everywhere)


def test_shares_sum_to_one() -> None:
    check_shares(SplitPolicy(train=0.7, validation=0.2, test=0.1))
    check_shares(SplitPolicy(train=1 / 3, validation=1 / 3, test=1 / 3))
    with pytest.raises(Unprocessable, match=r"sum to 0\.9, not 1") as refused:
        check_shares(SplitPolicy(train=0.7, validation=0.1, test=0.1))
    assert refused.value.errors[0].code == "not_whole"


def test_a_group_is_on_one_side_and_a_pin_comes_first() -> None:
    policy = SplitPolicy(train=0.5, validation=0.3, test=0.2, group_by="metadata.who.id", pins={"golden": "test"})
    sides = {assign_split(text, HERE, policy, metadata=b'{"who": {"id": 7}}') for text in SOME[:200]}
    assert len(sides) == 1
    others = {assign_split(text, HERE, policy, metadata=b'{"who": 7}') for text in SOME[:200]}
    assert others == {"train", "validation", "test"}
    assert {assign_split(text, HERE, policy, tags=["x", "golden"]) for text in SOME[:50]} == {"test"}
    by_id = SplitPolicy(group_by="external_id", group_until="-")
    assert len({assign_split(text, HERE, by_id, external_id=f"acme-{n}") for n, text in enumerate(SOME[:200])}) == 1
