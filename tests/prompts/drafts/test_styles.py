"""Prompts built from tasks."""

from typing import Any, get_args

import httpx
import pytest

from service.prompts.domain import Style
from service.prompts.drafts import styles as builders
from service.prompts.drafts.styles import DraftExample
from service.prompts.versions import templates
from service.prompts.versions.definitions import PromptTexts, find_faults
from service.tasks.domain import Requirement, TaskState
from service.tasks.ontology import Category, Question
from tests.datasets.example_bodies import (
    Json,
    add,
    add_many,
    chat,
    five_stars,
    make_dataset,
    make_task,
    ok,
    pointers,
    rate,
    repair,
)
from tests.prompts.prompt_bodies import make_prompt

STYLES = get_args(Style)
TASK = TaskState(
    name="headlines",
    instruction="Write a headline for {{news}}.",
    thinking_instruction="Think of the paper it is for.",
    requirements=(
        Requirement(name="tone", instruction="Be dry.", priority=2),
        Requirement(name="facts", instruction="Be right.", priority=0),
        Requirement(name="length", instruction="Be short.", priority=2),
    ),
    output_schema={"type": "object", "properties": {"title": {"type": "string"}}},
)
LESSONS = (
    DraftExample(question="Rain {{x}}", answer="Wet"),
    DraftExample(question="Sun", answer="Dry", wrong="The sun shone.", feedback="Shorter."),
)


def system(task: TaskState, style: Style, lessons: tuple[DraftExample, ...] = ()) -> str:
    """What the model is told, as it is once rendered."""
    message, _ = builders.build_messages(task, style, lessons)
    return templates.fill(templates.parse(message.content), {})


@pytest.mark.parametrize("style", STYLES)
def test_whatever_a_task_says_a_prompt_of_each_style_is_acceptable(style: Style) -> None:
    texts = PromptTexts(
        messages=builders.build_messages(TASK, style, LESSONS), variables=builders.build_variables(TASK)
    )
    assert find_faults(texts, {"input": "/input"}) == []
    assert "Write a headline for {{news}}." in system(TASK, style)


def test_requirements_stand_in_the_order_of_their_priority() -> None:
    prompt = system(TASK, "basic")
    assert "1. facts: Be right.\n2. tone: Be dry.\n3. length: Be short." in prompt
    assert '"title"' in prompt
    assert "Think" not in prompt


def test_the_training_prompt_is_the_instruction_alone() -> None:
    assert system(TASK, "training") == "Write a headline for {{news}}."


def test_a_chain_of_thought_asks_for_reasoning_first_and_for_no_bare_json() -> None:
    prompt = system(TASK, "chain_of_thought")
    assert "Think of the paper it is for." in prompt
    assert "Answer with JSON alone" not in prompt
    assert not builders.is_json_answer(TASK, "chain_of_thought")
    assert builders.is_json_answer(TASK, "basic")
    assert builders.STEPS in system(TaskState(name="n", instruction="i"), "chain_of_thought")


def test_repairs_show_what_was_wrong_and_what_made_it_better() -> None:
    prompt = system(TASK, "repairs", LESSONS)
    assert "Input: Rain {{x}}\nAnswer: Wet" in prompt
    parts = ["The sun shone.", "Shorter.", "Dry"]
    assert sorted(parts, key=prompt.index) == parts
    assert "The sun shone." not in system(TASK, "multi_shot", LESSONS)


def test_categories_are_listed_with_the_fallback() -> None:
    plain = TaskState(name="n", instruction="i", categories=("sports", "culture"), fallback_category="NONE")
    assert "- sports\n- culture\n\nIf none of them fits, answer NONE." in system(plain, "basic")
    nested = Question(name="kind", categories=(Category(name="ball"),), choice="multiple", required=False)
    question = Question(name="section", categories=(Category(name="sports", description="d", children=(nested,)),))
    prompt = system(TaskState(name="n", instruction="i", ontology=(question,)), "basic")
    assert "section (one of these):\n- sports: d" in prompt
    assert "kind (one or more of these, or none):\n- ball" in prompt


def test_there_is_room_for_so_much_text_of_examples() -> None:
    long = DraftExample(question="x" * 90_000, answer="y")
    assert builders.count_fitting([long] * 5) == 2
    assert builders.count_fitting(LESSONS) == 2


async def built(api: httpx.AsyncClient, task_id: str, **query: Any) -> Json:
    return await ok(await api.get(f"/v1/tasks/{task_id}/prompt", params=query))


async def test_a_prompt_that_was_built_can_be_sent_as_a_version(api: httpx.AsyncClient) -> None:
    task = await make_task(api, output_schema={"type": "object"})
    dataset_id = await make_dataset(api, task_id=task["id"])
    answered = [{"content": chat(f"Q{n} {{{{x}}}}", "{}"), "split": "train", "rating": five_stars(4)} for n in range(6)]
    examples = await add_many(api, dataset_id, answered)
    await add(api, dataset_id, "poor", content=chat("poor", "{}"), split="train", rating=five_stars(3))
    await add(api, dataset_id, "tested", content=chat("tested", "{}"), split="test", rating=five_stars(5))
    await repair(api, examples[3]["id"], '{"mended": true}')
    prompt_id = await make_prompt(api)
    for style in STYLES:
        draft = await built(api, task["id"], style=style, dataset_id=dataset_id)
        version = await ok(await api.post(f"/v1/prompts/{prompt_id}/versions", json=draft))
        assert version["built"]["style"] == style
        assert (version["parameters"]["response_schema"] is None) == (style == "chain_of_thought")
    shots = (await built(api, task["id"], style="few_shot", dataset_id=dataset_id))["built"]["examples"]
    assert len(shots) == 4
    assert shots[0] == {"example_id": examples[3]["id"], "version": 2}
    repairs = await built(api, task["id"], style="repairs", dataset_id=dataset_id)
    assert {shot["example_id"] for shot in repairs["built"]["examples"]} == {each["id"] for each in examples}
    prompt = repairs["messages"][0]["content"]
    assert (
        prompt.index("An answer that was not good enough: {}")
        < prompt.index("Better.")
        < prompt.index('{"mended": true}')
    )
    rendered = await ok(
        await api.post(f"/v1/prompts/{prompt_id}/render", json={"version": 4, "variables": {"input": "{{now}}"}})
    )
    assert "Q3 {{x}}" in rendered["messages"][0]["content"]
    assert rendered["messages"][1]["content"] == "{{now}}"
    await rate(api, examples[3]["id"], 2)
    shots = (await built(api, task["id"], style="multi_shot", dataset_id=dataset_id, count=50))["built"]["examples"]
    assert examples[3]["id"] not in [shot["example_id"] for shot in shots]


async def test_a_style_with_examples_needs_a_dataset_of_the_task(api: httpx.AsyncClient) -> None:
    task = await make_task(api)
    path = f"/v1/tasks/{task['id']}/prompt"
    for query in ({"style": "few_shot"}, {"style": "repairs", "dataset_id": await make_dataset(api, "elsewhere")}):
        refused = await api.get(path, params=query)
        assert (refused.status_code, pointers(refused)) == (400, ["?dataset_id"])
    assert (await api.get(path, params={"style": "nonsense"})).status_code == 400
    assert (await api.get(path)).json()["built"]["style"] == "basic"


async def test_who_may_not_read_datasets_may_not_draw_from_them(api: httpx.AsyncClient) -> None:
    dataset_id = await make_dataset(api)
    prompt_id = await make_prompt(api)
    api_key = await ok(await api.post("/v1/api-keys", json={"name": "author", "scopes": ["prompts:write"]}))
    key = {"Authorization": f"Bearer {api_key['secret']}"}
    body: Json = {"messages": [{"role": "user", "content": "x"}]}
    path = f"/v1/prompts/{prompt_id}/versions"
    assert (await api.post(path, json=body, headers=key)).status_code == 201
    drawing = {**body, "examples": {"dataset_id": dataset_id, "k": 1}}
    assert (await api.post(path, json=drawing, headers=key)).status_code == 403
