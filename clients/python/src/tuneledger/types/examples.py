# Generated from openapi/openapi.json by `make clients`.
"""Structs of examples."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Content, ExampleLabel, Mismatch


class DatasetVersionWith(Shape, frozen=True, kw_only=True):
    """A dataset version that contains the example, and the model versions made from it."""

    dataset_version: str
    """The name of the dataset version."""
    seq: int
    """The last event of the workspace's log that the version contains."""
    revision: int
    """The example's revision in this version, from 1."""
    digest: str
    """SHA-256 that commits to the example's content at that revision, in hex."""
    created_at: dt.datetime
    """When the dataset version was frozen."""
    model_versions: list[ModelVersionMade]
    """The model versions made from this dataset version."""


class Example(Shape, frozen=True, kw_only=True):
    """An example at one revision. `content` is null once erased; `mismatches` says where it fails its task's schema.

    `task_version` is that of the task it was checked against. `label` is what its annotators came to, by the rule
    and the `votes` beside it.
    """

    id: str
    """The example's id."""
    dataset_id: str
    """The dataset it belongs to."""
    version: int
    """Number of changes so far; also the ETag."""
    external_id: str | None
    """Your own id of it, unique in the dataset."""
    content: Content | None
    """The messages; null once erased."""
    erased: bool
    """Whether its texts were erased. An erased example is in no list of the present, and takes no change."""
    tags: list[str]
    """Its tags."""
    source: Source
    """Where it comes from."""
    split: OneOf["test", "train", "validation"]
    """Its split, assigned once."""
    rating: RatingSummary
    """The average and each rater's rating."""
    repaired: bool
    """Whether its output is a repair."""
    repair: Repair | None
    """The repair's instruction; null unless repaired."""
    valid: bool
    """Whether the output matches its task's schema."""
    mismatches: list[Mismatch]
    """Where the output fails its task's schema."""
    task_version: int | None
    """The version of the task it was checked against."""
    label: ExampleLabel | None
    """The label its annotators agreed on; null without one."""
    votes: list[Vote]
    """What each annotator answered."""
    metadata: dict[str, Any] | None
    """Free-form JSON of yours."""
    created_at: dt.datetime
    """When it was added."""
    created_by: str
    """Who added it."""
    updated_at: dt.datetime
    """When it last changed."""
    updated_by: str
    """Who changed it last."""


class ExampleBatch(Shape, frozen=True, kw_only=True):
    """The examples that were added, in the order they were sent."""

    data: list[Example]
    """The examples, in the order they were sent."""


class ExampleLineage(Shape, frozen=True, kw_only=True):
    """One page of the dataset versions that contain the example, the newest first."""

    data: list[DatasetVersionWith]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    example_id: str
    """The example."""
    dataset_id: str
    """The example's dataset."""
    split: OneOf["test", "train", "validation"]
    """The example's split."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ExamplePage(Shape, frozen=True, kw_only=True):
    """One page of examples, in the order they were added; all pages show the moment of the first."""

    data: list[Example]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ModelVersionMade(Shape, frozen=True, kw_only=True):
    """A model version made from a dataset version that contains the example, and how it used the example."""

    model_id: str
    """The model."""
    model: str
    """The model's name."""
    version: str
    """The version of the model."""
    tune_id: str | None
    """The tune that trained it; null where it was trained elsewhere."""
    use: OneOf["training", "validation"] | None
    """What the version used the example for; null where it did not use it."""


class NewExample(Shape, frozen=True, kw_only=True):
    """An example to add. Without a `split`, the dataset's policy assigns one for good."""

    content: Content
    """The messages."""
    external_id: str | None = None
    """Your own id of it, unique in the dataset."""
    metadata: dict[str, Any] | None = None
    """Free-form JSON of yours."""
    rating: Rating | None = None
    """Your rating of it."""
    source: SourceIn | UnsetType = UNSET
    """Where it comes from."""
    split: OneOf["test", "train", "validation"] | None = None
    """Its split; without one the dataset's policy decides."""
    tags: list[str] = []
    """Tags to find it by."""


class Origin(Shape, frozen=True, kw_only=True):
    """What an example was in the dataset that it was exported from with `format=tuneledger`."""

    created_at: dt.datetime | None = None
    """When it was added there."""
    created_by: str | None = None
    """Who added it there."""
    id: str | None = None
    """The example's id there."""
    source: dict[str, Any] | None = None
    """Where it was from there."""


class PassFail(Shape, frozen=True, kw_only=True, tag_field="type", tag="pass_fail"):
    """Good enough or not."""

    type: ClassVar[OneOf["pass_fail"]] = "pass_fail"
    value: OneOf["fail", "pass"]
    """`pass` if the answer is good enough."""


class PassFailCritical(Shape, frozen=True, kw_only=True, tag_field="type", tag="pass_fail_critical"):
    """Good enough, not, or harmful."""

    type: ClassVar[OneOf["pass_fail_critical"]] = "pass_fail_critical"
    value: OneOf["critical", "fail", "pass"]
    """`pass` if the answer is good enough, `critical` if it is harmful."""


class Rating(Shape, frozen=True, kw_only=True):
    """One rater's judgement of an answer, overall and by the names of the task's requirements."""

    overall: Stars | PassFail | PassFailCritical | None = None
    """The mark of the whole answer."""
    requirements: dict[str, Stars | PassFail | PassFailCritical] = {}
    """Marks by the name of the task's requirement."""


class RatingSummary(Shape, frozen=True, kw_only=True):
    """`average` is in stars, over the raters (pass counts 5, fail 2, critical 1); null when nobody has rated."""

    average: float | None
    """Mean over the raters, in stars; null without a rating."""
    raters: dict[str, Rating]
    """The latest rating of each rater."""


class Repair(Shape, frozen=True, kw_only=True):
    """What the repair was asked to do; null once erased. What it replaced is in the example's history."""

    instruction: str | None
    """What was wrong with the old output; null once erased."""


class Source(Shape, frozen=True, kw_only=True):
    """Where an example is from: for an import, which one, its format and the line; for a log, which request.

    For what was made by a `model`: the generation and the candidate, and where in a document it stands (characters
    of its text from `start` to `end`, and the page from 1).
    """

    type: OneOf["document", "human", "import", "log", "synthetic"]
    """The kind of source."""
    candidate_id: str | None = None
    """The candidate it was made from."""
    document_id: str | None = None
    """The document it was made from."""
    end: int | None = None
    """End of the passage in the document's text, in characters."""
    format: str | None = None
    """The format of the imported file."""
    generation_id: str | None = None
    """The generation that made it."""
    import_id: str | None = None
    """The import that added it."""
    line: int | None = None
    """The line in the imported file, from 1."""
    model: str | None = None
    """The model that wrote the example."""
    name: str | None = None
    """A name for the source, such as a file or a tool."""
    origin: Origin | None = None
    """What it was before it was exported and imported again."""
    page: int | None = None
    """The page of the document, from 1."""
    request_id: str | None = None
    """The logged request it was made from."""
    start: int | None = None
    """Start of the passage in the document's text, in characters."""


class SourceIn(Shape, frozen=True, kw_only=True):
    """Where an example is from."""

    name: str | None = None
    """A name for the source, such as a file or a tool."""
    type: OneOf["document", "human", "import", "log", "synthetic"] = "human"
    """The kind of source."""


class Stars(Shape, frozen=True, kw_only=True, tag_field="type", tag="stars"):
    """One to five stars."""

    type: ClassVar[OneOf["stars"]] = "stars"
    value: int
    """1 is the worst, 5 the best."""


class Vote(Shape, frozen=True, kw_only=True):
    """One annotator's answers and their weight."""

    annotator: str
    """Who voted: a person's actor, or a model."""
    answers: dict[str, list[str]]
    """The categories the annotator chose, by question."""
    kind: OneOf["model", "person"] = "person"
    """Whether a person or a model voted."""
    weight: float = 1
    """How much the vote counted."""
