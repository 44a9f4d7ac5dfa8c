"""A file that cannot be read as a whole, and the limits of what is read at once."""

from service.errors import Fault, Invalid

MAX_ROW_BYTES = 16 * 1024 * 1024  # bytes of one row
BLOCK_BYTES = 256 * 1024  # bytes read at once; the rows in them make one batch


class Unreadable(Invalid):
    """The file cannot be read"""

    code = "unreadable_file"

    def __init__(self, fault: Fault, *more: Fault) -> None:
        super().__init__(fault.detail, errors=(fault, *more))


def build_too_long_fault(limit: int, *, at: str = "") -> Fault:
    return Fault(pointer=at, detail=f"This row is longer than {limit:,} bytes.", code="line_too_long")


def build_empty_file_error() -> Unreadable:
    return Unreadable(Fault(detail="The file has no rows.", code="empty_file"))
