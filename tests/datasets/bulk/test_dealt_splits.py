"""Splits are dealt exactly in each category; what belongs together stays together, and what was frozen stays put."""

from collections import Counter
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.bulk.actions.dealt_splits import SPLITS, DealtExample, apportion, deal
from service.datasets.splits import Split, SplitPolicy
from tests.datasets.bulk.test_bulk_changes import bulk_worker, start
from tests.datasets.example_bodies import Json, add_many, chat, freeze, list_examples, make_dataset, make_task, ok
from tests.datasets.import_files import tables_follow_from_the_log

THIRDS = SplitPolicy(train=0.5, validation=0.25, test=0.25, seed=7)


def make_row(number: int, category: str | None, group: int, fixed: Split | None) -> DealtExample:
    return DealtExample(id=UUID(int=number), split="train", category=category, group=group, fixed=fixed)


def count_sides(rows: list[DealtExample], moves: dict[UUID, Split]) -> Counter[tuple[str | None, Split]]:
    return Counter((row.category, moves.get(row.id, row.split)) for row in rows)


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=200), st.integers(0, 5))
def test_shares_are_exact_in_each_category(categories: list[str], seed: int) -> None:
    rows = [make_row(number, category, number, None) for number, category in enumerate(categories)]
    policy = SplitPolicy(train=0.7, validation=0.2, test=0.1, seed=seed)
    counts = count_sides(rows, deal(rows, policy))
    for category, total in Counter(categories).items():
        assert {split: counts[category, split] for split in SPLITS} == apportion(total, policy)
    assert deal(list(reversed(rows)), policy) == deal(rows, policy)


SIDES = st.sampled_from([None, None, None, "train", "test"])


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 30), SIDES), max_size=100))
def test_groups_share_a_side_and_what_is_fixed_stays(drawn: list[tuple[str, int, Split | None]]) -> None:
    rows = [make_row(number, *each) for number, each in enumerate(drawn)]
    moves = deal(rows, THIRDS)
    sides = {row.id: moves.get(row.id, row.split) for row in rows}
    assert all(sides[row.id] == row.fixed for row in rows if row.fixed)
    for group in {row.group for row in rows}:
        members = [row for row in rows if row.group == group]
        anchors = {row.fixed for row in members if row.fixed}
        free = {sides[row.id] for row in members if row.fixed is None}
        assert len(free) <= 1
        assert not anchors or free <= anchors


@pytest.mark.parametrize("total", [0, 1, 3, 10, 999])
def test_whole_numbers_sum_to_the_total(total: int) -> None:
    shares = apportion(total, SplitPolicy(train=1 / 3, validation=1 / 3, test=1 / 3))
    assert sum(shares.values()) == total
    assert max(shares.values()) - min(shares.values()) <= 1


async def test_a_dataset_is_dealt_anew_and_undone(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    task = await make_task(api, name="topics", categories=["sports", "politics"])
    policy = {"train": 0.5, "validation": 0.0, "test": 0.5, "pins": {"golden": "test"}}
    dataset = await make_dataset(api, task_id=task["id"], split_policy=policy)
    near = "The council of the old town by the sea met on Monday to talk about the new harbor and what it costs"
    new: list[Json] = [
        {"content": chat(f"Which topic, number {n}?", topic), "split": "train"}
        for topic, count in (("sports", 8), ("politics", 4))
        for n in range(count)
    ]
    twins = ((".", "train"), ("!?", "test"))
    new += [{"content": chat(f"{near}{end}", "politics"), "split": side} for end, side in twins]
    frozen = await add_many(api, dataset, new[:1])
    await freeze(api, dataset)
    await add_many(api, dataset, [*new[1:], {"content": chat("Mine?", "sports"), "tags": ["golden"], "split": "train"}])
    before = await list_examples(api, dataset)
    async with bulk_worker(engine):
        bulk_id = await start(api, dataset, {"type": "deal", "near": True})
        done = await ok(await api.get(f"/v1/operations/{bulk_id}", params={"wait": 30}))
        rows = await list_examples(api, dataset)
        undo = await ok(await api.post(f"/v1/bulk/{bulk_id}/undo", json={}))
        await ok(await api.get(f"/v1/operations/{undo['id']}", params={"wait": 30}))
    assert done["state"] == "succeeded", done
    sides = Counter((row["content"]["messages"][-1]["content"], row["split"]) for row in rows)
    assert sides["politics", "train"] == sides["politics", "test"] == 3
    assert {sides["sports", "train"], sides["sports", "test"]} == {4, 5}
    by_text = {row["content"]["messages"][0]["content"]: row for row in rows}
    assert by_text[f"{near}."]["split"] == by_text[f"{near}!?"]["split"]
    assert by_text["Mine?"]["split"] == "test"
    assert next(row for row in rows if row["id"] == frozen[0]["id"])["split"] == "train"
    after = await list_examples(api, dataset)
    assert {row["id"]: row["split"] for row in after} == {row["id"]: row["split"] for row in before}
    await tables_follow_from_the_log(engine)
