"""What the sealer of this machine has signed, kept outside the database: a file per workspace with size and root.

Whoever rewrites the database cannot make the sealer sign a log that is shorter than, or another than, what it signed.
"""

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from service.settings import Settings


class LogWentBack(Exception):  # noqa: N818 - it names a state
    """The log is not a continuation of what this machine has sealed"""


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """The last checkpoint that this machine signed over a workspace's log."""

    size: int
    root: bytes


class Witness:
    """The directory of the files. Each is written anew, synced to disk and then moved into place."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.expanduser()

    def find(self, workspace_id: UUID) -> Sealed | None:
        try:
            return msgspec.json.decode(self._file(workspace_id).read_bytes(), type=Sealed)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise LogWentBack(f"{self._file(workspace_id)} cannot be read: {error}") from error

    def keep(self, workspace_id: UUID, sealed: Sealed) -> None:
        """Replace what was kept. Call it before the checkpoint is stored, so that no signature is ever unknown here."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.directory / f".{workspace_id}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(msgspec.json.encode(sealed))
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(self._file(workspace_id))
        folder = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def forget(self, workspace_id: UUID, *, reason: str, at: datetime | None = None) -> Sealed | None:
        """Put what was kept aside, with the reason, so that the log as it is now is sealed from here on."""
        sealed = self.find(workspace_id)
        if sealed is not None:
            moment = f"{at or datetime.now(UTC):%Y%m%dT%H%M%S%f}"
            kept = self._file(workspace_id).rename(self.directory / f"{workspace_id}.{moment}.forgotten")
            kept.with_suffix(".reason").write_text(reason + "\n")
        return sealed

    def list(self) -> Iterator[tuple[UUID, Sealed]]:
        for file in sorted(self.directory.glob("*.json")):
            workspace_id = UUID(file.stem)
            if (sealed := self.find(workspace_id)) is not None:
                yield workspace_id, sealed

    def _file(self, workspace_id: UUID) -> Path:
        return self.directory / f"{workspace_id}.json"


def open_witness(settings: Settings) -> Witness:
    return Witness(settings.witness_directory or settings.data_directory / "witness")
