"""Lines of bytes that come in pieces."""


class Lines:
    r"""Text line by line, without the ends, where `\n` and `\r\n` end a line.

    Nothing else does: JSON holds U+2028 and U+0085 as they are, at which `str.splitlines`, and so httpx, would end one.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, piece: bytes) -> list[str]:
        """The lines that this piece completes."""
        first, *others = piece.split(b"\n")
        self._parts.append(first)
        if not others:
            return []
        *whole, last = others
        lines = [b"".join(self._parts), *whole]
        self._parts = [last]
        return [_text(line) for line in lines]

    def end(self) -> list[str]:
        """The last line, if it has no end."""
        rest = b"".join(self._parts)
        self._parts = []
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
