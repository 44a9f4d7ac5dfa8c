"""The card of a published dataset: what it holds, how it is split, and what proves it. For the Hub. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.datasets.exports.export_report import ExportReport
from service.integrations.front_matter import to_line, write_front_matter


class PublishedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the folder. `split` is None for all splits together."""

    path: str
    split: str | None
    report: ExportReport


class DatasetCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a card is written from. `digest` is the frozen version's, `checkpoint` a signed note of the log."""

    name: str
    description: str
    dataset_id: str
    version: str | None
    seq: int
    digest: str | None
    license: str | None
    format: str
    files: Sequence[PublishedFile]
    checkpoint: str


def write_dataset_card(card: DatasetCard) -> str:
    """Write the card. The same facts give the same bytes."""
    moment = card.version or f"as of event {card.seq}"
    parts = [
        write_front_matter(_list_fields(card)),
        f"# {to_line(card.name)} {moment}\n",
        *([f"{card.description.strip()}\n"] if card.description.strip() else []),
        _write_files(card),
        _write_provenance(card),
    ]
    return "\n".join(parts)


def _list_fields(card: DatasetCard) -> list[tuple[str, Any]]:
    """The fields that the Hub reads. Without the files' splits it would guess them."""
    fields: list[tuple[str, Any]] = [("license", card.license)] if card.license else []
    fields += [("pretty_name", card.name), ("tags", ["tuneledger"])]
    files = [
        {"split": file.split or "train", "path": file.path} for file in card.files if file.path.startswith("data/")
    ]
    return [*fields, ("configs", [{"config_name": "default", "data_files": files}])] if files else fields


def _write_files(card: DatasetCard) -> str:
    rows = [
        f"| {file.split or 'all'} | `{file.path}` | {file.report.rows:,} | `{file.report.digest}` |"
        for file in card.files
    ]
    total = sum(file.report.rows for file in card.files)
    lines = [
        f"{total:,} rows in the format `{card.format}`.",
        "",
        "| split | file | rows | SHA-256 |",
        "|---|---|---|---|",
    ]
    lost = [f"- {line}" for file in card.files for line in _list_losses(file)]
    return "\n".join(["## Data", "", *lines, *rows, "", *([*lost, ""] if lost else [])])


def _list_losses(file: PublishedFile) -> list[str]:
    report = file.report
    lines = [f"{loss.examples:,} examples lose: {loss.meaning}" for loss in report.losses.values()]
    lines += [f"{loss.examples:,} examples are left out: {loss.meaning}" for loss in report.left_out.values()]
    lines += [f"{report.erased:,} examples were erased"] if report.erased else []
    return [f"`{file.path}`: {line}" for line in lines]


def _write_provenance(card: DatasetCard) -> str:
    proof = f" SHA-256 of the contents of {card.version}:\n\n```\n{card.digest}\n```\n" if card.digest else "\n"
    return (
        f"## Provenance\n\nDataset `{card.dataset_id}`, as of event {card.seq} of the log.{proof}\n"
        f"A checkpoint of the log that holds these events:\n\n```\n{card.checkpoint.rstrip()}\n```\n"
    )
