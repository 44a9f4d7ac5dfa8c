"""Read checks, and the rows of their findings."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value, find_one
from service.datasets.checks.domain import RECORD_BYTES, CheckFigures, CheckFinding, CheckTarget
from service.datasets.checks.finding_catalog import Verdict
from service.datasets.checks.projection import IS_OPEN, dataset_checks
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import content_texts
from service.datasets.filters.selection import Filter, Selection
from service.datasets.splits import Split
from service.datasets.versions.export import stream_lines
from service.errors import NotFound
from service.ledger.tables import contents
from service.operations.projection import operations

# The kind of lease under which workers check datasets.
LEASE_KIND = "check"


class CheckRow(msgspec.Struct, frozen=True, kw_only=True):
    """A check. What the report says is null until it has succeeded."""

    id: UUID
    dataset_id: UUID
    seq: int
    version_name: str | None
    filter: Filter
    also: Filter
    split: Split | None
    targets: list[CheckTarget]
    state: str
    verdict: Verdict | None
    digest: str | None
    figures: CheckFigures | None
    findings: list[CheckFinding] | None
    task_version: int | None
    created_at: datetime
    created_by: str
    finished_at: datetime | None


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """What the last check of the same examples said."""

    check_id: UUID
    """The check."""
    verdict: Verdict
    """Whether the examples are ready to be tuned on."""
    checked_at: datetime
    """When the check ended."""


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the checks of all workspaces that have not ended."""
    return sa.select(operations.c.workspace_id, operations.c.id).where(IS_OPEN)


async def list_checks(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, before: UUID | None, limit: int
) -> list[CheckRow]:
    """The newest first."""
    query = _select_checks(workspace_id, dataset_id).order_by(dataset_checks.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(dataset_checks.c.id < before)
    return [_to_row(row) for row in await fetch_all(engine, query)]


async def load_check(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, check_id: UUID) -> CheckRow:
    """Raises NotFound."""
    row = await find_one(engine, _select_checks(workspace_id, dataset_id).where(dataset_checks.c.id == check_id))
    if row is None:
        raise NotFound(f"The dataset has no check {check_id}.")
    return _to_row(row)


async def find_readiness(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, digest: str, splits: dict[str, int]
) -> Readiness | None:
    """What the last check said of examples with this digest and these splits; None when they were never checked."""
    columns = (dataset_checks.c.id, dataset_checks.c.verdict, dataset_checks.c.finished_at)
    query = sa.select(*columns).where(
        dataset_checks.c.workspace_id == workspace_id,
        dataset_checks.c.dataset_id == dataset_id,
        dataset_checks.c.digest == digest,
        dataset_checks.c.figures["splits"] == sa.cast(splits, JSONB),
    )
    row = await find_one(engine, query.order_by(dataset_checks.c.id.desc()).limit(1))
    return None if row is None else Readiness(check_id=row.id, verdict=row.verdict, checked_at=row.finished_at)


async def load_records(
    engine: AsyncEngine, workspace_id: UUID, check_id: UUID, digest: str, *, start: int = 0, limit: int | None = None
) -> bytes:
    """Records of one stored body, from the one at `start` on; empty when the body is gone."""
    offset = 1 + start * RECORD_BYTES
    size = () if limit is None else (limit * RECORD_BYTES,)
    query = sa.select(sa.func.substring(contents.c.body, offset, *size, type_=BYTEA))
    return await fetch_value(engine, query.where(*_is_body(workspace_id, check_id, [digest]))) or b""


async def load_first_records(
    engine: AsyncEngine, workspace_id: UUID, check_id: UUID, digests: Sequence[str], *, limit: int
) -> dict[str, bytes]:
    """The first records of several bodies, by digest."""
    columns = (contents.c.digest, sa.func.substring(contents.c.body, 1, limit * RECORD_BYTES, type_=BYTEA))
    query = sa.select(*columns).where(*_is_body(workspace_id, check_id, digests))
    return {bytes(digest).hex(): bytes(records) for digest, records in await fetch_all(engine, query)}


async def load_example_ids(
    engine: AsyncEngine, workspace_id: UUID, check_id: UUID, finding: CheckFinding
) -> set[bytes]:
    """The ids of all rows of a finding."""
    bodies = [await load_records(engine, workspace_id, check_id, digest) for digest in finding.records]
    return {
        body[start : start + len(UUID(int=0).bytes)] for body in bodies for start in range(0, len(body), RECORD_BYTES)
    }


def stream_rows(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> AsyncIterator[bytes]:
    """The examples as lines of JSON that the scan reads. Erased ones are left out."""
    return stream_lines(engine, workspace_id, selection, _build_line())


def _build_line() -> sa.ColumnElement[bytes]:
    checked = sa.or_(*[revisions.c[name].is_not(None) for name in ("score", "replaced", "label")])
    known = sa.func.json_build_object(
        "id",
        revisions.c.example_id,
        "split",
        current_split.label("split"),
        "source",
        examples.c.source,
        "score",
        revisions.c.score,
        "label",
        revisions.c.label,
        "checked",
        checked,
    )
    text = sa.cast(known, sa.Text)
    head = sa.func.concat(sa.func.left(text, sa.func.length(text) - 1), ', "content": ')
    end = sa.func.convert_to("}", "UTF8", type_=BYTEA)
    return sa.func.convert_to(head, "UTF8", type_=BYTEA).op("||")(content_texts.c.body).op("||")(end)


def _is_body(workspace_id: UUID, check_id: UUID, digests: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    return [
        contents.c.workspace_id == workspace_id,
        contents.c.subject == check_id,
        contents.c.digest.in_([bytes.fromhex(digest) for digest in digests]),
    ]


def _select_checks(workspace_id: UUID, dataset_id: UUID) -> sa.Select[Any]:
    return sa.select(dataset_checks).where(
        dataset_checks.c.workspace_id == workspace_id, dataset_checks.c.dataset_id == dataset_id
    )


def _to_row(row: Any) -> CheckRow:
    return msgspec.convert({name: getattr(row, name) for name in CheckRow.__struct_fields__}, CheckRow)
