"""What an export could not carry: counts and the first examples, as headers and as a report. Pure."""

from collections import Counter
from uuid import UUID

import msgspec

from service.errors import Fault, Unprocessable

MAX_LISTED = 20  # examples a loss
MAX_FAULTS = 10  # examples a loss in a refusal


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What some examples lose, or why they are left out."""

    examples: int
    """How many examples."""
    meaning: str
    """What it means."""
    first: tuple[UUID, ...]
    """The first 20 of them."""


class ExportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an export has, and what its format cannot carry."""

    rows: int
    """How many rows the file has."""
    bytes: int
    """The size of the file."""
    digest: str
    """SHA-256 of the file, in hex."""
    erased: int
    """How many examples are left out because they were erased."""
    losses: dict[str, Loss]
    """What rows lose, by what it is."""
    left_out: dict[str, Loss]
    """The examples that have no place in the format, by why."""


class LossCounter:
    """Counts what is lost while rows are written."""

    def __init__(self) -> None:
        self.rows = 0
        self.losses: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.first: dict[str, list[UUID]] = {}

    def note(self, example_id: UUID, losses: Counter[str]) -> None:
        for name in losses:
            self._count(self.losses, name, example_id)

    def leave_out(self, example_id: UUID, reason: str) -> None:
        self._count(self.left_out, reason, example_id)

    def _count(self, counter: Counter[str], name: str, example_id: UUID) -> None:
        counter[name] += 1
        if counter[name] <= MAX_LISTED:
            self.first.setdefault(name, []).append(example_id)

    def summarize(self, counter: Counter[str], meanings: dict[str, str]) -> dict[str, Loss]:
        return {
            name: Loss(examples=counter[name], meaning=meanings[name], first=tuple(self.first[name]))
            for name in sorted(counter)
        }


def format_counts(found: dict[str, Loss]) -> str:
    """Counts as the value of a header, such as `reasoning=3, tools=1`; `none` without any."""
    return ", ".join(f"{name}={loss.examples}" for name, loss in found.items()) or "none"


def check_strict(report: ExportReport, format_: str) -> None:
    """Raises Unprocessable, with the first examples, when anything is lost or left out."""
    faults = [
        Fault(pointer=f"/examples/{example_id}", detail=f"{format_} cannot carry {loss.meaning}.", code=name)
        for name, loss in report.losses.items()
        for example_id in loss.first[:MAX_FAULTS]
    ]
    faults += [
        Fault(pointer=f"/examples/{example_id}", detail=f"It has no place in {format_}: {loss.meaning}.", code=name)
        for name, loss in report.left_out.items()
        for example_id in loss.first[:MAX_FAULTS]
    ]
    if faults:
        counts = [f"{format_counts(found)}" for found in (report.losses, report.left_out) if found]
        raise Unprocessable(
            f"Not all of it goes into {format_}: {'; '.join(counts)}. Leave out strict, or change these examples.",
            errors=faults,
        )
