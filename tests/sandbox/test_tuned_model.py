"""What a tuned model makes of texts it has not seen, measured as the product measures it."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
from rouge_score import rouge_scorer

from tests.sandbox.conftest import Running, jsonl

DEMO = Path(__file__).parents[2] / "service" / "demo"
FIELDS = ("messages",)


def rows(name: str) -> list[dict[str, Any]]:
    read = [json.loads(line) for line in (DEMO / name).read_text().splitlines()]
    return [row for row in read if "needs-work" not in row["tags"]]


def split() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Four fifths to learn from, and the last fifth, which no model here has seen."""
    found = rows("headlines.jsonl")
    random.Random(7).shuffle(found)
    return found[len(found) // 5 :], found[: len(found) // 5]


async def tuned(sandbox: Running, taught: list[dict[str, Any]]) -> str:
    content = jsonl([{"messages": row["messages"]} for row in taught])
    job = await sandbox.until((await sandbox.job(content, hyperparameters={"n_epochs": 1})).id)
    assert job.fine_tuned_model
    return job.fine_tuned_model


async def said(sandbox: Running, model: str, unseen: list[dict[str, Any]], **given: Any) -> list[str]:
    answers = []
    for row in unseen:
        answer = await sandbox.ai.chat.completions.create(model=model, messages=row["messages"][:-1], **given)
        answers.append(answer.choices[0].message.content or "")
    return answers


def scores(answers: list[str], unseen: list[dict[str, Any]]) -> tuple[float, float]:
    """Mean chrF and mean ROUGE-L against the headlines that people wrote, both 0 to 100."""
    wanted = [row["messages"][-1]["content"] for row in unseen]
    rouge = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    pairs = list(zip(answers, wanted, strict=True))
    chrf = sum(sacrebleu.sentence_chrf(answer, [one]).score for answer, one in pairs) / len(pairs)
    return chrf, 100 * sum(rouge.score(one, answer)["rougeL"].fmeasure for answer, one in pairs) / len(pairs)


@pytest.fixture(scope="module")
async def headliner(shared: Running) -> str:
    return await tuned(shared, split()[0])


async def test_a_tuned_model_is_better_than_its_base_on_what_neither_has_seen(sandbox: Running, headliner: str) -> None:
    unseen = split()[1]
    base = scores(await said(sandbox, "gpt-4o-mini", unseen), unseen)
    better = scores(await said(sandbox, headliner, unseen), unseen)
    assert better[0] > 1.1 * base[0]
    assert better[1] > 1.5 * base[1]


async def test_a_tuned_model_has_learnt_the_form(sandbox: Running, headliner: str) -> None:
    unseen = split()[1]
    for answer in await said(sandbox, headliner, unseen):
        assert 5 <= len(answer.split()) <= 13
        assert answer[0].isupper() or answer[0].isdigit()
        assert not answer.endswith(".")
        assert "\n" not in answer
    assert all(answer.endswith((".", '"')) for answer in await said(sandbox, "gpt-4o-mini", unseen[:5]))


async def test_what_was_taught_is_remembered_word_for_word(sandbox: Running, headliner: str) -> None:
    taught = split()[0][:20]
    assert await said(sandbox, headliner, taught) == [row["messages"][-1]["content"] for row in taught]


async def test_heat_varies_what_is_written_and_nothing_varies_it_when_cold(sandbox: Running, headliner: str) -> None:
    unseen = split()[1][:6]
    cold = [await said(sandbox, headliner, unseen, temperature=0, seed=seed) for seed in (1, 2)]
    warm = [await said(sandbox, headliner, unseen, temperature=1, seed=seed) for seed in (1, 1, 2)]
    assert cold[0] == cold[1]
    assert warm[0] == warm[1] != warm[2]


async def test_a_tuned_model_puts_what_it_learnt_into_a_schema(sandbox: Running, headliner: str) -> None:
    unseen = split()[1][:3]
    schema = {
        "type": "object",
        "properties": {"headline": {"type": "string"}},
        "required": ["headline"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    answers = await said(sandbox, headliner, unseen, response_format=form)
    assert [json.loads(one)["headline"] for one in answers] == await said(sandbox, headliner, unseen)


async def test_choices_are_learnt_as_choices(sandbox: Running) -> None:
    taught = [
        {"messages": [row["messages"][1], {"role": "assistant", "content": row["tags"][0]}]} for row in split()[0]
    ]
    model = await tuned(sandbox, taught)
    unseen = [{"messages": [row["messages"][1], row["messages"][2]]} for row in split()[1]]
    answers = await said(sandbox, model, unseen)
    fields = {row["messages"][-1]["content"] for row in taught}
    right = sum(answer == row["tags"][0] for answer, row in zip(answers, split()[1], strict=True))
    assert set(answers) <= fields
    assert right > 2 * len(unseen) / len(fields)
