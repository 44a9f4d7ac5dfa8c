"""Score answers without holding up the worker: what could take long runs in a process that is ended at its deadline."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from service.evaluations.results.domain import Failure, RecordedScore
from service.evaluations.scorers.scorer import no_score
from service.evaluations.scores.row_scores import ConfiguredScorer, record_score, score_answer
from service.evaluations.scores.subject import Subject
from service.tasks.schema_checks import MAX_WEIGHT, SECONDS, run_in_time

TOO_SLOW = no_score("too_slow", "Scoring this answer takes too long; simplify the pattern or the schema.")


async def score_in_time(
    workspace_id: UUID,
    scorers: Sequence[ConfiguredScorer],
    subject: Subject,
    *,
    failure: Failure | None,
    known: Mapping[str, RecordedScore],
    identity: str | None,
    seconds: float = SECONDS,
) -> dict[str, RecordedScore]:
    """Score an answer by each scorer; returns the scores by label. A scorer that takes too long gives none."""
    heavy = [each for each in scorers if is_heavy(each, subject)]
    light = [each for each in scorers if each not in heavy]
    score = partial(score_answer, subject=subject, failure=failure, known=known, identity=identity)
    # In a thread: some are slow, and other rows must not wait for them.
    scores = await asyncio.to_thread(score, light)
    if heavy:
        try:
            scores |= await run_in_time(workspace_id, score, heavy, seconds=seconds)
        except TimeoutError:
            scores |= {each.used.label: record_score(TOO_SLOW) for each in heavy}
    return {each.used.label: scores[each.used.label] for each in scorers}


def is_heavy(configured: ConfiguredScorer, subject: Subject) -> bool:
    """Whether the settings could make this take long."""
    weigh = configured.scorer.weigh
    return weigh is not None and weigh(subject, configured.config) > MAX_WEIGHT
