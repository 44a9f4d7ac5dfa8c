"""The Range header: one range of bytes of a content (RFC 9110, section 14)."""

import re

from service.artifacts.domain import RangeUnsatisfiable

_RANGE = re.compile(r"\s*bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})\s*")


def parse_range(header: str | None, *, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last. None for the whole: no range, several, or what is no range.

    Raises RangeUnsatisfiable when it holds no byte.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or not (match["first"] or match["last"]):
        return None
    if match["first"]:
        first, end = int(match["first"]), min(int(match["last"]) + 1 if match["last"] else size, size)
        if match["last"] and int(match["last"]) < first:
            return None
    else:
        first, end = max(size - int(match["last"]), 0), size
    if first >= end:
        raise RangeUnsatisfiable(f"The content has {size} bytes; ask for a range within them.")
    return first, end
