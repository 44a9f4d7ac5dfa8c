"""`verify`: an export of the log against its signature and against checkpoints that were kept."""

import itertools
from typing import BinaryIO, TextIO

import msgspec
import rich_click as click

from tuneledger.audit import NoteRefused, Report, Verifier, own_keys, verifier_of
from tuneledger.audit import verify as check
from tuneledger.cli.exits import Exit
from tuneledger.cli.output import encoded


def _trusted(_: click.Context, option: click.Parameter, given: tuple[str, ...]) -> list[Verifier]:
    try:
        return [verifier_of(text) for text in given]
    except NoteRefused as refused:
        raise click.BadParameter(str(refused), param=option) from refused


@click.command()
@click.argument("export", type=click.File("rb"))
@click.option(
    "--key",
    "keys",
    multiple=True,
    callback=_trusted,
    help="A key you trust: name+id+key. Default: the export's own.",
)
@click.option(
    "--checkpoint",
    "kept",
    multiple=True,
    type=click.File("r", "utf-8", "replace"),
    help="A checkpoint's note that you kept; repeat it for others.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(*, export: BinaryIO, keys: list[Verifier], kept: tuple[TextIO, ...], as_json: bool) -> None:
    """Check an export of the log offline: it asks nobody, and trusts the keys that it is given.

    The export is `tuneledger api GET /v1/events/export`. Exit code 1: it is not what was signed.
    """
    lines = iter(export)
    first = next(lines, b"")
    if not keys:
        click.echo("No --key given: the keys that the export names are trusted, which proves less.", err=True)
    notes = [file.read().rstrip("\n") + "\n" for file in kept]
    report = check(itertools.chain([first], lines), trusted=keys or _own(first), kept=notes)
    click.echo(msgspec.json.format(encoded(report)) if as_json else _told(report))
    if report.findings:
        raise SystemExit(Exit.FAILED)


def _own(header: bytes) -> list[Verifier]:
    """Those that the export names. What is none of ours is left out: nothing is trusted for it."""
    try:
        return [verifier_of(text) for text in own_keys(header)]
    except NoteRefused:
        return []


def _told(report: Report) -> str:
    fine = "as signed" if report.size else "nothing is signed"
    verdict = f"{len(report.findings)} findings" if report.findings else fine
    found = [f"{finding.kind}: {finding.detail}" for finding in report.findings]
    return "\n".join([*found, f"{report.events} events, root {report.root}: {verdict}."])
