"""`?as_of=` within a dataset: a time, a seq, or the name of one of its versions."""

import re
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from service.datasets.projection import load_version
from service.errors import Fault, Invalid, NotFound
from service.http.as_of import resolve_as_of
from service.ledger.store import Ledger

AsOf = Annotated[
    str | None,
    QueryParameter(
        max_length=200,
        description="Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.",
    ),
]
# The parts of a cursor: a seq, and the number of a stream's version.
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
# Version names begin with a letter, so that they are neither a seq nor a time.
_NAME = re.compile(r"[A-Za-z]")


async def resolve_as_of_in(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, as_of: str | None, *, parameter: str = "?as_of"
) -> int:
    """The seq. Raises Invalid for the future and for what is neither time, seq nor version of the dataset."""
    if as_of is None or not _NAME.match(as_of):
        try:
            return await resolve_as_of(ledger.engine, workspace_id, as_of)
        except Invalid as error:
            faults = [msgspec.structs.replace(fault, pointer=parameter) for fault in error.errors]
            raise Invalid(error.detail, errors=faults) from error
    try:
        version = await load_version(ledger.engine, workspace_id, dataset_id, as_of)
    except NotFound as error:
        detail = f"{as_of[:100]!r} is neither a time, a seq, nor a version of this dataset."
        raise Invalid(detail, errors=[Fault(pointer=parameter, detail=detail, code="no_such_version")]) from error
    return version.seq
