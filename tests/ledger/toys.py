"""A small domain for the kernel's tests: notes, whose texts lie beside the log, and counters."""

import hashlib
import random
import uuid
from collections.abc import Iterable, Sequence
from typing import assert_never

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, insert
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import new_id
from service.ledger.decider import Decider, Event
from service.ledger.projections import EventBatch
from service.ledger.store import Attachments, Caller, Entry, Ledger, StoredText

metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("extra", sa.JSON),
    sa.UniqueConstraint("workspace_id", "title"),
)
note_revisions = sa.Table(
    "note_revisions",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("seq_from", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq_to", sa.BigInteger),
    sa.Column("body", BYTEA),
    sa.Column("size", sa.Integer, sa.Computed("length(body)", persisted=True)),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_note_revisions_current", "workspace_id", "id", postgresql_where=sa.text("seq_to is null")),
)
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
)


class NoteWritten(Event):
    title: str
    digest: str
    extra: dict[str, int] | None = None


class NoteRevised(Event):
    digest: str


class NoteRetitled(Event):
    title: str


NoteEvent = NoteWritten | NoteRevised | NoteRetitled


class Note(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    digest: str


def evolve_note(note: Note | None, event: NoteEvent) -> Note:
    match event:
        case NoteWritten():
            return Note(title=event.title, digest=event.digest)
        case NoteRevised():
            assert note is not None
            return msgspec.structs.replace(note, digest=event.digest)
        case NoteRetitled():
            assert note is not None
            return msgspec.structs.replace(note, title=event.title)
        case _:
            assert_never(event)


class Counted(Event):
    by: int
    token: str


def evolve_counter(total: int | None, event: Counted) -> int:
    return (total or 0) + event.by


NOTE: Decider[Note, NoteEvent] = Decider("note", events=(NoteWritten, NoteRevised, NoteRetitled), evolve=evolve_note)
COUNTER: Decider[int, Counted] = Decider("counter", events=(Counted,), evolve=evolve_counter)


def project_notes(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(NoteWritten):
        new = log.rows(NoteWritten, title=sa.Text, extra=sa.JSON)
        columns = sa.select(new.c.workspace_id, new.c.stream_id, new.c.title, new.c.extra)
        yield sa.insert(notes).from_select(["workspace_id", "id", "title", "extra"], columns)
    if log.has(NoteRetitled):
        retitled = log.rows(NoteRetitled, title=sa.Text)
        its_note = (notes.c.workspace_id == retitled.c.workspace_id, notes.c.id == retitled.c.stream_id)
        yield sa.update(notes).where(*its_note).values(title=retitled.c.title)
    if log.has(NoteRevised):
        revised = log.rows(NoteRevised)
        current = note_revisions.c.seq_to.is_(None)
        same = (note_revisions.c.workspace_id == revised.c.workspace_id, note_revisions.c.id == revised.c.stream_id)
        yield sa.update(note_revisions).where(*same, current).values(seq_to=revised.c.seq)
    either = log.rows(NoteWritten, NoteRevised, digest=sa.Text)
    texts = sa.and_(
        log.contents.c.subject == either.c.stream_id,
        log.contents.c.digest == sa.func.decode(either.c.digest, "hex"),
    )
    rows = sa.select(
        either.c.workspace_id, either.c.stream_id, either.c.seq, log.contents.c.body, either.c.recorded_at
    ).select_from(either.outerjoin(log.contents, texts))
    yield sa.insert(note_revisions).from_select(["workspace_id", "id", "seq_from", "body", "since"], rows)


def project_counters(log: EventBatch) -> Iterable[UpdateBase]:
    rows = log.rows(Counted, by=sa.BigInteger)
    put = insert(counters).from_select(
        ["workspace_id", "id", "total", "version", "seq"],
        sa.select(rows.c.workspace_id, rows.c.stream_id, rows.c.by, rows.c.version, rows.c.seq),
    )
    yield put.on_conflict_do_update(
        index_elements=["workspace_id", "id"],
        set_={
            "total": counters.c.total + put.excluded.total,
            "version": put.excluded.version,
            "seq": put.excluded.seq,
        },
    )


REGISTRY = {"note": [project_notes], "counter": [project_counters]}
TAKEN = {"uq_notes_workspace_id_title": "title"}


async def create_toys(owner: AsyncEngine) -> None:
    """Make the toys' tables in this test's database."""
    async with owner.begin() as connection:
        await connection.run_sync(metadata.create_all)


def toy_ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine, REGISTRY, unique_fields=TAKEN)


def somebody(actor: str = "ada") -> Caller:
    """A caller in a workspace of its own."""
    return Caller(workspace_id=new_id(), actor=actor, request_id="req_1")


def text(subject: uuid.UUID, body: str, *, salt: bytes = b"salt") -> StoredText:
    raw = body.encode()
    return StoredText(subject=subject, digest=hashlib.sha256(salt + raw).digest(), salt=salt, body=raw)


def build_note(content: StoredText, *, title: str | None = None) -> NoteWritten:
    return NoteWritten(title=title or str(content.subject), digest=content.digest.hex())


async def write_note(ledger: Ledger, caller: Caller, body: str, *, title: str | None = None) -> uuid.UUID:
    note_id = new_id()
    content = text(note_id, body)
    await ledger.change(
        NOTE,
        note_id,
        lambda _: [build_note(content, title=title)],
        caller=caller,
        attachments=Attachments(contents=[content]),
    )
    return note_id


async def revise_note(ledger: Ledger, caller: Caller, note_id: uuid.UUID, body: str) -> None:
    content = text(note_id, body)
    event = NoteRevised(digest=content.digest.hex())
    await ledger.change(NOTE, note_id, lambda _: [event], caller=caller, attachments=Attachments(contents=[content]))


async def count(ledger: Ledger, caller: Caller, counter_id: uuid.UUID, *, by: int = 1, token: str = "") -> int:
    stored = await ledger.change(COUNTER, counter_id, lambda _: [Counted(by=by, token=token)], caller=caller)
    return stored.seq


async def some_history(ledger: Ledger, caller: Caller, *, seed: int = 7) -> list[uuid.UUID]:
    """A few notes, revised and counted in a mixed order; the ids of the notes."""
    chance = random.Random(seed)
    counter_id = new_id()
    note_ids: list[uuid.UUID] = []
    for number in range(40):
        match chance.choice(["write", "revise", "count"]):
            case "revise" if note_ids:
                await revise_note(ledger, caller, chance.choice(note_ids), f"revision {number}")
            case "count":
                await count(ledger, caller, counter_id, by=number)
            case _:
                note_ids.append(await write_note(ledger, caller, f"note {number}"))
    return note_ids


Row = dict[str, object]


async def rows(engine: AsyncEngine, table: sa.Table) -> Sequence[Row]:
    async with engine.connect() as connection:
        result = await connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        return [dict(row) for row in result.mappings()]


def counted(counter_id: uuid.UUID, *, after: int, by: int = 1) -> Entry:
    return Entry(stream="counter", stream_id=counter_id, after=after, event=Counted(by=by, token=""))


async def size(engine: AsyncEngine, table: sa.Table) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
