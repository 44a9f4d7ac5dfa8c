# Generated from openapi/openapi.json by `make clients`.
"""Structs of examples."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Content, ExampleLabel, Mismatch


class DatasetVersionWith(Shape, frozen=True, kw_only=True):
    """A dataset version that holds the example, at which of its revisions, and what was made of that version."""

    dataset_version: str
    seq: int
    revision: int
    digest: str
    created_at: dt.datetime
    model_versions: list[ModelVersionMade]


class Example(Shape, frozen=True, kw_only=True):
    """An example at one revision. `content` is null once erased; `mismatches` says where it fails its task's schema.

    `task_version` is that of the task it was checked against. `label` is what its annotators came to, by the rule
    and the `votes` beside it.
    """

    id: str
    dataset_id: str
    version: int
    external_id: str | None
    content: Content | None
    tags: list[str]
    source: Source
    split: OneOf["test", "train", "validation"]
    rating: RatingSummary
    repaired: bool
    repair: Repair | None
    valid: bool
    mismatches: list[Mismatch]
    task_version: int | None
    label: ExampleLabel | None
    votes: list[Vote]
    metadata: dict[str, Any] | None
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    updated_by: str


class ExampleBatch(Shape, frozen=True, kw_only=True):
    """The examples that were added, in the order they were sent."""

    data: list[Example]


class ExampleLineage(Shape, frozen=True, kw_only=True):
    """One page of the dataset versions that hold the example, the newest first."""

    data: list[DatasetVersionWith]
    next_cursor: str | None
    example_id: str
    dataset_id: str
    split: OneOf["test", "train", "validation"]
    count: int | None = None


class ExamplePage(Shape, frozen=True, kw_only=True):
    """One page of examples, in the order they were added; all pages show the moment of the first."""

    data: list[Example]
    next_cursor: str | None
    count: int | None = None


class ModelVersionMade(Shape, frozen=True, kw_only=True):
    """A model version made from a dataset version that holds the example; `use` is null where it never saw it."""

    model_id: str
    model: str
    version: str
    tune_id: str | None
    use: OneOf["training", "validation"] | None


class NewExample(Shape, frozen=True, kw_only=True):
    """An example to add. Without a `split`, the dataset's policy assigns one for good."""

    content: Content
    external_id: str | None = None
    metadata: dict[str, Any] | None = None
    rating: Rating | None = None
    source: SourceIn | UnsetType = UNSET
    split: OneOf["test", "train", "validation"] | None = None
    tags: list[str] = []


class PassFail(Shape, frozen=True, kw_only=True, tag_field="type", tag="pass_fail"):
    """Good enough or not."""

    type: ClassVar[OneOf["pass_fail"]] = "pass_fail"
    value: OneOf["fail", "pass"]


class PassFailCritical(Shape, frozen=True, kw_only=True, tag_field="type", tag="pass_fail_critical"):
    """Good enough, not, or harmful."""

    type: ClassVar[OneOf["pass_fail_critical"]] = "pass_fail_critical"
    value: OneOf["critical", "fail", "pass"]


class Rating(Shape, frozen=True, kw_only=True):
    """One rater's judgement of an answer, overall and by the names of the task's requirements."""

    overall: Stars | PassFail | PassFailCritical | None = None
    requirements: dict[str, Stars | PassFail | PassFailCritical] = {}


class RatingSummary(Shape, frozen=True, kw_only=True):
    """`average` is in stars, over the raters (pass counts 5, fail 2, critical 1); null when nobody has rated."""

    average: float | None
    raters: dict[str, Rating]


class Repair(Shape, frozen=True, kw_only=True):
    """What the repair was asked to do; null once erased. What it replaced is in the example's history."""

    instruction: str | None


class Source(Shape, frozen=True, kw_only=True):
    """Where an example is from: for an import, which one, its format and the line; for a log, which request.

    For what was made by a `model`: the generation and the candidate, and where in a document it stands (characters
    of its text from `start` to `end`, and the page from 1).
    """

    type: OneOf["document", "human", "import", "log", "synthetic"]
    candidate_id: str | None = None
    document_id: str | None = None
    end: int | None = None
    format: str | None = None
    generation_id: str | None = None
    import_id: str | None = None
    line: int | None = None
    model: str | None = None
    name: str | None = None
    page: int | None = None
    request_id: str | None = None
    start: int | None = None


class SourceIn(Shape, frozen=True, kw_only=True):
    """Where an example is from."""

    name: str | None = None
    type: OneOf["document", "human", "import", "log", "synthetic"] = "human"


class Stars(Shape, frozen=True, kw_only=True, tag_field="type", tag="stars"):
    """One to five stars."""

    type: ClassVar[OneOf["stars"]] = "stars"
    value: int


class Vote(Shape, frozen=True, kw_only=True):
    """What one annotator said, and how much it counted."""

    annotator: str
    answers: dict[str, list[str]]
    kind: OneOf["model", "person"] = "person"
    weight: float = 1
