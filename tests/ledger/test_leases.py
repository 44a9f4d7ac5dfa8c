import asyncio
import random
import uuid
from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.ledger.leases import Lease, claim, extend, release, wake
from service.ledger.retry import backoff
from service.ledger.tables import leases

WORKSPACE = new_id()
ME, YOU = new_id(), new_id()


def candidates(*ids: uuid.UUID, workspace: uuid.UUID = WORKSPACE) -> sa.Select[tuple[uuid.UUID, uuid.UUID]]:
    values = sa.values(sa.column("workspace_id", sa.Uuid), sa.column("id", sa.Uuid), name="work")
    return sa.select(values.data([(workspace, id_) for id_ in ids]))


async def claimed(
    engine: AsyncEngine, *ids: uuid.UUID, owner: uuid.UUID = ME, seconds: float = 60, limit: int = 20
) -> list[Lease]:
    return await claim(engine, "poll", candidates(*ids), owner=owner, seconds=seconds, limit=limit)


async def lapse(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.update(leases).values(leased_until=sa.func.now() - sa.text("interval '1 second'")))


async def test_work_is_claimed_once_until_its_lease_runs_out(engine: AsyncEngine) -> None:
    work = new_id()
    [first] = await claimed(engine, work)
    assert (first.id, first.owner, first.attempts) == (work, ME, 1)
    assert await claimed(engine, work, owner=YOU) == []

    await lapse(engine)
    [second] = await claimed(engine, work, owner=YOU)
    assert (second.owner, second.attempts) == (YOU, 2)


async def test_many_workers_share_the_work_without_overlap(engine: AsyncEngine) -> None:
    work = [new_id() for _ in range(60)]
    shares = await asyncio.gather(*(claimed(engine, *work, owner=new_id(), limit=14) for _ in range(8)))
    taken = [lease.id for share in shares for lease in share]
    assert len(taken) == len(set(taken))
    assert all(len(share) <= 7 for share in shares)

    left = await claimed(engine, *work, limit=120)
    assert {lease.id for lease in left} | set(taken) == set(work)


async def test_kinds_of_work_do_not_meet(engine: AsyncEngine) -> None:
    work = new_id()
    await claimed(engine, work)
    [other] = await claim(engine, "send", candidates(work), owner=YOU, seconds=60, limit=1)
    assert other.kind == "send"


async def test_only_candidates_are_claimed(engine: AsyncEngine) -> None:
    old, new = new_id(), new_id()
    [lease] = await claimed(engine, old)
    await release(engine, lease, due_in=0)
    assert [lease.id for lease in await claimed(engine, new)] == [new]


async def test_work_that_was_woken_is_due_at_once_also_if_it_was_being_done(engine: AsyncEngine) -> None:
    work = new_id()
    assert not await wake(engine, WORKSPACE, "poll", work)
    [lease] = await claimed(engine, work)
    assert await release(engine, lease, due_in=3600)
    assert await wake(engine, WORKSPACE, "poll", work)
    [lease] = await claimed(engine, work)
    assert await wake(engine, WORKSPACE, "poll", work)
    assert await claimed(engine, work) == []
    assert await release(engine, lease, due_in=3600)
    assert len(await claimed(engine, work)) == 1


async def test_released_work_waits_until_it_is_due(engine: AsyncEngine) -> None:
    now, later = new_id(), new_id()
    leased = {lease.id: lease for lease in await claimed(engine, now, later)}
    assert await release(engine, leased[now], due_in=0)
    assert await release(engine, leased[later], due_in=3600)
    assert [lease.id for lease in await claimed(engine, now, later)] == [now]


async def test_an_error_keeps_the_attempts_and_success_forgets_them(engine: AsyncEngine) -> None:
    work = new_id()
    [first] = await claimed(engine, work)
    await release(engine, first, due_in=0, error="503 from\0 the provider")
    [second] = await claimed(engine, work)
    assert (second.attempts, second.last_error) == (2, "503 from the provider")

    await release(engine, second, due_in=0)
    [third] = await claimed(engine, work)
    assert (third.attempts, third.last_error) == (1, None)


async def test_work_that_is_over_leaves_no_lease(engine: AsyncEngine) -> None:
    [lease] = await claimed(engine, new_id())
    assert await release(engine, lease, due_in=None)
    async with engine.connect() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(leases)) == 0


async def test_an_extended_lease_outlives_its_first_end(engine: AsyncEngine) -> None:
    work = new_id()
    [lease] = await claimed(engine, work, seconds=0)
    longer = await extend(engine, lease, seconds=60)
    assert longer is not None
    assert longer.leased_until > lease.leased_until
    assert await claimed(engine, work, owner=YOU) == []
    assert await release(engine, longer, due_in=0)


@pytest.mark.parametrize("owner", [YOU, ME], ids=["another worker", "the same worker again"])
async def test_a_lost_lease_changes_nothing(engine: AsyncEngine, owner: uuid.UUID) -> None:
    work = new_id()
    [lost] = await claimed(engine, work, seconds=0)
    [held] = await claimed(engine, work, owner=owner)

    assert await extend(engine, lost, seconds=60) is None
    assert not await release(engine, lost, due_in=0)
    assert not await release(engine, lost, due_in=None)
    assert await claimed(engine, work) == []
    assert await release(engine, held, due_in=0)


def test_backoff_doubles_up_to_its_cap_and_never_waits_less_than_half() -> None:
    jitter = random.Random(1)
    for attempts, longest in [(0, 2), (1, 2), (2, 4), (3, 8), (6, 60), (5000, 60)]:
        waits = [backoff(attempts, base=2, cap=60, jitter=jitter) for _ in range(50)]
        assert longest / 2 <= min(waits)
        assert max(waits) <= longest
        assert len(set(waits)) > 40


async def claimed_shares(
    engine: AsyncEngine, work: dict[uuid.UUID, int], *, slots: int, held: dict[uuid.UUID, int]
) -> Counter[uuid.UUID]:
    """How many each workspace gets of `slots` in a worker; each has so much work, the first's due first."""
    rows = [(workspace, new_id()) for workspace, count in work.items() for _ in range(count)]
    values = sa.values(sa.column("workspace_id", sa.Uuid), sa.column("id", sa.Uuid), name="work").data(rows)
    for workspace in work:
        ids = [id_ for owner, id_ in rows if owner == workspace]
        await claim(engine, "poll", candidates(*ids, workspace=workspace), owner=YOU, seconds=0, limit=2 * len(ids))
    free = slots - sum(held.values())
    taken = await claim(engine, "poll", sa.select(values), owner=ME, seconds=60, limit=free, held=held)
    return Counter(lease.workspace_id for lease in taken)


@pytest.mark.parametrize(("slots", "half"), [(1, 1), (2, 1), (3, 2), (4, 2), (8, 4), (32, 16)])
async def test_one_workspace_alone_gets_half_of_the_slots(engine: AsyncEngine, slots: int, half: int) -> None:
    assert await claimed_shares(engine, {WORKSPACE: 40}, slots=slots, held={}) == {WORKSPACE: half}


async def test_a_newcomer_finds_room_beside_slots_that_hang(engine: AsyncEngine) -> None:
    other, third = new_id(), new_id()
    assert await claimed_shares(engine, {WORKSPACE: 9, other: 9}, slots=8, held={WORKSPACE: 4}) == {other: 2}
    assert await claimed_shares(engine, {other: 9, third: 9}, slots=8, held={WORKSPACE: 4, other: 2}) == {third: 1}


async def test_workspaces_are_served_in_turns_though_one_has_waited_longer(engine: AsyncEngine) -> None:
    other = new_id()
    shares = await claimed_shares(engine, {WORKSPACE: 40, other: 40}, slots=8, held={})
    assert shares == {WORKSPACE: 3, other: 3}
