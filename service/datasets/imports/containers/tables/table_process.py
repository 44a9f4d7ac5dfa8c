"""Run the reader of a table in a confined process: a hostile file can crash only that, and learns nothing there."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from service.datasets.imports.containers.compression import Budget
from service.datasets.imports.containers.tables.table_head import TableHead
from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault
from service.extras import MissingExtra, require_extra

MODULE = "service.datasets.imports.containers.tables.program"
SOURCE = str(Path(__file__).parents[5])
LOW_PRIORITY = 10
PIECE_BYTES = 64 * 1024
HEAD_BYTES = 1024 * 1024


class TableProcess:
    """A running reader: its head, and then its rows as lines."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        file: IO[bytes],
        budget: Budget,
        folder: tempfile.TemporaryDirectory[str],
    ) -> None:
        self.head = TableHead()
        self._process, self._file, self._budget = process, file, budget
        self._folder = folder

    @classmethod
    async def start(cls, file: IO[bytes], budget: Budget, *arguments: str) -> "TableProcess":
        """Start to read a file, which is closed at the end. Raises Unreadable."""
        try:
            require_extra("tables")
        except MissingExtra as error:
            file.close()
            raise Unreadable(Fault(detail=error.detail, code=error.code)) from error
        budget.packed += os.fstat(file.fileno()).st_size
        folder = tempfile.TemporaryDirectory(prefix="tuneledger-table-")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", MODULE, file.name, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder.name,
            env={"PYTHONPATH": SOURCE, "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8", "HOME": folder.name},
            limit=HEAD_BYTES,
        )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, LOW_PRIORITY)
        self = cls(process, file, budget, folder)
        try:
            await self._read_head()
        except BaseException:
            await self.close()
            raise
        return self

    async def read(self) -> AsyncIterator[bytes]:
        """The lines of the rows, in pieces. Raises Unreadable when the reader failed."""
        output = self._process.stdout
        assert output is not None  # it is a pipe
        try:
            while piece := await output.read(PIECE_BYTES):
                self._budget.spend(len(piece))
                yield piece
            await self._check_end()
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop the reader, if it still runs."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.communicate()
        self._file.close()
        self._folder.cleanup()

    async def _read_head(self) -> None:
        output = self._process.stdout
        assert output is not None  # it is a pipe
        try:
            line = await output.readline()
        except ValueError as error:
            raise Unreadable(Fault(detail="The table has too many columns.", code="too_large")) from error
        if not line.endswith(b"\n"):
            await self._check_end()
        self.head = msgspec.json.decode(line, type=TableHead)

    async def _check_end(self) -> None:
        """Raise Unreadable with what the reader said, or with why it was killed."""
        _, errors = await self._process.communicate()
        if self._process.returncode == 0:
            return
        last = errors.strip().rpartition(b"\n")[2]
        try:
            fault = msgspec.json.decode(last, type=Fault)
        except msgspec.MsgspecError:
            fault = Fault(detail="Reading this file takes too much time or memory; split it.", code="too_large")
        raise Unreadable(fault)
