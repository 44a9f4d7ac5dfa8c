"""OpenSSF's own tool verifies our bundles. Run by `make test-trackers`, which has it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("model_signing")
from tests.models.exports.test_bundles import KEY, ORIGIN, VERSION, build_log
from tuneledger.audit.bundles import derive_key, export_public_key, sign_folder


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    paths = ["--signature", str(folder / "model.sig"), "--public_key", str(folder / "model-signing.pub")]
    command = [sys.executable, "-m", "model_signing", "verify", "key", str(folder), *paths]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_model_signing_verifies_a_bundle_and_finds_a_change(tmp_path: Path) -> None:
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged/model.safetensors").write_bytes(bytes(3_500))
    (tmp_path / "model-signing.pub").write_bytes(export_public_key(derive_key(KEY)))
    sign_folder(tmp_path, name="m v1.0", version=VERSION, log=build_log(), signer=ORIGIN, keys=[KEY])
    assert verify(tmp_path).returncode == 0, verify(tmp_path)
    (tmp_path / "merged/model.safetensors").write_bytes(bytes(3_499) + b"!")
    changed = verify(tmp_path)
    assert (changed.returncode, "merged/model.safetensors" in changed.stdout + changed.stderr) == (1, True), changed
