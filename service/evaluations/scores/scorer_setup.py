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
from service.evaluations.scorers import scorer_registry as registry
from service.evaluations.scorers.json_validity import JsonSchemaConfig
from service.evaluations.scorers.judge_scores import JudgeConfig, PreferenceConfig
from service.evaluations.scorers.measures import ConsistencyConfig
from service.evaluations.scorers.scorer import Config
from service.evaluations.scorers.scorer_registry import SCORERS
from service.inference.targets import resolve_target
from service.ledger.store import Ledger
from service.tasks.domain import Requirement, TaskState

FORMATS = ("json_schema", "json_valid")  # of the scorers there are, the first of these says what a good format is
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
    """Raises Invalid and Unprocessable with each fault."""
    scorers = [_read_scorer(wanted, at=f"/scorers/{number}") for number, wanted in enumerate(data.scorers)]
    _raise_faults(Unprocessable, _find_unmet_needs(scorers, data, task))
    judges = [
        await _build_judge(ledger, workspace_id, wanted, task, targets, at=f"/judges/{number}")
        for number, wanted in enumerate(data.judges)
    ]
    if not scorers and not judges:
        detail = "Give at least one scorer or judge."
        raise Invalid(detail, errors=[Fault(pointer="/scorers", detail=detail, code="required")])
    _raise_faults(Invalid, _find_duplicate_labels(scorers, judges))
    used = (*(describe_scorer(config) for config in scorers), *_default_scorers(scorers, judges, data, task))
    return ScorerSetup(scorers=used, judges=tuple(judges), format=_choose_format_scorer(used, data.format_scorer))


def describe_scorer(config: Config) -> ScorerUsed:
    scorer = registry.scorer_of(config)
    return ScorerUsed(
        label=registry.label_of(config),
        name=scorer.name,
        version=scorer.version,
        digest=registry.hash_config(config),
        config=msgspec.to_builtins(config),
    )


def _read_scorer(wanted: NewScorer, *, at: str) -> Config:
    if wanted.name not in SCORERS or wanted.name in REQUESTED_ELSEWHERE:
        detail = REQUESTED_ELSEWHERE.get(wanted.name, "No scorer has this name. See GET /v1/scorers.")
        raise Invalid(detail, errors=[Fault(pointer=f"{at}/name", detail=detail, code="unknown_scorer")])
    if is_deeper_than(wanted.config, MAX_DEPTH):
        fault = build_too_deep_fault(f"{at}/config")
        raise Invalid(fault.detail, errors=[fault])
    _raise_faults(Invalid, find_text_faults(wanted.config, at=f"{at}/config"))
    return registry.read_config({**wanted.config, "scorer": wanted.name}, at=f"{at}/config")


def _find_unmet_needs(scorers: Sequence[Config], data: NewEvaluation, task: TaskState | None) -> Iterator[Fault]:
    """Scorers that could score no row."""
    for number, config in enumerate(scorers):
        needs, at = registry.scorer_of(config).needs, f"/scorers/{number}"
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
    wanted: JudgeAsked,
    task: TaskState | None,
    targets: Sequence[TargetUsed],
    *,
    at: str,
) -> JudgeUsed:
    served = await resolve_target(ledger, workspace_id, wanted.target, pointer=f"{at}/target")
    if not wanted.instruction and task is None:
        detail = "The dataset has no task to judge by. Give an instruction."
        raise Unprocessable(detail, errors=[Fault(pointer=f"{at}/instruction", detail=detail, code="required")])
    config = _judge_config(wanted)
    _raise_faults(Invalid, config.faults(at=at))
    own = wanted.requirements
    return JudgeUsed(
        label=registry.label_of(config),
        kind=wanted.kind,
        served=served,
        scorer=describe_scorer(config),
        instruction=wanted.instruction or None,
        requirements=None if own is None else tuple(msgspec.convert(msgspec.to_builtins(own), list[Requirement])),
        against=_choose_rival(wanted, targets, at=at),
    )


def _judge_config(wanted: JudgeAsked) -> Config:
    match wanted.kind:
        case "rubric":
            return JudgeConfig(label=wanted.label, scale=wanted.scale, least=wanted.least)
        case "geval":
            given: dict[str, Any] = {name: getattr(wanted, name) for name in ("label", "scale", "criterion", "steps")}
            return JudgeConfig(method="g_eval", least=wanted.least, **given)
        case "pairwise":
            return PreferenceConfig(label=wanted.label)


def _choose_rival(wanted: JudgeAsked, targets: Sequence[TargetUsed], *, at: str) -> str | None:
    names = [target.name for target in targets]
    if wanted.kind != "pairwise":
        if wanted.against is not None:
            detail = "against is only for pairwise judges. Remove it."
            raise Invalid(detail, errors=[Fault(pointer=f"{at}/against", detail=detail)])
        return None
    if wanted.against is not None and wanted.against not in (*names, REFERENCE):
        detail = f"No target has this name. Use one of: {', '.join(names)}, and {REFERENCE}."
        raise Unprocessable(detail[:1_000], errors=[Fault(pointer=f"{at}/against", detail=detail[:1_000])])
    first_base = next((target.name for target in targets if target.is_base), REFERENCE)
    # One target alone can only be compared with the examples' answers.
    return wanted.against or (first_base if len(targets) > 1 else REFERENCE)


def _find_duplicate_labels(scorers: Sequence[Config], judges: Sequence[JudgeUsed]) -> Iterator[Fault]:
    seen: set[str] = set()
    places = [(f"/scorers/{n}/config/label", registry.label_of(config)) for n, config in enumerate(scorers)]
    places += [(f"/judges/{n}/label", judge.label) for n, judge in enumerate(judges)]
    for pointer, label in places:
        if label in seen:
            detail = "Duplicate label. Labels must be unique in the evaluation."
            yield Fault(pointer=pointer, detail=detail, code="duplicate")
        seen.add(label)


def _default_scorers(
    scorers: Sequence[Config], judges: Sequence[JudgeUsed], data: NewEvaluation, task: TaskState | None
) -> Iterator[ScorerUsed]:
    """What is measured without being asked for: agreement of repeats, and the format where the task has a schema."""
    wanted: list[Config] = [ConsistencyConfig()] if data.repeats > 1 else []
    if task is not None and task.output_schema is not None:
        wanted.append(JsonSchemaConfig())
    names = {registry.scorer_of(config).name for config in scorers}
    labels = {registry.label_of(config) for config in scorers} | {judge.label for judge in judges}
    for config in wanted:
        if registry.scorer_of(config).name not in names and registry.label_of(config) not in labels:
            yield describe_scorer(config)


def _choose_format_scorer(used: Sequence[ScorerUsed], asked: str | None) -> str | None:
    if asked is None:
        found = [each.label for name in FORMATS for each in used if each.name == name]
        return found[0] if found else None
    if asked not in [each.label for each in used]:
        detail = "No scorer of this evaluation has this label."
        raise Invalid(detail, errors=[Fault(pointer="/format_scorer", detail=detail, code="unknown_scorer")])
    return asked


def _raise_faults(kind: type[Problem], faults: Any) -> None:
    if found := list(faults):
        raise kind(found[0].detail, errors=found)
