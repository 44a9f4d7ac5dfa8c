"""What the reader of a table says before the rows, and what it says instead of them."""

import msgspec

from service.errors import Fault


class TableHead(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a Parquet file, or the sheet of a workbook."""

    columns: tuple[str, ...] = ()
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()


class BadTable(Exception):  # noqa: N818 - it reads as what it is
    """Carries the fault of a file that is bad as a whole."""

    def __init__(self, detail: str, code: str = "damaged") -> None:
        super().__init__(detail)
        self.fault = Fault(detail=detail, code=code)
