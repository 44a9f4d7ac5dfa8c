"""Version notes as a draft: what a version was made from and what it scores, as Markdown for a person to go on from."""

from collections.abc import Iterable, Iterator
from typing import Literal
from uuid import UUID

import msgspec

from service.models.domain import Changes
from service.models.gates.domain import CostPerThousand, Facts, MeasuredScore, MeasuredVersion, known

Kind = Literal["added", "edited", "removed"]
# A draft has to fit into a note.
MOST_SCORES, MOST_LETTERS = 20, 80
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


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """An example that says something about the change, by its id: a note stays in the log, a text may be erased."""

    example_id: UUID
    change: Kind
    because: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """All that a draft is made of. `before` is the origin of the version `previous`; both are null for the first."""

    version: str
    origin: Origin
    previous: str | None = None
    before: Origin | None = None
    changes: Changes | None = None
    telling: tuple[Telling, ...] = ()
    facts: Facts = Facts()


def draft(story: Story) -> str:
    """The same story gives the same text, to the byte."""
    parts = [_opening(story), _data(story), _making(story), _scores(story)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _opening(story: Story) -> list[str]:
    made = story.origin
    how = "registered from elsewhere" if made.method is None else f"tuned ({made.method})"
    return [f"{story.version}: {_code(made.base_model)}, {how}, as {_code(made.provider_model)}."]


def _data(story: Story) -> list[str]:
    made, before, changes = story.origin, story.before, story.changes
    if made.dataset is None:
        return ["## Data", "", "No dataset is on record."]
    on = f"{_code(made.dataset)}, version {_code(made.dataset_version or '')}"
    if story.previous is None or before is None:
        return ["## Data", "", f"The first version, on {on}."]
    heading = [f"## Data since {story.previous}", ""]
    if changes is None:
        return [*heading, f"Another dataset than that of {story.previous}: {on}."]
    counts = f"{changes.added} added, {changes.edited} edited, {changes.removed} removed"
    moved = f"{on} (before: {_code(before.dataset_version or '')}): {counts}."
    lines = [f"- {each.change} {_code(str(each.example_id))}: {each.because}" for each in story.telling]
    return [*heading, moved, *(["", *lines] if lines else [])]


def _making(story: Story) -> list[str]:
    made, before = story.origin, story.before
    lines = [f"- base model: {_changed(_code(made.base_model), _code(before.base_model) if before else None)}"]
    if made.method is not None:
        lines.append(f"- method: {_changed(made.method, before.method if before else None)}")
        used = f"{made.train_examples} for training, {made.validation_examples} for validation"
        lines.append(f"- examples: {used}")
    old = before.parameters if before else {}
    for name in sorted(made.parameters.keys() | old.keys()):
        now, then = _value(made, name), _value(before, name) if before else None
        lines.append(f"- {_code(name)}: {_changed(now, then)}")
    return ["## Base and parameters", "", *lines]


def _value(origin: Origin, name: str) -> str:
    value = origin.parameters.get(name)
    return "not given" if value is None else _code(str(value)[:MOST_LETTERS])


def _changed(now: str, before: str | None) -> str:
    return now if before is None or before == now else f"{now} (before: {before})"


def _scores(story: Story) -> list[str]:
    facts, heading = story.facts, ["## Scores", ""]
    mine = facts.versions.get(story.version)
    if mine is None:
        return [*heading, f"No evaluation of {story.version} is on record."]
    columns: list[tuple[str, MeasuredVersion | None]] = [(story.version, mine)]
    if story.previous is not None:
        columns.append((story.previous, facts.versions.get(story.previous)))
    columns.append(("base model", facts.base))
    measured = [each or MeasuredVersion() for _, each in columns]
    head = [_row("", [name for name, _ in columns]), _row("---", ["---"] * len(columns))]
    return [*heading, *head, *_scored(measured), *_measured(measured)]


def _scored(measured: list[MeasuredVersion]) -> Iterator[str]:
    """A row for each score of the version itself, with those of the others by the same scorer on the same rows."""
    of_each = [{_name(score): score for score in _all(each)} for each in measured]
    for name in list(of_each[0])[:MOST_SCORES]:
        yield _row(name, [_score(scores.get(name)) for scores in of_each])


def _all(measured: MeasuredVersion) -> Iterable[MeasuredScore]:
    return measured.others if measured.score is None else (measured.score, *measured.others)


def _name(score: MeasuredScore) -> str:
    return _plain(f"{score.scorer}, {score.on}" if score.on else score.scorer)[:MOST_LETTERS]


def _score(score: MeasuredScore | None) -> str:
    value = known(score.value) if score else None
    if score is None or value is None:
        return ABSENT
    low, high = known(score.low), known(score.high)
    interval = "" if low is None or high is None else f"{low:.4g} to {high:.4g}, "
    return f"{value:.4g} ({interval}n = {score.n})"


def _measured(measured: list[MeasuredVersion]) -> Iterator[str]:
    rows = {
        "format validity": [_number(each.format_validity, scale=100, unit="%") for each in measured],
        "human rating": [_rating(each) for each in measured],
        "cost of 1,000 answers": [_cost(each.cost_per_thousand) for each in measured],
        "latency, p95": [_number(each.latency_p95_ms, unit=" ms") for each in measured],
    }
    yield from (_row(name, cells) for name, cells in rows.items() if set(cells) != {ABSENT})


def _rating(measured: MeasuredVersion) -> str:
    mean = known(measured.human_rating)
    return ABSENT if mean is None else f"{mean:.4g} stars (n = {measured.human_ratings})"


def _cost(cost: CostPerThousand | None) -> str:
    return ABSENT if cost is None or not cost.amount.is_finite() else f"{cost.amount} {cost.currency}"


def _number(number: float | None, *, scale: float = 1, unit: str) -> str:
    found = known(number)
    return ABSENT if found is None else f"{found * scale:.6g}{unit}"


def _row(name: str, cells: Iterable[str]) -> str:
    return "| " + " | ".join([name, *cells]) + " |"


def _plain(text: str) -> str:
    """On one line, and without what would end a cell of a table."""
    return " ".join(text.replace("|", "/").split())


def _code(text: str) -> str:
    return f"`{_plain(text).replace('`', chr(39))}`"
