"""Check a task's examples against other schemas, page by page. Nothing changes."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.chat_content import DECODER, Content, get_output_text, get_question
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import content_texts, is_at, with_content
from service.datasets.projection import datasets
from service.errors import Fault
from service.tasks.json_schema import find_output_faults

PAGE_ROWS = 500
MAX_EXAMPLES = 100_000  # checked in one request
MAX_FAULTS = 20  # listed per example

ExampleKey = tuple[UUID, UUID]  # dataset and example


class Schemas(msgspec.Struct, frozen=True, kw_only=True):
    """Encoded schemas; None checks nothing."""

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


class PreviewResult(msgspec.Struct, kw_only=True):
    """The result so far. `last` is the last example that was read."""

    checked: int = 0
    failing: int = 0
    erased: int = 0
    complete: bool = False
    last: ExampleKey | None = None
    failures: list[FailingExample] = []

    @property
    def next(self) -> ExampleKey | None:
        """Where the next page begins: after the last listed failure if there are more, else after the last one read."""
        if self.failing > len(self.failures):
            return (self.failures[-1].dataset_id, self.failures[-1].example_id)
        return None if self.complete else self.last


async def preview_schemas(
    engine: AsyncEngine,
    workspace_id: UUID,
    task_id: UUID,
    schemas: Schemas,
    *,
    seq: int,
    after: ExampleKey | None,
    keep: int,
) -> PreviewResult:
    """Check the examples of all the task's datasets as of `seq`, at most MOST of them; keep the first that fail."""
    result = PreviewResult(last=after)
    while result.checked + result.erased < MAX_EXAMPLES:
        rows = await _load_page(engine, workspace_id, task_id, seq=seq, after=result.last)
        for row in rows:
            _check(row, schemas, result, keep=keep)
        if len(rows) < PAGE_ROWS:
            result.complete = True
            break
    return result


def _check(row: Any, schemas: Schemas, result: PreviewResult, *, keep: int) -> None:
    result.last = (row.dataset_id, row.example_id)
    if row.body is None:
        result.erased += 1
        return
    result.checked += 1
    faults = list(_find_faults(DECODER.decode(row.body), schemas))
    if not faults:
        return
    result.failing += 1
    if len(result.failures) < keep:
        result.failures.append(
            FailingExample(
                example_id=row.example_id, dataset_id=row.dataset_id, version=row.version, faults=faults[:MAX_FAULTS]
            )
        )


def _find_faults(content: Content, schemas: Schemas) -> Iterator[Fault]:
    if schemas.input is not None:
        for fault in find_output_faults(schemas.input, get_question(content) or "", at="/input"):
            detail = "The input is not JSON." if fault.code == "not_json" else fault.detail
            yield msgspec.structs.replace(fault, detail=detail)
    if schemas.output is not None:
        yield from find_output_faults(schemas.output, get_output_text(content), at="/output")


async def _load_page(
    engine: AsyncEngine, workspace_id: UUID, task_id: UUID, *, seq: int, after: ExampleKey | None
) -> Sequence[Any]:
    home = sa.and_(datasets.c.workspace_id == revisions.c.workspace_id, datasets.c.id == revisions.c.dataset_id)
    query = (
        with_content(sa.select().select_from(revisions).join(datasets, home))
        .with_only_columns(
            revisions.c.dataset_id,
            revisions.c.example_id,
            revisions.c.version,
            content_texts.c.body,
            maintain_column_froms=True,
        )
        .where(revisions.c.workspace_id == workspace_id, datasets.c.task_id == task_id, is_at(seq))
        .order_by(revisions.c.dataset_id, revisions.c.example_id)
        .limit(PAGE_ROWS)
    )
    if after is not None:
        query = query.where(sa.tuple_(revisions.c.dataset_id, revisions.c.example_id) > sa.tuple_(*after))
    return await fetch_all(engine, query)
