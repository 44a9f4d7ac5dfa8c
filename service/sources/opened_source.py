"""A source that was opened: what to record of it, and its bytes."""

from collections.abc import AsyncIterator

import msgspec

from service.datasets.imports.domain import ImportSource
from service.errors import Fault, Unprocessable

MAX_SECONDS = 3_600.0  # for all bytes of a source


class OpenedSource(msgspec.Struct, frozen=True, kw_only=True):
    """`name` and `content_type` help to recognize the file; `format` is known where we wrote it ourselves."""

    record: ImportSource
    pieces: AsyncIterator[bytes]
    name: str | None = None
    content_type: str | None = None
    is_tuneledger: bool = False


class SourceFailed(Unprocessable):
    """The source cannot be read"""

    code = "source_failed"

    def __init__(self, detail: str, *, pointer: str = "/source") -> None:
        super().__init__(detail, errors=[Fault(pointer=pointer, detail=detail, code=self.code)])
