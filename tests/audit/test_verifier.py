"""An export of the log checked offline, after everything that somebody with the database's password can do to it."""

import io
import json
import random
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import proofs
from service.audit import worker as sealing
from service.audit.worker import Signer, build_log_name
from tests.audit.logs import MANY, Log
from tests.audit.sealed_workspace import SEALS
from tests.audit.signed_notes import MALLORY as STRANGER
from tests.audit.signed_notes import NO_POINT, notes
from tests.audit.spoilt_files import HEADS, LINES, TILES, WHOLE, Spoilt
from tests.audit.tamper_cases import EVENTS, MALLORY, PLACES, Tampering, leaf, matches, summarize
from tests.audit.test_sealer import SIGNER
from tuneledger.audit.merkle import ProofRefused, check_inclusion
from tuneledger.audit.notes import Verifier, sign
from tuneledger.audit.verifier import Report, verify
from tuneledger.cli.commands import main


@pytest.fixture
async def engine(owner: AsyncEngine) -> AsyncEngine:
    """The forger has all rights."""
    return owner


@pytest.fixture
async def log(engine: AsyncEngine) -> Log:
    return await Log.grown(engine)


def read(lines: list[bytes], *kept: str, trusted: list[Verifier] | None = None) -> Report:
    """As from a file."""
    return verify(io.BytesIO(b"".join(lines)), trusted=trusted or SIGNER.verifiers, kept=kept)


async def test_a_log_that_nobody_touched_is_as_it_was_signed(log: Log) -> None:
    head = await log.head()
    await log.grow(400)
    report = await log.checked(head)
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


async def tamper(log: Log, tampering: Tampering) -> tuple[Report, Report]:
    """What is found by who has only the key, and by who has kept the head, too."""
    head = await log.head()
    await log.forge(*tampering.done)
    if tampering.grows:
        await log.grow(tampering.grows)
    return await log.checked(), await log.checked(head)


@pytest.mark.parametrize("which", EVENTS)
async def test_an_event_that_was_changed_is_told(log: Log, which: str) -> None:
    await told_by_both(log, EVENTS[which])


@pytest.mark.parametrize("how", PLACES)
async def test_events_that_were_removed_put_in_or_moved_are_told(log: Log, how: str) -> None:
    await told_by_both(log, PLACES[how])


@pytest.mark.parametrize("what", SEALS)
async def test_seals_that_were_changed_are_told_where_they_count(log: Log, what: str) -> None:
    await told_by_both(log, SEALS[what])


async def told_by_both(log: Log, tampering: Tampering) -> None:
    alone, both = await tamper(log, tampering)
    assert matches(summarize(alone), tampering.found)
    assert matches(summarize(both), tampering.found + tampering.kept)


@pytest.mark.parametrize(
    ("heads", "where"),
    [
        ((), ""),
        ((250,), f": the first that is not is among events 251 to {MANY}"),
        ((250, 320), ": the first that is not is among events 251 to 320"),
        ((299, 300), ": event 300 is the first that is not"),
    ],
)
async def test_heads_that_were_kept_name_the_event_when_all_else_was_forged(
    engine: AsyncEngine, heads: tuple[int, ...], where: str
) -> None:
    log, kept = Log(engine), []
    for size, before in zip([*heads, MANY], [0, *heads], strict=True):
        await log.grow(size - before)
        kept.append(await log.head())
    await log.forge(*EVENTS["it, its leaf and the sealed leaf"].done)
    [own, *earlier] = (await log.checked(*kept)).findings
    assert own.detail == f"The first {MANY} events are not those of the signed head{where}."
    assert {finding.seq for finding in (own, *earlier)} == {300 if heads[-1:] == (300,) else None}


async def test_however_much_was_changed_what_the_heads_say_is_told(log: Log) -> None:
    head = await log.head()
    await log.forge(*EVENTS["all of them"].done)
    report = await log.checked(head)
    assert summarize(report)[999:] == [("altered", 300), ("root", None), ("earlier_head", None)]


async def test_a_sealed_leaf_that_was_changed_is_not_held_against_the_event(log: Log) -> None:
    await log.forge(*SEALS["a sealed leaf"].done)
    [findings] = (await log.checked()).findings
    assert findings.detail == "Event 300 was sealed as another: the sealed leaf was changed."
    await log.forge(MALLORY, leaf())
    assert "Event 300 is not what was sealed." in [findings.detail for findings in (await log.checked()).findings]


async def test_a_subtree_that_was_changed_proves_nothing(log: Log) -> None:
    [sealed] = await sealing.load_leaves(log.engine, log.id, 299, limit=1)
    root = await proofs.load_root(log.engine, log.id, MANY)
    check_inclusion(sealed, 299, MANY, await proofs.prove_inclusion(log.engine, log.id, seq=300, size=MANY), root)
    await log.forge(*SEALS["the subtrees"].done)
    with pytest.raises(ProofRefused):
        check_inclusion(sealed, 299, MANY, await proofs.prove_inclusion(log.engine, log.id, seq=300, size=MANY), root)


@pytest.mark.parametrize("table", [WHOLE, HEADS, LINES, TILES], ids=["file", "heads", "events", "sealed leaves"])
async def test_a_file_that_is_not_as_it_was_exported_is_told(log: Log, table: dict[str, Spoilt]) -> None:
    lines = await log.lines()
    reports = {name: read(spoilt.file(lines)) for name, spoilt in table.items()}
    assert [name for name, report in reports.items() if not matches(summarize(report), table[name].found)] == []


async def test_notes_are_taken_for_heads_only_when_they_are_signed_and_of_this_log(log: Log) -> None:
    lines = await log.lines()
    taken, refused = notes(await log.head(), build_log_name(SIGNER.origin, log.id))
    assert [name for name, note in taken.items() if summarize(read(lines, note))] == []
    assert [name for name, note in refused.items() if summarize(read(lines, note)) != [("signature", None)]] == []


async def test_a_head_signed_by_another_key_is_not_trusted(log: Log) -> None:
    lines = await log.lines()
    for trusted in (STRANGER.verifiers, [NO_POINT]):
        assert summarize(read(lines, trusted=trusted)) == [("signature", None)]
    assert summarize(read(lines, trusted=[NO_POINT, *SIGNER.verifiers])) == []


async def test_what_a_key_has_signed_stays_valid_for_who_trusts_it_when_the_key_is_changed(log: Log) -> None:
    head, old = await log.head(), SIGNER.verifiers
    new = Signer(origin=SIGNER.origin, keys=(Ed25519PrivateKey.generate(),))
    await log.append(log.id, 10)
    await sealing.seal_all(log.engine, new)
    lines = await log.lines()
    assert summarize(read(lines, head, trusted=[*old, *new.verifiers])) == []
    assert summarize(read(lines, trusted=new.verifiers)) == []
    assert summarize(read(lines, head, trusted=new.verifiers)) == [("signature", None)]
    assert summarize(read(lines, head, trusted=old)) == [("signature", None)]


async def test_two_histories_of_one_operator_are_told(log: Log) -> None:
    """The export's own earlier heads may contradict it, too."""
    text = (await log.head()).split("\n")
    other = sign(f"{text[0]}\n650\n{text[2]}\n", name=SIGNER.origin, keys=SIGNER.keys)
    lines = HEADS["earlier heads that are none"].file(await log.lines())
    lines[0] = lines[0].replace(b'"nonsense\\n"', json.dumps(other).encode())
    assert summarize(read(lines)) == [("earlier_head", None)]


async def test_the_command_says_what_was_altered_and_ends_with_1(log: Log, tmp_path: Path) -> None:
    export, head, key = tmp_path / "log.ndjson", tmp_path / "head.txt", str(SIGNER.verifiers[0])
    head.write_text(await log.head() + "\n")  # as `print` and `jq -r` write it
    export.write_bytes(b"".join(await log.lines()))
    arguments = ["verify", str(export), "--key", key, "--checkpoint", str(head)]
    good = CliRunner().invoke(main, arguments)
    assert (good.exit_code, "as signed" in good.output) == (0, True)
    await log.forge(MALLORY)
    export.write_bytes(b"".join(await log.lines()))
    bad = CliRunner().invoke(main, arguments)
    assert (bad.exit_code, "Event 300 is not what was sealed" in bad.output) == (1, True)
    refused = CliRunner().invoke(main, ["verify", str(export), "--key", "nonsense"])
    assert (refused.exit_code, "not a verifier key" in refused.output) == (2, True)
    head.write_bytes(b"\xff\xfe")
    assert "A checkpoint cannot be trusted" in CliRunner().invoke(main, arguments).output


async def test_the_command_does_not_call_signed_what_has_no_head(log: Log, tmp_path: Path) -> None:
    export = tmp_path / "log.ndjson"
    await log.forge(*SEALS["all heads, gone"].done)
    export.write_bytes(b"".join(await log.lines()))
    result = CliRunner().invoke(main, ["verify", str(export), "--key", str(SIGNER.verifiers[0])])
    assert "0 events" in result.output
    assert "nothing is signed" in result.output


async def test_an_export_that_ends_at_any_byte_is_not_whole(log: Log) -> None:
    whole = b"".join(await log.lines())
    chance = random.Random(4)
    for end in [0, 1, len(whole) - 2, *(chance.randrange(len(whole) - 2) for _ in range(40))]:
        assert summarize(verify(whole[:end].splitlines(keepends=True), trusted=SIGNER.verifiers)), end


async def test_the_command_is_not_surprised_by_files_of_any_kind(log: Log, tmp_path: Path) -> None:
    export, odd = tmp_path / "log.ndjson", tmp_path / "odd"
    export.write_bytes(b"".join(await log.lines()))
    for content in (b"", b"\n", b"{}\n", b"\xb8\xff\x00" * 100, b"[" * 100_000):
        odd.write_bytes(content)
        refused = CliRunner().invoke(main, ["verify", str(odd)])
        assert (refused.exit_code, "not_readable" in refused.output) == (1, True)
        result = CliRunner().invoke(main, ["verify", str(export), "--checkpoint", str(odd)])
        assert (result.exit_code, "signature: A checkpoint cannot be trusted" in result.output) == (1, True)
