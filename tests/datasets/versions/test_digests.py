"""Digests of versions that follow from the pieces of an earlier one: the same as those from scratch."""

import hashlib
import random
from collections.abc import Awaitable
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.filters.selection import Selection
from service.datasets.versions.digests import queries
from service.datasets.versions.digests.sorted_digests import Change, hash_changed
from tests.datasets.example_bodies import (
    add,
    add_many,
    chat,
    delete,
    edit,
    freeze,
    head,
    make_dataset,
    ok,
    rate,
    repair,
)

WAITING = {"content": {"messages": [{"role": "user", "content": "?"}]}, "on_unanswered": "keep"}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_hashed_is_the_changed_sequence(seed: int) -> None:
    dice = random.Random(seed)
    before = [dice.randbytes(1) * 32 for _ in range(dice.choice([0, 1, 50]))]  # few, so that some are equal
    taken = dice.sample(before, dice.randint(0, len(before)))
    put = [dice.randbytes(1) * 32 for _ in range(dice.randint(0, 20))]
    after = list(before)
    for digest in taken:
        after.remove(digest)
    hasher = hashlib.sha256()
    changes = [*(Change(each, -1) for each in taken), *(Change(each, 1) for each in put)]
    assert hash_changed(hasher, b"".join(sorted(before)), changes) == len(after) + len(put)
    assert hasher.digest() == hashlib.sha256(b"".join(sorted(after + put))).digest()


def test_what_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(KeyError):
        hash_changed(hashlib.sha256(), b"a" * 32, [Change(b"b" * 32, -1)])


@pytest.mark.parametrize("most", [0, 2, 20_000], ids=["pieces each time", "pieces now and then", "pieces once"])
async def test_a_version_follows_from_the_one_before(
    api: httpx.AsyncClient, engine: AsyncEngine, owner: AsyncEngine, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(queries, "MAX_CHANGES", most)
    workspace_id = UUID((await ok(await api.get("/v1/me")))["workspace_id"])
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, [{"content": chat(f"Question {n}?")} for n in range(8)])
    ids = [example["id"] for example in examples]
    again = api.post(f"/v1/examples/{ids[1]}/restore", json={"version": 1})
    steps: list[list[Awaitable[object]]] = [
        [],
        [edit(api, ids[0], content=chat("Other?")), delete(api, ids[1]), add(api, dataset)],
        [repair(api, ids[2], "Repaired."), rate(api, ids[3], 1), edit(api, ids[4], tags=["a"]), again],
        [edit(api, ids[5], **WAITING), edit(api, ids[6], content=chat("1?")), edit(api, ids[6], tags=["b"])],
        [repair(api, ids[5], "Answered."), delete(api, ids[7])],
    ]
    for number, changes in enumerate(steps):
        for change in changes:
            await change
        selection = Selection(dataset_id=UUID(dataset), seq=await head(api), answered=True)
        monkeypatch.setattr(queries, "MIN_EXAMPLES", 1_000)
        from_scratch = await queries.compute_digest(engine, workspace_id, selection)
        monkeypatch.setattr(queries, "MIN_EXAMPLES", 1)
        version = await freeze(api, dataset, f"v{number}")
        assert (version["digest"], version["examples"], version["splits"]) == (
            from_scratch.digest,
            from_scratch.examples,
            from_scratch.splits,
        )
    async with owner.begin() as connection:  # pieces of something else are not believed
        await connection.execute(sa.update(queries.digest_pieces).values(digests=b""))
    again_from_scratch = await queries.compute_digest(engine, workspace_id, selection)
    assert again_from_scratch == from_scratch
