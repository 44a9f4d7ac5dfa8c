"""What a check and its report look like to a caller."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from service.datasets.checks.domain import (
    MAX_TARGETS,
    NO_ID,
    RECORD_BYTES,
    CheckFigures,
    CheckFinding,
    CheckStage,
    CheckTarget,
)
from service.datasets.checks.finding_catalog import (
    CHECKLIST,
    FINDINGS,
    MISTAKES,
    ChecklistName,
    MistakeName,
    Severity,
    Verdict,
)
from service.datasets.checks.queries import CheckRow
from service.datasets.domain import VERSION_NAME
from service.datasets.filters.selection import Filter, FilterIn
from service.datasets.splits import Split
from service.http.bodies import NO_NUL, Body
from service.http.pagination import Page, encode_cursor
from service.providers.provider import Method

FIRST_ROWS = 100
ID_BYTES = 16
ORDER: Mapping[Severity, int] = {"error": 0, "warning": 1, "info": 2}
VersionName = Annotated[str, msgspec.Meta(pattern=VERSION_NAME)]
Moment = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]


class NewCheckTarget(Body):
    """What the rows are for."""

    provider: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    """The provider, as `GET /v1/base-models` names it."""
    base_model: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)] | None = None
    """The base model's id at the provider. Null: only the provider's format is checked."""
    method: Method = "supervised"
    """The training method."""

    def build(self) -> CheckTarget:
        return CheckTarget(provider=self.provider, base_model=self.base_model, method=self.method)


class StartCheck(Body):
    """Which examples to check: those of a version, or those at a moment. By default all, now."""

    version: VersionName | None = None
    """A frozen version of the dataset."""
    as_of: Moment | None = None
    """An RFC 3339 time or a seq, instead of a version."""
    filter: FilterIn | None = None
    """Only examples that match, as an expression or as fields."""
    split: Split | None = None
    """Only this split. Leakage between splits then stays unseen."""
    targets: Annotated[list[NewCheckTarget], msgspec.Meta(max_length=MAX_TARGETS)] = []
    """Providers and base models whose formats and limits the rows are held against."""


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """An example of a finding."""

    example_id: UUID
    """The example."""
    other_id: UUID | None
    """The other example that it repeats, contradicts or gives away. Null where there is none."""
    kind: str | None
    """What kind of the finding it is, such as `email` or `edge_blanks`. Null where there is one kind only."""


class FindingRowPage(Page[FindingRow], frozen=True, kw_only=True):
    """One page of a finding's examples, by example id."""


class BulkCall(msgspec.Struct, frozen=True, kw_only=True):
    """A request that does something about all rows of a finding at once. Add `"dry_run": true` to look first."""

    method: Literal["POST"]
    """The method."""
    path: str
    """The path."""
    body: dict[str, Any]
    """The body. Its filter can also be used in lists, exports, queues and freezes."""


class ReadinessFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was found, how many rows it is about, why it matters, and what to do."""

    code: str
    """What was found, for programs; stable."""
    severity: Severity
    """`error`: not ready. `warning`: ready, but look at it. `info`: good to know."""
    check: ChecklistName
    """The item of the checklist that it belongs to."""
    mistake: MistakeName | None
    """The common mistake that it is a sign of. Null for none."""
    title: str
    """What was found, for people."""
    why: str
    """Why it matters."""
    advice: str
    """What to do."""
    target: str | None
    """The target that it is about. Null for a finding about the rows alone."""
    count: int
    """How many rows it is about."""
    share: float
    """The share of all rows, 0 to 1."""
    kinds: dict[str, int]
    """How often each kind was found. Empty where there is one kind only."""
    values: dict[str, int | float | str]
    """The numbers and names in the title."""
    rows: list[FindingRow]
    """Its first 100 examples. Empty for a finding about the dataset as a whole."""
    fix: BulkCall | None
    """The bulk change that mends it: it deletes what is of no use, redacts what is private, or tags. Null for none."""
    rows_cursor: str | None
    """The cursor for `GET …/findings/{code}` that gets the next ones. Null when these are all."""


class ChecklistItem(msgspec.Struct, frozen=True, kw_only=True):
    """One of the eight checks."""

    name: ChecklistName
    """The check."""
    title: str
    """What should be the case."""
    result: Literal["passed", "warning", "failed"]
    """Whether it is."""
    findings: list[str]
    """The codes of what was found."""


class MistakeItem(msgspec.Struct, frozen=True, kw_only=True):
    """One of the five common mistakes."""

    name: MistakeName
    """The mistake."""
    title: str
    """What it is."""
    made: bool
    """Whether the rows show it, in a finding that is an error or a warning."""
    findings: list[str]
    """The codes of what was found."""


class FindingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A finding in two checks."""

    code: str
    """The finding."""
    target: str | None
    """The target that it is about. Null for a finding about the rows alone."""
    before: int
    """How many rows it was about in the other check."""
    after: int
    """How many rows it is about in this one."""
    new: int
    """How many examples have it now and did not."""
    gone: int
    """How many examples had it and do not any more."""
    new_ids: list[UUID]
    """The first 100 of the new ones."""
    gone_ids: list[UUID]
    """The first 100 of those that are gone."""


class CheckComparison(msgspec.Struct, frozen=True, kw_only=True):
    """What is new and what is gone since another check."""

    check_id: UUID
    """The other check."""
    seq: int
    """The position in the event log that the other check saw."""
    verdict: Verdict
    """Its verdict."""
    findings: list[FindingChange]
    """The findings of either check."""


class DatasetCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check of a dataset, and its report once it has succeeded."""

    id: UUID
    """The check's id, which is also its operation's."""
    dataset_id: UUID
    """The dataset."""
    state: CheckStage
    """How far it is. `succeeded`, `failed` and `cancelled` are final."""
    seq: int
    """The position in the event log that it sees."""
    version: str | None
    """The frozen version that was asked for. Null for a moment."""
    filter: Filter
    """Which examples of the version or moment were meant: the version's own filter, or that of the request."""
    also: Filter
    """The request's filter on top of a version's."""
    split: Split | None
    """The split that was asked for. Null for all."""
    targets: list[CheckTarget]
    """What the rows were held against."""
    verdict: Verdict | None
    """Whether the rows are ready to be tuned on. Null until it has succeeded."""
    digest: str | None
    """The digest of a version with the same texts. Null until it has succeeded."""
    task_version: int | None
    """The version of the task that answers were held to. Null without a task."""
    figures: CheckFigures | None
    """What the rows are like in numbers. Null until it has succeeded."""
    checklist: list[ChecklistItem]
    """The eight checks. Empty until it has succeeded."""
    mistakes: list[MistakeItem]
    """The five common mistakes. Empty until it has succeeded."""
    findings: list[ReadinessFinding]
    """What was found, errors first. In a list without examples."""
    comparison: CheckComparison | None
    """What has changed since the check named in `compare`. Null unless asked for."""
    created_at: datetime
    """When it was requested."""
    created_by: str
    """Name of the member who requested it."""
    finished_at: datetime | None
    """When it ended. Null until then."""


class DatasetCheckPage(Page[DatasetCheck], frozen=True, kw_only=True):
    """One page of checks, the newest first."""


def build_check(
    row: CheckRow, records: Mapping[str, bytes], *, comparison: CheckComparison | None = None
) -> DatasetCheck:
    """`records` has the first rows of each finding, by the digest of its first body; empty for a list."""
    fields: dict[str, Any] = {name: getattr(row, name) for name in CheckRow.__struct_fields__}
    findings = [_build_finding(row, finding, records) for finding in row.findings or ()]
    findings.sort(key=lambda finding: (ORDER[finding.severity], -finding.count, finding.code, finding.target or ""))
    del fields["version_name"]
    is_reported = row.findings is not None
    return DatasetCheck(
        **fields
        | {
            "version": row.version_name,
            "findings": findings,
            "checklist": _build_checklist(findings) if is_reported else [],
            "mistakes": _build_mistakes(findings) if is_reported else [],
            "comparison": comparison,
        }
    )


def _build_finding(row: CheckRow, finding: CheckFinding, records: Mapping[str, bytes]) -> ReadinessFinding:
    kind = FINDINGS[finding.code]
    total = row.figures.rows if row.figures else 0
    first = records.get(finding.records[0], b"") if finding.records else b""
    shown = build_rows(first, finding.kinds)
    recorded = sum(finding.kind_counts)
    return ReadinessFinding(
        code=finding.code,
        severity=finding.severity,
        check=kind.check,
        mistake=kind.mistake,
        title=kind.title.format_map(finding.values),
        why=kind.why,
        advice=kind.advice,
        target=finding.target,
        count=finding.count,
        share=round(min(finding.count / total, 1.0), 4) if total else 0.0,
        kinds={name: count for name, count in zip(finding.kinds, finding.kind_counts, strict=True) if name},
        values=finding.values,
        rows=shown,
        fix=_build_fix(row, finding),
        rows_cursor=encode_cursor(len(shown)) if 0 < len(shown) < recorded else None,
    )


def _build_fix(row: CheckRow, finding: CheckFinding) -> BulkCall | None:
    fix = FINDINGS[finding.code].fix
    if fix is None or not finding.records:
        return None
    action: dict[str, Any] = {"type": fix, "tags": [finding.code]} if fix == "tag" else {"type": fix}
    body = {"action": action, "filter": f"finding = {row.id}/{finding.code}", "reason": f"Check {row.id}"}
    return BulkCall(method="POST", path=f"/v1/datasets/{row.dataset_id}/bulk", body=body)


def build_rows(records: bytes, kinds: Sequence[str]) -> list[FindingRow]:
    return [_build_row(records[start : start + RECORD_BYTES], kinds) for start in range(0, len(records), RECORD_BYTES)]


def _build_row(record: bytes, kinds: Sequence[str]) -> FindingRow:
    other = record[ID_BYTES : 2 * ID_BYTES]
    return FindingRow(
        example_id=UUID(bytes=record[:ID_BYTES]),
        other_id=None if other == NO_ID else UUID(bytes=other),
        kind=kinds[record[-1]] or None,
    )


def _build_checklist(findings: Sequence[ReadinessFinding]) -> list[ChecklistItem]:
    return [_build_item(name, [each for each in findings if each.check == name]) for name in CHECKLIST]


def _build_item(name: ChecklistName, findings: Sequence[ReadinessFinding]) -> ChecklistItem:
    worst = min((ORDER[finding.severity] for finding in findings), default=ORDER["info"])
    results: dict[int, Literal["passed", "warning", "failed"]] = {0: "failed", 1: "warning", 2: "passed"}
    return ChecklistItem(name=name, title=CHECKLIST[name], result=results[worst], findings=_list_codes(findings))


def _build_mistakes(findings: Sequence[ReadinessFinding]) -> list[MistakeItem]:
    items = []
    for name, title in MISTAKES.items():
        signs = [finding for finding in findings if finding.mistake == name]
        made = any(finding.severity != "info" for finding in signs)
        items.append(MistakeItem(name=name, title=title, made=made, findings=_list_codes(signs)))
    return items


def _list_codes(findings: Sequence[ReadinessFinding]) -> list[str]:
    return list(dict.fromkeys(finding.code for finding in findings))
