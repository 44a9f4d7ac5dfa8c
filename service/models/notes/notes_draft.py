"""Version notes as a draft: what a version was made from and what it scores, as Markdown for a person to go on from."""

from collections.abc import Iterable, Iterator
from typing import Literal
from uuid import UUID

import msgspec

from service.models.domain import Changes
from service.models.gates.domain import CostPerThousand, Facts, MeasuredScore, MeasuredVersion, drop_non_finite

Kind = Literal["added", "edited", "removed"]
# A draft has to fit into a note.
MAX_SCORES, MAX_TEXT_LENGTH = 20, 80
ABSENT = "-"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a version was made from; without a `method`, elsewhere than by a tune of ours. `dataset` is its name."""

    base_model: str
    provider_model: str
    dataset: str | None = None
    dataset_version: str | None = None
    method: str | None = None
    parameters: dict[str, int | float | str] = {}
    train_examples: int = 0
    validation_examples: int = 0


class NotableExample(msgspec.Struct, frozen=True, kw_only=True):
    """An example that says something about the change, by its id: a note stays in the log, a text may be erased."""

    example_id: UUID
    change: Kind
    because: str


class VersionStory(msgspec.Struct, frozen=True, kw_only=True):
    """All that a draft is made of. `before` is the origin of the version `previous`; both are null for the first."""

    version: str
    origin: Origin
    previous: str | None = None
    before: Origin | None = None
    changes: Changes | None = None
    notable: tuple[NotableExample, ...] = ()
    facts: Facts = Facts()


def write_draft(story: VersionStory) -> str:
    """The same story gives the same text, to the byte."""
    parts = [_write_opening(story), _write_data(story), _write_parameters(story), _write_scores(story)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _write_opening(story: VersionStory) -> list[str]:
    made = story.origin
    how = "registered from elsewhere" if made.method is None else f"tuned ({made.method})"
    return [f"{story.version}: {_format_code(made.base_model)}, {how}, as {_format_code(made.provider_model)}."]


def _write_data(story: VersionStory) -> list[str]:
    made, before, changes = story.origin, story.before, story.changes
    if made.dataset is None:
        return ["## Data", "", "No dataset is on record."]
    on = f"{_format_code(made.dataset)}, version {_format_code(made.dataset_version or '')}"
    if story.previous is None or before is None:
        return ["## Data", "", f"The first version, on {on}."]
    heading = [f"## Data since {story.previous}", ""]
    if changes is None:
        return [*heading, f"Another dataset than that of {story.previous}: {on}."]
    counts = f"{changes.added} added, {changes.edited} edited, {changes.removed} removed"
    moved = f"{on} (before: {_format_code(before.dataset_version or '')}): {counts}."
    lines = [f"- {each.change} {_format_code(str(each.example_id))}: {each.because}" for each in story.notable]
    return [*heading, moved, *(["", *lines] if lines else [])]


def _write_parameters(story: VersionStory) -> list[str]:
    made, before = story.origin, story.before
    old_base = _format_code(before.base_model) if before else None
    lines = [f"- base model: {_format_change(_format_code(made.base_model), old_base)}"]
    if made.method is not None:
        lines.append(f"- method: {_format_change(made.method, before.method if before else None)}")
        used = f"{made.train_examples} for training, {made.validation_examples} for validation"
        lines.append(f"- examples: {used}")
    old = before.parameters if before else {}
    for name in sorted(made.parameters.keys() | old.keys()):
        now, then = _format_parameter(made, name), _format_parameter(before, name) if before else None
        lines.append(f"- {_format_code(name)}: {_format_change(now, then)}")
    return ["## Base and parameters", "", *lines]


def _format_parameter(origin: Origin, name: str) -> str:
    value = origin.parameters.get(name)
    return "not given" if value is None else _format_code(str(value)[:MAX_TEXT_LENGTH])


def _format_change(now: str, before: str | None) -> str:
    return now if before is None or before == now else f"{now} (before: {before})"


def _write_scores(story: VersionStory) -> list[str]:
    facts, heading = story.facts, ["## Scores", ""]
    mine = facts.versions.get(story.version)
    if mine is None:
        return [*heading, f"No evaluation of {story.version} is on record."]
    columns: list[tuple[str, MeasuredVersion | None]] = [(story.version, mine)]
    if story.previous is not None:
        columns.append((story.previous, facts.versions.get(story.previous)))
    columns.append(("base model", facts.base))
    measured = [each or MeasuredVersion() for _, each in columns]
    head = [_format_row("", [name for name, _ in columns]), _format_row("---", ["---"] * len(columns))]
    return [*heading, *head, *_write_score_rows(measured), *_write_measure_rows(measured)]


def _write_score_rows(measured: list[MeasuredVersion]) -> Iterator[str]:
    """A row for each score of the version itself, with those of the others by the same scorer on the same rows."""
    of_each = [{_name_score(score): score for score in _list_scores(each)} for each in measured]
    for name in list(of_each[0])[:MAX_SCORES]:
        yield _format_row(name, [_format_score(scores.get(name)) for scores in of_each])


def _list_scores(measured: MeasuredVersion) -> Iterable[MeasuredScore]:
    return measured.others if measured.score is None else (measured.score, *measured.others)


def _name_score(score: MeasuredScore) -> str:
    return _clean(f"{score.scorer}, {score.on}" if score.on else score.scorer)[:MAX_TEXT_LENGTH]


def _format_score(score: MeasuredScore | None) -> str:
    value = drop_non_finite(score.value) if score else None
    if score is None or value is None:
        return ABSENT
    low, high = drop_non_finite(score.low), drop_non_finite(score.high)
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
    mean = drop_non_finite(measured.human_rating)
    return ABSENT if mean is None else f"{mean:.4g} stars (n = {measured.human_ratings})"


def _format_cost(cost: CostPerThousand | None) -> str:
    return ABSENT if cost is None or not cost.amount.is_finite() else f"{cost.amount} {cost.currency}"


def _format_number(number: float | None, *, scale: float = 1, unit: str) -> str:
    found = drop_non_finite(number)
    return ABSENT if found is None else f"{found * scale:.6g}{unit}"


def _format_row(name: str, cells: Iterable[str]) -> str:
    return "| " + " | ".join([name, *cells]) + " |"


def _clean(text: str) -> str:
    """On one line, and without what would end a cell of a table."""
    return " ".join(text.replace("|", "/").split())


def _format_code(text: str) -> str:
    return f"`{_clean(text).replace('`', chr(39))}`"
