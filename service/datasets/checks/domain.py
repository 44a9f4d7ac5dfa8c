"""The check of a dataset: an operation, from the request to the report. Texts appear nowhere; of rows only ids."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.checks.finding_catalog import Severity, Verdict
from service.datasets.filters.selection import Filter
from service.datasets.splits import Split
from service.errors import NotFound
from service.ledger.decider import Decider, Digest, Event, require_state
from service.operations.domain import NotCancellable
from service.providers.provider import Method

CheckStage = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
ENDED: frozenset[CheckStage] = frozenset({"succeeded", "failed", "cancelled"})
NO_ID = bytes(16)
RECORD_BYTES = 33  # an example's id, the id of another one or NO_ID, and the number of a kind
CHUNK_RECORDS = 100_000  # of one stored body
MAX_TARGETS = 10


class CheckTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows are for: their structure and lengths are held against it, as it was at the request."""

    provider: str
    """The provider, as `GET /v1/base-models` names it."""
    base_model: str | None = None
    """The base model's id at the provider. Null: only the provider's format is checked."""
    method: Method = "supervised"
    """The training method."""
    kind: str | None = None
    """The kind of connection. Null where none is needed, as on own hardware."""
    max_tokens: int | None = None
    """The most tokens of a row. Null where it is not known."""

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.base_model}" if self.base_model else self.provider


class TokenFigures(msgspec.Struct, frozen=True, kw_only=True):
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


class CheckFigures(msgspec.Struct, frozen=True, kw_only=True):
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


class CheckFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `records` are the digests of its rows, by CHUNK_RECORDS."""

    code: str
    severity: Severity
    count: int
    target: str | None = None
    kinds: tuple[str, ...] = ()
    kind_counts: tuple[int, ...] = ()
    values: dict[str, int | float | str] = {}
    records: tuple[Digest, ...] = ()


class CheckRequested(Event):
    """The rows as of `moment` that match both filters. `version_name` is the frozen version that was asked for."""

    dataset_id: UUID
    moment: int
    asked_by: str
    asked_in: str
    version_name: str | None = None
    filter: Filter = Filter()
    also: Filter = Filter()
    split: Split | None = None
    targets: tuple[CheckTarget, ...] = ()


class CheckAdvanced(Event):
    """So many rows were read, of so many."""

    done: int
    total: int


class CheckReported(Event):
    """`digest` is that of a version with the same texts; `task_version` what the answers were held to."""

    verdict: Verdict
    digest: str
    figures: CheckFigures
    findings: tuple[CheckFinding, ...]
    task_version: int | None = None


class CheckFailed(Event):
    code: str
    detail: str


class CheckCancelRequested(Event):
    pass


class CheckCancelled(Event):
    pass


CheckEvent = CheckRequested | CheckAdvanced | CheckReported | CheckFailed | CheckCancelRequested | CheckCancelled


class CheckState(msgspec.Struct, frozen=True, kw_only=True):
    asked: CheckRequested
    state: CheckStage = "queued"

    @property
    def ended(self) -> bool:
        return self.state in ENDED


def evolve(check: CheckState | None, event: CheckEvent) -> CheckState:
    if isinstance(event, CheckRequested):
        return CheckState(asked=event)
    check = require_state(check)
    match event:
        case CheckAdvanced():
            return replace(check, state="running")
        case CheckReported():
            return replace(check, state="succeeded")
        case CheckFailed():
            return replace(check, state="failed")
        case CheckCancelRequested():
            return replace(check, state="cancelling")
        case CheckCancelled():
            return replace(check, state="cancelled")
        case _:
            assert_never(event)


CHECK: Decider[CheckState, CheckEvent] = Decider(
    "check",
    events=(CheckRequested, CheckAdvanced, CheckReported, CheckFailed, CheckCancelRequested, CheckCancelled),
    evolve=evolve,
)


def decide_verdict(findings: tuple[CheckFinding, ...]) -> Verdict:
    severities = {finding.severity for finding in findings}
    if "error" in severities:
        return "not_ready"
    return "ready_with_warnings" if "warning" in severities else "ready"


def advance(check: CheckState | None, *, done: int, total: int) -> list[CheckEvent]:
    """Record how far it is, unless it is to stop."""
    before = _require_check(check)
    return [] if before.ended or before.state == "cancelling" else [CheckAdvanced(done=done, total=total)]


def finish(check: CheckState | None, end: CheckReported | CheckFailed) -> list[CheckEvent]:
    return [] if _require_check(check).ended else [end]


def cancel(check: CheckState | None) -> list[CheckEvent]:
    """Stop it. Raises NotCancellable once it has ended otherwise."""
    before = _require_check(check)
    match before.state:
        case "queued":
            return [CheckCancelled()]
        case "running":
            return [CheckCancelRequested()]
        case "cancelling" | "cancelled":
            return []
        case "succeeded" | "failed":
            raise NotCancellable(f"The check has already {before.state}.")
        case _:
            assert_never(before.state)


def finish_cancel(check: CheckState | None) -> list[CheckEvent]:
    """Record that it was stopped."""
    return [CheckCancelled()] if _require_check(check).state == "cancelling" else []


def _require_check(check: CheckState | None) -> CheckState:
    if check is None:
        raise NotFound("No such check.")
    return check
