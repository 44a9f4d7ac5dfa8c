"""A stream of bytes that can be looked into before it is read."""

from collections.abc import AsyncIterator


class ByteSource:
    """Wraps a stream: `peek` shows its start, `read` gives all of it."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._start = bytearray()

    async def peek(self, size: int) -> bytes:
        """The first `size` bytes, or all if there are fewer."""
        while len(self._start) < size:
            piece = await anext(self._stream, None)
            if piece is None:
                break
            self._start += piece
        return bytes(self._start[:size])

    async def read(self) -> AsyncIterator[bytes]:
        """All bytes, in pieces of any size."""
        start, self._start = bytes(self._start), bytearray()
        if start:
            yield start
        async for piece in self._stream:
            yield piece


async def read_blocks(stream: AsyncIterator[bytes], *, size: int) -> AsyncIterator[bytes]:
    """The same bytes in pieces of `size`."""
    waiting = bytearray()
    async for chunk in stream:
        waiting += chunk
        start = 0
        while len(waiting) - start >= size:
            yield bytes(waiting[start : start + size])
            start += size
        del waiting[:start]
    if waiting:
        yield bytes(waiting)
