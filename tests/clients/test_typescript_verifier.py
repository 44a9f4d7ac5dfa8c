"""The verifier in TypeScript finds what the one in Python finds, word by word, whatever was done to a log."""

import base64
import io
import json
import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.worker import build_log_name
from tests.audit.log_mutations import mutated
from tests.audit.logs import MANY, Log
from tests.audit.sealed_workspace import SEALS
from tests.audit.signed_notes import MALLORY, NO_POINT, notes
from tests.audit.spoilt_files import HEADS, LINES, TILES, WHOLE, Spoilt
from tests.audit.tamper_cases import EVENTS, PLACES, Tampering
from tests.audit.test_sealer import SIGNER
from tests.clients import node
from tuneledger.audit.notes import Verifier
from tuneledger.audit.verifier import verify


class Case(msgspec.Struct, frozen=True, kw_only=True):
    lines: Sequence[bytes]
    kept: Sequence[str] = ()
    trusted: Sequence[Verifier] = tuple(SIGNER.verifiers)


@pytest.fixture
async def engine(owner: AsyncEngine) -> AsyncEngine:
    """The forger has all rights."""
    return owner


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    node.build()


@pytest.fixture
async def log(engine: AsyncEngine) -> Log:
    return await Log.grown(engine)


def in_python(case: Case) -> dict[str, Any]:
    report = verify(io.BytesIO(b"".join(case.lines)), trusted=case.trusted, kept=case.kept)
    return dict(msgspec.to_builtins(report))


def in_typescript(cases: Sequence[Case]) -> list[dict[str, Any]]:
    payload = [
        {
            "log": base64.b64encode(b"".join(case.lines)).decode(),
            "keys": [str(verifier) for verifier in case.trusted],
            "kept": list(case.kept),
        }
        for case in cases
    ]
    return list(json.loads(node.run("test/verifier.ts", stdin=json.dumps(payload))))


def same(cases: dict[str, Case]) -> dict[str, dict[str, Any]]:
    """The reports, which are the same in both languages."""
    reports = {name: in_python(case) for name, case in cases.items()}
    assert dict(zip(cases, in_typescript(list(cases.values())), strict=True)) == reports
    return reports


async def test_a_log_that_nobody_touched_has_no_findings_and_one_root(log: Log) -> None:
    head = await log.head()
    await log.grow(400)
    [report] = same({"whole": Case(lines=await log.lines(), kept=[head])}).values()
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
    [report] = same({"odd": Case(lines=await log.lines())}).values()
    assert report["findings"] == []


@pytest.mark.parametrize("table", [EVENTS, PLACES, SEALS], ids=["events", "places", "seals"])
async def test_what_a_superuser_did_is_told_in_the_same_words(engine: AsyncEngine, table: dict[str, Tampering]) -> None:
    cases: dict[str, Case] = {}
    for name, tampering in table.items():
        log = await Log.grown(engine)
        head = await log.head()
        await log.forge(*tampering.done)
        if tampering.grows:
            await log.grow(tampering.grows)
        lines = await log.lines()
        cases |= {name: Case(lines=lines), f"{name}, with a head that was kept": Case(lines=lines, kept=[head])}
    same(cases)


async def test_files_that_are_not_as_they_were_exported_are_told_in_the_same_words(log: Log) -> None:
    lines = await log.lines()
    tables: dict[str, dict[str, Spoilt]] = {"file": WHOLE, "heads": HEADS, "event": LINES, "tile": TILES}
    same(
        {
            f"{what}: {name}": Case(lines=spoilt.file(lines))
            for what, table in tables.items()
            for name, spoilt in table.items()
        }
    )


async def test_notes_and_keys_are_trusted_alike(log: Log) -> None:
    lines = await log.lines()
    taken, refused = notes(await log.head(), build_log_name(SIGNER.origin, log.id))
    same(
        {
            **{name: Case(lines=lines, kept=[note]) for name, note in (taken | refused).items()},
            "a stranger's key": Case(lines=lines, trusted=MALLORY.verifiers),
            "a key that is none": Case(lines=lines, trusted=[NO_POINT]),
            "a key that is none beside ours": Case(lines=lines, trusted=[NO_POINT, *SIGNER.verifiers]),
            "no key": Case(lines=lines, trusted=[]),
        }
    )


async def test_a_few_bytes_that_are_others_are_told_in_the_same_words_and_never_pass_for_another_log(
    engine: AsyncEngine,
) -> None:
    log, chance = Log(engine), random.Random(6962)
    for number in (2, 1, 2):
        await log.grow(number)
    whole, head = b"".join(await log.lines()), (await log.head()).encode()
    files = [mutated(whole, chance) for _ in range(1_000)]
    kept_notes = [
        [] if number % 2 else [mutated(head, chance).decode(errors="replace")] for number in range(len(files))
    ]
    cases = {str(number): Case(lines=[file], kept=kept_notes[number]) for number, file in enumerate(files)}
    clean = [number for number, report in same(cases).items() if not report["findings"]]
    assert 0 < len(clean) < 200
    assert {read_first_finding(b"".join(cases[number].lines)) for number in clean} == {read_first_finding(whole)}


def read_first_finding(file: bytes) -> str:
    """What its events say, whatever spaces are between."""
    return json.dumps([json.loads(line) for line in list(io.BytesIO(file))[1:]], sort_keys=True)
