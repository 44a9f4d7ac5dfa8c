"""The model card: what the weights were made from, how they scored, and what the gate decided. For the Hub."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from service.integrations.front_matter import to_line, write_front_matter
from service.models.gates.domain import Ruling
from service.models.notes.notes_draft import DraftFacts, write_draft


class CardFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a card is written from. `files`: what lies beside it, with a word on each."""

    model: str
    draft: DraftFacts
    license: str | None = None
    dataset_digest: str | None = None
    ruling: Ruling | None = None
    ruled_alias: str | None = None
    overridden: bool = False
    notes: str | None = None
    files: Mapping[str, str] = {}
    skipped: Mapping[str, str] = {}


def write_card(card: CardFacts) -> str:
    """Write the card. The same facts give the same bytes."""
    version = card.draft.version
    parts = [
        _write_front_matter(card),
        f"# {to_line(card.model)} {version}\n",
        write_draft(card.draft),
        _write_data(card),
        _write_gate(card),
        *([f"## Notes\n\n{card.notes.strip()}\n"] if card.notes else []),
        _write_files(card),
    ]
    return "\n".join(parts)


def _write_front_matter(card: CardFacts) -> str:
    """The fields that the Hub reads."""
    base = card.draft.origin.base_model
    fields: list[tuple[str, Any]] = [("base_model", base), ("tags", ["tuneledger", "fine-tuned"])]
    if card.license is not None:
        fields.insert(0, ("license", card.license))
    return write_front_matter(fields)


def _write_data(card: CardFacts) -> str:
    origin = card.draft.origin
    if card.dataset_digest is None:
        return "## Provenance\n\nNo dataset is on record.\n"
    return (
        "## Provenance\n\n"
        f"Dataset `{to_line(origin.dataset or '')}`, version `{to_line(origin.dataset_version or '')}`, "
        f"SHA-256 of its contents:\n\n```\n{card.dataset_digest}\n```\n\n"
        "`model.sig` signs every file here together with this digest and the log's checkpoint: "
        "`tuneledger verify-model .` checks them.\n"
    )


def _write_gate(card: CardFacts) -> str:
    ruling = card.ruling
    if ruling is None:
        return "## Gate\n\nNo gate was checked for this version.\n"
    verdict = "passed" if ruling.passed else "refused"
    lines = [f"Checked for `{to_line(card.ruled_alias or '')}`: {verdict}."]
    if card.overridden:
        lines.append("It was moved there all the same: the gate was overridden.")
    checks = [f"- {'passed' if check.passed else 'refused'}: {to_line(check.because)}" for check in ruling.checks]
    return "\n".join(["## Gate", "", *lines, *(["", *checks] if checks else []), ""])


def _write_files(card: CardFacts) -> str:
    lines = [f"- `{name}`: {what}" for name, what in sorted(card.files.items())]
    left_out = _write_skipped(card.skipped)
    return "\n".join(["## Files", "", *lines, *left_out, ""])


def _write_skipped(skipped: Mapping[str, str]) -> Sequence[str]:
    return ["", *[f"Not made: {name}. {to_line(reason)}" for name, reason in skipped.items()]] if skipped else []
