# Generated from openapi/openapi.json by `make clients`.
"""Structs of datasets."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape


class Dataset(Shape, frozen=True, kw_only=True):
    """A collection of examples for a task. Its split policy holds for examples added from now on."""

    id: str
    name: str
    description: str
    task_id: str | None
    split_policy: SplitPolicy
    version: int
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime


class DatasetPage(Shape, frozen=True, kw_only=True):
    """One page of datasets, in the order they were made."""

    data: list[Dataset]
    next_cursor: str | None
    count: int | None = None


class DatasetStats(Shape, frozen=True, kw_only=True):
    """Counts of the examples that are there now. `quantity` is what the quantity guide expects of tuning on them.

    `reviewed` counts by source those that people have rated, repaired or labelled.
    """

    examples: int
    rated: int
    repaired: int
    invalid: int
    average_rating: float | None
    splits: dict[str, int]
    sources: dict[str, int]
    reviewed: dict[str, int]
    tags: dict[str, int]
    quantity: str
    ladder: Ladder


class Ladder(Shape, frozen=True, kw_only=True):
    """Each example stands on one step, by its source and by whether a person has checked it since.

    `by_hand`: written by people, or imported. `reviewed`: made by a model or from a document, and rated, repaired
    or labelled since. `synthesized`: made so, and not. `served`: from production. A step that has its number makes
    up for those before it.
    """

    steps: list[LadderStep]
    next: LadderNext


class LadderNext(Shape, frozen=True, kw_only=True):
    """The first step that wants more, how many (null for the last), and what to do."""

    step: OneOf["by_hand", "reviewed", "served", "synthesized"]
    missing: int | None
    advice: str


class LadderStep(Shape, frozen=True, kw_only=True):
    """How many examples stand on a step, of about how many it wants; the last wants no number."""

    step: OneOf["by_hand", "reviewed", "served", "synthesized"]
    examples: int
    aim: int | None


class SplitPolicy(Shape, frozen=True, kw_only=True):
    """Shares of new examples, which sum to 1, and the seed that says which example goes where."""

    seed: int = 0
    test: float = 0.1
    train: float = 0.8
    validation: float = 0.1


class SplitPolicyIn(Shape, frozen=True, kw_only=True):
    """Shares of new examples, which sum to 1. The seed says which example goes where."""

    reason: str | None = None
    seed: int = 0
    test: float = 0.1
    train: float = 0.8
    validation: float = 0.1
