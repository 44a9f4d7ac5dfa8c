"""Compare two checks: which examples have a finding now, and which no longer."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.checks.domain import CheckFinding
from service.datasets.checks.queries import CheckRow, load_example_ids
from service.datasets.checks.schemas import FIRST_ROWS, CheckComparison, FindingChange
from service.errors import Fault, Unprocessable

FindingKey = tuple[str, str | None]


async def compare_checks(engine: AsyncEngine, workspace_id: UUID, check: CheckRow, other: CheckRow) -> CheckComparison:
    """Raises Unprocessable when one of them has no report."""
    if check.findings is None or other.findings is None or other.verdict is None:
        unfinished = other.id if other.findings is None else check.id
        detail = f"Check {unfinished} has no report: it has not succeeded."
        raise Unprocessable(detail, errors=[Fault(pointer="?compare", detail=detail, code="no_report")])
    before, after = _by_key(other.findings), _by_key(check.findings)
    changes = []
    for code, target in sorted({*before, *after}, key=lambda key: (key[0], key[1] or "")):
        one, two = before.get((code, target)), after.get((code, target))
        old = await load_example_ids(engine, workspace_id, other.id, one) if one else set()
        now = await load_example_ids(engine, workspace_id, check.id, two) if two else set()
        new, gone = await asyncio.to_thread(_find_changes, old, now)
        changes.append(
            FindingChange(
                code=code,
                target=target,
                before=one.count if one else 0,
                after=two.count if two else 0,
                new=len(new),
                gone=len(gone),
                new_ids=[UUID(bytes=id_) for id_ in new[:FIRST_ROWS]],
                gone_ids=[UUID(bytes=id_) for id_ in gone[:FIRST_ROWS]],
            )
        )
    return CheckComparison(check_id=other.id, seq=other.seq, verdict=other.verdict, findings=changes)


def _by_key(findings: Sequence[CheckFinding]) -> dict[FindingKey, CheckFinding]:
    return {(finding.code, finding.target): finding for finding in findings}


def _find_changes(old: set[bytes], now: set[bytes]) -> tuple[list[bytes], list[bytes]]:
    return sorted(now - old), sorted(old - now)
