# Generated from openapi/openapi.json by `make clients`.
"""Structs of datasets."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape


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
