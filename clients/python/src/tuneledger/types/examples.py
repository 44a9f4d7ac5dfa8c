# Generated from openapi/openapi.json by `make clients`.
"""Structs of examples."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Content, ExampleLabel, Filter, Mismatch, Rating


class ApplyRun(Shape, frozen=True, kw_only=True, tag_field="type", tag="apply_run"):
    """Take the answers of a run of a prompt over the dataset, each as a repair; what waits for an answer gets one."""

    type: ClassVar[OneOf["apply_run"]] = "apply_run"
    run_id: str
    """The run, which has ended. Examples without an answer of it stay as they are."""
    on_invalid: OneOf["mark", "skip"] = "skip"
    """An output that then fails its task's schema is skipped, or kept and marked invalid."""


class BulkChange(Shape, frozen=True, kw_only=True):
    """A change of many examples, as one operation with the same id."""

    id: str
    """The id of the change and of its operation."""
    dataset_id: str
    """The dataset."""
    action: (
        TagExamples
        | UntagExamples
        | DeleteExamples
        | RestoreExamples
        | MoveExamples
        | DealSplits
        | RateExamples
        | ReplaceText
        | PatchOutput
        | RedactExamples
        | ApplyRun
        | DropDuplicates
        | RevertExamples
        | UndoChange
    )
    """What is done with each example."""
    filter: Filter | None
    """Which examples; null when they were given by id."""
    moment: int
    """The position in the event log at which the selection was fixed."""
    dry_run: bool
    """Whether it only counts."""
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    """How far it is."""
    total: int | None
    """How many examples are meant; null until they are counted."""
    done: int
    """How many of them were looked at."""
    changed: int
    """How many were changed, or would be."""
    unchanged: int
    """How many already were as they should be."""
    skipped: int
    """How many could not be changed."""
    first_skipped: list[Skip]
    """The first 20 of these, and why; the operation `list_skipped_examples` has all."""
    samples: list[BulkSample]
    """Of a dry run: the first 20 examples that would change."""
    undoes: str | None
    """The change that this one undoes."""
    undone_by: str | None
    """The last change that undoes this one."""
    failure: BulkFailed | None
    """Why it failed; null unless it did."""
    reason: str | None
    """Why it was made."""
    created_at: dt.datetime
    """When it was requested."""
    created_by: str
    """Who requested it."""
    updated_at: dt.datetime
    """When it last went on."""


class BulkChangePage(Shape, frozen=True, kw_only=True):
    """One page of bulk changes, the newest first."""

    data: list[BulkChange]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class BulkFailed(Shape, frozen=True, kw_only=True):
    """A bulk change that ended before it was done."""

    code: str
    """A word for programs."""
    detail: str
    """What went wrong, for people."""


class BulkSample(Shape, frozen=True, kw_only=True):
    """An example as it is, and as the change would leave it; null for a deleted one."""

    example_id: str
    """The example."""
    before: dict[str, Any] | None
    """What it is now."""
    after: dict[str, Any] | None
    """What it would be."""


class Copied(Shape, frozen=True, kw_only=True):
    """What an example was copied from by a fork or a merge."""

    dataset_id: str
    """The dataset it was copied from."""
    example_id: str
    """The example it is a copy of."""
    version: int
    """The version of that example."""
    root_id: str
    """The first of the row of copies, the same for all of them."""


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


class DealSplits(Shape, frozen=True, kw_only=True, tag_field="type", tag="deal"):
    """Deal the examples to splits anew, by the dataset's split policy, exactly instead of by a hash.

    Equal texts, the policy's groups and, with `near`, near duplicates stay on one side; pins hold.
    """

    type: ClassVar[OneOf["deal"]] = "deal"
    frozen: OneOf["keep", "move"] = "keep"
    """Whether examples of frozen versions keep their sides, so that no test example was trained on before."""
    near: bool = False
    """Whether near duplicates, as a check finds them, share a side."""
    stratify: bool = True
    """Whether the shares hold in each category of the dataset's task, to the example."""


class DeleteExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="delete"):
    """Delete the examples; their histories, and versions that contain them, stay."""

    type: ClassVar[OneOf["delete"]] = "delete"


class DropDuplicates(Shape, frozen=True, kw_only=True, tag_field="type", tag="drop_duplicates"):
    """Delete examples whose content repeats another's of the selection. The best rated stays, else the oldest."""

    type: ClassVar[OneOf["drop_duplicates"]] = "drop_duplicates"
    near: bool = False
    """Whether contents that share about 70% of their runs of words count as repeats, as in a check."""


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
    unanswered: bool
    """Whether it waits for an answer. Until then it is in no version, and in no training."""
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


class ExampleOriginal(Shape, frozen=True, kw_only=True):
    """The row that an example was added from."""

    row: Any
    """The row as it was sent."""


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


class MoveExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="move"):
    """Move the examples to another split."""

    type: ClassVar[OneOf["move"]] = "move"
    split: OneOf["test", "train", "validation"]
    """The split to move them to."""


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


class PatchOutput(Shape, frozen=True, kw_only=True, tag_field="type", tag="patch"):
    """Apply a JSON Patch (RFC 6902) to each answer that is JSON, as a repair."""

    type: ClassVar[OneOf["patch"]] = "patch"
    patch: list[dict[str, Any]]
    """The operations, such as `{"op": "replace", "path": "/intent", "value": "refund"}`."""
    on_invalid: OneOf["mark", "skip"] = "skip"
    """An output that then fails its task's schema is skipped, or kept and marked invalid."""


class RateExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="rate"):
    """Give each example the caller's rating, in place of an earlier one."""

    type: ClassVar[OneOf["rate"]] = "rate"
    rating: Rating
    """The rating."""


class RatingSummary(Shape, frozen=True, kw_only=True):
    """`average` is in stars, over the raters (pass counts 5, fail 2, critical 1); null when nobody has rated."""

    average: float | None
    """Mean over the raters, in stars; null without a rating."""
    raters: dict[str, Rating]
    """The latest rating of each rater."""


class RedactExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="redact"):
    """Write `[email]` and the like in place of personal data and secrets, in all messages. An edit: it ends ratings."""

    type: ClassVar[OneOf["redact"]] = "redact"
    kinds: list[str] | None = None
    """Only these kinds, as a check names them, such as `phone` or `aws_key`. Null for all."""
    on_invalid: OneOf["mark", "skip"] = "skip"
    """An output that then fails its task's schema is skipped, or kept and marked invalid."""


class Repair(Shape, frozen=True, kw_only=True):
    """What the repair was asked to do; null once erased. What it replaced is in the example's history."""

    instruction: str | None
    """What was wrong with the old output; null once erased."""


class ReplaceText(Shape, frozen=True, kw_only=True, tag_field="type", tag="replace"):
    """Find and replace a text. In an answer it is a repair, elsewhere an edit; both end the ratings."""

    type: ClassVar[OneOf["replace"]] = "replace"
    find: str
    """The text to find, or an RE2 pattern with `regex`."""
    ignore_case: bool = False
    """Whether upper and lower case are the same."""
    on_invalid: OneOf["mark", "skip"] = "skip"
    """An output that then fails its task's schema is skipped, or kept and marked invalid."""
    regex: bool = False
    """Whether `find` is a pattern in the syntax of RE2, which has no look-around and no back-references."""
    replace: str = ""
    """What takes its place. With `regex`, `\\1` stands for the first group."""
    where: OneOf["messages", "output"] = "output"
    """In the answer, or in the texts of all messages."""


class RestoreExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="restore"):
    """Bring deleted examples back. A filter selects among the deleted ones, as each was last."""

    type: ClassVar[OneOf["restore"]] = "restore"


class RevertExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="revert"):
    """Return each example to what it was at a moment; delete those that were not there, restore those that were."""

    type: ClassVar[OneOf["revert"]] = "revert"
    moment: int
    """The position in the event log."""


class Skip(Shape, frozen=True, kw_only=True):
    """An example that was selected and could not be changed."""

    example_id: str
    """The example."""
    reason: OneOf[
        "changed_since",
        "deleted",
        "erased",
        "invalid",
        "no_match",
        "not_found",
        "not_json",
        "pinned",
        "too_many_tags",
        "withdrawn",
    ]
    """Why it was left as it is."""


class SkipPage(Shape, frozen=True, kw_only=True):
    """One page of the examples that a bulk change could not change."""

    data: list[Skip]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Source(Shape, frozen=True, kw_only=True):
    """Where an example is from: for an import, which one, its format and the line; for a log, which request.

    For what was made by a `model`: the generation and the candidate, and where in a document it stands (characters
    of its text from `start` to `end`, and the page from 1).
    """

    type: OneOf["document", "human", "import", "log", "synthetic"]
    """The kind of source."""
    candidate_id: str | None = None
    """The candidate it was made from."""
    copy: Copied | None = None
    """What it was copied from, if a fork or a merge did."""
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


class TagExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="tag"):
    """Add tags to those that an example has."""

    type: ClassVar[OneOf["tag"]] = "tag"
    tags: list[str]
    """The tags to add."""


class UndoChange(Shape, frozen=True, kw_only=True, tag_field="type", tag="undo"):
    """Return each example to what it was before another bulk change."""

    type: ClassVar[OneOf["undo"]] = "undo"
    bulk_id: str
    """The bulk change to undo."""


class UntagExamples(Shape, frozen=True, kw_only=True, tag_field="type", tag="untag"):
    """Remove tags."""

    type: ClassVar[OneOf["untag"]] = "untag"
    tags: list[str]
    """The tags to remove."""


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
