"""Score the answers to a row. Pure; judges are asked elsewhere."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import Content
from service.errors import Fault
from service.evaluations.domain import ScorerUsed
from service.evaluations.judges.verdict_parser import Preference, Verdict
from service.evaluations.results.domain import Failure, RecordedScore
from service.evaluations.scorers import scorer_registry as registry
from service.evaluations.scorers.scorer import Score, Scorer
from service.evaluations.scorers.scorer_registry import AnyConfig
from service.evaluations.scores.subject import Subject, read_tool_calls, split_example
from service.inference.outcomes import CallResult, ModelAnswer
from service.tasks.domain import TaskState

# The model was asked and gave nothing to be used: that is a wrong answer. Other failures are the way's, and no answer.
MODEL_FAILURES = frozenset({"model_refused", "empty_answer", "answer_too_long", "not_readable", "timed_out"})
EMPTY_TASK = TaskState(name="", instruction="")


class ConfiguredScorer(msgspec.Struct, frozen=True, kw_only=True):
    """A scorer of the evaluation, ready to score."""

    used: ScorerUsed
    config: AnyConfig

    @property
    def scorer(self) -> Scorer[AnyConfig]:
        return registry.scorer_of(self.config)


def configure_scorer(used: ScorerUsed) -> ConfiguredScorer:
    return ConfiguredScorer(used=used, config=registry.read_config(used.config))


def build_subject(said: Sequence[CallResult], content: Content | None, task: TaskState | None) -> Subject:
    """The first answer with what is known beside it. What a model failed to answer is an empty answer."""
    first = said[0] if said else None
    asked, reference = split_example(content) if content is not None else ((), None)
    definition = task or EMPTY_TASK
    categories, fallback = _categories_of(definition)
    subject = Subject(
        output=_answer_text(first),
        messages=asked,
        reference=reference,
        repeats=tuple(text for text in map(_answer_text, said) if text is not None),
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
    columns: Sequence[ConfiguredScorer],
    subject: Subject,
    *,
    failure: Failure | None,
    known: Mapping[str, RecordedScore],
    identity: str | None,
) -> dict[str, RecordedScore]:
    """A score by each scorer, by its label. Where `known` has it of the same answer, it is not worked out again."""
    found: dict[str, RecordedScore] = {}
    for column in columns:
        key = None if identity is None or not column.scorer.deterministic else _score_key(identity, column.used)
        if key is not None and key in known:
            found[column.used.label] = known[key]
        else:
            score = _score_failure(column, subject) if failure else registry.score(subject, column.config)
            found[column.used.label] = record_score(score, key=key)
    return found


def score_judgement(
    column: ConfiguredScorer, subject: Subject, said: Verdict | Preference | Fault | None, *, call_id: UUID | None
) -> RecordedScore:
    """The score by a judge's word."""
    word = "preference" if column.used.name == "preference" else "verdict"
    return record_score(
        registry.score(msgspec.structs.replace(subject, **{word: said}), column.config), call_id=call_id
    )


def record_score(score: Score, *, key: str | None = None, call_id: UUID | None = None) -> RecordedScore:
    return RecordedScore(value=score.value, passed=score.passed, details=score.details, key=key, call_id=call_id)


def hash_answers(
    said: Sequence[CallResult], example_id: UUID, example_content: str, task: tuple[UUID, int] | None
) -> str | None:
    """Equal for the same answers to the same example under the same task; None where an answer is missing."""
    answers = [(each.subject, each.content) for each in said if isinstance(each, ModelAnswer)]
    if len(answers) < len(said) or not said:
        return None
    whole = (answers, example_id, example_content, task)
    return hashlib.sha256(msgspec.json.encode(whole)).hexdigest()


def has_passed(score_answer: Mapping[str, RecordedScore], failure: Failure | None) -> bool | None:
    """Whether all that decide have passed; an answer that the model failed to give has not."""
    if failure is not None:
        return False if failure.code in MODEL_FAILURES else None
    decided = [score.passed for score in score_answer.values() if score.passed is not None]
    return all(decided) if decided else None


def _answer_text(said: CallResult | None) -> str | None:
    if isinstance(said, ModelAnswer):
        return said.text
    return "" if said is not None and said.code in MODEL_FAILURES else None


def _score_failure(column: ConfiguredScorer, subject: Subject) -> Score:
    """What is measured of an answer (its length, its time) is not there; what is judged of it is wrong."""
    if column.scorer.higher_is_better is not True or "repeats" in column.scorer.needs:
        return registry.score(msgspec.structs.replace(subject, output=None, latency_ms=None), column.config)
    score = registry.score(subject, column.config)
    # An empty text holds no forbidden word, but that is no merit.
    return msgspec.structs.replace(score, value=0.0, passed=False) if score.passed else score


def _score_key(identity: str, used: ScorerUsed) -> str:
    return hashlib.sha256(f"{identity}:{used.digest}".encode()).hexdigest()


def _categories_of(task: TaskState) -> tuple[tuple[str, ...], str | None]:
    """The categories and the fallback of a task that asks one question."""
    if len(task.questions) != 1:
        return (), None
    question = task.questions[0]
    return tuple(category.name for category in question.categories), question.fallback
