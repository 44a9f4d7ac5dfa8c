"""The disk under a job: is there enough, and is what was written on it."""

import hashlib
import os
import shutil
from pathlib import Path

from service.providers.local.trainer.failure import TrainerFailure

MEGABYTE, GIGABYTE = 1e6, 1e9


def require_free(folder: Path, needed: float, purpose: str) -> None:
    """Raise TrainerFailure unless the disk has so many bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise TrainerFailure(
            "out_of_disk",
            f"{purpose}: {describe_size(needed)} are needed in {folder}, and {describe_size(free)} are free.",
        )


def sync_folder(folder: Path) -> None:
    """Have every file of a folder on the disk when this returns."""
    for path in (*folder.iterdir(), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def compute_digests(folder: Path) -> dict[str, str]:
    """The sha256 of each file, by name."""
    digests = {}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            with path.open("rb") as file:
                digests[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def describe_size(size: float) -> str:
    return f"{size / GIGABYTE:.1f} GB" if size >= GIGABYTE else f"{size / MEGABYTE:.1f} MB"
