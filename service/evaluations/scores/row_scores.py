"""Score the answers to a row. Pure; judge_runner asks the judges."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import Content
from service.errors import Fault
from service.evaluations.domain import ScorerUsed
from service.evaluations.judges.verdict_parser import Preference, Verdict
from service.evaluations.results.domain import Failure, RecordedScore
from service.evaluations.scorers import scorer_registry
from service.evaluations.scorers.scorer import Score, Scorer
from service.evaluations.scorers.scorer_registry import AnyConfig
from service.evaluations.scores.subject import Subject, read_tool_calls, split_example
from service.inference.outcomes import CallResult, ModelAnswer
from service.tasks.domain import TaskState

# The model was reached and gave no usable answer: a wrong answer. Other failures mean that it was not reached.
MODEL_FAILURES = frozenset({"model_refused", "empty_answer", "answer_too_long", "not_readable", "timed_out"})
EMPTY_TASK = TaskState(name="", instruction="")


class ConfiguredScorer(msgspec.Struct, frozen=True, kw_only=True):
    """A scorer of the evaluation with its parsed settings."""

    used: ScorerUsed
    config: AnyConfig

    @property
    def scorer(self) -> Scorer[AnyConfig]:
        return scorer_registry.get_scorer(self.config)


def configure_scorer(used: ScorerUsed) -> ConfiguredScorer:
    return ConfiguredScorer(used=used, config=scorer_registry.read_config(used.config))


def build_subject(answers: Sequence[CallResult], content: Content | None, task: TaskState | None) -> Subject:
    """Build what is scored: the first answer, its example and the task. A model's failure is an empty answer."""
    first = answers[0] if answers else None
    messages, reference = split_example(content) if content is not None else ((), None)
    definition = task or EMPTY_TASK
    categories, fallback = _find_categories(definition)
    subject = Subject(
        output=_answer_text(first),
        messages=messages,
        reference=reference,
        repeats=tuple(text for text in map(_answer_text, answers) if text is not None),
        schema=definition.output_schema,
        categories=categories,
        fallback=fallback,
    )
    if not isinstance(first, ModelAnswer):
        return subject
    return msgspec.structs.replace(
        subject,
        tool_calls=read_tool_calls(first.tool_calls),
        latency_ms=first.latency_ms,
        input_tokens=first.input_tokens,
        output_tokens=first.output_tokens,
        cost=first.cost,
    )


def score_answer(
    scorers: Sequence[ConfiguredScorer],
    subject: Subject,
    *,
    failure: Failure | None,
    known: Mapping[str, RecordedScore],
    identity: str | None,
) -> dict[str, RecordedScore]:
    """Score an answer by each scorer; returns the scores by label. Takes scores of the same answer from `known`."""
    scores: dict[str, RecordedScore] = {}
    for configured in scorers:
        key = None
        if identity is not None and configured.scorer.deterministic:
            key = _build_score_key(identity, configured.used)
        if key is not None and key in known:
            scores[configured.used.label] = known[key]
        else:
            score = (
                _score_failure(configured, subject) if failure else scorer_registry.score(subject, configured.config)
            )
            scores[configured.used.label] = record_score(score, key=key)
    return scores


def score_judgement(
    configured: ConfiguredScorer,
    subject: Subject,
    judgement: Verdict | Preference | Fault | None,
    *,
    call_id: UUID | None,
) -> RecordedScore:
    """Score an answer by a judge's verdict or preference."""
    field = "preference" if configured.used.name == "preference" else "verdict"
    judged = msgspec.structs.replace(subject, **{field: judgement})
    return record_score(scorer_registry.score(judged, configured.config), call_id=call_id)


def record_score(score: Score, *, key: str | None = None, call_id: UUID | None = None) -> RecordedScore:
    return RecordedScore(value=score.value, passed=score.passed, details=score.details, key=key, call_id=call_id)


def hash_answers(
    answers: Sequence[CallResult], example_id: UUID, example_content: str, task: tuple[UUID, int] | None
) -> str | None:
    """Hash the answers, their example and the task. None if an answer is missing."""
    contents = [(each.subject, each.content) for each in answers if isinstance(each, ModelAnswer)]
    if len(contents) < len(answers) or not answers:
        return None
    identity = (contents, example_id, example_content, task)
    return hashlib.sha256(msgspec.json.encode(identity)).hexdigest()


def has_passed(scores: Mapping[str, RecordedScore], failure: Failure | None) -> bool | None:
    """Whether all scorers that decide have passed. A model's failure never passes. None: nothing decides."""
    if failure is not None:
        return False if failure.code in MODEL_FAILURES else None
    decided = [score.passed for score in scores.values() if score.passed is not None]
    return all(decided) if decided else None


def _answer_text(result: CallResult | None) -> str | None:
    if isinstance(result, ModelAnswer):
        return result.text
    return "" if result is not None and result.code in MODEL_FAILURES else None


def _score_failure(configured: ConfiguredScorer, subject: Subject) -> Score:
    """Score a failure: wrong for scorers that judge the answer, no score for those that measure it (length, time)."""
    if configured.scorer.higher_is_better is not True or "repeats" in configured.scorer.needs:
        return scorer_registry.score(msgspec.structs.replace(subject, output=None, latency_ms=None), configured.config)
    score = scorer_registry.score(subject, configured.config)
    # An empty answer must not pass, though it contains no forbidden word.
    return msgspec.structs.replace(score, value=0.0, passed=False) if score.passed else score


def _build_score_key(identity: str, used: ScorerUsed) -> str:
    return hashlib.sha256(f"{identity}:{used.digest}".encode()).hexdigest()


def _find_categories(task: TaskState) -> tuple[tuple[str, ...], str | None]:
    """Find the categories and fallback of a task that asks a single question."""
    if len(task.questions) != 1:
        return (), None
    question = task.questions[0]
    return tuple(category.name for category in question.categories), question.fallback
