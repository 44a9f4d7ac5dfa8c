"""ZIP files: kept on disk while they are read, because their list of members stands at the end."""

import asyncio
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator
from typing import IO, Any

from service.datasets.imports.containers.compression import OUTPUT_BYTES, Budget
from service.datasets.imports.containers.signatures import build_kind_error
from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault

ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
MAX_DIRECTORY = 4 * 1024 * 1024  # bytes of the list of members, which is read at once
MAX_MEMBERS = 1_000
DATA_NAMES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".tab", ".txt", ".parquet", ".xlsx", ".gz", ".zst")
WORKBOOK = "xl/workbook.xml"
KINDS = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint file",
    "content.xml": "an OpenDocument file; save it as XLSX or CSV",
    "[Content_Types].xml": "an Office file without sheets",
    "META-INF/MANIFEST.MF": "a Java archive",
}
ENDINGS = {"/data.pkl": "a PyTorch checkpoint", ".npy": "an archive of NumPy arrays", ".dist-info/METADATA": "a wheel"}


async def save(stream: AsyncIterator[bytes]) -> IO[bytes]:
    """The stream as a temporary file, which is gone when it is closed."""
    file = tempfile.NamedTemporaryFile(prefix="tuneledger-import-")  # noqa: SIM115 - the caller closes it
    try:
        async for piece in stream:
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)
    except BaseException:
        file.close()
        raise
    return file


class ZipArchive:
    """A ZIP file with members of rows. Raises Unreadable for another kind of file in the same format."""

    def __init__(self, file: IO[bytes], budget: Budget) -> None:
        self._budget = budget
        self._zip = _open(file)
        names = [info.filename for info in self._zip.infolist()]
        self.is_workbook = WORKBOOK in names
        if not self.is_workbook:
            _refuse_known_archives(names)
        files = [info for info in self._zip.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
        self.members = [info for info in files if info.filename.lower().endswith(DATA_NAMES)] or files[:1]
        self.ignored = tuple(info.filename for info in files if info not in self.members)
        if len(self.members) > MAX_MEMBERS:
            detail = f"The ZIP file has more than {MAX_MEMBERS:,} members; send it in parts."
            raise Unreadable(Fault(detail=detail, code="too_large"))
        if not self.members:
            raise Unreadable(Fault(detail="The ZIP file has no file in it.", code="empty_file"))

    async def read(self, member: zipfile.ZipInfo) -> AsyncIterator[bytes]:
        """The bytes of a member."""
        self._budget.packed += member.compress_size
        opened: Any = await asyncio.to_thread(_guard, self._zip.open, member)
        with opened:
            while piece := await asyncio.to_thread(_guard, opened.read, OUTPUT_BYTES):
                self._budget.spend(len(piece))
                yield piece


def _open(file: IO[bytes]) -> zipfile.ZipFile:
    end: Any = _guard(getattr(zipfile, "_EndRecData"), file)  # noqa: B009 - typeshed does not know it
    if end and end[5] > MAX_DIRECTORY:
        raise Unreadable(Fault(detail="The ZIP file has too many members; send it in parts.", code="too_large"))
    archive: zipfile.ZipFile = _guard(zipfile.ZipFile, file)
    return archive


def _guard(call: Any, *arguments: Any) -> Any:
    """Call into the ZIP reader. Raises Unreadable for what is damaged, encrypted or in an odd format."""
    try:
        return call(*arguments)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, UnicodeError) as error:
        raise Unreadable(Fault(detail=f"The ZIP file is damaged: {str(error)[:200]}.", code="damaged")) from error
    except (RuntimeError, NotImplementedError) as error:
        detail = f"The ZIP file cannot be opened: {str(error)[:200]}. Pack it without a password, in the usual way."
        raise Unreadable(Fault(detail=detail, code="damaged")) from error


def _refuse_known_archives(names: list[str]) -> None:
    for known, kind in KINDS.items():
        if known in names:
            raise build_kind_error(kind)
    for ending, kind in ENDINGS.items():
        if any(name.endswith(ending) for name in names):
            raise build_kind_error(kind)


def _is_hidden(name: str) -> bool:
    """What file managers put beside the files."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith((".", "~$"))
