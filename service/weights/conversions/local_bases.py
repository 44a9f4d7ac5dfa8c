"""Base models on this server: in the operator's folders, or in the Hub's cache. Nothing is downloaded."""

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

# A name on the Hub, or of a folder or file: nothing that leaves the folder.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95}){0,2}")
DIGEST_CHARACTERS = 16


def find_base(folders: Sequence[Path], name: str) -> Path | None:
    """Find the folder or the GGUF file of a base model by its name; None where it is not here."""
    if not NAME.fullmatch(name):
        return None
    places = [folder / each for folder in folders for each in (name, f"{name}.gguf")]
    for place in [*places, _find_cached(name)]:
        if place is not None and ((place / "config.json").is_file() or (place.is_file() and place.suffix == ".gguf")):
            return place
    return None


def find_unpacked(folder: Path, file: Path) -> Path | None:
    """Find the folder that a local training has unpacked a GGUF file into; its name ends in the file's digest."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    unpacked = folder / f"{file.stem}-{digest[:DIGEST_CHARACTERS]}"
    return unpacked if (unpacked / "config.json").is_file() else None


def _find_cached(name: str) -> Path | None:
    """Find the snapshot that the Hub's cache has of a model's main branch."""
    home = os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface"
    cache = Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")
    model = cache / f"models--{name.replace('/', '--')}"
    try:
        return model / "snapshots" / (model / "refs" / "main").read_text().strip()
    except OSError:
        return None
