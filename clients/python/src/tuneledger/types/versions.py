# Generated from openapi/openapi.json by `make clients`.
"""Structs of versions."""

from __future__ import annotations

import datetime as dt

from msgspec import field

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Filter, HistoryLine, Side


class Author(Shape, frozen=True, kw_only=True):
    """What one actor changed: how many changes of how many examples, from when to when."""

    actor: str
    """Who made the changes."""
    changes: int
    """How many changes the actor made."""
    examples: int
    """How many examples the actor changed."""
    first_at: dt.datetime
    """When the actor's first change was made."""
    last_at: dt.datetime
    """When the actor's last change was made."""


class ChangePage(Shape, frozen=True, kw_only=True):
    """One page of changes in words, the oldest first; `authors` counts them by actor if asked for."""

    data: list[HistoryLine]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    authors: list[Author] | None = None
    """The actors and their number of changes, if asked for."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Counts(Shape, frozen=True, kw_only=True):
    """`Counts`."""

    added: int
    """How many examples were added."""
    edited: int
    """How many examples were edited."""
    removed: int
    """How many examples were removed."""
    fields: dict[str, int]
    """In how many of the edited ones each field differs: `ratings` if rated again, `split` if moved."""


class DatasetVersion(Shape, frozen=True, kw_only=True):
    """A named, frozen state of a dataset. `digest` is SHA-256 over its sorted content digests, in hex."""

    dataset_id: str
    """The dataset."""
    name: str
    """The name of the version, unique in its dataset."""
    seq: int
    """The position in the event log that the version froze."""
    filter: Filter
    """Which examples belong to the version."""
    digest: str
    """SHA-256 over the sorted content digests of the examples, in hex; `incomplete: n erased` once some were erased."""
    examples: int
    """How many examples the version has."""
    erased: int
    """How many of them were erased since."""
    splits: dict[str, int]
    """Number of examples by split."""
    notes: str
    """Notes on the version."""
    readiness: Readiness | None
    """What the last check of the same examples said. Null if they were never checked."""
    created_at: dt.datetime
    """When the version was frozen."""
    created_by: str
    """The actor who froze it."""


class DatasetVersionPage(Shape, frozen=True, kw_only=True):
    """One page of versions, the newest first."""

    data: list[DatasetVersion]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Difference(Shape, frozen=True, kw_only=True):
    """An example that differs: `before` is null when it was added, `after` when it was removed."""

    example_id: str
    """The example that differs; between a dataset and its fork, the first that both are copies of."""
    change: OneOf["added", "edited", "removed"]
    """Whether the example was added, edited or removed."""
    changed: list[OneOf["content", "label", "metadata", "ratings", "repair", "split", "tags"]]
    """What differs of an edited example. Empty if it was added or removed."""
    before: Side | None
    """The example before. Null if it was added."""
    after: Side | None
    """The example after. Null if it was removed."""


class DifferencePage(Shape, frozen=True, kw_only=True):
    """One page of the examples that differ, by example id; `changes` counts them all when asked for."""

    data: list[Difference]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    changes: Counts | None = None
    """How many examples were added, edited and removed in all, if asked for."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ExportReport(Shape, frozen=True, kw_only=True):
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


class Loss(Shape, frozen=True, kw_only=True):
    """What some examples lose, or why they are left out."""

    examples: int
    """How many examples."""
    meaning: str
    """What it means."""
    first: list[str]
    """The first 20 of them."""


class NewDatasetTarget(Shape, frozen=True, kw_only=True):
    """Where a copy goes, as a folder with a dataset card and a file for each split."""

    integration_id: str
    """An integration of kind `huggingface` or `object_store`."""
    path_: str = field(name="path")
    """On the Hub `owner/name`; else a folder in the store."""
    license: str | None = None
    """The license for the card, as the Hub names it, such as `cc-by-4.0`."""
    private: bool = True
    """Whether a repository that is made for it is private."""


class Readiness(Shape, frozen=True, kw_only=True):
    """What the last check of the same examples said."""

    check_id: str
    """The check."""
    verdict: OneOf["not_ready", "ready", "ready_with_warnings"]
    """Whether the examples are ready to be tuned on."""
    checked_at: dt.datetime
    """When the check ended."""


class Recipe(Shape, frozen=True, kw_only=True):
    """How to train a LoRA. `beta` is of DPO."""

    tool: OneOf["axolotl", "llama-factory", "trl", "unsloth"]
    """The tool that trains."""
    base_model: str = "Qwen/Qwen3-0.6B"
    """The base model: a name on the Hugging Face Hub, or a folder."""
    batch_size: int = 2
    """Rows that are in memory at once."""
    beta: float = 0.1
    """How close DPO stays to the base."""
    epochs: float = 3
    """Passes over the training rows."""
    gradient_accumulation: int = 4
    """Batches that one step learns from."""
    learning_rate: float | None = None
    """Null: the usual one of the method."""
    lora_alpha: int = 32
    """The adapter's scale."""
    lora_rank: int = 16
    """The adapter's rank."""
    max_length: int = 2048
    """Tokens of a row; what is beyond them is cut off."""
    method: OneOf["dpo", "supervised"] = "supervised"
    """Whether answers are learnt, or preferences."""
    seed: int = 0
    """Of the order of rows and the adapter's first values."""
