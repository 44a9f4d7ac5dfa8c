# Generated from openapi/openapi.json by `make clients`.
"""Structs of datasets."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Content, Side


class ConflictPage(Shape, frozen=True, kw_only=True):
    """One page of conflicts, by our example's id."""

    data: list[MergeConflict]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Dataset(Shape, frozen=True, kw_only=True):
    """A collection of examples for a task. Its split policy applies to examples added from now on."""

    id: str
    """The dataset's id."""
    name: str
    """Unique in the workspace."""
    description: str
    """Notes for people."""
    task_id: str | None
    """The task its examples are checked against; null for none."""
    split_policy: SplitPolicy
    """How new examples are split."""
    version: int
    """Number of changes so far; also the ETag."""
    created_at: dt.datetime
    """When the dataset was created."""
    created_by: str
    """Who created the dataset."""
    updated_at: dt.datetime
    """When the dataset last changed."""
    archived_at: dt.datetime | None
    """When it was archived; null unless it is."""
    forked_from: ForkedFrom | None
    """What it was forked from; null if it was not."""


class DatasetPage(Shape, frozen=True, kw_only=True):
    """One page of datasets, the oldest first."""

    data: list[Dataset]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class DatasetStats(Shape, frozen=True, kw_only=True):
    """Counts of the present examples. `quantity` is what to expect of tuning on that many.

    `reviewed` counts by source those that people have rated, repaired or labelled.
    """

    examples: int
    """How many examples the dataset has."""
    rated: int
    """How many have a rating."""
    repaired: int
    """How many were repaired."""
    invalid: int
    """How many fail their task's schema."""
    average_rating: float | None
    """Mean rating in stars. Null if nothing is rated."""
    splits: dict[str, int]
    """Number of examples by split."""
    sources: dict[str, int]
    """Number of examples by type of source."""
    reviewed: dict[str, int]
    """Number of examples that were rated, repaired or labelled, by type of source."""
    tags: dict[str, int]
    """Number of examples by tag, the 1,000 most frequent."""
    quantity: str
    """What tuning on this many examples is expected to bring."""
    ladder: Ladder
    """The steps by which a dataset grows, and the next one to take."""


class ForkedFrom(Shape, frozen=True, kw_only=True):
    """What a dataset was forked from, and when."""

    dataset_id: str
    """The dataset it was forked from."""
    seq: int
    """The position in the event log whose state was copied."""
    version: str | None = None
    """The version that was copied; null for all examples."""


class Ladder(Shape, frozen=True, kw_only=True):
    """Each example counts for one step, by its source and by whether a person has checked it since.

    `by_hand`: written by people, or imported. `reviewed`: made by a model or from a document, and rated, repaired
    or labelled since. `synthesized`: made so, and not. `served`: from production. A step that has enough makes up
    for those before it.
    """

    steps: list[LadderStep]
    """All steps, the first one first."""
    next: LadderNext
    """The step to work on now."""


class LadderNext(Shape, frozen=True, kw_only=True):
    """The first step that needs more, how many (null for the last), and what to do."""

    step: OneOf["by_hand", "reviewed", "served", "synthesized"]
    """The first step that needs more examples."""
    missing: int | None
    """How many examples it still needs. Null for the last step."""
    advice: str
    """What to do next."""


class LadderStep(Shape, frozen=True, kw_only=True):
    """How many examples a step has, and about how many it needs; the last needs no number."""

    step: OneOf["by_hand", "reviewed", "served", "synthesized"]
    """The name of the step."""
    examples: int
    """How many examples are on this step."""
    aim: int | None
    """About how many examples the step needs. Null for the last step."""


class Merge(Shape, frozen=True, kw_only=True):
    """A merge, or the fork that made a dataset, as one operation with the same id. Counts are of the last plan."""

    id: str
    """The id of the merge and of its operation."""
    kind: OneOf["fork", "merge"]
    """`fork` for that which filled a new dataset."""
    dataset_id: str
    """The dataset that examples come into."""
    source_id: str
    """The dataset that they come from."""
    moment: int
    """The position in the event log whose state comes over."""
    dry_run: bool
    """Whether it only counts."""
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    """How far it is."""
    added: int
    """How many examples are added."""
    changed: int
    """How many are changed."""
    deleted: int
    """How many are deleted."""
    conflicts: int
    """How many were changed on both sides and are not decided."""
    erased: int
    """How many were erased on one side; these stay as they are."""
    done: int
    """How many examples have been added, changed or deleted so far."""
    continues: str | None
    """The merge whose decisions it goes on with."""
    failure: MergeFailed | None
    """Why it failed; null unless it did."""
    reason: str | None
    """Why it was made."""
    created_at: dt.datetime
    """When it was requested."""
    created_by: str
    """Who requested it."""
    updated_at: dt.datetime
    """When it last went on."""


class MergeConflict(Shape, frozen=True, kw_only=True):
    """An example that both sides changed. A side is null where the example was deleted or never was."""

    example_id: str
    """The example of this dataset; decisions name it."""
    source_example_id: str
    """Its counterpart in the other dataset."""
    fields: list[OneOf["answer", "metadata", "split", "tags"] | OneOf["deleted"]]
    """What both changed: the answer with its ratings and label, tags, metadata, split; or one of them deleted it."""
    base: Side | None
    """What it was when both sides were the same. Null if both added it."""
    ours: Side | None
    """What it is here."""
    theirs: Side | None
    """What it is there."""
    decision: OneOf["content", "ours", "theirs"] | None
    """What was decided. Null if nothing was."""


class MergeDecision(Shape, frozen=True, kw_only=True):
    """What to take for one example that both sides changed."""

    example_id: str
    """The example of this dataset, as the conflict names it."""
    take: OneOf["content", "ours", "theirs"]
    """Ours is this dataset, theirs the one that is merged into it. `content` takes the content given here."""
    content: Content | None = None
    """The content to take, with `content`. Other fields that both sides changed stay as ours."""


class MergeFailed(Shape, frozen=True, kw_only=True):
    """A merge that ended before it was done."""

    code: str
    """A word for programs."""
    detail: str
    """What went wrong, for people."""


class MergePage(Shape, frozen=True, kw_only=True):
    """One page of merges into a dataset, the newest first."""

    data: list[Merge]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class SplitPolicy(Shape, frozen=True, kw_only=True):
    """Shares of new examples, which sum to 1, and the seed that says which example goes where."""

    group_by: str | None = None
    """Examples with the same value here share a split: `external_id`, or a path such as `metadata.customer.id`."""
    group_until: str | None = None
    """Only what stands before the first of this counts, such as `-` where ids are `customer-1` and `customer-2`."""
    pins: dict[str, OneOf["test", "train", "validation"]] | None = None
    """Tags whose examples belong to one split, such as `{"golden": "test"}`. A bulk move leaves them there."""
    seed: int = 0
    """Changes which example goes into which split."""
    split_by: OneOf["content", "dataset"] = "dataset"
    """The same text has the same split in one dataset; with `content` in every dataset of the same shares and seed."""
    test: float = 0.1
    """Share of new examples for testing, 0 to 1."""
    train: float = 0.8
    """Share of new examples for training, 0 to 1."""
    validation: float = 0.1
    """Share of new examples for validation, 0 to 1."""


class SplitPolicyIn(Shape, frozen=True, kw_only=True):
    """Shares of new examples, which sum to 1. The seed says which example goes where."""

    group_by: str | None = None
    """Examples with the same value here share a split: `external_id`, or a path such as `metadata.customer.id`."""
    group_until: str | None = None
    """Only what stands before the first of this counts, such as `-` where ids are `customer-1` and `customer-2`."""
    pins: dict[str, OneOf["test", "train", "validation"]] | None = None
    """Tags whose examples belong to one split, such as `{"golden": "test"}`. A bulk move leaves them there."""
    reason: str | None = None
    """Why; shown in the history."""
    seed: int = 0
    """Decides which example goes into which split."""
    split_by: OneOf["content", "dataset"] = "dataset"
    """With `content`, the same text has the same split in every dataset of the same shares and seed."""
    test: float = 0.1
    """Share of new examples for testing."""
    train: float = 0.8
    """Share of new examples for training."""
    validation: float = 0.1
    """Share of new examples for validation."""
