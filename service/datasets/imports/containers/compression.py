"""Unpack gzip and zstd while they arrive, with a limit on what may come out."""

import asyncio
import sys
import zlib
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Protocol

from service.datasets.imports.containers.byte_source import read_blocks
from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
COMPRESSIONS = {GZIP: "gzip", ZSTD: "zstd"}
INPUT_BYTES = 16 * 1024
OUTPUT_BYTES = 256 * 1024
MAX_WINDOW_LOG = 27  # 128 MiB, what `zstd` itself takes by default
MAX_RATIO = 200  # text becomes 3 to 20 times smaller; a bomb a thousand times
FREE_BYTES = 64 * 1024 * 1024  # the ratio does not matter below


class Budget:
    """How many bytes of a file may be unpacked: `limit`, and MAX_RATIO times what was read."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.packed = 0
        self.unpacked = 0

    def spend(self, size: int) -> None:
        """Raises Unreadable when the file becomes too large."""
        self.unpacked += size
        if self.unpacked > max(FREE_BYTES, self.packed * MAX_RATIO):
            detail = f"The file unpacks to more than {MAX_RATIO} times its size; send it unpacked."
            raise Unreadable(Fault(detail=detail, code="too_large"))
        if self.unpacked > self.limit:
            detail = f"The file unpacks to more than {self.limit:,} bytes; split it."
            raise Unreadable(Fault(detail=detail, code="too_large"))


class Decompressor(Protocol):
    """A decompressor of one frame, as the standard library's have it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class GzipDecompressor:
    """zlib's decompressor with the interface of the others."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max(max_length, 0))


async def unpack(stream: AsyncIterator[bytes], name: str, budget: Budget) -> AsyncIterator[bytes]:
    """The unpacked bytes of all frames. Raises Unreadable for damaged data, or when it becomes too much."""
    decompressor = _open(name)
    is_between_frames = False
    async for piece in read_blocks(stream, size=INPUT_BYTES):
        budget.packed += len(piece)
        data = piece
        while data or not decompressor.needs_input:
            if is_between_frames:
                data = data.lstrip(b"\0")  # tape archives pad
                if not data:
                    break
                decompressor, is_between_frames = _open(name), False
            output = _decompress(decompressor, data, name)
            data = b""
            budget.spend(len(output))
            if output:
                yield output
                await asyncio.sleep(0)  # other requests come between
            if decompressor.eof:
                data, is_between_frames = decompressor.unused_data, True
                decompressor = _open(name)
    if not is_between_frames:
        raise _build_damaged_error(name, "it ends too early")


def _open(name: str) -> Decompressor:
    if name == "gzip":
        return GzipDecompressor()
    zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    decompressor: Decompressor = zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}
    )
    return decompressor


def _decompress(decompressor: Decompressor, data: bytes, name: str) -> bytes:
    try:
        return decompressor.decompress(data, OUTPUT_BYTES)
    except Exception as error:  # zlib's and zstd's have no class in common
        raise _build_damaged_error(name, str(error)) from error


def _build_damaged_error(name: str, reason: str) -> Unreadable:
    return Unreadable(Fault(detail=f"The {name} data is damaged: {reason[:200]}.", code="damaged"))
