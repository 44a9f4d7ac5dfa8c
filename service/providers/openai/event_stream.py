"""Read server-sent events as chat completions use them: the data of each, without names and ids."""

from collections.abc import AsyncIterator


async def read_events(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the data of each event, also of a last one whose blank line is missing."""
    data: list[bytes] = []
    async for line in _split_lines(pieces):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif not line and data:
            yield b"\n".join(data)
            data = []
    if data:
        yield b"\n".join(data)


async def _split_lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for piece in pieces:
        # Only the new piece is searched and copied: a long line in small pieces costs what it is long.
        first, *others = piece.split(b"\n")
        rest += first
        for other in others:
            yield bytes(rest).removesuffix(b"\r")
            rest = bytearray(other)
    if rest:
        yield bytes(rest).removesuffix(b"\r")
