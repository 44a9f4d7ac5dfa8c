# Generated from openapi/openapi.json by `make clients`.
"""Structs of checks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import field

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Filter


class BulkCall(Shape, frozen=True, kw_only=True):
    """A request that does something about all rows of a finding at once. Add `"dry_run": true` to look first."""

    method: OneOf["POST"]
    """The method."""
    path_: str = field(name="path")
    """The path."""
    body_: dict[str, Any] = field(name="body")
    """The body. Its filter can also be used in lists, exports, queues and freezes."""


class CheckComparison(Shape, frozen=True, kw_only=True):
    """What is new and what is gone since another check."""

    check_id: str
    """The other check."""
    seq: int
    """The position in the event log that the other check saw."""
    verdict: OneOf["not_ready", "ready", "ready_with_warnings"]
    """Its verdict."""
    findings: list[FindingChange]
    """The findings of either check."""


class CheckFigures(Shape, frozen=True, kw_only=True):
    """What the rows are like in numbers."""

    rows: int
    """How many rows were read."""
    splits: dict[str, int]
    """Number of rows by split."""
    categories: dict[str, int]
    """Number of rows by category of the task, by label or answer. Empty without categories."""
    sources: dict[str, int]
    """Number of rows by type of source."""
    languages: dict[str, int]
    """Number of rows by language, of those that are long enough to tell."""
    rated: int
    """How many rows have a rating."""
    reviewed: int
    """How many rows a person has rated, repaired or labelled."""
    tokens: TokenFigures | None
    """Lengths in tokens. Null without rows."""


class CheckTarget(Shape, frozen=True, kw_only=True):
    """What the rows are for: their structure and lengths are held against it, as it was at the request."""

    provider: str
    """The provider, as `GET /v1/base-models` names it."""
    base_model: str | None = None
    """The base model's id at the provider. Null: only the provider's format is checked."""
    kind: str | None = None
    """The kind of connection. Null where none is needed, as on own hardware."""
    max_tokens: int | None = None
    """The most tokens of a row. Null where it is not known."""
    method: OneOf["dpo", "kto", "reinforcement", "supervised"] = "supervised"
    """The training method."""


class ChecklistItem(Shape, frozen=True, kw_only=True):
    """One of the eight checks."""

    name: OneOf[
        "duplicates", "format", "leakage", "outliers", "personal_data", "quantity", "schema", "source_diversity"
    ]
    """The check."""
    title: str
    """What should be the case."""
    result: OneOf["failed", "passed", "warning"]
    """Whether it is."""
    findings: list[str]
    """The codes of what was found."""


class DatasetCheck(Shape, frozen=True, kw_only=True):
    """A check of a dataset, and its report once it has succeeded."""

    id: str
    """The check's id, which is also its operation's."""
    dataset_id: str
    """The dataset."""
    state: OneOf["cancelled", "cancelling", "failed", "queued", "running", "succeeded"]
    """How far it is. `succeeded`, `failed` and `cancelled` are final."""
    seq: int
    """The position in the event log that it sees."""
    version: str | None
    """The frozen version that was asked for. Null for a moment."""
    filter: Filter
    """Which examples of the version or moment were meant: the version's own filter, or that of the request."""
    also: Filter
    """The request's filter on top of a version's."""
    split: OneOf["test", "train", "validation"] | None
    """The split that was asked for. Null for all."""
    targets: list[CheckTarget]
    """What the rows were held against."""
    verdict: OneOf["not_ready", "ready", "ready_with_warnings"] | None
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
    created_at: dt.datetime
    """When it was requested."""
    created_by: str
    """Name of the member who requested it."""
    finished_at: dt.datetime | None
    """When it ended. Null until then."""


class DatasetCheckPage(Shape, frozen=True, kw_only=True):
    """One page of checks, the newest first."""

    data: list[DatasetCheck]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class FindingChange(Shape, frozen=True, kw_only=True):
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
    new_ids: list[str]
    """The first 100 of the new ones."""
    gone_ids: list[str]
    """The first 100 of those that are gone."""


class FindingRow(Shape, frozen=True, kw_only=True):
    """An example of a finding."""

    example_id: str
    """The example."""
    other_id: str | None
    """The other example that it repeats, contradicts or gives away. Null where there is none."""
    kind: str | None
    """What kind of the finding it is, such as `email` or `edge_blanks`. Null where there is one kind only."""


class FindingRowPage(Shape, frozen=True, kw_only=True):
    """One page of a finding's examples, by example id."""

    data: list[FindingRow]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class MistakeItem(Shape, frozen=True, kw_only=True):
    """One of the five common mistakes."""

    name: OneOf[
        "inconsistent_answers", "test_in_training", "too_little_data", "unbalanced_categories", "unreviewed_answers"
    ]
    """The mistake."""
    title: str
    """What it is."""
    made: bool
    """Whether the rows show it, in a finding that is an error or a warning."""
    findings: list[str]
    """The codes of what was found."""


class NewCheckTarget(Shape, frozen=True, kw_only=True):
    """What the rows are for."""

    provider: str
    """The provider, as `GET /v1/base-models` names it."""
    base_model: str | None = None
    """The base model's id at the provider. Null: only the provider's format is checked."""
    method: OneOf["dpo", "kto", "reinforcement", "supervised"] = "supervised"
    """The training method."""


class ReadinessFinding(Shape, frozen=True, kw_only=True):
    """Something that was found, how many rows it is about, why it matters, and what to do."""

    code: str
    """What was found, for programs; stable."""
    severity: OneOf["error", "info", "warning"]
    """`error`: not ready. `warning`: ready, but look at it. `info`: good to know."""
    check: OneOf[
        "duplicates", "format", "leakage", "outliers", "personal_data", "quantity", "schema", "source_diversity"
    ]
    """The item of the checklist that it belongs to."""
    mistake: (
        OneOf[
            "inconsistent_answers", "test_in_training", "too_little_data", "unbalanced_categories", "unreviewed_answers"
        ]
        | None
    )
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


class TokenFigures(Shape, frozen=True, kw_only=True):
    """Lengths of rows in tokens."""

    total: int
    """Tokens of all rows."""
    median: int
    """Half of the rows have fewer."""
    p95: int
    """95% of the rows have at most so many."""
    longest: int
    """Tokens of the longest row."""
    tokenizer: str
    """What counted them, such as `o200k_base`; without a tokenizer it is `characters/4`."""
    exact: bool
    """Whether that is the tokenizer of every target's base model. False: an estimate."""
