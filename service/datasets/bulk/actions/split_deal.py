"""Load what a deal of splits follows from: categories, groups, near duplicates, pins, and what was frozen."""

import asyncio
import hashlib
from collections.abc import Hashable, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column
from service.datasets.bulk.actions.bulk_order import DealSplits
from service.datasets.bulk.actions.dealt_splits import DealtExample, deal
from service.datasets.bulk.actions.same_contents import PAGE_ROWS, join_texts
from service.datasets.checks.rows.conversation import read_conversation
from service.datasets.checks.rows.task_fit import TaskFit
from service.datasets.checks.scan_input import ScanPlan
from service.datasets.domain import DATASET
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import (
    content_texts,
    metadata_texts,
    select_revisions,
    with_content,
    with_metadata,
)
from service.datasets.filters.selection import Selection
from service.datasets.projection import list_versions
from service.datasets.splits import Split, SplitPolicy, find_group, find_pin
from service.ledger.store import Ledger
from service.tasks.domain import TASK

MAX_VERSIONS = 10_000


async def plan_deal(
    ledger: Ledger, workspace_id: UUID, selection: Selection, action: DealSplits, *, ids: Sequence[UUID] | None
) -> dict[UUID, Split]:
    """The new side of each example, of all or of these ids, that has to change sides."""
    dataset = (await ledger.get(DATASET, workspace_id, selection.dataset_id)).state
    task = (await ledger.get(TASK, workspace_id, dataset.task_id)).state if dataset.task_id else None
    is_kept = action.frozen == "keep"
    frozen = await _list_frozen(ledger.engine, workspace_id, selection.dataset_id) if is_kept else frozenset[UUID]()
    table = DealTable(dataset.split_policy, TaskFit(ScanPlan(questions=task.questions if task else ())), action, frozen)
    only = None if ids is None else set(ids)
    after: UUID | None = None
    while page := await _load_page(ledger.engine, workspace_id, selection, after=after):
        after = page[-1].example_id
        meant = [row for row in page if row.content is not None and (only is None or row.example_id in only)]
        await asyncio.to_thread(table.add, meant)
    return await asyncio.to_thread(table.deal)


class DealTable:
    """The examples to deal, and which of them belong together."""

    def __init__(self, policy: SplitPolicy, fit: TaskFit, action: DealSplits, frozen: frozenset[UUID]) -> None:
        self._policy, self._fit, self._action, self._frozen = policy, fit, action, frozen
        self._rows: list[DealtExample] = []
        self._groups = Groups()
        self._near: Any = None
        if action.near:
            from service.datasets.checks.scan.near_duplicates import NearDuplicates  # noqa: PLC0415 - of the extra

            self._near = NearDuplicates()

    def add(self, page: Sequence[Any]) -> None:
        for row in page:
            value = find_group(self._policy, row.external_id, row.metadata)
            text = hashlib.sha256(row.content).digest()
            self._groups.add(len(self._rows), [text] if value is None else [text, value])
            self._rows.append(self._build_example(row))
        if self._near is not None:
            self._near.add([join_texts(bytes(row.content)) for row in page])

    def deal(self) -> dict[UUID, Split]:
        if self._near is not None and self._rows:
            for number, first in enumerate(self._near.find_clusters().tolist()):
                self._groups.join(number, first)
        rows = [msgspec.structs.replace(row, group=self._groups.find(number)) for number, row in enumerate(self._rows)]
        return deal(rows, self._policy)

    def _build_example(self, row: Any) -> DealtExample:
        category = None
        if self._action.stratify:
            answer = read_conversation(msgspec.json.decode(row.content)).answer_text
            category = self._fit.find_category(row.label, answer)
        kept = row.split if row.example_id in self._frozen else None
        fixed = find_pin(self._policy, row.tags) or kept
        return DealtExample(id=row.example_id, split=row.split, category=category, group=0, fixed=fixed)


class Groups:
    """Rows that share a mark, directly or through others, are one group: named by its first row."""

    def __init__(self) -> None:
        self._first: list[int] = []
        self._marked: dict[Hashable, int] = {}

    def add(self, row: int, marks: Iterable[Hashable]) -> None:
        """Add the next row."""
        self._first.append(row)
        for mark in marks:
            self.join(row, self._marked.setdefault(mark, row))

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self._first[high] = low

    def find(self, row: int) -> int:
        while self._first[row] != row:
            self._first[row] = self._first[self._first[row]]
            row = self._first[row]
        return row


async def _list_frozen(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> frozenset[UUID]:
    """The examples of all frozen versions."""
    frozen: set[UUID] = set()
    for version in await list_versions(engine, workspace_id, dataset_id, before=None, limit=MAX_VERSIONS):
        query = select_revisions(workspace_id, version.selection())
        frozen.update(await fetch_column(engine, query.with_only_columns(examples.c.id, maintain_column_froms=True)))
    return frozenset(frozen)


async def _load_page(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, after: UUID | None
) -> Sequence[Any]:
    columns: list[sa.ColumnElement[Any]] = [
        *(revisions.c.example_id, examples.c.external_id, current_split.label("split"), revisions.c.tags),
        *(revisions.c.label, content_texts.c.body.label("content"), metadata_texts.c.body.label("metadata")),
    ]
    query = with_metadata(with_content(select_revisions(workspace_id, selection)))
    query = query.with_only_columns(*columns, maintain_column_froms=True)
    query = query.order_by(revisions.c.example_id).limit(PAGE_ROWS)
    return await fetch_all(engine, query if after is None else query.where(revisions.c.example_id > after))
