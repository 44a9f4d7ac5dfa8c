"""Run an evaluation: ask every target about every row, score the answers, summarize."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import DECODER, Content
from service.datasets.projection import load_version
from service.evaluations import queries
from service.evaluations.domain import EVALUATION, EvaluationRequested, Plan, TargetSummary, TargetUsed, finish
from service.evaluations.judges.judge_runner import (
    Contestant,
    JudgeInput,
    JudgeSetup,
    build_judge_setup,
    find_rival,
    score_with_judge,
)
from service.evaluations.results.domain import RESULT, Failure, RecordedScore, ResultRecorded, derive_result_id
from service.evaluations.row_selection import ExampleRow, read_rows, select_row_ids
from service.evaluations.scores import summaries
from service.evaluations.scores.row_scores import (
    ConfiguredScorer,
    build_subject,
    configure_scorer,
    has_passed,
    hash_answers,
)
from service.evaluations.scores.scoring_process import score_in_time
from service.evaluations.targets.target_prompts import TargetPrompt, build_question, load_target_prompt
from service.inference.executor import Job
from service.inference.outcomes import CallFailure, CallResult, ModelAnswer
from service.ledger.retry import LostRace
from service.ledger.store import Batch, Entry, Ledger
from service.tasks.domain import TASK, TaskState

ERASED = Failure(code="erased", detail="The example was erased.")


class EvaluationSetup(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is the same for all rows. `prompts` and `same_before` are by target name.

    `same_before` counts the earlier targets that ask the same: they differ from this one only in name.
    """

    evaluation_id: UUID
    plan: Plan
    task: TaskState | None
    prompts: Mapping[str, TargetPrompt | None]
    same_before: Mapping[str, int]
    scorers: Sequence[ConfiguredScorer]
    judges: Sequence[JudgeSetup]


class TargetAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """One target's answers to one row, one for each repeat. Empty if it could not be asked; see `failure`."""

    target: TargetUsed
    answers: Sequence[CallResult]
    failure: Failure | None

    @property
    def first(self) -> CallResult | None:
        return self.answers[0] if self.answers else None


async def evaluate(job: Job) -> dict[str, Any]:
    """Run an evaluation. After a crash, finished rows are skipped and paid answers are reused."""
    evaluation_id = UUID(job.order["evaluation_id"])
    request = (await job.ledger.get(EVALUATION, job.workspace_id, evaluation_id)).state.request
    setup = await _load_setup(job, evaluation_id, request)
    version = await load_version(job.engine, job.workspace_id, request.dataset_id, request.dataset_version)
    selection, plan = version.selection(request.split), request.plan
    ids = await select_row_ids(
        job.engine, job.workspace_id, selection, limit=plan.limit, sample=plan.sample, seed=plan.seed
    )
    finished_ids = await queries.find_finished_examples(job.engine, job.workspace_id, evaluation_id)
    await job.advance(len(finished_ids), len(ids))
    open_ids = [example_id for example_id in ids if example_id not in finished_ids]
    rows = read_rows(job.engine, job.workspace_id, selection, open_ids)
    await job.each(rows, partial(_measure_row, job, setup), total=len(ids))
    figures = tuple([await _summarize(job, setup, target.name) for target in plan.targets])
    await job.ledger.change(EVALUATION, evaluation_id, lambda state: finish(state, figures), caller=job.caller)
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
    prompts = {target.name: await load_target_prompt(job.ledger, job.workspace_id, target) for target in plan.targets}
    return EvaluationSetup(
        evaluation_id=evaluation_id,
        plan=plan,
        task=task,
        prompts=prompts,
        same_before={target.name: _count_same_before(plan, index) for index, target in enumerate(plan.targets)},
        scorers=[configure_scorer(used) for used in plan.scorers],
        judges=[build_judge_setup(used, configure_scorer(used.scorer), task) for used in plan.judges],
    )


def _count_same_before(plan: Plan, index: int) -> int:
    target = plan.targets[index]
    return sum((each.served, each.prompt) == (target.served, target.prompt) for each in plan.targets[:index])


async def _measure_row(job: Job, setup: EvaluationSetup, row: ExampleRow) -> None:
    """Measure one row: ask all targets at once, score the answers, write the results together."""
    content = None if row.body is None else DECODER.decode(row.body)
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(_ask_target(job, setup, target, row, content)) for target in setup.plan.targets]
    answers = [task.result() for task in asking]
    contestants = {each.target.name: _build_contestant(setup, each, content) for each in answers}
    async with asyncio.TaskGroup() as group:
        scoring = [group.create_task(_score_target(job, setup, each, row, contestants)) for each in answers]
    results = [
        _build_result(setup, row, place, each, task.result())
        for place, (each, task) in enumerate(zip(answers, scoring, strict=True))
    ]
    with suppress(LostRace):  # another worker has written this row
        await job.ledger.write(job.caller, Batch(entries=results))


async def _ask_target(
    job: Job, setup: EvaluationSetup, target: TargetUsed, row: ExampleRow, content: Content | None
) -> TargetAnswers:
    if content is None:
        return TargetAnswers(target=target, answers=(), failure=ERASED)
    answers: list[CallResult] = []
    prompt = setup.prompts[target.name]
    first_turn = setup.plan.repeats * setup.same_before[target.name]
    for repeat in range(setup.plan.repeats):
        question = build_question(setup.plan, target, prompt, row, content, turn=first_turn + repeat)
        if isinstance(question, Failure):
            return TargetAnswers(target=target, answers=(), failure=question)
        answers.append(await job.ask(f"{target.name}/{row.example_id}/{repeat}", question))
    first = answers[0]
    failure = Failure(code=first.code, detail=first.detail) if isinstance(first, CallFailure) else None
    return TargetAnswers(target=target, answers=answers, failure=failure)


def _build_contestant(setup: EvaluationSetup, measured: TargetAnswers, content: Content | None) -> Contestant:
    first = measured.first
    return Contestant(
        target=measured.target.name,
        subject=build_subject(measured.answers, content, setup.task),
        failure=measured.failure,
        identity=(first.subject, first.content) if isinstance(first, ModelAnswer) else None,
    )


async def _score_target(
    job: Job, setup: EvaluationSetup, measured: TargetAnswers, row: ExampleRow, contestants: Mapping[str, Contestant]
) -> dict[str, RecordedScore]:
    contestant, plan = contestants[measured.target.name], setup.plan
    task = (plan.task_id, plan.task_version) if plan.task_id and plan.task_version else None
    identity = hash_answers(measured.answers, row.example_id, row.content, task)
    known: dict[str, RecordedScore] = {}
    if isinstance(measured.first, ModelAnswer) and measured.first.reused:
        known = await queries.find_known_scores(job.engine, job.workspace_id, measured.first.subject, row.example_id)
    scores = await score_in_time(
        job.workspace_id,
        setup.scorers,
        contestant.subject,
        failure=measured.failure,
        known=known,
        identity=identity,
    )
    for judge in setup.judges:
        if judge.used.against != measured.target.name:
            rival = find_rival(judge, row, contestants, contestant.subject.expected)
            judge_input = JudgeInput(plan=plan, row=row, answer=contestant, rival=rival)
            scores[judge.used.label] = await score_with_judge(job, judge, judge_input)
    return scores


def _build_result(
    setup: EvaluationSetup, row: ExampleRow, place: int, measured: TargetAnswers, scores: dict[str, RecordedScore]
) -> Entry:
    first = measured.first
    answer = first if isinstance(first, ModelAnswer) else None
    cost = first.cost if first is not None else None
    event = ResultRecorded(
        evaluation_id=setup.evaluation_id,
        target=measured.target.name,
        place=place,
        example_id=row.example_id,
        example_content=row.content,
        calls=tuple(each.call_id for each in measured.answers),
        subject=answer.subject if answer else None,
        content=answer.content if answer else None,
        scores=scores,
        passed=has_passed(scores, measured.failure),
        failure=measured.failure,
        latency_ms=answer.latency_ms if answer else None,
        input_tokens=answer.input_tokens if answer else None,
        output_tokens=answer.output_tokens if answer else None,
        cost=None if cost is None else format(cost, "f"),
    )
    result_id = derive_result_id(setup.evaluation_id, measured.target.name, row.example_id)
    return Entry(stream=RESULT.stream, stream_id=result_id, after=0, event=event)


async def _summarize(job: Job, setup: EvaluationSetup, target: str) -> TargetSummary:
    rows = await queries.list_target_rows(
        job.engine, job.workspace_id, setup.evaluation_id, target, *summaries.OUTCOME_COLUMNS
    )
    scorers = [*setup.scorers, *(judge.scorer for judge in setup.judges)]
    outcomes = [summaries.parse_outcome(row) for row in rows]
    return await asyncio.to_thread(summaries.summarize_target, setup.plan, target, scorers, outcomes)
