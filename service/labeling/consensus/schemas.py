"""What a caller sends to make labels of votes, and what came of it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from service.datasets.examples.domain import Rule
from service.errors import Fault, Invalid
from service.http.bodies import Body, Reason
from service.labeling.consensus.domain import Tie
from service.labeling.labels.schemas import Answered

MAX_TIES = 1_000


class Adjudication(Answered, frozen=True, kw_only=True):
    """A person's final word on one example."""

    example_id: UUID
    """The example to decide on."""
    reason: Reason | None = None
    """Why; the example's history shows it."""


class MakeConsensus(Body):
    """Write what the annotators came to into their examples. `decisions` are for the rule `adjudicated` alone."""

    rule: Rule
    """How votes decide: by majority, weighted by honeypot scores, or adjudicated by a person."""
    task_id: UUID | None = None
    """The task whose labels vote. Default: the dataset's task."""
    queue_id: Annotated[UUID, msgspec.Meta(description="Only labels from this queue vote.")] | None = None
    """Only labels from this queue vote."""
    examples: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=1_000)] | None = None
    """Only these examples; up to 1,000. Default: all that have labels."""
    minimum: Annotated[int, msgspec.Meta(ge=1, le=50, description="How many votes an example needs.")] = 2
    include_models: bool = False
    """Count labels by models too."""
    decisions: Annotated[list[Adjudication], msgspec.Meta(min_length=1, max_length=1_000)] | None = None
    """A person's decision for each example; only with the rule `adjudicated`."""
    reason: Reason | None = None
    """Why; the history of each example shows it."""

    def require_whole(self) -> None:
        """Raises Invalid when decisions are missing, or come with a rule that decides by itself."""
        if (self.decisions is not None) != (self.rule == "adjudicated"):
            detail = "Decisions go with the rule adjudicated, and it needs them."
            raise Invalid(detail, errors=[Fault(pointer="/decisions", detail=detail)])


class ExampleTie(msgspec.Struct, frozen=True, kw_only=True):
    """An example that got no label, and the questions that stand in its way."""

    example_id: UUID
    """The example that got no label."""
    ties: Sequence[Tie]
    """Its questions without a winner."""


class Consensus(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: examples that were `labelled`, that said so already, or had too few votes.

    `kept` were adjudicated before. `tied` examples got no label; the first 1,000 are told.
    """

    labelled: int
    """Examples that got a new label."""
    unchanged: int
    """Examples that already had the same label from the same votes."""
    too_few: int
    """Examples with fewer votes than `minimum`."""
    kept: int
    """Examples left alone because a person adjudicated them before."""
    tied: int
    """Examples that got no label because votes were tied."""
    ties: Sequence[ExampleTie]
    """The first 1,000 tied examples."""
