import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.ledger import rebuild as subject
from service.ledger.rebuild import RebuildReport, TableComparison, rebuild
from service.ledger.store import Caller, Ledger
from tests.ledger.toys import (
    NOTE,
    REGISTRY,
    NoteRetitled,
    NoteWritten,
    Row,
    count,
    counters,
    metadata,
    note_revisions,
    notes,
    rows,
    some_history,
    somebody,
    write_note,
)


async def rebuilt(engine: AsyncEngine, *, verify: bool = True) -> RebuildReport:
    return await rebuild(engine, REGISTRY, metadata, verify=verify)


async def tamper(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        assert (await connection.execute(sa.text(statement))).rowcount == 1


def of(report: RebuildReport, table: sa.Table) -> TableComparison:
    return next(compared for compared in report.tables if compared.table == table.name)


async def test_what_was_written_equals_what_the_log_gives(ledger: Ledger) -> None:
    callers = [somebody() for _ in range(3)]
    for seed, caller in enumerate(callers):
        await some_history(ledger, caller, seed=seed)
    report = await rebuilt(ledger.engine)
    assert report.clean
    assert report.events == 120
    assert {compared.table for compared in report.tables} == {"notes", "note_revisions", "counters"}
    assert (
        of(report, note_revisions).live
        == of(report, note_revisions).rebuilt
        == len(await rows(ledger.engine, note_revisions))
    )


async def test_windows_of_any_size_give_the_same_rows(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    await some_history(ledger, somebody())
    for size in (1, 3, 1000):
        monkeypatch.setattr(subject, "WINDOW", size)
        assert (await rebuilt(ledger.engine)).clean


@pytest.mark.parametrize("verify", [True, False], ids=["verify", "mend"])
async def test_a_unique_value_may_have_been_anothers_before(ledger: Ledger, verify: bool) -> None:
    caller = somebody()
    first = await write_note(ledger, caller, "a", title="best")
    await ledger.change(NOTE, first, lambda _: [NoteRetitled(title="second best")], caller=caller)
    second = await write_note(ledger, caller, "b", title="best")
    if not verify:
        await tamper(ledger.engine, "delete from notes where title = 'second best'")
        await tamper(ledger.engine, "update notes set title = 'second best'")
    report = await rebuilt(ledger.engine, verify=verify)
    assert report.clean == verify
    assert {row["id"]: row["title"] for row in await rows(ledger.engine, notes)} == {
        first: "second best",
        second: "best",
    }


async def test_an_empty_log_rebuilds_to_nothing(ledger: Ledger) -> None:
    report = await rebuilt(ledger.engine)
    assert report.clean
    assert (report.events, report.events_per_second) == (0, 0)


@pytest.fixture
async def engine(owner: AsyncEngine) -> AsyncEngine:
    """Whoever rebuilds owns the tables, and so does whoever tampers with them."""
    return owner


async def everything(engine: AsyncEngine) -> list[Sequence[Row]]:
    return [await rows(engine, table) for table in metadata.sorted_tables]


async def annotate(ledger: Ledger, caller: Caller) -> None:
    event = NoteWritten(title="annotated", digest="00", extra={"a": 1})
    await ledger.change(NOTE, new_id(), lambda _: [event], caller=caller)


TAMPERED = {
    "a changed row": ("update counters set total = total + 1", counters, (1, 1)),
    "a removed row": (
        "delete from note_revisions where seq_from = (select max(seq_from) from note_revisions)",
        note_revisions,
        (1, 0),
    ),
    "an added row": (
        "insert into notes select workspace_id, gen_random_uuid(), 'forged', null from notes limit 1",
        notes,
        (0, 1),
    ),
    "json with another space": ("update notes set extra = '{\"a\":  1}' where title = 'annotated'", notes, (1, 1)),
    "an empty text for none": ("update note_revisions set body = '' where body is null", note_revisions, (1, 1)),
}


@pytest.mark.parametrize("way", TAMPERED)
async def test_a_tampered_row_is_found_and_mended(ledger: Ledger, way: str) -> None:
    statement, table, (missing, unexpected) = TAMPERED[way]
    caller = somebody()
    await some_history(ledger, caller)
    await annotate(ledger, caller)
    before = await everything(ledger.engine)
    await tamper(ledger.engine, statement)

    report = await rebuilt(ledger.engine)
    assert not report.clean
    difference = of(report, table)
    assert (difference.missing, difference.unexpected) == (missing, unexpected)
    assert [sample[0] for sample in difference.samples] == ["-"] * missing + ["+"] * unexpected
    assert all(str(caller.workspace_id) in sample for sample in difference.samples)
    assert all(each is difference or (each.missing, each.unexpected) == (0, 0) for each in report.tables)

    mended = await rebuilt(ledger.engine, verify=False)
    assert of(mended, table) == difference
    assert (await rebuilt(ledger.engine)).clean
    assert await everything(ledger.engine) == before


@pytest.mark.parametrize("change", ["body = 'mine'", "body = body || ' '", "salt = 'mine'", "digest = sha256('mine')"])
@pytest.mark.parametrize("verify", [True, False])
async def test_a_text_that_is_not_the_one_the_log_has_the_hash_of_is_named(
    ledger: Ledger, change: str, verify: bool
) -> None:
    caller = somebody()
    note_id = await write_note(ledger, caller, "mine to keep")
    await write_note(ledger, caller, "another")
    await tamper(ledger.engine, f"update ledger.contents set {change} where subject = '{note_id}'")
    report = await rebuilt(ledger.engine, verify=verify)
    [altered] = report.altered_texts
    assert altered.endswith(f" of {note_id} in workspace {caller.workspace_id}")
    assert not report.clean


async def test_lost_tables_come_back_whole(ledger: Ledger) -> None:
    await some_history(ledger, somebody())
    before = await everything(ledger.engine)
    async with ledger.engine.begin() as connection:
        await connection.execute(sa.text("truncate notes, note_revisions, counters"))
    report = await rebuilt(ledger.engine, verify=False)
    assert [compared.missing for compared in report.tables] == [compared.rebuilt for compared in report.tables]
    assert await everything(ledger.engine) == before


@pytest.mark.parametrize("verify", [True, False], ids=["verify", "mend"])
async def test_a_rebuild_is_exact_while_others_write(ledger: Ledger, verify: bool) -> None:
    callers = [somebody() for _ in range(3)]
    counter_ids = [new_id() for _ in range(120)]
    started, done = asyncio.Event(), asyncio.Event()
    written = 0

    async def keep_writing(number: int) -> None:
        nonlocal written
        while not done.is_set():
            await count(ledger, callers[number % 3], counter_ids[number])
            number = (number + 6) % 120  # its own twenty
            written += 1
            started.set()

    async with asyncio.TaskGroup() as tasks:
        for number in range(6):
            tasks.create_task(keep_writing(number))
        try:
            await started.wait()
            reports = [await rebuilt(ledger.engine, verify=verify) for _ in range(4)]
        finally:
            done.set()
    assert all(report.clean for report in reports)
    assert 0 < reports[0].events < reports[-1].events <= written
    assert sum(int(str(row["total"])) for row in await rows(ledger.engine, counters)) == written
    assert (await rebuilt(ledger.engine)).clean


@pytest.mark.parametrize("verify", [True, False], ids=["verify", "mend"])
async def test_rebuilds_at_the_same_time_wait_for_each_other_and_leave_nothing(ledger: Ledger, verify: bool) -> None:
    await some_history(ledger, somebody())
    reports = await asyncio.gather(*(rebuilt(ledger.engine, verify=verify) for _ in range(3)))
    assert all(report.clean and report.events == 40 for report in reports)
    async with ledger.engine.connect() as connection:
        left = sa.text("select count(*) from pg_namespace where nspname = 'rebuilt'")
        assert await connection.scalar(left) == 0
