"""Targets and leakage: request and response structs."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from service.evaluations.domain import Plan, PromptUsed, TargetUsed
from service.http.bodies import NO_NUL, Body
from service.inference.domain import Served
from service.inference.targets import ModelChoice
from service.prompts.domain import DrawnExample
from service.prompts.schemas import Inputs, LabelText, VersionNumber


class EvaluationPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """The prompt version that builds a target's questions."""

    prompt_id: UUID
    """The prompt."""
    version: int
    """The number of the prompt's version."""
    inputs: dict[str, str]
    """Where each variable is filled from, by variable; in addition to the version's own inputs."""
    examples: list[DrawnExample]
    """The few-shot examples shown before every row."""


class EvaluationTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A model or model version to measure, with an optional prompt."""

    name: str
    """Unique in the evaluation."""
    served: Served
    """The model that answers, as resolved when the evaluation was requested."""
    is_base: bool
    """True for a provider's model, false for a version of one of your models."""
    prompt: EvaluationPrompt | None
    """The prompt version that builds the question. Null: the example's own messages are sent."""


class TargetLeak(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the rows a target had already seen, and how."""

    target: str
    """The target's name."""
    trained: int
    """Rows the target was trained on."""
    equal: int
    """Rows with the same text as an example the target was trained on."""
    shown: int
    """Rows that the target's prompt shows as few-shot examples."""
    validated: int
    """Rows used to validate the target's tuning. Reported, but not refused."""
    examples: list[UUID]
    """The first 20 leaked examples."""


class EvaluationLeakage(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows the targets had already seen."""

    forced: bool
    """True if the evaluation ran although rows had leaked (`force_leakage`)."""
    targets: list[TargetLeak]
    """One entry for each target that had seen some of the rows."""


TargetName = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL, description="Unique in the evaluation.")]


class PromptAsked(Body):
    """The prompt version to use: by number, by label, or the latest."""

    prompt_id: UUID
    """The prompt."""
    version: VersionNumber | None = None
    """Number of the version. Default: the latest."""
    label: LabelText | None = None
    """Label of the version, instead of its number."""
    inputs: Inputs = {}
    """Where each variable is filled from; overrides the version's own inputs."""


class NewTarget(ModelChoice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model or model version to measure, with an optional prompt."""

    name: TargetName | None = None
    """Unique in the evaluation. Default: made from the names of the model and the prompt."""
    prompt: PromptAsked | None = None
    """The prompt version that builds the question. Default: the example's own messages are sent."""


def build_target(target: TargetUsed) -> EvaluationTarget:
    return EvaluationTarget(
        name=target.name, served=target.served, is_base=target.is_base, prompt=_build_prompt(target.prompt)
    )


def _build_prompt(used: PromptUsed | None) -> EvaluationPrompt | None:
    if used is None:
        return None
    return EvaluationPrompt(
        prompt_id=used.prompt_id, version=used.number, inputs=used.inputs, examples=list(used.examples)
    )


def build_leakage(plan: Plan) -> EvaluationLeakage:
    targets = [
        TargetLeak(
            target=leak.target,
            trained=leak.trained,
            equal=leak.equal,
            shown=leak.shown,
            validated=leak.validated,
            examples=list(leak.examples),
        )
        for leak in plan.leakage
    ]
    return EvaluationLeakage(forced=plan.leakage_forced, targets=targets)
