"""An export of the log checked offline, after everything that somebody with the database's password can do to it."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from service.__main__ import main
from service.audit import exporting, sealing
from service.audit.notes import Checkpoint, sign
from service.audit.sealing import Signer
from service.audit.verifying import Report, verify
from service.database import new_id
from tests.audit.test_sealing import SIGNER, appended

MANY = 700


class Log:
    """A workspace's log, what a superuser does to it, and what an auditor finds."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.id: UUID = new_id()

    async def grow(self, number: int) -> None:
        await appended(self.engine, self.id, number)
        while await sealing.seal_all(self.engine, SIGNER):
            pass

    async def head(self) -> str:
        return str((await sealing.checkpoint(self.engine, self.id)).note)

    async def forge(self, *statements: str) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(sa.text("alter table ledger.events disable trigger events_append_only"))
            for statement in statements:
                await connection.execute(sa.text(statement), {"ws": self.id} if ":ws" in statement else {})
            await connection.execute(sa.text("alter table ledger.events enable trigger events_append_only"))

    async def lines(self) -> list[bytes]:
        whole = b"".join([piece async for piece in exporting.lines(self.engine, SIGNER, self.id)])
        return whole.splitlines(keepends=True)

    async def checked(self, *kept: str) -> Report:
        return verify(await self.lines(), trusted=SIGNER.verifiers, kept=kept)


@pytest.fixture
async def log(engine: AsyncEngine) -> Log:
    log = Log(engine)
    await log.grow(MANY)
    return log


def found(report: Report) -> list[tuple[str, int | None]]:
    return [(finding.kind, finding.seq) for finding in report.findings]


async def test_a_log_that_nobody_touched_is_as_it_was_signed(log: Log) -> None:
    kept = await log.head()
    await log.grow(400)
    report = await log.checked(kept)
    assert report.findings == []
    assert (report.events, report.size) == (MANY + 400, MANY + 400)


async def test_texts_of_any_kind_give_the_leaf_that_postgres_computed(engine: AsyncEngine) -> None:
    log = Log(engine)
    odd = 'tab\t newline\n quote" back\\ slash/ bell\x07 del\x7f é 漢 \u2028 😀'
    append = sa.text(
        "select * from ledger.append(:ws, :odd, :odd, array['toy'], array[gen_random_uuid()], array[1],"
        " array['ToyMade'], array[:data])"
    )
    async with engine.begin() as connection:
        await connection.execute(append, {"ws": log.id, "odd": odd, "data": json.dumps({"said": odd})})
    await log.grow(1)
    assert (await log.checked()).findings == []


WORD = "update ledger.events set actor = 'mallory' where workspace_id = :ws and seq = 300"
LEAF = "update ledger.events set leaf = sha256('x') where workspace_id = :ws and seq = 300"
GONE = "delete from ledger.events where workspace_id = :ws and seq = 300"
TAIL = "delete from ledger.events where workspace_id = :ws and seq > 690"
SWAP = (
    "update ledger.events set seq = -1 where workspace_id = :ws and seq = 300",
    "update ledger.events set seq = 300 where workspace_id = :ws and seq = 301",
    "update ledger.events set seq = 301 where workspace_id = :ws and seq = -1",
)
# As a forger who knows how leaves are made would do it.
NEW_LEAF = (
    "update ledger.events set leaf = sha256('\\x00'::bytea || convert_to(json_build_array(workspace_id, seq, stream,"
    " stream_id, version, type, actor, request_id, (extract(epoch from recorded_at) * 1000000)::bigint,"
    " data::text)::text, 'UTF8')) where workspace_id = :ws and seq = 300"
)


async def test_an_altered_event_is_named(log: Log) -> None:
    await log.forge(WORD)
    assert ("altered", 300) in found(await log.checked())


async def test_a_leaf_that_was_changed_is_named(log: Log) -> None:
    await log.forge(LEAF)
    assert found(await log.checked()) == [("altered", 300)]


async def test_an_event_altered_together_with_its_leaf_is_named(log: Log) -> None:
    await log.forge(WORD, NEW_LEAF)
    assert found(await log.checked()) == [("altered", 300), ("root", None)]


async def test_an_event_that_was_removed_is_named(log: Log) -> None:
    await log.forge(GONE)
    assert found(await log.checked()) == [("removed", 300), ("root", None)]


async def test_a_tail_that_was_cut_off_is_noticed(log: Log) -> None:
    await log.forge(TAIL)
    assert ("truncated", 691) in found(await log.checked())


async def test_events_that_changed_places_are_named(log: Log) -> None:
    await log.forge(*SWAP)
    assert {("altered", 300), ("altered", 301), ("root", None)} <= set(found(await log.checked()))


async def test_a_log_rewritten_and_sealed_anew_contradicts_the_head_that_was_kept(log: Log) -> None:
    kept = await log.head()
    await log.forge(
        WORD,
        NEW_LEAF,
        "delete from ledger.checkpoints where workspace_id = :ws",
        "delete from ledger.subtrees where workspace_id = :ws",
        "delete from ledger.tiles where workspace_id = :ws",
    )
    await log.grow(1)
    assert (await log.checked()).findings == []
    assert found(await log.checked(kept)) == [("earlier_head", None)]


async def test_a_log_begun_anew_is_shorter_than_the_head_that_was_kept(log: Log) -> None:
    kept = await log.head()
    await log.forge(
        "delete from ledger.events where workspace_id = :ws",
        "delete from ledger.heads where workspace_id = :ws",
        "delete from ledger.checkpoints where workspace_id = :ws",
        "delete from ledger.subtrees where workspace_id = :ws",
        "delete from ledger.tiles where workspace_id = :ws",
    )
    await log.grow(20)
    assert found(await log.checked(kept)) == [("removed", 21)]


async def test_a_head_signed_by_another_key_is_not_trusted(log: Log) -> None:
    mallory = Signer(origin=SIGNER.origin, keys=(Ed25519PrivateKey.generate(),))
    assert found(verify(await log.lines(), trusted=mallory.verifiers)) == [("signature", None)]


async def test_a_head_of_another_workspace_is_not_taken(log: Log) -> None:
    other = Checkpoint(origin=f"{SIGNER.origin}/{new_id()}", size=MANY, root=b"r" * 32)
    note = sign(str(other), name=SIGNER.origin, keys=SIGNER.keys)
    assert found(await log.checked(note)) == [("signature", None)]


def altered(lines: list[bytes], number: int, change: Callable[[Any], Any]) -> list[bytes]:
    value = json.loads(lines[number])
    return [*lines[:number], json.dumps(change(value)).encode() + b"\n", *lines[number + 1 :]]


async def test_an_export_that_is_cut_off_or_no_export_is_refused(log: Log) -> None:
    lines = await log.lines()
    assert ("truncated", 500) in found(verify(lines[:501], trusted=SIGNER.verifiers))
    half = [*lines[:400], lines[400][:20]]
    assert "not_readable" in {kind for kind, _ in found(verify(half, trusted=SIGNER.verifiers))}
    for nothing in ([], [b""], [b"{}\n"], [b"\xff\xfe"], lines[1:]):
        assert found(verify(nothing, trusted=SIGNER.verifiers)) == [("not_readable", None)]


async def test_an_export_that_ends_at_any_byte_is_not_whole(log: Log) -> None:
    whole = b"".join(await log.lines())
    chance = random.Random(4)
    for end in [0, 1, len(whole) - 2, *(chance.randrange(len(whole) - 2) for _ in range(40))]:
        assert found(verify(whole[:end].splitlines(keepends=True), trusted=SIGNER.verifiers)), end


async def test_events_that_stand_in_another_order_are_named(log: Log) -> None:
    lines = await log.lines()
    back = [*lines[:600], lines[2], *lines[600:]]
    told = found(verify([*back[:2], *back[3:]], trusted=SIGNER.verifiers))
    assert {("removed", 2), ("reordered", 2), ("root", None)} <= set(told)


async def test_an_event_put_in_twice_is_named(log: Log) -> None:
    lines = await log.lines()
    assert found(verify([*lines[:40], lines[39], *lines[40:]], trusted=SIGNER.verifiers)) == [("inserted", 39)]


async def test_a_header_that_claims_less_does_not_hide_the_head(log: Log) -> None:
    lines = await log.lines()
    shorter = altered(lines, 0, lambda header: header | {"size": 100})
    assert "removed" in {kind for kind, _ in found(verify(shorter[:101], trusted=SIGNER.verifiers))}


async def test_the_command_says_what_was_altered_and_ends_with_1(log: Log, tmp_path: Path) -> None:
    export, kept, key = tmp_path / "log.ndjson", tmp_path / "head.txt", str(SIGNER.verifiers[0])
    kept.write_text(await log.head() + "\n")  # as `print` and `jq -r` write it
    export.write_bytes(b"".join(await log.lines()))
    arguments = ["verify", str(export), "--key", key, "--checkpoint", str(kept)]
    good = CliRunner().invoke(main, arguments)
    assert (good.exit_code, "as signed" in good.output) == (0, True)
    await log.forge(WORD)
    export.write_bytes(b"".join(await log.lines()))
    bad = CliRunner().invoke(main, arguments)
    assert (bad.exit_code, "Event 300 is not what was sealed" in bad.output) == (1, True)
    refused = CliRunner().invoke(main, ["verify", str(export), "--key", "nonsense"])
    assert (refused.exit_code, "not a verifier key" in refused.output) == (1, True)


async def test_the_command_is_not_surprised_by_files_of_any_kind(log: Log, tmp_path: Path) -> None:
    export, odd = tmp_path / "log.ndjson", tmp_path / "odd"
    export.write_bytes(b"".join(await log.lines()))
    for content in (b"", b"\n", b"{}\n", b"\xb8\xff\x00" * 100, b"[" * 100_000):
        odd.write_bytes(content)
        refused = CliRunner().invoke(main, ["verify", str(odd)])
        assert (refused.exit_code, "not_readable" in refused.output) == (1, True)
        kept = CliRunner().invoke(main, ["verify", str(export), "--checkpoint", str(odd)])
        assert (kept.exit_code, "signature: A checkpoint cannot be trusted" in kept.output) == (1, True)


async def test_events_that_no_head_is_signed_over_do_not_pass(log: Log) -> None:
    lines = await log.lines()
    unsigned = altered(lines[:4], 0, lambda header: header | {"checkpoint": "", "size": 3})
    assert found(verify(unsigned, trusted=[])) == [("signature", None)]
    hidden = altered(lines[:4], 0, lambda header: header | {"checkpoint": None, "size": 0})
    assert found(verify(hidden, trusted=SIGNER.verifiers)) == [("inserted", 1)]
    more = altered(lines, 0, lambda header: header | {"size": MANY - 1})
    assert {("signature", None), ("inserted", MANY)} <= set(found(verify(more, trusted=SIGNER.verifiers)))


async def test_a_number_out_of_this_world_is_told_at_once(log: Log) -> None:
    lines = await log.lines()
    far = altered(lines[:6], 5, lambda event: event | {"seq": 10**15})
    kinds = {kind for kind, _ in found(verify(far, trusted=SIGNER.verifiers))}
    assert {"removed", "altered", "inserted"} <= kinds
