"""Batch runs of a prompt, and one prediction for each example."""

from typing import Any, assert_never
from uuid import UUID, uuid5

import msgspec

from service.datasets.filters.selection import Filter
from service.datasets.splits import Split
from service.inference.domain import Served
from service.ledger.decider import Decider, Digest, Event
from service.prompts.domain import DrawnExample, LabelWeights
from service.prompts.render.answer_check import PromptFailure


class PromptRunRequested(Event):
    """Which versions answer for which examples. `given` are the constants; `shown` are the drawn examples by version.

    One more example is drawn than a version shows: the example that is asked about is left out.
    """

    run_id: UUID
    prompt_id: UUID
    weights: LabelWeights
    served: dict[int, Served]
    dataset_id: UUID
    moment: int
    label: str | None = None
    dataset_version: str | None = None
    filter: Filter = Filter()
    split: Split | None = None
    limit: int | None = None
    inputs: dict[str, str] = {}
    reuse: bool = False
    given: Digest | None = None
    shown: dict[int, tuple[DrawnExample, ...]] = {}


class PromptRunState(msgspec.Struct, frozen=True, kw_only=True):
    asked: PromptRunRequested


class PredictionMade(Event):
    """The prediction for an example: the call's answer, unless there is a `failure`."""

    run_id: UUID
    example_id: UUID
    example_version: int
    prompt_version: int
    call_id: UUID | None = None
    failure: PromptFailure | None = None


class PredictionState(msgspec.Struct, frozen=True, kw_only=True):
    made: PredictionMade


def evolve_run(_: PromptRunState | None, event: PromptRunRequested) -> PromptRunState:
    match event:
        case PromptRunRequested():
            return PromptRunState(asked=event)
        case _:
            assert_never(event)


def evolve(_: PredictionState | None, event: PredictionMade) -> PredictionState:
    match event:
        case PredictionMade():
            return PredictionState(made=event)
        case _:
            assert_never(event)


PROMPT_RUN: Decider[PromptRunState, PromptRunRequested] = Decider(
    "prompt_run", events=(PromptRunRequested,), evolve=evolve_run
)
PREDICTION: Decider[PredictionState, PredictionMade] = Decider("prediction", events=(PredictionMade,), evolve=evolve)


def derive_prediction_id(run_id: UUID, example_id: UUID) -> UUID:
    """The same id for the same example of a run, so that none is recorded twice."""
    return uuid5(run_id, f"prediction/{example_id}")


def build_order(prompt_run_id: UUID) -> dict[str, Any]:
    """The `order` of the run: where its request is."""
    return {"prompt_run_id": str(prompt_run_id)}
