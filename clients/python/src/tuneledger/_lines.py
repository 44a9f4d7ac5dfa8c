"""Split a stream of bytes into lines."""


class Lines:
    r"""Split text at `\n` and `\r\n`, and nowhere else.

    JSON may contain U+2028 and U+0085, at which `str.splitlines`, and so httpx, would split.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, piece: bytes) -> list[str]:
        """Return the lines that this piece completes."""
        first, *others = piece.split(b"\n")
        self._parts.append(first)
        if not others:
            return []
        *whole, last = others
        lines = [b"".join(self._parts), *whole]
        self._parts = [last]
        return [_text(line) for line in lines]

    def end(self) -> list[str]:
        """Return the last line, if it has no line end."""
        rest = b"".join(self._parts)
        self._parts = []
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
