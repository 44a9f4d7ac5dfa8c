"""Log-probabilities, limits, stop sequences and streams."""

import math
from typing import Any

import openai
import pytest

from tests.sandbox.conftest import Running
from tests.sandbox.test_schema_filler import JUDGED, MARKED, PASSAGE, REFERENCE, wanted
from tests.sandbox.test_stored_completions import MESSAGES, chat


async def test_the_tokens_of_the_log_probabilities_are_the_answer(sandbox: Running) -> None:
    choice = (await chat(sandbox, logprobs=True, top_logprobs=4)).choices[0]
    known = choice.logprobs.content
    assert "".join(one.token for one in known) == choice.message.content
    for one in known:
        assert one.bytes == list(one.token.encode())
        assert len(one.top_logprobs) <= 4
        chances = [math.exp(other.logprob) for other in one.top_logprobs]
        assert chances == sorted(chances, reverse=True)
        assert 0.5 < math.exp(one.logprob) <= sum(chances) <= 1
        assert one.token in {other.token for other in one.top_logprobs}


async def test_without_top_logprobs_only_the_tokens_own_are_told(sandbox: Running) -> None:
    answer = await chat(sandbox, logprobs=True)
    assert {len(one.top_logprobs) for one in answer.choices[0].logprobs.content} == {0}
    assert (await chat(sandbox)).choices[0].logprobs is None
    with pytest.raises(openai.BadRequestError, match="only allowed when 'logprobs'"):
        await chat(sandbox, top_logprobs=3)


async def test_a_judges_score_has_its_neighbours_as_alternatives(sandbox: Running) -> None:
    prompt = JUDGED.format(
        input=PASSAGE, reference=REFERENCE, answer="Freight train crosses border bridge after 30 years"
    )
    messages = [{"role": "user", "content": prompt}]
    form = wanted(MARKED)
    choice = (await chat(sandbox, messages=messages, response_format=form, logprobs=True, top_logprobs=5)).choices[0]
    known = choice.logprobs.content
    at = next(n for n, one in enumerate(known) if one.token == "score")
    mark = next(one for one in known[at:] if one.token.isdigit())
    chances = {other.token: math.exp(other.logprob) for other in mark.top_logprobs}
    assert set(chances) == {"1", "2", "3", "4", "5"}
    assert math.isclose(sum(chances.values()), 1, abs_tol=1e-3)
    assert max(chances, key=lambda token: chances[token]) == mark.token
    expected = sum(int(token) * chance for token, chance in chances.items())
    assert abs(expected - int(mark.token)) < 0.75


async def test_a_judge_may_answer_with_a_number_alone(sandbox: Running) -> None:
    prompt = (
        f"Rate the answer from 1 to 5. Say only the number.\n\nInput: {PASSAGE}\n\nAnswer: Sarn bridge crossed again"
    )
    messages = [{"role": "user", "content": prompt}]
    choice = (await chat(sandbox, messages=messages, logprobs=True, top_logprobs=5, max_tokens=1)).choices[0]
    assert choice.message.content in "12345"
    assert {other.token for other in choice.logprobs.content[0].top_logprobs} == set("12345")


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
async def test_an_answer_ends_at_its_limit(sandbox: Running, limit: str) -> None:
    few, many = ({limit: most} for most in (3, 1000))
    answer = await chat(sandbox, None, **few)
    assert (answer.choices[0].finish_reason, answer.usage.completion_tokens) == ("length", 3)
    assert (await chat(sandbox, None, **many)).choices[0].finish_reason == "stop"


async def test_an_answer_ends_before_a_stop_sequence(sandbox: Running) -> None:
    whole = (await chat(sandbox)).choices[0].message.content
    cut = (await chat(sandbox, stop=["lighthouses", "nowhere"])).choices[0]
    assert cut.finish_reason == "stop"
    assert cut.message.content == whole[: whole.index("lighthouses")]
    with pytest.raises(openai.BadRequestError, match="array too long"):
        await chat(sandbox, stop=["a", "b", "c", "d", "e"])


async def test_a_stream_carries_all_that_a_whole_answer_does(sandbox: Running) -> None:
    given: dict[str, Any] = {"n": 2, "logprobs": True, "top_logprobs": 2, "temperature": 0.5, "seed": 5}
    whole = await chat(sandbox, **given)
    chunks = [
        chunk async for chunk in await chat(sandbox, **given, stream=True, stream_options={"include_usage": True})
    ]
    assert (chunks[-1].choices, chunks[-1].usage) == ([], whole.usage)
    for choice in whole.choices:
        mine = [chunk.choices[0] for chunk in chunks if chunk.choices and chunk.choices[0].index == choice.index]
        assert "".join(piece.delta.content or "" for piece in mine) == choice.message.content
        told = [token for piece in mine if piece.logprobs for token in piece.logprobs.content]
        assert told == choice.logprobs.content
        assert mine[-1].finish_reason == choice.finish_reason


@pytest.mark.parametrize(
    "given",
    [
        {"temperature": 3},
        {"n": 0},
        {"logprobs": True, "top_logprobs": 21},
        {"metadata": {str(n): "x" for n in range(17)}},
        {"response_format": {"type": "poem"}},
        {"response_format": {"type": "json_schema"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "two words", "schema": {}}}},
    ],
)
async def test_nonsense_is_refused(sandbox: Running, given: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        await chat(sandbox, **{"messages": MESSAGES} | given)
