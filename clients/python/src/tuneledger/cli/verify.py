"""`verify`: check an export of the log against its signature and against earlier checkpoints."""

import itertools
from typing import BinaryIO, TextIO

import msgspec
import rich_click as click

from tuneledger.audit import NoteRefused, Report, Verifier, own_keys, verifier_of
from tuneledger.audit import verify as check
from tuneledger.cli.exits import Exit
from tuneledger.cli.output import encoded


def parse_keys(_: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> list[Verifier]:
    try:
        return [verifier_of(text) for text in texts]
    except NoteRefused as error:
        raise click.BadParameter(str(error), param=option) from error


@click.command()
@click.argument("export", type=click.File("rb"))
@click.option(
    "--key",
    "keys",
    multiple=True,
    callback=parse_keys,
    help="A key you trust: name+id+key. Default: the export's own.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.File("r", "utf-8", "replace"),
    help="The note of a checkpoint that you kept; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(*, export: BinaryIO, keys: list[Verifier], checkpoints: tuple[TextIO, ...], as_json: bool) -> None:
    """Verify an export of the log offline, with the keys that you trust.

    To export: `tuneledger api GET /v1/events/export`. Exit code 1: the export is not what was signed.
    """
    lines = iter(export)
    first = next(lines, b"")
    if not keys:
        click.echo("Without --key, the keys named in the export are trusted, which proves less.", err=True)
    notes = [file.read().rstrip("\n") + "\n" for file in checkpoints]
    report = check(itertools.chain([first], lines), trusted=keys or _own(first), kept=notes)
    click.echo(msgspec.json.format(encoded(report)) if as_json else _summary(report))
    if report.findings:
        raise SystemExit(Exit.FAILED)


def _own(header: bytes) -> list[Verifier]:
    """The keys named in the export; none if one of them is unreadable."""
    try:
        return [verifier_of(text) for text in own_keys(header)]
    except NoteRefused:
        return []


def _summary(report: Report) -> str:
    signed = "as signed" if report.size else "nothing is signed"
    verdict = f"{len(report.findings)} findings" if report.findings else signed
    lines = [f"{finding.kind}: {finding.detail}" for finding in report.findings]
    return "\n".join([*lines, f"{report.events} events, root {report.root}: {verdict}."])
