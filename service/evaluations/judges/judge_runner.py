"""Ask judge models to score answers. Each question is paid for once."""

from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from service.errors import Fault
from service.evaluations.domain import REFERENCE, JudgeUsed, Plan
from service.evaluations.judges import judge_prompts
from service.evaluations.judges.verdict_parser import (
    Preference,
    Scale,
    Verdict,
    Winner,
    read_g_eval,
    read_pairwise,
    read_rubric,
)
from service.evaluations.results.domain import Failure, RecordedScore
from service.evaluations.row_selection import ExampleRow
from service.evaluations.scorers.judge_scores import JudgeConfig
from service.evaluations.scores.row_scores import MODEL_FAILURES, ConfiguredScorer, score_judgement
from service.evaluations.scores.subject import Subject
from service.inference.domain import build_reuse_key
from service.inference.executor import Job, ModelQuestion
from service.inference.outcomes import CallFailure, CallResult, ModelAnswer
from service.tasks.domain import TaskState

TOP_LOGPROBS = 20  # the number G-Eval uses, and the most that providers return
WORST: Mapping[Scale, float] = {"pass_fail": 0.0, "one_to_five": 1.0}
Judgement = Verdict | Preference | Fault | None


class JudgeSetup(msgspec.Struct, frozen=True, kw_only=True):
    """A judge, its scorer, and the task as the judge is told it."""

    used: JudgeUsed
    scorer: ConfiguredScorer
    task: TaskState

    @property
    def config(self) -> JudgeConfig:
        assert isinstance(self.scorer.config, JudgeConfig)  # pairwise judges do not ask for it
        return self.scorer.config


class Contestant(msgspec.Struct, frozen=True, kw_only=True):
    """A target's answer to one row, or its failure. `identity` is equal for equal answers."""

    target: str
    subject: Subject
    failure: Failure | None
    identity: Any

    @property
    def failed_to_answer(self) -> bool:
        return self.failure is not None and self.failure.code in MODEL_FAILURES


class JudgeInput(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge sees: a row, the answer, and for pairs the other answer."""

    plan: Plan
    row: ExampleRow
    answer: Contestant
    rival: Contestant | None


def build_judge_setup(used: JudgeUsed, scorer: ConfiguredScorer, task: TaskState | None) -> JudgeSetup:
    """Set up a judge. Its own instruction and requirements replace the task's."""
    shown_task = task or TaskState(name=used.label, instruction=used.instruction or "")
    shown_task = msgspec.structs.replace(shown_task, instruction=used.instruction or shown_task.instruction)
    if used.requirements is not None:
        shown_task = msgspec.structs.replace(shown_task, requirements=used.requirements)
    return JudgeSetup(used=used, scorer=scorer, task=shown_task)


async def score_with_judge(job: Job, judge: JudgeSetup, judge_input: JudgeInput) -> RecordedScore:
    """Score an answer. One that the model failed to give gets the worst score without asking the judge."""
    judgement, call_id = judge_without_asking(judge, judge_input), None
    if judgement is None:
        question = _build_question(judge, judge_input)
        result = await _ask(job, judge, judge_input, question)
        judgement, call_id = _parse_judgement(judge, result, question), result.call_id
    return score_judgement(judge.scorer, judge_input.answer.subject, judgement, call_id=call_id)


def find_rival(
    judge: JudgeSetup, row: ExampleRow, contestants: Mapping[str, Contestant], reference: str | None
) -> Contestant | None:
    """Find the answer a pairwise judge compares with; None for other judges."""
    if judge.used.kind != "pairwise" or judge.used.against is None:
        return None
    if judge.used.against != REFERENCE:
        return contestants[judge.used.against]
    failure = (
        None if reference is not None else Failure(code="no_reference", detail="The example's answer has no text.")
    )
    subject = Subject(output=reference)
    return Contestant(target=REFERENCE, subject=subject, failure=failure, identity=(row.example_id, row.content))


def judge_without_asking(judge: JudgeSetup, judge_input: JudgeInput) -> Judgement:
    """Judge without asking if an answer is missing. None: the judge has to be asked."""
    answer, rival = judge_input.answer, judge_input.rival
    if judge.used.kind == "pairwise":
        return _judge_pair_without_asking(answer, rival)
    if answer.failed_to_answer:
        scale = judge.config.scale
        return Verdict(scale=scale, value=WORST[scale], passed=False)
    return _find_missing_answer(answer)


def _judge_pair_without_asking(answer: Contestant, rival: Contestant | None) -> Judgement:
    if rival is None:
        return Fault(detail="There is no other answer to compare with.", code="no_rival")
    missing = _find_missing_answer(answer) or _find_missing_answer(rival)
    if missing is not None:
        return missing
    winners: dict[tuple[bool, bool], Winner] = {(True, True): "tie", (True, False): "second", (False, True): "first"}
    winner = winners.get((answer.failed_to_answer, rival.failed_to_answer))
    return None if winner is None else Preference(winner=winner, shown_first="first")


def _find_missing_answer(contestant: Contestant) -> Fault | None:
    if contestant.failure is None or contestant.failed_to_answer:
        return None
    return Fault(detail=f"{contestant.target} has no answer: {contestant.failure.detail}", code="no_answer")


def _build_question(judge: JudgeSetup, judge_input: JudgeInput) -> judge_prompts.Question:
    subject = judge_input.answer.subject
    common: dict[str, Any] = {"messages": subject.messages}
    answer = subject.output or ""
    match judge.used.kind:
        case "rubric":
            scale = judge.config.scale
            return judge_prompts.build_rubric_question(
                judge.task, scale=scale, answer=answer, reference=subject.expected, **common
            )
        case "geval":
            config = judge.config
            common |= {"criterion": config.criterion or "", "steps": config.steps}
            return judge_prompts.build_g_eval_question(judge.task, answer=answer, reference=subject.expected, **common)
        case "pairwise":
            rival = judge_input.rival.subject.output if judge_input.rival else None
            seed = f"{judge_input.plan.seed}/{judge_input.row.example_id}/{judge_input.answer.target}"
            # If the rival is the reference, showing the reference would tell the judge which answer is the rival.
            reference = None if judge.used.against == REFERENCE else subject.expected
            return judge_prompts.build_pairwise_question(
                judge.task, first=answer, second=rival or "", seed=seed, reference=reference, **common
            )
        case _:
            assert_never(judge.used.kind)


async def _ask(job: Job, judge: JudgeSetup, judge_input: JudgeInput, question: judge_prompts.Question) -> CallResult:
    key = f"judge/{judge.used.label}/{judge_input.row.example_id}/{judge_input.answer.target}"
    reuse = None if judge_input.plan.fresh else _build_key(judge, judge_input, question)
    model_question = ModelQuestion(
        served=judge.used.served, messages=question.messages, temperature=0, schema=question.schema, reuse=reuse
    )
    if judge.used.kind != "geval":
        return await job.ask(key, model_question)
    options = {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    result = await job.ask(key, msgspec.structs.replace(model_question, options=options))
    if isinstance(result, CallFailure) and result.code == "provider_refused":
        # Some models refuse to return probabilities: ask again without.
        plain = msgspec.structs.replace(model_question, reuse=f"{reuse}/plain" if reuse else None)
        return await job.ask(f"{key}/plain", plain)
    return result


def _build_key(judge: JudgeSetup, judge_input: JudgeInput, question: judge_prompts.Question) -> str:
    """Equal for the same judge on the same answers, shown in the same order."""
    used, plan = judge.used, judge_input.plan
    model = (used.served.connection_id, used.served.provider_model, used.scorer.digest)
    terms = (used.instruction, used.requirements, plan.task_id, plan.task_version)
    rival = judge_input.rival.identity if judge_input.rival else None
    return build_reuse_key(
        "judge", model, terms, judge_input.row.content, judge_input.answer.identity, rival, question.shown_first
    )


def _parse_judgement(judge: JudgeSetup, result: CallResult, question: judge_prompts.Question) -> Judgement:
    if not isinstance(result, ModelAnswer):
        return Fault(detail=result.detail, code=result.code)
    match judge.used.kind:
        case "rubric":
            return read_rubric(result.text, judge.task, scale=judge.config.scale)
        case "geval":
            return read_g_eval(result.text, result.logprobs)
        case "pairwise":
            return read_pairwise(result.text, shown_first=question.shown_first or "first")
        case _:
            assert_never(judge.used.kind)
