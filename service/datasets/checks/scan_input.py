"""What the scan is told, and what it tells: structs that both processes know. Pure."""

from typing import Any
from uuid import UUID

import msgspec

from service.datasets.checks.domain import CheckFigures
from service.datasets.splits import Split
from service.providers.provider import Method
from service.providers.training_rows.model_tokenizer import Tokenizer
from service.providers.traits import Format
from service.tasks.ontology import Question


class ScanTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What a target takes. `name` is its provider and base model; null limits are not known."""

    name: str
    method: Method
    format: Format | None
    max_tokens: int | None
    tools: bool
    weights: bool
    min_examples: int
    max_examples: int | None
    max_file_bytes: int | None


class ScanPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The task's schemas as stored bytes, its questions, the targets, and what counts tokens.

    `whole`: all splits are read.
    """

    targets: tuple[ScanTarget, ...] = ()
    tokenizer: Tokenizer = Tokenizer()
    input_schema: bytes | None = None
    output_schema: bytes | None = None
    questions: tuple[Question, ...] = ()
    whole: bool = True


class ScanRow(msgspec.Struct, frozen=True, gc=False):
    """An example as the scan reads it. `checked`: a person has rated, repaired or labelled it."""

    id: UUID
    split: Split
    source: dict[str, Any]
    score: float | None
    label: dict[str, Any] | None
    checked: bool
    content: dict[str, Any]


class ScanFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding, with a record for each row: its id, the id of the other row that it is about, and its kind."""

    code: str
    count: int
    target: str | None = None
    kinds: tuple[str, ...] = ()
    kind_counts: tuple[int, ...] = ()
    values: dict[str, int | float | str] = {}
    records: bytes = b""


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    figures: CheckFigures
    findings: list[ScanFinding]
