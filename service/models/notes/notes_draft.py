"""Draft version notes in Markdown: what the version was made from, and its scores. A person edits the draft."""

from collections.abc import Iterable, Iterator
from typing import Literal
from uuid import UUID

import msgspec

from service.models.domain import Changes
from service.models.gates.domain import CostPerThousand, Facts, MeasuredScore, MeasuredVersion, finite_or_none

ChangeKind = Literal["added", "edited", "removed"]
# A draft has to fit into a note.
MAX_SCORES, MAX_TEXT_LENGTH = 20, 80
ABSENT = "-"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a version was made from. Without a `method` it was trained elsewhere. `dataset` is the dataset's name."""

    base_model: str
    provider_model: str
    dataset: str | None = None
    dataset_version: str | None = None
    method: str | None = None
    parameters: dict[str, int | float | str] = {}
    train_examples: int = 0
    validation_examples: int = 0


class NotableExample(msgspec.Struct, frozen=True, kw_only=True):
    """A changed example worth noting, by id only: notes stay in the log, but an example's text may be erased."""

    example_id: UUID
    change: ChangeKind
    reason: str


class DraftFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a draft is written from. `before` is the origin of the version `previous`; both None for the first."""

    version: str
    origin: Origin
    previous: str | None = None
    before: Origin | None = None
    changes: Changes | None = None
    notable: tuple[NotableExample, ...] = ()
    facts: Facts = Facts()


def write_draft(draft: DraftFacts) -> str:
    """Write the draft. The same facts give the same bytes."""
    parts = [_write_opening(draft), _write_data(draft), _write_parameters(draft), _write_scores(draft)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _write_opening(draft: DraftFacts) -> list[str]:
    origin = draft.origin
    how = "registered from elsewhere" if origin.method is None else f"tuned ({origin.method})"
    return [f"{draft.version}: {_format_code(origin.base_model)}, {how}, as {_format_code(origin.provider_model)}."]


def _write_data(draft: DraftFacts) -> list[str]:
    origin, before, changes = draft.origin, draft.before, draft.changes
    if origin.dataset is None:
        return ["## Data", "", "No dataset is on record."]
    dataset = f"{_format_code(origin.dataset)}, version {_format_code(origin.dataset_version or '')}"
    if draft.previous is None or before is None:
        return ["## Data", "", f"The first version, on {dataset}."]
    heading = [f"## Data since {draft.previous}", ""]
    if changes is None:
        return [*heading, f"Another dataset than that of {draft.previous}: {dataset}."]
    counts = f"{changes.added} added, {changes.edited} edited, {changes.removed} removed"
    summary = f"{dataset} (before: {_format_code(before.dataset_version or '')}): {counts}."
    lines = [f"- {each.change} {_format_code(str(each.example_id))}: {each.reason}" for each in draft.notable]
    return [*heading, summary, *(["", *lines] if lines else [])]


def _write_parameters(draft: DraftFacts) -> list[str]:
    origin, before = draft.origin, draft.before
    old_base = _format_code(before.base_model) if before else None
    lines = [f"- base model: {_format_change(_format_code(origin.base_model), old_base)}"]
    if origin.method is not None:
        lines.append(f"- method: {_format_change(origin.method, before.method if before else None)}")
        counts = f"{origin.train_examples} for training, {origin.validation_examples} for validation"
        lines.append(f"- examples: {counts}")
    old = before.parameters if before else {}
    for name in sorted(origin.parameters.keys() | old.keys()):
        new, previous = _format_parameter(origin, name), _format_parameter(before, name) if before else None
        lines.append(f"- {_format_code(name)}: {_format_change(new, previous)}")
    return ["## Base and parameters", "", *lines]


def _format_parameter(origin: Origin, name: str) -> str:
    value = origin.parameters.get(name)
    return "not given" if value is None else _format_code(str(value)[:MAX_TEXT_LENGTH])


def _format_change(new: str, old: str | None) -> str:
    return new if old is None or old == new else f"{new} (before: {old})"


def _write_scores(draft: DraftFacts) -> list[str]:
    facts, heading = draft.facts, ["## Scores", ""]
    own = facts.versions.get(draft.version)
    if own is None:
        return [*heading, f"No evaluation of {draft.version} is on record."]
    columns: list[tuple[str, MeasuredVersion | None]] = [(draft.version, own)]
    if draft.previous is not None:
        columns.append((draft.previous, facts.versions.get(draft.previous)))
    columns.append(("base model", facts.base))
    measured = [each or MeasuredVersion() for _, each in columns]
    head = [_format_row("", [name for name, _ in columns]), _format_row("---", ["---"] * len(columns))]
    return [*heading, *head, *_write_score_rows(measured), *_write_measure_rows(measured)]


def _write_score_rows(measured: list[MeasuredVersion]) -> Iterator[str]:
    """Write a row for each of the version's scores, with the others' scores by the same scorer on the same rows."""
    scores_by_name = [{_name_score(score): score for score in _list_scores(each)} for each in measured]
    for name in list(scores_by_name[0])[:MAX_SCORES]:
        yield _format_row(name, [_format_score(scores.get(name)) for scores in scores_by_name])


def _list_scores(measured: MeasuredVersion) -> Iterable[MeasuredScore]:
    return measured.others if measured.score is None else (measured.score, *measured.others)


def _name_score(score: MeasuredScore) -> str:
    return _clean(f"{score.scorer}, {score.on}" if score.on else score.scorer)[:MAX_TEXT_LENGTH]


def _format_score(score: MeasuredScore | None) -> str:
    value = finite_or_none(score.value) if score else None
    if score is None or value is None:
        return ABSENT
    low, high = finite_or_none(score.low), finite_or_none(score.high)
    interval = "" if low is None or high is None else f"{low:.4g} to {high:.4g}, "
    return f"{value:.4g} ({interval}n = {score.n})"


def _write_measure_rows(measured: list[MeasuredVersion]) -> Iterator[str]:
    rows = {
        "format validity": [_format_number(each.format_validity, scale=100, unit="%") for each in measured],
        "human rating": [_format_rating(each) for each in measured],
        "cost of 1,000 answers": [_format_cost(each.cost_per_thousand) for each in measured],
        "latency, p95": [_format_number(each.latency_p95_ms, unit=" ms") for each in measured],
    }
    yield from (_format_row(name, cells) for name, cells in rows.items() if set(cells) != {ABSENT})


def _format_rating(measured: MeasuredVersion) -> str:
    mean = finite_or_none(measured.human_rating)
    return ABSENT if mean is None else f"{mean:.4g} stars (n = {measured.human_ratings})"


def _format_cost(cost: CostPerThousand | None) -> str:
    return ABSENT if cost is None or not cost.amount.is_finite() else f"{cost.amount} {cost.currency}"


def _format_number(number: float | None, *, scale: float = 1, unit: str) -> str:
    finite = finite_or_none(number)
    return ABSENT if finite is None else f"{finite * scale:.6g}{unit}"


def _format_row(name: str, cells: Iterable[str]) -> str:
    return "| " + " | ".join([name, *cells]) + " |"


def _clean(text: str) -> str:
    """Put the text on one line and replace `|`, which would end a table cell."""
    return " ".join(text.replace("|", "/").split())


def _format_code(text: str) -> str:
    return f"`{_clean(text).replace('`', chr(39))}`"
