"""Check a task's examples against other schemas, page by page. Nothing changes."""

import time
from collections.abc import Mapping, Sequence
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
from service.tasks.schema_checks import SECONDS, check_outputs

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
    """Check the examples of all the task's datasets as of `seq`, within limits of number and time.

    Keeps the first `keep` that fail.
    """
    result = PreviewResult(last=after)
    deadline = time.monotonic() + SECONDS
    while result.checked + result.erased < MAX_EXAMPLES and time.monotonic() < deadline:
        rows = await _load_page(engine, workspace_id, task_id, seq=seq, after=result.last)
        contents = {row.example_id: DECODER.decode(row.body) for row in rows if row.body is not None}
        faults = await _find_faults(workspace_id, contents, schemas)
        for row in rows:
            _add(result, row, faults.get(row.example_id), keep=keep)
        if len(rows) < PAGE_ROWS:
            result.complete = True
            break
    return result


def _add(result: PreviewResult, row: Any, faults: Sequence[Fault] | None, *, keep: int) -> None:
    result.last = (row.dataset_id, row.example_id)
    if faults is None:
        result.erased += 1
        return
    result.checked += 1
    if not faults:
        return
    result.failing += 1
    if len(result.failures) < keep:
        result.failures.append(
            FailingExample(
                example_id=row.example_id,
                dataset_id=row.dataset_id,
                version=row.version,
                faults=list(faults[:MAX_FAULTS]),
            )
        )


async def _find_faults(
    workspace_id: UUID, contents: Mapping[UUID, Content], schemas: Schemas
) -> dict[UUID, list[Fault]]:
    """The faults of each example, of its input and its output."""
    faults: dict[UUID, list[Fault]] = {example_id: [] for example_id in contents}
    sides: tuple[tuple[str, bytes | None, list[str]], ...] = (
        ("/input", schemas.input, [get_question(content) or "" for content in contents.values()]),
        ("/output", schemas.output, [get_output_text(content) for content in contents.values()]),
    )
    for place, schema, texts in sides:
        checked = [] if schema is None else await check_outputs(workspace_id, schema, texts)
        for own, schema_faults in zip(faults.values(), checked, strict=schema is not None):
            own += [_place(fault, place) for fault in schema_faults]
    return faults


def _place(fault: Fault, place: str) -> Fault:
    detail = "The input is not JSON." if place == "/input" and fault.code == "not_json" else fault.detail
    return msgspec.structs.replace(fault, pointer=f"{place}{fault.pointer}", detail=detail)


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
