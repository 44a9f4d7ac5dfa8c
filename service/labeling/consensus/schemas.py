"""The request and response of consensus."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from service.datasets.examples.ratings import Rule
from service.errors import Fault, Invalid
from service.http.bodies import Body, Reason
from service.labeling.consensus.answer_form import AnswerForm
from service.labeling.consensus.domain import Tie
from service.labeling.labels.schemas import Answered

MAX_TIES = 1_000


class Adjudication(Answered, frozen=True, kw_only=True):
    """A person's final decision on one example."""

    example_id: UUID
    """The example to decide on."""
    reason: Reason | None = None
    """Why; the example's history shows it."""


class MakeConsensus(Body):
    """Write consensus labels into examples. The rule `adjudicated` needs `decisions`; other rules take none."""

    rule: Rule
    """How votes decide: by majority, weighted by honeypot scores, or adjudicated by a person."""
    task_id: UUID | None = None
    """The task whose labels vote. Default: the dataset's task."""
    queue_id: UUID | None = None
    """Only labels from this queue vote."""
    examples: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=1_000)] | None = None
    """Only these examples; up to 1,000. Default: all that have labels."""
    minimum: Annotated[int, msgspec.Meta(ge=1, le=50, description="How many votes an example needs.")] = 2
    include_models: bool = False
    """Count labels by models too."""
    decisions: Annotated[list[Adjudication], msgspec.Meta(min_length=1, max_length=1_000)] | None = None
    """A person's decision for each example; only with the rule `adjudicated`."""
    write: AnswerForm | None = None
    """Write the label into the answer too, as a repair with the votes. Default: labels stay beside the answers."""
    reason: Reason | None = None
    """Why; the history of each example shows it."""

    def check_decisions(self) -> None:
        """Raises Invalid when the rule `adjudicated` has no decisions, or another rule has some."""
        if (self.decisions is not None) != (self.rule == "adjudicated"):
            detail = "`decisions` are required with the rule `adjudicated`, and allowed only there."
            raise Invalid(detail, errors=[Fault(pointer="/decisions", detail=detail)])


class ExampleTie(msgspec.Struct, frozen=True, kw_only=True):
    """An example that got no label, and its tied questions."""

    example_id: UUID
    """The example that got no label."""
    ties: Sequence[Tie]
    """Its questions without a winner."""


class Consensus(msgspec.Struct, frozen=True, kw_only=True):
    """Number of examples by outcome, and the first 1,000 tied examples."""

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
    honeypots: int
    """Examples with answers to a honeypot, which are no votes."""
    impersonated: int
    """Votes that somebody else gave in their annotator's name."""
    ties: Sequence[ExampleTie]
    """The first 1,000 tied examples."""
    answered: int
    """Examples into whose answer the label was written; only with `write`."""
    refused: Sequence[UUID]
    """The first 1,000 whose answer would not fit the task's schema; they keep the label beside the old answer."""
