"""The signed bundle, on plain files: what is found, and how precisely."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tuneledger.audit import Verifier, bundles
from tuneledger.audit.bundles import sign_folder, verify_folder
from tuneledger.audit.lines import Line, leaf_of
from tuneledger.audit.merkle import gathered, inclusion, root_of
from tuneledger.audit.notes import Checkpoint, sign
from tuneledger.cli.verify_model import verify_model

WORKSPACE, ORIGIN = "00000000-0000-0000-0000-000000000001", "acme.example"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUSTED = [Verifier(name=ORIGIN, public=KEY.public_key().public_bytes_raw())]
VERSION = {"model_version": "v1.0", "base_model": "smol", "dataset_digest": "ab" * 32}
Change = Callable[[Path], object]


def build_note(leaves: list[bytes]) -> str:
    head = Checkpoint(origin=f"{ORIGIN}/{WORKSPACE}", size=len(leaves), root=root_of(leaves))
    return sign(str(head), name=ORIGIN, keys=[KEY])


def build_log(data: dict[str, Any] = VERSION) -> dict[str, Any]:
    """The third event of five registered the version."""
    text = msgspec.json.encode(data).decode()
    fields: dict[str, Any] = {"stream": "model", "stream_id": WORKSPACE, "version": 1, "recorded_us": 5}
    fields |= {"type": "ModelVersionRegistered", "actor": "a", "request_id": "r", "data": text, "leaf": ""}
    line = Line(seq=3, **fields)
    leaves = [bytes([each]) * 32 for each in range(5)]
    leaves[2] = leaf_of(WORKSPACE, line)
    proof = gathered(inclusion(2, 5), lambda part: root_of(leaves[part[0] : part[1]]))
    log = {"workspace_id": WORKSPACE, "origin": f"{ORIGIN}/{WORKSPACE}", "event": msgspec.to_builtins(line)}
    return {**log, "checkpoint": build_note(leaves), "inclusion": [each.hex() for each in proof], "keys": []}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundles, "PIECE_BYTES", 1_000)
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged/model.safetensors").write_bytes(bytes(3_500))
    (tmp_path / "README.md").write_text("# A card")
    sign_folder(tmp_path, name="m v1.0", version=VERSION, log=build_log(), signer=ORIGIN, keys=[KEY])
    return tmp_path


def write(path: str, content: bytes) -> Change:
    return lambda folder: (folder / path).write_bytes(content)


WEIGHTS = "merged/model.safetensors"
CHANGES: dict[str, tuple[Change, list[tuple[str, str | None, int | None, int | None]]]] = {
    "nothing": (lambda _: None, []),
    "a byte": (write(WEIGHTS, bytes(2_100) + b"!" + bytes(1_399)), [("altered", WEIGHTS, 2_000, 3_000)]),
    "cut off": (write(WEIGHTS, bytes(2_000)), [("altered", WEIGHTS, 2_000, 2_000)] * 2),
    "longer": (
        write(WEIGHTS, bytes(4_200)),
        [("altered", WEIGHTS, 3_000, 4_000), ("altered", WEIGHTS, 4_000, 4_200)],
    ),
    "a small file": (write("README.md", b"# Another"), [("altered", "README.md", 0, 9)]),
    "an added file": (write("merged/evil.bin", b"?"), [("added", "merged/evil.bin", None, None)]),
    "a missing file": (lambda folder: (folder / "README.md").unlink(), [("missing", "README.md", None, None)]),
    "a link": (lambda folder: (folder / "link").symlink_to("/etc/passwd"), [("not_readable", None, None, None)]),
    "no bundle": (lambda folder: (folder / "model.sig").unlink(), [("not_readable", None, None, None)]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_folder_is_found_to_the_byte_range(folder: Path, name: str) -> None:
    change, expected = CHANGES[name]
    change(folder)
    report = verify_folder(folder, trusted=TRUSTED)
    assert [(each.kind, each.file, each.start, each.end) for each in report.findings] == expected


def test_a_bundle_of_another_key_and_a_changed_statement_are_refused(folder: Path) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    other = Verifier(name=ORIGIN, public=stranger.public_key().public_bytes_raw())
    assert [each.kind for each in verify_folder(folder, trusted=[other]).findings] == ["signature"]
    bundle = msgspec.json.decode((folder / "model.sig").read_bytes())
    payload = bundle["dsseEnvelope"]["payload"]
    bundle["dsseEnvelope"]["payload"] = ("A" if payload[400] != "A" else "B").join([payload[:400], payload[401:]])
    (folder / "model.sig").write_bytes(msgspec.json.encode(bundle))
    assert verify_folder(folder, trusted=TRUSTED).findings[0].kind in {"signature", "not_readable"}


def test_a_log_that_says_something_else_is_found_at_its_event(folder: Path) -> None:
    log = build_log({**VERSION, "dataset_digest": "cd" * 32})
    sign_folder(folder, name="m", version=VERSION, log=log, signer=ORIGIN, keys=[KEY])
    [finding] = verify_folder(folder, trusted=TRUSTED).findings
    assert (finding.kind, finding.detail.startswith("Event 3 of the log has dataset_digest cdcd")) == ("record", True)
    log = build_log()
    log["event"]["actor"] = "somebody else"
    sign_folder(folder, name="m", version=VERSION, log=log, signer=ORIGIN, keys=[KEY])
    [finding] = verify_folder(folder, trusted=TRUSTED).findings
    assert (finding.kind, "Event 3 of the log" in finding.detail) == ("log", True)
    sign_folder(folder, name="m", version=VERSION, log=build_log(), signer=ORIGIN, keys=[KEY])
    [finding] = verify_folder(folder, trusted=TRUSTED, kept=[build_note([b"x" * 32] * 5)]).findings
    assert "whose checkpoint you saved" in finding.detail


def test_the_command_says_it_in_words_and_by_its_exit_code(folder: Path) -> None:
    key = str(TRUSTED[0])
    fine = CliRunner().invoke(verify_model, [str(folder), "--key", key])
    assert (fine.exit_code, "as signed" in fine.output, "v1.0, of smol" in fine.output) == (0, True, True)
    (folder / WEIGHTS).write_bytes(bytes(1_500) + b"!" * 2_000)
    wrong = CliRunner().invoke(verify_model, [str(folder), "--key", key])
    assert wrong.exit_code == 1
    assert f"altered: {WEIGHTS} is not what was signed, in bytes 1000 to 1999." in wrong.output
    assert CliRunner().invoke(verify_model, [str(folder)]).exit_code == 2
