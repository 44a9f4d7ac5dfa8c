"""What a run of a generation needs to know, fixed when the run is requested. Pure."""

from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec

from service.inference.domain import Served
from service.prompts.domain import DrawnExample, LabelWeights

Mode = Literal["pairs", "style"]


class BaseSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The generation and task at their versions, the dataset as of the seq `moment`, and failed examples to show."""

    generation_id: UUID
    version: int
    dataset_id: UUID
    moment: int
    served: Served
    task_id: UUID | None = None
    task_version: int | None = None
    bugs: tuple[DrawnExample, ...] = ()


class JudgeSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Candidates that score below `minimum` (1 to 5) are dropped."""

    served: Served
    minimum: float


class PromptSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    prompt_id: UUID
    weights: LabelWeights
    label: str | None = None


class TopicsSpec(BaseSpec, frozen=True, kw_only=True, omit_defaults=True):
    count: int
    depth: int
    parent: UUID | None = None


class RowsSpec(BaseSpec, frozen=True, kw_only=True, omit_defaults=True):
    """`near` is the similarity from which an input counts as a repeat; None finds exact repeats only."""

    low: float
    high: float
    per_topic: int | None = None
    total: int | None = None
    categories: dict[str, int] | None = None
    judge: JudgeSpec | None = None
    prompt: PromptSpec | None = None
    near: float | None = None
    max_tokens: int | None = None


class PairsSpec(BaseSpec, frozen=True, kw_only=True, omit_defaults=True):
    document_ids: tuple[UUID, ...]
    mode: Mode
    per_chunk: int
    chunk_words: int
    grounding: float = 0.0
    instruction: str | None = None
    temperature: float | None = None


RunSpec = TopicsSpec | RowsSpec | PairsSpec
AnySpec = TypeVar("AnySpec", TopicsSpec, RowsSpec, PairsSpec)


def encode_spec(spec: RunSpec) -> dict[str, Any]:
    """The spec as JSON values, to store in the run's `order`."""
    order: dict[str, Any] = msgspec.to_builtins(spec, str_keys=True)
    return order


def decode_spec(order: dict[str, Any], kind: type[AnySpec]) -> AnySpec:
    return msgspec.convert(order, kind, strict=False)
