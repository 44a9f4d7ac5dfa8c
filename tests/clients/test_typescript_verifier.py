"""The verifier in TypeScript finds what the one in Python finds, word by word, whatever was done to a log."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.notes import Checkpoint, sign
from service.audit.sealing import Signer
from service.audit.verifying import verify
from service.database import new_id
from tests.audit.test_sealing import SIGNER
from tests.audit.test_verifying import GONE, LEAF, MANY, NEW_LEAF, SWAP, TAIL, WORD, Log
from tests.clients import node

UNSEALED = (
    "delete from ledger.checkpoints where workspace_id = :ws",
    "delete from ledger.subtrees where workspace_id = :ws",
    "delete from ledger.tiles where workspace_id = :ws",
)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    lines: Sequence[bytes]
    kept: Sequence[str] = ()
    signer: Signer = SIGNER


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    node.build()


@pytest.fixture
async def log(engine: AsyncEngine) -> Log:
    log = Log(engine)
    await log.grow(MANY)
    return log


def in_python(case: Case) -> dict[str, Any]:
    report = verify(case.lines, trusted=case.signer.verifiers, kept=case.kept)
    return dict(msgspec.to_builtins(report))


def in_typescript(cases: Sequence[Case]) -> list[dict[str, Any]]:
    given = [
        {
            "log": base64.b64encode(b"".join(case.lines)).decode(),
            "keys": [str(verifier) for verifier in case.signer.verifiers],
            "kept": list(case.kept),
        }
        for case in cases
    ]
    return list(json.loads(node.run("test/verifying.ts", given=json.dumps(given))))


def same(*cases: Case) -> list[dict[str, Any]]:
    """The reports, which are the same in both languages."""
    reports = [in_python(case) for case in cases]
    assert in_typescript(cases) == reports
    return reports


def kinds(report: dict[str, Any]) -> set[tuple[str, int | None]]:
    return {(finding["kind"], finding["seq"]) for finding in report["findings"]}


async def test_a_log_that_nobody_touched_has_no_findings_and_one_root(log: Log) -> None:
    kept = await log.head()
    await log.grow(400)
    [report] = same(Case(lines=await log.lines(), kept=[kept]))
    assert (report["findings"], report["events"]) == ([], MANY + 400)


async def test_texts_of_any_kind_give_the_leaf_that_postgres_computed(engine: AsyncEngine) -> None:
    log = Log(engine)
    odd = 'tab\t newline\n quote" back\\ slash/ bell\x07 esc\x1b del\x7f é 漢 \u2028 😀'
    append = sa.text(
        "select * from ledger.append(:ws, :odd, :odd, array['toy'], array[gen_random_uuid()], array[1],"
        " array['ToyMade'], array[:data])"
    )
    async with engine.begin() as connection:
        await connection.execute(append, {"ws": log.id, "odd": odd, "data": json.dumps({"said": odd})})
    await log.grow(1)
    [report] = same(Case(lines=await log.lines()))
    assert report["findings"] == []


@pytest.mark.parametrize(
    ("forgery", "told"),
    [
        ([WORD], ("altered", 300)),
        ([LEAF], ("altered", 300)),
        ([WORD, NEW_LEAF], ("root", None)),
        ([GONE], ("removed", 300)),
        ([TAIL], ("truncated", 691)),
        (SWAP, ("altered", 301)),
    ],
)
async def test_what_a_superuser_did_is_told_in_the_same_words(
    log: Log, forgery: Sequence[str], told: tuple[str, int | None]
) -> None:
    kept = await log.head()
    await log.forge(*forgery)
    for report in same(Case(lines=await log.lines()), Case(lines=await log.lines(), kept=[kept])):
        assert told in kinds(report)


async def test_a_log_that_was_rewritten_or_begun_anew_contradicts_the_head_that_was_kept(log: Log) -> None:
    kept = await log.head()
    await log.forge(WORD, NEW_LEAF, *UNSEALED)
    await log.grow(1)
    rewritten = Case(lines=await log.lines(), kept=[kept])
    everything = (
        "delete from ledger.events where workspace_id = :ws",
        "delete from ledger.heads where workspace_id = :ws",
    )
    await log.forge(*everything, *UNSEALED)
    await log.grow(20)
    one, other = same(rewritten, Case(lines=await log.lines(), kept=[kept]))
    assert (kinds(one), kinds(other)) == ({("earlier_head", None)}, {("removed", 21)})


async def test_heads_that_cannot_be_trusted_are_told_in_the_same_words(log: Log) -> None:
    lines, head = await log.lines(), await log.head()
    mallory = Signer(origin=SIGNER.origin, keys=(Ed25519PrivateKey.generate(),))
    elsewhere = sign(
        str(Checkpoint(origin=f"{SIGNER.origin}/{new_id()}", size=MANY, root=b"r" * 32)),
        name=SIGNER.origin,
        keys=SIGNER.keys,
    )
    text, signature = head.rsplit("\n\n", 1)
    notes = [
        elsewhere,
        "",
        "no note at all",
        head.rstrip("\n"),
        text.replace(f"\n{MANY}\n", f"\n{MANY + 1}\n") + "\n\n" + signature,
        f"{text}\n\nnonsense\n{signature}",
        f"{text}\n\n{signature.replace(' ', '  ')}",
        sign("a text\n", name=SIGNER.origin, keys=SIGNER.keys),
        sign(
            f"{SIGNER.log(log.id)}\n0700\n{base64.b64encode(b'r' * 32).decode()}\n",
            name=SIGNER.origin,
            keys=SIGNER.keys,
        ),
        sign(str(Checkpoint(origin=SIGNER.log(log.id), size=0, root=b"r" * 32)), name=SIGNER.origin, keys=SIGNER.keys),
        sign(
            str(Checkpoint(origin=SIGNER.log(log.id), size=300, root=b"r" * 32)), name=SIGNER.origin, keys=SIGNER.keys
        ),
    ]
    reports = same(Case(lines=lines, signer=mallory), *(Case(lines=lines, kept=[note]) for note in notes))
    clean = [number for number, report in enumerate(reports) if not report["findings"]]
    assert clean == [6], "only a line of nonsense beside a good signature says nothing"


def with_line(lines: list[bytes], number: int, change: Callable[[Any], Any]) -> list[bytes]:
    value = json.loads(lines[number])
    return [*lines[:number], json.dumps(change(value)).encode() + b"\n", *lines[number + 1 :]]


async def test_files_that_were_cut_mixed_or_made_up_are_told_in_the_same_words(log: Log) -> None:
    lines = await log.lines()
    tile = next(number for number, line in enumerate(lines) if line.startswith(b'{"tile"'))
    files: list[list[bytes]] = [
        lines[:501],
        [*lines[:400], lines[400][:20]],
        [],
        [b"\n"],
        [b"{}\n"],
        [b"\xff\xfe"],
        [b"\xef\xbb\xbf", *lines],
        lines[1:],
        [*lines[:40], lines[39], *lines[40:]],
        [*lines[:40], *lines[45:], *lines[40:45]],
        [*lines[:40], b"\n", b"[1]\n", b"{\n", b'{"tile": 1}\n', b'{"x": "\xff"}\n', *lines[40:]],
        with_line(lines, 0, lambda header: header | {"checkpoint": None}),
        with_line(lines, 0, lambda header: header | {"format": "other"}),
        with_line(lines, 0, lambda header: header | {"keys": [1]}),
        with_line(lines, 50, lambda line: line | {"version": 9}),
        with_line(lines, 50, lambda line: line | {"version": 0}),
        with_line(lines, 50, lambda line: line | {"recorded_us": 1}),
        with_line(lines, 50, lambda line: line | {"seq": -3}),
        with_line(lines, 50, lambda line: line | {"seq": "50"}),
        with_line(lines, 50, lambda line: line | {"seq": True}),
        with_line(lines, 50, lambda line: line | {"actor": "\ud800"}),
        with_line(lines, 50, lambda line: line | {"leaf": line["leaf"].upper()}),
        [*lines[:600], *lines[640:]],
        with_line(lines, tile, lambda sealed: sealed | {"hashes": sealed["hashes"][:-2]}),
        with_line(lines, tile, lambda sealed: sealed | {"hashes": sealed["hashes"].upper()}),
        with_line(lines, tile, lambda sealed: sealed | {"hashes": "00" * 32 + sealed["hashes"][64:]}),
        with_line(lines, tile, lambda sealed: sealed | {"tile": 1}),
    ]
    reports = same(*(Case(lines=file) for file in files))
    clean = [number for number, report in enumerate(reports) if not report["findings"]]
    assert clean == [24, 26], "hashes in capitals, and a tile of another number that comes too early to be compared"


async def test_events_that_no_head_is_signed_over_do_not_pass(log: Log) -> None:
    short, head = await log.lines(), await log.head()
    await log.grow(60)
    long = await log.lines()
    forged = {
        "no head": with_line(long, 0, lambda header: header | {"checkpoint": ""}),
        "nothing said to be there": with_line(long, 0, lambda header: header | {"size": 0, "checkpoint": None}),
        "a tail": [short[0], *long[1:]],
        "a tail that the header claims": with_line(long, 0, lambda header: header | {"checkpoint": head}),
    }
    reports = in_typescript([Case(lines=lines) for lines in forged.values()])
    assert [kinds(report) for report in reports] == [
        {("signature", None)},
        {("inserted", 1)},
        {("inserted", MANY + 1)},
        {("signature", None)},
    ]
