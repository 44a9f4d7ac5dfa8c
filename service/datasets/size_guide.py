"""The steps by which a dataset grows: written by hand, reviewed, synthesized, from production. Pure."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Step = Literal["by_hand", "reviewed", "synthesized", "served"]
# About how many examples a step needs before the next; the last has no limit.
AIMS: Mapping[Step, int | None] = {"by_hand": 10, "reviewed": 30, "synthesized": 1_000, "served": None}
BY_PEOPLE = ("human", "import")
BY_MODELS = ("synthetic", "document")
ADVICE: Mapping[Step, str] = {
    "by_hand": "Write or import {missing} more of your own: about {aim} show a model what you want.",
    "reviewed": "Have a model make some, and rate, repair or label {missing} more of them: about {aim} checked ones.",
    "synthesized": "Synthesize {missing} more over a topic tree: about {aim} before the tuned model can take over.",
    "served": "Serve the tuned model, and promote requests from production, the failed ones first.",
}


class LadderStep(msgspec.Struct, frozen=True, kw_only=True):
    """How many examples a step has, and about how many it needs; the last needs no number."""

    step: Step
    """The name of the step."""
    examples: int
    """How many examples are on this step."""
    aim: int | None
    """About how many examples the step needs. Null for the last step."""


class LadderNext(msgspec.Struct, frozen=True, kw_only=True):
    """The first step that needs more, how many (null for the last), and what to do."""

    step: Step
    """The first step that needs more examples."""
    missing: int | None
    """How many examples it still needs. Null for the last step."""
    advice: str
    """What to do next."""


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """Each example counts for one step, by its source and by whether a person has checked it since.

    `by_hand`: written by people, or imported. `reviewed`: made by a model or from a document, and rated, repaired or
    labelled since. `synthesized`: made so, and not. `served`: from production. A step that has enough makes up for
    those before it.
    """

    steps: list[LadderStep]
    """All steps, the first one first."""
    next: LadderNext
    """The step to work on now."""


def build_ladder(counts: Mapping[Step, int]) -> Ladder:
    steps = [LadderStep(step=step, examples=counts.get(step, 0), aim=aim) for step, aim in AIMS.items()]
    full = [number for number, each in enumerate(steps) if each.aim is not None and each.examples >= each.aim]
    # A dataset with a thousand synthesized examples needs no ten by hand any more.
    next_step = steps[full[-1] + 1 if full else 0]
    missing = None if next_step.aim is None else next_step.aim - next_step.examples
    advice = ADVICE[next_step.step].format(missing=missing, aim=next_step.aim)
    return Ladder(steps=steps, next=LadderNext(step=next_step.step, missing=missing, advice=advice))
