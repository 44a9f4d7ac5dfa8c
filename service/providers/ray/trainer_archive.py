"""The trainer as one file that Python runs, so that the cluster has the same trainer as this server."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

from service.providers import local

ROOT = Path(local.__file__).parents[3]
PARTS = ("job.py", "training_estimate.py", "trainer/*.py")
START = 'import runpy\n\nrunpy.run_module("service.providers.local.trainer", run_name="__main__", alter_sys=True)\n'
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same sources are the same bytes
DIGEST_CHARACTERS = 16


def write_archive(folder: Path) -> Path:
    """Write the file unless it is there; its name has its digest."""
    content = build_archive()
    digest = hashlib.sha256(content).hexdigest()[:DIGEST_CHARACTERS]
    path = folder / f"trainer-{digest}.pyz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(content)
        part.rename(path)
    return path


def build_archive() -> bytes:
    """The trainer and what it imports of ours."""
    package = ROOT / "service/providers/local"
    sources = sorted(path for part in PARTS for path in package.glob(part))
    files = {str(path.relative_to(ROOT)): path.read_text() for path in sources}
    for parent in ("service", "service/providers", "service/providers/local"):
        files[f"{parent}/__init__.py"] = ""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted({**files, "__main__.py": START}.items()):
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), text)
    return buffer.getvalue()
