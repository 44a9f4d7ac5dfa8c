"""A file as it comes: written piece by piece, and its sha256 computed on the way."""

import hashlib
from pathlib import Path
from typing import Self

from service.errors import ProviderUnavailable
from service.providers.abilities import WeightFile


class ReceivedFile:
    """Write pieces inside a `with`; then `digest` and `bytes` are those of the whole file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sha = hashlib.sha256()
        self.bytes = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._sha.update(piece)
        self.bytes += len(piece)

    @property
    def digest(self) -> str:
        return self._sha.hexdigest()


def check_file(expected: WeightFile, received: ReceivedFile) -> None:
    """Compare with what the provider promised. Raises ProviderUnavailable: another download may be whole."""
    if expected.bytes is not None and received.bytes != expected.bytes:
        detail = f"{expected.name} came with {received.bytes} bytes; the provider promised {expected.bytes}."
        raise ProviderUnavailable(detail)
    if expected.digest is not None and received.digest != expected.digest.lower():
        detail = f"{expected.name} came with the sha256 {received.digest}; the provider promised {expected.digest}."
        raise ProviderUnavailable(detail)
