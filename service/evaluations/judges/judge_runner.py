"""Ask judge models to score an answer. Each question is paid for once."""

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

TOP_LOGPROBS = 20  # as many as G-Eval's probabilities are taken from, and as any provider gives
WORST: Mapping[Scale, float] = {"pass_fail": 0.0, "one_to_five": 1.0}
Judgement = Verdict | Preference | Fault | None


class JudgeSetup(msgspec.Struct, frozen=True, kw_only=True):
    """A judge with its column, and the task as it is put to the judge."""

    used: JudgeUsed
    column: ConfiguredScorer
    task: TaskState

    @property
    def config(self) -> JudgeConfig:
        assert isinstance(self.column.config, JudgeConfig)  # noqa: S101 - rubric and G-Eval have one
        return self.column.config


class Contestant(msgspec.Struct, frozen=True, kw_only=True):
    """A target in one row: its answer, or why there is none. `identity` is equal for equal answers."""

    target: str
    subject: Subject
    failure: Failure | None
    identity: Any

    @property
    def lost(self) -> bool:
        return self.failure is not None and self.failure.code in MODEL_FAILURES


class JudgeInput(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge sees: a row, the answer, and for pairs the other answer."""

    plan: Plan
    row: ExampleRow
    answer: Contestant
    rival: Contestant | None


def build_judge_setup(used: JudgeUsed, column: ConfiguredScorer, task: TaskState | None) -> JudgeSetup:
    """The judge's own instruction and requirements go before the task's."""
    own = task or TaskState(name=used.label, instruction=used.instruction or "")
    own = msgspec.structs.replace(own, instruction=used.instruction or own.instruction)
    if used.requirements is not None:
        own = msgspec.structs.replace(own, requirements=used.requirements)
    return JudgeSetup(used=used, column=column, task=own)


async def score_with_judge(job: Job, bench: JudgeSetup, case: JudgeInput) -> RecordedScore:
    """The score that the judge gives. An answer that the model failed to give gets the worst without being judged."""
    word, call_id = judge_without_asking(bench, case), None
    if word is None:
        asked = _build_question(bench, case)
        said = await _ask(job, bench, case, asked)
        word, call_id = _parse_judgement(bench, said, asked), said.call_id
    return score_judgement(bench.column, case.answer.subject, word, call_id=call_id)


def find_rival(
    bench: JudgeSetup, row: ExampleRow, sides: Mapping[str, Contestant], reference: str | None
) -> Contestant | None:
    """Find the answer a pairwise judge compares with; None for other judges."""
    if bench.used.kind != "pairwise" or bench.used.against is None:
        return None
    if bench.used.against != REFERENCE:
        return sides[bench.used.against]
    failure = (
        None if reference is not None else Failure(code="no_reference", detail="The example's answer has no text.")
    )
    subject = Subject(output=reference)
    return Contestant(target=REFERENCE, subject=subject, failure=failure, identity=(row.example_id, row.content))


def judge_without_asking(bench: JudgeSetup, case: JudgeInput) -> Judgement:
    """A judgement that needs no judge, because an answer is missing."""
    answer, rival = case.answer, case.rival
    if bench.used.kind == "pairwise":
        return _judge_pair_without_asking(answer, rival)
    if answer.lost:
        scale = bench.config.scale
        return Verdict(scale=scale, value=WORST[scale], passed=False)
    return _missing_answer(answer)


def _judge_pair_without_asking(answer: Contestant, rival: Contestant | None) -> Judgement:
    if rival is None:
        return Fault(detail="There is nothing to compare this answer with.", code="no_rival")
    missing = _missing_answer(answer) or _missing_answer(rival)
    if missing is not None:
        return missing
    winners: dict[tuple[bool, bool], Winner] = {(True, True): "tie", (True, False): "second", (False, True): "first"}
    winner = winners.get((answer.lost, rival.lost))
    return None if winner is None else Preference(winner=winner, shown_first="first")


def _missing_answer(side: Contestant) -> Fault | None:
    if side.failure is None or side.lost:
        return None
    return Fault(detail=f"{side.target} has no answer: {side.failure.detail}", code="no_answer")


def _build_question(bench: JudgeSetup, case: JudgeInput) -> judge_prompts.Question:
    subject = case.answer.subject
    common: dict[str, Any] = {"messages": subject.messages}
    answer = subject.output or ""
    match bench.used.kind:
        case "rubric":
            scale = bench.config.scale
            return judge_prompts.build_rubric_question(
                bench.task, scale=scale, answer=answer, reference=subject.expected, **common
            )
        case "geval":
            config = bench.config
            common |= {"criterion": config.criterion or "", "steps": config.steps}
            return judge_prompts.build_g_eval_question(bench.task, answer=answer, reference=subject.expected, **common)
        case "pairwise":
            rival = case.rival.subject.output if case.rival else None
            seed = f"{case.plan.seed}/{case.row.example_id}/{case.answer.target}"
            # With the reference as the other side, to show it as such would tell which side it is.
            reference = None if bench.used.against == REFERENCE else subject.expected
            return judge_prompts.build_pairwise_question(
                bench.task, first=answer, second=rival or "", seed=seed, reference=reference, **common
            )
        case _:
            assert_never(bench.used.kind)


async def _ask(job: Job, bench: JudgeSetup, case: JudgeInput, asked: judge_prompts.Question) -> CallResult:
    key = f"judge/{bench.used.label}/{case.row.example_id}/{case.answer.target}"
    reuse = None if case.plan.fresh else _reuse_key(bench, case, asked)
    ask = ModelQuestion(
        served=bench.used.served, messages=asked.messages, temperature=0, schema=asked.schema, reuse=reuse
    )
    if bench.used.kind != "geval":
        return await job.ask(key, ask)
    options = {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    said = await job.ask(key, msgspec.structs.replace(ask, options=options))
    if isinstance(said, CallFailure) and said.code == "provider_refused":
        # Some models give no probabilities, and say so; the score alone is then what there is.
        plain = msgspec.structs.replace(ask, reuse=f"{reuse}/plain" if reuse else None)
        return await job.ask(f"{key}/plain", plain)
    return said


def _reuse_key(bench: JudgeSetup, case: JudgeInput, asked: judge_prompts.Question) -> str:
    """Equal for the same judge on the same answers, shown in the same order."""
    used = bench.used
    score_with_judge = (used.served.connection_id, used.served.provider_model, used.scorer.digest)
    terms = (used.instruction, used.requirements, case.plan.task_id, case.plan.task_version)
    rival = case.rival.identity if case.rival else None
    return build_reuse_key(
        "judge", score_with_judge, terms, case.row.content, case.answer.identity, rival, asked.shown_first
    )


def _parse_judgement(bench: JudgeSetup, said: CallResult, asked: judge_prompts.Question) -> Judgement:
    if not isinstance(said, ModelAnswer):
        return Fault(detail=said.detail, code=said.code)
    match bench.used.kind:
        case "rubric":
            return read_rubric(said.text, bench.task, scale=bench.config.scale)
        case "geval":
            return read_g_eval(said.text, said.logprobs)
        case "pairwise":
            return read_pairwise(said.text, shown_first=asked.shown_first or "first")
        case _:
            assert_never(bench.used.kind)
