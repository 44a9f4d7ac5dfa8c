"""What other schemas would say of the examples that a task has: looked at in pieces, and nothing is changed."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.chat_content import DECODER, Content, get_output_text, get_question
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import at, said, with_content
from service.datasets.projection import datasets
from service.errors import Fault
from service.tasks.json_schema import find_output_faults

PIECE = 500
MOST = 100_000  # looked at in one request
MOST_FAULTS = 20  # told of one example

Place = tuple[UUID, UUID]  # dataset and example


class Schemas(msgspec.Struct, frozen=True, kw_only=True):
    """As the bytes by which schemas are kept; None asks for nothing."""

    input: bytes | None
    output: bytes | None


class FailingExample(msgspec.Struct, frozen=True, kw_only=True):
    """An example that would not match; each pointer leads into the JSON of `/input` or of `/output`."""

    example_id: UUID
    """The example that would fail."""
    dataset_id: UUID
    """The dataset of the example."""
    version: int
    """The version of the example that was checked."""
    faults: list[Fault]
    """What fails, at most 20. Pointers start with `/input` or `/output`."""


class Looked(msgspec.Struct, kw_only=True):
    """What was found so far. `last` is the last example looked at."""

    checked: int = 0
    failing: int = 0
    erased: int = 0
    complete: bool = False
    last: Place | None = None
    found: list[FailingExample] = []

    @property
    def next(self) -> Place | None:
        """Where to go on: behind the last that was kept, when more fail, else behind the last that was looked at."""
        if self.failing > len(self.found):
            return (self.found[-1].dataset_id, self.found[-1].example_id)
        return None if self.complete else self.last


async def look(
    engine: AsyncEngine,
    workspace_id: UUID,
    task_id: UUID,
    schemas: Schemas,
    *,
    seq: int,
    after: Place | None,
    keep: int,
) -> Looked:
    """Check the examples of all the task's datasets as of `seq`, at most MOST of them; keep the first that fail."""
    looked = Looked(last=after)
    while looked.checked + looked.erased < MOST:
        rows = await _piece(engine, workspace_id, task_id, seq=seq, after=looked.last)
        for row in rows:
            _check(row, schemas, looked, keep=keep)
        if len(rows) < PIECE:
            looked.complete = True
            break
    return looked


def _check(row: Any, schemas: Schemas, looked: Looked, *, keep: int) -> None:
    looked.last = (row.dataset_id, row.example_id)
    if row.body is None:
        looked.erased += 1
        return
    looked.checked += 1
    faults = list(_faults(DECODER.decode(row.body), schemas))
    if not faults:
        return
    looked.failing += 1
    if len(looked.found) < keep:
        looked.found.append(
            FailingExample(
                example_id=row.example_id, dataset_id=row.dataset_id, version=row.version, faults=faults[:MOST_FAULTS]
            )
        )


def _faults(content: Content, schemas: Schemas) -> Iterator[Fault]:
    if schemas.input is not None:
        for fault in find_output_faults(schemas.input, get_question(content) or "", at="/input"):
            detail = "The input is not JSON." if fault.code == "not_json" else fault.detail
            yield msgspec.structs.replace(fault, detail=detail)
    if schemas.output is not None:
        yield from find_output_faults(schemas.output, get_output_text(content), at="/output")


async def _piece(
    engine: AsyncEngine, workspace_id: UUID, task_id: UUID, *, seq: int, after: Place | None
) -> Sequence[Any]:
    home = sa.and_(datasets.c.workspace_id == revisions.c.workspace_id, datasets.c.id == revisions.c.dataset_id)
    query = (
        with_content(sa.select().select_from(revisions).join(datasets, home))
        .with_only_columns(
            revisions.c.dataset_id,
            revisions.c.example_id,
            revisions.c.version,
            said.c.body,
            maintain_column_froms=True,
        )
        .where(revisions.c.workspace_id == workspace_id, datasets.c.task_id == task_id, at(seq))
        .order_by(revisions.c.dataset_id, revisions.c.example_id)
        .limit(PIECE)
    )
    if after is not None:
        query = query.where(sa.tuple_(revisions.c.dataset_id, revisions.c.example_id) > sa.tuple_(*after))
    return await fetch_all(engine, query)
