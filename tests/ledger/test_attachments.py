import hashlib

import msgspec
import pytest

from service.database.engine import new_id
from service.errors import Conflict
from service.ledger.retry import LostRace
from service.ledger.store import Attachments, Batch, Ledger
from service.ledger.tables import contents, events, heads, readers, secrets
from tests.ledger.toys import (
    COUNTER,
    NOTE,
    Counted,
    NoteWritten,
    build_note,
    counted,
    note_revisions,
    notes,
    revise_note,
    rows,
    size,
    somebody,
    text,
    write_note,
)


async def test_a_text_is_kept_once_for_its_subject(ledger: Ledger) -> None:
    caller = somebody()
    note_id = await write_note(ledger, caller, "same")
    await revise_note(ledger, caller, note_id, "other")
    await revise_note(ledger, caller, note_id, "same")
    other_id = await write_note(ledger, caller, "same")
    stored = sorted((str(row["subject"]), row["body"]) for row in await rows(ledger.engine, contents))
    assert stored == [(str(note_id), b"other"), (str(note_id), b"same"), (str(other_id), b"same")]
    bodies = [row["body"] for row in await rows(ledger.engine, note_revisions) if row["id"] == note_id]
    assert bodies == [b"same", b"other", b"same"]


async def test_the_log_holds_no_text_and_its_digest_proves_one(ledger: Ledger) -> None:
    caller = somebody()
    note_id = new_id()
    content = text(note_id, "Ada's secret diary", salt=b"0123456789abcdef")
    beside = Attachments(contents=[content])
    await ledger.change(NOTE, note_id, lambda _: [build_note(content)], caller=caller, attachments=beside)
    [event] = await rows(ledger.engine, events)
    assert "diary" not in str(event)
    recorded = NOTE.decode("NoteWritten", msgspec.json.encode(event["data"]))
    assert isinstance(recorded, NoteWritten)
    assert bytes.fromhex(recorded.digest) == hashlib.sha256(b"0123456789abcdef" + b"Ada's secret diary").digest()


async def test_a_secret_is_replaced_and_others_stay(ledger: Ledger) -> None:
    caller = somebody()
    mine, other = new_id(), new_id()
    for values in ([(mine, b"old"), (other, b"other")], [(mine, b"new")]):
        await ledger.change(
            COUNTER,
            new_id(),
            lambda _: [Counted(by=1, token="")],
            caller=caller,
            attachments=Attachments(secrets=values),
        )
    assert {row["id"]: row["value"] for row in await rows(ledger.engine, secrets)} == {mine: b"new", other: b"other"}


async def test_a_readers_place_is_saved_with_the_write_and_never_goes_back(ledger: Ledger) -> None:
    caller = somebody()
    for seq in (4, 9, 7):
        batch = Batch(entries=[counted(new_id(), after=0)], attachments=Attachments(checkpoint=("copier", seq)))
        await ledger.write(caller, batch)
    [place] = await rows(ledger.engine, readers)
    assert (place["name"], place["workspace_id"], place["seq"]) == ("copier", caller.workspace_id, 9)


async def test_a_refused_change_leaves_nothing_beside_it(ledger: Ledger) -> None:
    caller = somebody()
    await write_note(ledger, caller, "first", title="the title")
    note_id = new_id()
    content = text(note_id, "second")
    beside = Attachments(contents=[content], secrets=[(new_id(), b"x")], checkpoint=("reader", 1))
    with pytest.raises(Conflict):
        await ledger.change(
            NOTE, note_id, lambda _: [build_note(content, title="the title")], caller=caller, attachments=beside
        )
    sizes = [await size(ledger.engine, table) for table in (events, contents, secrets, readers, notes)]
    assert sizes == [1, 1, 0, 0, 1]
    assert [row["seq"] for row in await rows(ledger.engine, heads)] == [1]


async def test_a_taken_value_names_its_field(ledger: Ledger) -> None:
    caller, stranger = somebody(), somebody()
    await write_note(ledger, caller, "a", title="one")
    await write_note(ledger, stranger, "a", title="one")
    with pytest.raises(Conflict) as refused:
        await write_note(ledger, caller, "b", title="one")
    assert not isinstance(refused.value, LostRace)
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [("/title", "taken")]
