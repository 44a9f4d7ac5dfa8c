"""Run an evaluation: ask every target about every row, score the answers, summarize."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import DECODER, Content
from service.datasets.projection import version_named
from service.evaluations import domain as evaluations
from service.evaluations import queries
from service.evaluations.domain import EVALUATION, EvaluationRequested, Plan, TargetSummary, TargetUsed
from service.evaluations.judges.judge_runner import (
    Contestant,
    JudgeInput,
    JudgeSetup,
    build_judge_setup,
    find_rival,
    score_with_judge,
)
from service.evaluations.results.domain import RESULT, Failure, RecordedScore, ResultRecorded, result_id
from service.evaluations.row_selection import ExampleRow, read_rows, select_row_ids
from service.evaluations.scores import summaries
from service.evaluations.scores.row_scores import (
    ConfiguredScorer,
    build_subject,
    configure_scorer,
    has_passed,
    hash_answers,
    score_answer,
)
from service.evaluations.targets.target_prompts import TargetPrompt, build_question, load_target_prompt
from service.inference.executor import Job
from service.inference.outcomes import CallFailure, CallResult, ModelAnswer
from service.ledger.retry import LostRace
from service.ledger.store import Batch, Entry, Ledger
from service.tasks.domain import TASK, TaskState

ERASED = Failure(code="erased", detail="The example was erased.")


class EvaluationSetup(msgspec.Struct, frozen=True, kw_only=True):
    """All that is the same for every row. `twins`: how many targets before this one differ in name alone."""

    evaluation_id: UUID
    plan: Plan
    task: TaskState | None
    scripts: Mapping[str, TargetPrompt | None]
    twins: Mapping[str, int]
    columns: Sequence[ConfiguredScorer]
    benches: Sequence[JudgeSetup]


class TargetAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """What one target said to one row; no answers where it could not be request."""

    target: TargetUsed
    said: Sequence[CallResult]
    failure: Failure | None


async def evaluate(job: Job) -> dict[str, Any]:
    """Run an evaluation. After a crash, finished rows are skipped and paid answers are reused."""
    evaluation_id = UUID(job.order["evaluation_id"])
    request = (await job.ledger.get(EVALUATION, job.workspace_id, evaluation_id)).state.request
    setting = await _load_setup(job, evaluation_id, request)
    version = await version_named(job.engine, job.workspace_id, request.dataset_id, request.dataset_version)
    selection, plan = version.selection(request.split), request.plan
    ids = await select_row_ids(
        job.engine, job.workspace_id, selection, limit=plan.limit, sample=plan.sample, seed=plan.seed
    )
    done = await queries.find_finished_examples(job.engine, job.workspace_id, evaluation_id)
    await job.advance(len(done), len(ids))
    left = [example_id for example_id in ids if example_id not in done]
    rows = read_rows(job.engine, job.workspace_id, selection, left)
    await job.each(rows, partial(_measure_row, job, setting), total=len(ids))
    found = tuple([await _summarize(job, setting, target.name) for target in plan.targets])
    await job.ledger.change(EVALUATION, evaluation_id, lambda each: evaluations.finish(each, found), caller=job.caller)
    return {"evaluation_id": str(evaluation_id), "rows": len(ids), "targets": len(plan.targets)}


async def load_task(ledger: Ledger, workspace_id: UUID, plan: Plan) -> TaskState | None:
    """Load the task as it was when the evaluation was requested."""
    if plan.task_id is None or plan.task_version is None:
        return None
    log = await ledger.load_events(workspace_id, TASK.stream, plan.task_id)
    stored = TASK.fold(plan.task_id, log[: plan.task_version])
    return stored.state if stored else None


async def _load_setup(job: Job, evaluation_id: UUID, request: EvaluationRequested) -> EvaluationSetup:
    plan = request.plan
    task = await load_task(job.ledger, job.workspace_id, plan)
    scripts = {target.name: await load_target_prompt(job.ledger, job.workspace_id, target) for target in plan.targets}
    return EvaluationSetup(
        evaluation_id=evaluation_id,
        plan=plan,
        task=task,
        scripts=scripts,
        twins={target.name: _count_twins(plan, place) for place, target in enumerate(plan.targets)},
        columns=[configure_scorer(used) for used in plan.scorers],
        benches=[build_judge_setup(used, configure_scorer(used.scorer), task) for used in plan.judges],
    )


def _count_twins(plan: Plan, place: int) -> int:
    own = plan.targets[place]
    return sum((each.served, each.prompt) == (own.served, own.prompt) for each in plan.targets[:place])


async def _measure_row(job: Job, setting: EvaluationSetup, row: ExampleRow) -> None:
    """Measure one row: ask all targets at once, score the answers, write the results together."""
    content = None if row.body is None else DECODER.decode(row.body)
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(_ask_target(job, setting, target, row, content)) for target in setting.plan.targets]
    replied = [task.result() for task in asking]
    sides = {each.target.name: _build_contestant(setting, each, content) for each in replied}
    async with asyncio.TaskGroup() as group:
        scoring = [group.create_task(_score_target(job, setting, each, row, sides)) for each in replied]
    results = [
        _build_result(setting, row, place, each, task.result())
        for place, (each, task) in enumerate(zip(replied, scoring, strict=True))
    ]
    with suppress(LostRace):  # another worker has written this row
        await job.ledger.write(job.caller, Batch(entries=results))


async def _ask_target(
    job: Job, setting: EvaluationSetup, target: TargetUsed, row: ExampleRow, content: Content | None
) -> TargetAnswers:
    if content is None:
        return TargetAnswers(target=target, said=(), failure=ERASED)
    said: list[CallResult] = []
    script = setting.scripts[target.name]
    first_turn = setting.plan.repeats * setting.twins[target.name]
    for repeat in range(setting.plan.repeats):
        ask = build_question(setting.plan, target, script, row, content, turn=first_turn + repeat)
        if isinstance(ask, Failure):
            return TargetAnswers(target=target, said=(), failure=ask)
        said.append(await job.ask(f"{target.name}/{row.example_id}/{repeat}", ask))
    first = said[0]
    failure = Failure(code=first.code, detail=first.detail) if isinstance(first, CallFailure) else None
    return TargetAnswers(target=target, said=said, failure=failure)


def _build_contestant(setting: EvaluationSetup, replied: TargetAnswers, content: Content | None) -> Contestant:
    first = replied.said[0] if replied.said else None
    return Contestant(
        target=replied.target.name,
        subject=build_subject(replied.said, content, setting.task),
        failure=replied.failure,
        identity=(first.subject, first.content) if isinstance(first, ModelAnswer) else None,
    )


async def _score_target(
    job: Job, setting: EvaluationSetup, replied: TargetAnswers, row: ExampleRow, sides: Mapping[str, Contestant]
) -> dict[str, RecordedScore]:
    side, plan = sides[replied.target.name], setting.plan
    task = (plan.task_id, plan.task_version) if plan.task_id and plan.task_version else None
    identity = hash_answers(replied.said, row.example_id, row.content, task)
    known: dict[str, RecordedScore] = {}
    first = replied.said[0] if replied.said else None
    if isinstance(first, ModelAnswer) and first.reused:
        known = await queries.find_known_scores(job.engine, job.workspace_id, first.subject, row.example_id)
    # In a thread: some take their time, and other rows wait for their answers meanwhile.
    found = await asyncio.to_thread(
        score_answer, setting.columns, side.subject, failure=replied.failure, known=known, identity=identity
    )
    for bench in setting.benches:
        rival = find_rival(bench, row, sides, side.subject.expected)
        case = JudgeInput(plan=plan, row=row, answer=side, rival=rival)
        if bench.used.against != replied.target.name:
            found[bench.used.label] = await score_with_judge(job, bench, case)
    return found


def _build_result(
    setting: EvaluationSetup, row: ExampleRow, place: int, replied: TargetAnswers, found: dict[str, RecordedScore]
) -> Entry:
    first = replied.said[0] if replied.said else None
    answered = first if isinstance(first, ModelAnswer) else None
    cost = first.cost if first is not None else None
    event = ResultRecorded(
        evaluation_id=setting.evaluation_id,
        target=replied.target.name,
        place=place,
        example_id=row.example_id,
        example_content=row.content,
        calls=tuple(said.call_id for said in replied.said),
        subject=answered.subject if answered else None,
        content=answered.content if answered else None,
        scores=found,
        passed=has_passed(found, replied.failure),
        failure=replied.failure,
        latency_ms=answered.latency_ms if answered else None,
        input_tokens=answered.input_tokens if answered else None,
        output_tokens=answered.output_tokens if answered else None,
        cost=None if cost is None else format(cost, "f"),
    )
    id_ = result_id(setting.evaluation_id, replied.target.name, row.example_id)
    return Entry(stream=RESULT.stream, stream_id=id_, after=0, event=event)


async def _summarize(job: Job, setting: EvaluationSetup, target: str) -> TargetSummary:
    rows = await queries.list_target_rows(
        job.engine, job.workspace_id, setting.evaluation_id, target, *summaries.OUTCOME_COLUMNS
    )
    columns = [*setting.columns, *(bench.column for bench in setting.benches)]
    outcomes = [summaries.parse_outcome(row) for row in rows]
    return await asyncio.to_thread(summaries.summarize_target, setting.plan, target, columns, outcomes)
