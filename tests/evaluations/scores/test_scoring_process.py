"""A scorer whose settings are hostile costs its workspace a score, and nobody else's worker anything."""

import asyncio
import time
from uuid import UUID

from service.evaluations.scorers.json_validity import JsonSchemaConfig
from service.evaluations.scorers.scorer import Config
from service.evaluations.scorers.text_match import ExactMatchConfig, RegexConfig
from service.evaluations.scores.row_scores import ConfiguredScorer
from service.evaluations.scores.scorer_setup import describe_scorer
from service.evaluations.scores.scoring_process import is_heavy, score_in_time
from service.evaluations.scores.subject import Subject

ANN = UUID(int=1)
# 0.1 ms a character: linear, and 20 s for this text.
SLOW = RegexConfig(pattern="(?:[ab]?){1000}[ab]{1000}[0-9]")
TEXT = "ab" * 100_000


def configured(config: Config) -> ConfiguredScorer:
    return ConfiguredScorer(used=describe_scorer(config), config=config)  # type: ignore[arg-type]


async def test_a_slow_pattern_is_ended_and_the_worker_goes_on_meanwhile() -> None:
    scorers = [configured(ExactMatchConfig()), configured(SLOW)]
    subject = Subject(output=TEXT, reference=None)
    scoring = asyncio.create_task(
        score_in_time(ANN, scorers, subject, failure=None, known={}, identity=None, seconds=3)
    )
    longest = 0.0
    while not scoring.done():
        began = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - began)
    scores = scoring.result()
    assert [(label, score.value, score.details["reason"]) for label, score in scores.items()] == [
        ("exact_match", None, "no_reference"),
        ("regex", None, "too_slow"),
    ]
    assert longest < 2.0


async def test_what_is_light_is_scored_at_once_and_heavy_ones_as_ever() -> None:
    subject = Subject(output='{"a": 1}', reference=None)
    light = configured(JsonSchemaConfig(schema={"type": "object"}))
    assert not is_heavy(light, subject)
    heavy = configured(RegexConfig(pattern="b+"))
    long = Subject(output="ab" * 1_000, reference=None)
    assert is_heavy(heavy, long)
    scores = await score_in_time(ANN, [heavy, light], long, failure=None, known={}, identity=None)
    assert [(label, score.value) for label, score in scores.items()] == [("regex", 1.0), ("json_schema", 0.0)]
