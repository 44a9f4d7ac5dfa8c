"""Splits follow from the id and the policy, and from nothing else."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.datasets.splits import SplitPolicy, assign_split, check_shares
from service.errors import Unprocessable

SOME = [UUID(int=number) for number in range(20_000)]
# What was assigned in one release is assigned in the next.
WRITTEN_DOWN = "vttttvtvttvttttttttttttttttttttttvtttttt"


def test_an_example_is_always_assigned_the_same_split() -> None:
    assert [assign_split(id_, SplitPolicy()) for id_ in SOME[:12]] == [
        assign_split(id_, SplitPolicy()) for id_ in SOME[:12]
    ]
    assert "".join(assign_split(id_, SplitPolicy())[0] for id_ in SOME[:40]) == WRITTEN_DOWN


def test_shares_are_kept_among_many() -> None:
    counts = Counter(assign_split(id_, SplitPolicy(train=0.5, validation=0.3, test=0.2)) for id_ in SOME)
    assert counts["train"] == pytest.approx(10_000, rel=0.03)
    assert counts["validation"] == pytest.approx(6_000, rel=0.03)
    assert counts["test"] == pytest.approx(4_000, rel=0.03)


def test_another_seed_deals_anew() -> None:
    other = SplitPolicy(seed=1)
    assert [assign_split(id_, other) for id_ in SOME[:100]] != [assign_split(id_, SplitPolicy()) for id_ in SOME[:100]]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_share_of_one_takes_all(split: str) -> None:
    shares: dict[str, Any] = {"train": 0.0, "validation": 0.0, "test": 0.0, split: 1.0}
    policy = SplitPolicy(**shares)
    assert {assign_split(uuid4(), policy) for _ in range(200)} == {split}


@given(st.uuids(), st.floats(0, 1))
def test_a_share_of_zero_takes_none(example_id: UUID, train: float) -> None:
    assert assign_split(example_id, SplitPolicy(train=train, validation=1 - train, test=0.0)) != "test"


def test_shares_sum_to_one() -> None:
    check_shares(SplitPolicy(train=0.7, validation=0.2, test=0.1))
    check_shares(SplitPolicy(train=1 / 3, validation=1 / 3, test=1 / 3))
    with pytest.raises(Unprocessable, match=r"sum to 0\.9, not 1") as refused:
        check_shares(SplitPolicy(train=0.7, validation=0.1, test=0.1))
    assert refused.value.errors[0].code == "not_whole"
