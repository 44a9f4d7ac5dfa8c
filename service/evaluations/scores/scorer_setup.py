"""Check the scorers and judges of a request and build their settings."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import MAX_DEPTH, build_too_deep_fault, find_text_faults, is_deeper_than
from service.errors import Fault, Invalid, Problem, Unprocessable
from service.evaluations.domain import REFERENCE, JudgeUsed, ScorerUsed, TargetUsed
from service.evaluations.judges.schemas import JudgeAsked
from service.evaluations.schemas import NewEvaluation, NewScorer
from service.evaluations.scorers import scorer_registry
from service.evaluations.scorers.json_validity import JsonSchemaConfig
from service.evaluations.scorers.judge_scores import JudgeConfig, PreferenceConfig
from service.evaluations.scorers.measures import ConsistencyConfig
from service.evaluations.scorers.scorer import Config
from service.evaluations.scorers.scorer_registry import SCORERS
from service.inference.targets import resolve_target
from service.ledger.store import Ledger
from service.tasks.domain import Requirement, TaskState

FORMATS = ("json_schema", "json_valid")  # the default format scorer is the first of these that is used
REQUESTED_ELSEWHERE = {
    "judge": "Request judge models in judges.",
    "preference": "Request judge models in judges.",
    "human_rating": "People rate finished results: PUT /v1/evaluations/{id}/results/{result_id}/rating.",
}


class ScorerSetup(msgspec.Struct, frozen=True, kw_only=True):
    scorers: tuple[ScorerUsed, ...]
    judges: tuple[JudgeUsed, ...]
    format: str | None


async def build_scorer_setup(
    ledger: Ledger, workspace_id: UUID, data: NewEvaluation, task: TaskState | None, targets: Sequence[TargetUsed]
) -> ScorerSetup:
    """Check a request's scorers and judges. Raises Invalid and Unprocessable with all faults."""
    scorers = [_read_scorer(new, at=f"/scorers/{number}") for number, new in enumerate(data.scorers)]
    _raise_faults(Unprocessable, _find_unmet_needs(scorers, data, task))
    judges = [
        await _build_judge(ledger, workspace_id, new, task, targets, at=f"/judges/{number}")
        for number, new in enumerate(data.judges)
    ]
    if not scorers and not judges:
        detail = "Give at least one scorer or judge."
        raise Invalid(detail, errors=[Fault(pointer="/scorers", detail=detail, code="required")])
    _raise_faults(Invalid, _find_duplicate_labels(scorers, judges))
    used = (*(describe_scorer(config) for config in scorers), *_default_scorers(scorers, judges, data, task))
    return ScorerSetup(scorers=used, judges=tuple(judges), format=_choose_format_scorer(used, data.format_scorer))


def describe_scorer(config: Config) -> ScorerUsed:
    scorer = scorer_registry.get_scorer(config)
    return ScorerUsed(
        label=scorer_registry.get_label(config),
        name=scorer.name,
        version=scorer.version,
        digest=scorer_registry.hash_config(config),
        config=msgspec.to_builtins(config),
    )


def _read_scorer(new: NewScorer, *, at: str) -> Config:
    if new.name not in SCORERS or new.name in REQUESTED_ELSEWHERE:
        detail = REQUESTED_ELSEWHERE.get(new.name, "No scorer has this name. See GET /v1/scorers.")
        raise Invalid(detail, errors=[Fault(pointer=f"{at}/name", detail=detail, code="unknown_scorer")])
    if is_deeper_than(new.config, MAX_DEPTH):
        fault = build_too_deep_fault(f"{at}/config")
        raise Invalid(fault.detail, errors=[fault])
    _raise_faults(Invalid, find_text_faults(new.config, at=f"{at}/config"))
    return scorer_registry.read_config({**new.config, "scorer": new.name}, at=f"{at}/config")


def _find_unmet_needs(scorers: Sequence[Config], data: NewEvaluation, task: TaskState | None) -> Iterator[Fault]:
    """Find scorers that could not score any row."""
    for number, config in enumerate(scorers):
        needs, at = scorer_registry.get_scorer(config).needs, f"/scorers/{number}"
        if "schema" in needs and not (getattr(config, "schema", None) or (task and task.output_schema)):
            yield Fault(
                pointer=f"{at}/config", detail="No schema. Set one in the config or in the task.", code="no_schema"
            )
        if "categories" in needs and not (getattr(config, "categories", None) or (task and len(task.questions) == 1)):
            detail = "No categories. Set them in the config or in the task."
            yield Fault(pointer=f"{at}/config", detail=detail, code="no_categories")
        if "repeats" in needs and data.repeats == 1:
            detail = "This scorer compares repeats. Set repeats to 2 or more."
            yield Fault(pointer="/repeats", detail=detail, code="no_repeats")


async def _build_judge(
    ledger: Ledger,
    workspace_id: UUID,
    new: JudgeAsked,
    task: TaskState | None,
    targets: Sequence[TargetUsed],
    *,
    at: str,
) -> JudgeUsed:
    served = await resolve_target(ledger, workspace_id, new.target, pointer=f"{at}/target")
    if not new.instruction and task is None:
        detail = "The dataset has no task to judge by. Give an instruction."
        raise Unprocessable(detail, errors=[Fault(pointer=f"{at}/instruction", detail=detail, code="required")])
    config = _build_judge_config(new)
    _raise_faults(Invalid, config.faults(at=at))
    return JudgeUsed(
        label=scorer_registry.get_label(config),
        kind=new.kind,
        served=served,
        scorer=describe_scorer(config),
        instruction=new.instruction or None,
        requirements=_read_requirements(new),
        against=_choose_rival(new, targets, at=at),
    )


def _read_requirements(new: JudgeAsked) -> tuple[Requirement, ...] | None:
    if new.requirements is None:
        return None
    return tuple(msgspec.convert(msgspec.to_builtins(new.requirements), list[Requirement]))


def _build_judge_config(new: JudgeAsked) -> Config:
    match new.kind:
        case "rubric":
            return JudgeConfig(label=new.label, scale=new.scale, least=new.least)
        case "geval":
            fields: dict[str, Any] = {name: getattr(new, name) for name in ("label", "scale", "criterion", "steps")}
            return JudgeConfig(method="g_eval", least=new.least, **fields)
        case "pairwise":
            return PreferenceConfig(label=new.label)


def _choose_rival(new: JudgeAsked, targets: Sequence[TargetUsed], *, at: str) -> str | None:
    names = [target.name for target in targets]
    if new.kind != "pairwise":
        if new.against is not None:
            detail = "against is only for pairwise judges. Remove it."
            raise Invalid(detail, errors=[Fault(pointer=f"{at}/against", detail=detail)])
        return None
    if new.against is not None and new.against not in (*names, REFERENCE):
        detail = f"No target has this name. Use one of: {', '.join(names)}, and {REFERENCE}."
        raise Unprocessable(detail[:1_000], errors=[Fault(pointer=f"{at}/against", detail=detail[:1_000])])
    if new.against is not None:
        return new.against
    # A single target can only be compared with the examples' own answers.
    bases = [target.name for target in targets if target.is_base]
    return bases[0] if bases and len(targets) > 1 else REFERENCE


def _find_duplicate_labels(scorers: Sequence[Config], judges: Sequence[JudgeUsed]) -> Iterator[Fault]:
    seen: set[str] = set()
    labels = [(f"/scorers/{n}/config/label", scorer_registry.get_label(config)) for n, config in enumerate(scorers)]
    labels += [(f"/judges/{n}/label", judge.label) for n, judge in enumerate(judges)]
    for pointer, label in labels:
        if label in seen:
            detail = "Duplicate label. Labels must be unique in the evaluation."
            yield Fault(pointer=pointer, detail=detail, code="duplicate")
        seen.add(label)


def _default_scorers(
    scorers: Sequence[Config], judges: Sequence[JudgeUsed], data: NewEvaluation, task: TaskState | None
) -> Iterator[ScorerUsed]:
    """Add scorers that are useful without a request: consistency for repeats, JSON Schema for a task with a schema."""
    defaults: list[Config] = [ConsistencyConfig()] if data.repeats > 1 else []
    if task is not None and task.output_schema is not None:
        defaults.append(JsonSchemaConfig())
    names = {scorer_registry.get_scorer(config).name for config in scorers}
    labels = {scorer_registry.get_label(config) for config in scorers} | {judge.label for judge in judges}
    for config in defaults:
        if scorer_registry.get_scorer(config).name not in names and scorer_registry.get_label(config) not in labels:
            yield describe_scorer(config)


def _choose_format_scorer(used: Sequence[ScorerUsed], label: str | None) -> str | None:
    if label is None:
        labels = [each.label for name in FORMATS for each in used if each.name == name]
        return labels[0] if labels else None
    if label not in [each.label for each in used]:
        detail = "No scorer of this evaluation has this label."
        raise Invalid(detail, errors=[Fault(pointer="/format_scorer", detail=detail, code="unknown_scorer")])
    return label


def _raise_faults(kind: type[Problem], faults: Any) -> None:
    if all_faults := list(faults):
        raise kind(all_faults[0].detail, errors=all_faults)
