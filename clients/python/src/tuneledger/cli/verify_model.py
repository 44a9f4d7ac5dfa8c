"""`verify-model`: check a folder of exported weights against its signature and against the log."""

import base64
from pathlib import Path
from typing import BinaryIO, TextIO

import msgspec
import rich_click as click

from tuneledger import Tuneledger
from tuneledger.audit import (
    Checkpoint,
    NoteRefused,
    ProofRefused,
    Verifier,
    check_consistency,
    checkpoint_of,
    opened,
    verifier_of,
)
from tuneledger.audit import verify as verify_log
from tuneledger.audit.bundles import BundleReport, verify_folder
from tuneledger.cli.exits import Exit, exit_codes
from tuneledger.cli.output import encoded
from tuneledger.cli.profiles import load
from tuneledger.cli.session import PROFILE
from tuneledger.cli.verify import parse_keys


@click.command("verify-model")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, callback=parse_keys, help="A key of the log that you trust: name+id+key.")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.File("r", "utf-8", "replace"),
    help="The note of a checkpoint that you kept; may be repeated.",
)
@click.option("--log", "log", type=click.File("rb"), help="An export of the log, which is verified too.")
@click.option("--server", is_flag=True, help="Take the keys from the server, and compare with its log as it is now.")
@PROFILE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify_model(
    *,
    folder: Path,
    keys: list[Verifier],
    checkpoints: tuple[TextIO, ...],
    log: BinaryIO | None,
    server: bool,
    profile: str | None,
    as_json: bool,
) -> None:
    """Verify exported weights: every file, the signature, and that the log has the version with its data.

    Offline with --key, or against a server with --server. Exit code 1: something is not what was signed; the
    findings name the file and the bytes, or the event of the log.
    """
    if not keys and not server:
        raise click.UsageError("Give --key with a key of the log that you trust, or --server to ask your server.")
    notes = [file.read().rstrip("\n") + "\n" for file in checkpoints]
    if server:
        with exit_codes():
            signed_in_as = load(profile)
            with Tuneledger(signed_in_as.key, base_url=signed_in_as.url) as client:
                latest = client.ledger.checkpoint()
                keys = keys or [verifier_of(text) for text in latest.keys]
                report = verify_folder(folder, trusted=keys, kept=notes)
                _compare(report, latest.note, keys, client)
    else:
        report = verify_folder(folder, trusted=keys, kept=notes)
    if log is not None:
        for finding in verify_log(log, trusted=keys, kept=notes).findings:
            report.add("log", finding.detail)
    click.echo(msgspec.json.format(encoded(report)) if as_json else _summary(report))
    if report.findings:
        raise SystemExit(Exit.FAILED)


def _compare(report: BundleReport, note: str, trusted: list[Verifier], client: Tuneledger) -> None:
    """Prove that the server's log goes on from the checkpoint of the bundle."""
    if report.checkpoint is None:
        return
    try:
        _check_grown(report.checkpoint, checkpoint_of(opened(note, trusted)), client)
    except (NoteRefused, ProofRefused) as error:
        report.add("log", f"The server's log is not the one that the bundle names: {error}.")


def _check_grown(before: Checkpoint, now: Checkpoint, client: Tuneledger) -> None:
    if now.origin != before.origin:
        raise ProofRefused(f"it is {now.origin}, not {before.origin}")
    if before.size > now.size:
        raise ProofRefused(f"it has {now.size} events, and had {before.size}")
    proof = client.ledger.prove_growth(from_size=before.size, to_size=now.size)
    hashes = [base64.b64decode(each) for each in proof.hashes]
    check_consistency(before.size, now.size, hashes, before.root, now.root)


def _summary(report: BundleReport) -> str:
    verdict = f"{len(report.findings)} findings" if report.findings else "as signed"
    lines = [f"{finding.kind}: {finding.detail}" for finding in report.findings]
    if claims := report.claims:
        data = claims.get("dataset_digest") or "none on record"
        name = f"{claims.get('model')} {claims.get('model_version')}"
        lines.append(f"{name}, of {claims.get('base_model')}; data {data}.")
    return "\n".join([*lines, f"{report.files} files, {report.bytes} bytes, event {report.seq} of the log: {verdict}."])
