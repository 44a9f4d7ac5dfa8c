"""Answers in a schema: valid, made of the prompt's words, and different where they should differ."""

import json
from typing import Any

import jsonschema_rs
import openai
import pytest

from tests.sandbox.conftest import Running
from tests.sandbox.test_stored_completions import chat

TEXT = {"type": "string"}
PASSAGE = (
    "The Sarn bridge was built in 1931 by Emil Krauss. It was closed in 1992 after border guards sealed it."
    " A freight train crossed it on Tuesday for the first time in three decades. Passenger services are expected next"
    " year. Tickets will cost 12 crowns."
)


def shape(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def several(items: Any, **bounds: int) -> dict[str, Any]:
    return {"type": "array", "items": items, **bounds}


def wanted(schema: dict[str, Any], *, strict: bool = True) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": strict, "schema": schema}}


async def ask(sandbox: Running, schema: dict[str, Any], prompt: str, **given: Any) -> Any:
    messages = [{"role": "user", "content": prompt}]
    answer = await chat(sandbox, messages=messages, response_format=wanted(schema), **given)
    made = json.loads(answer.choices[0].message.content)
    jsonschema_rs.validate(schema, made)
    return made


NODE = shape(
    name=TEXT,
    children=several({"$ref": "#/$defs/node"}),
    parent={"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
)


@pytest.mark.parametrize(
    "schema",
    [
        shape(
            n={"type": "integer", "minimum": 3, "maximum": 5},
            x={"type": "number", "exclusiveMinimum": 0.5, "maximum": 1},
        ),
        shape(
            n={"type": "number", "multipleOf": 0.25, "minimum": -1, "maximum": 0},
            m={"type": "integer", "multipleOf": 7},
        ),
        shape(few=several(TEXT, maxItems=2), many=several(TEXT, minItems=12), none=several(TEXT, maxItems=0)),
        shape(kind={"type": "string", "enum": ["red", "green"]}, level={"type": "integer", "enum": [1, 2, 3]}),
        shape(maybe={"type": ["string", "null"]}, const={"type": "string", "const": "fixed"}, nothing={"type": "null"}),
        shape(either={"anyOf": [{"type": "number"}, shape(kind={"type": "string", "const": "b"}), several(TEXT)]}),
        {**shape(tree={"$ref": "#/$defs/node"}), "$defs": {"node": NODE}},
        shape(name=TEXT, same={"anyOf": [{"$ref": "#"}, {"type": "null"}]}),
        shape(
            code={"type": "string", "pattern": r"^[A-Z]{2,3}-\d{4}(?:/[a-f0-9]+)?$"},
            word={"type": "string", "pattern": "^(yes|no)$"},
        ),
        shape(
            **{
                name: {"type": "string", "format": name}
                for name in ("date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")
            }
        ),
        shape(short={"type": "string", "maxLength": 8}, long={"type": "string", "minLength": 300}),
        shape(flag={"type": "boolean"}, deep=shape(deeper=shape(deepest=several(shape(x={"type": "boolean"}))))),
    ],
)
async def test_every_shape_of_the_strict_subset_is_kept_to(sandbox: Running, schema: dict[str, Any]) -> None:
    for heat in (0, 1):
        await ask(sandbox, schema, "Tell me about harbours.", temperature=heat, seed=heat)


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "array", "items": TEXT}, "must be a JSON Schema of 'type: \"object\"'"),
        ({"type": "object", "properties": {"a": TEXT}, "required": ["a"]}, "'additionalProperties' is required"),
        ({"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}, "Missing 'a'"),
        (shape(a={"$ref": "#/$defs/none"}), "was not found in the schema"),
        (shape(a={"type": "array"}), "array schema missing items"),
        (shape(a={"allOf": [TEXT]}), "'allOf' is not permitted"),
        (shape(a={"type": "colour"}), "not a valid type"),
    ],
)
async def test_a_schema_that_openai_refuses_is_refused(
    sandbox: Running, schema: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(openai.BadRequestError, match="Invalid schema for response_format 'answer'") as refused:
        await chat(sandbox, response_format=wanted(schema))
    assert refused.value.code == "invalid_json_schema"
    assert complaint in str(refused.value)


async def test_a_schema_that_is_not_strict_may_leave_things_open(sandbox: Running) -> None:
    schema = {"type": "object", "properties": {"headline": TEXT}}
    answer = await chat(sandbox, response_format=wanted(schema, strict=False))
    assert json.loads(answer.choices[0].message.content)["headline"]


async def test_ten_subtopics_are_ten_and_of_the_topic(sandbox: Running) -> None:
    found = await ask(
        sandbox, shape(subtopics=several(TEXT)), "Generate 10 subtopics of the topic 'regional football'."
    )
    assert len(set(found["subtopics"])) == 10
    assert all("regional football" in one for one in found["subtopics"])


async def test_subtopics_that_are_known_do_not_come_again(sandbox: Running) -> None:
    schema = shape(subtopics=several(TEXT))
    first = (await ask(sandbox, schema, "Generate 8 subtopics of the topic 'sailing'."))["subtopics"]
    more = (await ask(sandbox, schema, f"Generate 8 subtopics of the topic 'sailing', none of these: {first}"))[
        "subtopics"
    ]
    assert len(set(first + more)) == 16


async def test_inputs_read_like_short_texts_and_vary_with_the_seed(sandbox: Running) -> None:
    prompt = "Write 10 inputs for the task: write a headline for a short news summary.\nTopic: culture > museums"
    schema = shape(inputs=several(TEXT))
    made = [(await ask(sandbox, schema, prompt, temperature=0.8, seed=seed))["inputs"] for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
    assert len({*made[0], *made[2]}) == 20
    assert all(len(one.split()) >= 15 and one.endswith(".") and "museums" in one for one in made[0])
    cold = [(await ask(sandbox, schema, prompt, temperature=0, seed=seed))["inputs"] for seed in (1, 2)]
    assert cold[0] == cold[1]


async def test_without_a_seed_warm_answers_differ_and_so_do_choices(sandbox: Running) -> None:
    messages = [{"role": "user", "content": "Write a headline about ferries."}]
    form = wanted(shape(headline=TEXT))
    answer = await chat(sandbox, messages=messages, response_format=form, temperature=1, n=6)
    assert len({choice.message.content for choice in answer.choices}) > 1
    cold = await chat(sandbox, messages=messages, response_format=form, temperature=0, n=3)
    assert len({choice.message.content for choice in cold.choices}) == 1


async def test_questions_and_answers_stand_on_the_passage(sandbox: Running) -> None:
    pairs = several(shape(question=TEXT, answer=TEXT, quote=TEXT))
    prompt = f"Ask 8 question-and-answer pairs about the passage.\n\nPassage:\n{PASSAGE}"
    made = (await ask(sandbox, shape(pairs=pairs), prompt))["pairs"]
    assert len({one["question"] for one in made}) == 8
    assert all(one["answer"] in PASSAGE and one["quote"] in PASSAGE for one in made)
    assert {one["answer"] for one in made[:5]} == {f"{one.rstrip('.')}." for one in PASSAGE.split(". ")}


JUDGED = "Judge the answer.\n\nInput: {input}\n\nReference: {reference}\n\nAnswer: {answer}"
MARKED = shape(reason=TEXT, score={"type": "integer", "minimum": 1, "maximum": 5}, passed={"type": "boolean"})
REFERENCE = "Two neighbours reopen a rail bridge closed for 30 years"


async def test_a_judge_marks_by_what_an_answer_shares_with_the_reference(sandbox: Running) -> None:
    marks = []
    for answer in (REFERENCE, "Neighbours reopen bridge", "SHOCKING NEWS FROM THE BRIDGE!", "A goat eats hats", ""):
        prompt = JUDGED.format(input=PASSAGE, reference=REFERENCE, answer=answer)
        marks.append(await ask(sandbox, MARKED, prompt))
    scores = [one["score"] for one in marks]
    assert scores == sorted(scores, reverse=True)
    assert (scores[0], scores[-1]) == (5, 1)
    assert [one["passed"] for one in marks][::4] == [True, False]
    assert "shouts" in marks[2]["reason"]


async def test_a_judge_of_pairs_does_not_mind_their_order(sandbox: Running) -> None:
    schema = shape(winner={"type": "string", "enum": ["A", "B", "tie"]})
    good, bad = "Freight train crosses the Sarn bridge again", "You will not believe it!"
    said = [
        (await ask(sandbox, schema, f"Input: {PASSAGE}\n\nAnswer A: {a}\n\nAnswer B: {b}"))["winner"]
        for a, b in ((good, bad), (bad, good), (good, good))
    ]
    assert said == ["A", "B", "tie"]


async def test_a_requirement_about_length_is_counted(sandbox: Running) -> None:
    names = {"type": "string", "enum": ["Says what happened", "Has 5 to 12 words"]}
    schema = shape(requirements=several(shape(name=names, passed={"type": "boolean"}), minItems=2, maxItems=2))
    prompt = JUDGED.format(input=PASSAGE, reference=REFERENCE, answer="Two neighbours reopen rail bridge closed")
    made = (await ask(sandbox, schema, prompt))["requirements"]
    assert made == [{"name": name, "passed": True} for name in names["enum"]]
    short = (await ask(sandbox, schema, prompt.replace(" rail bridge closed", "")))["requirements"]
    assert short[1] == {"name": "Has 5 to 12 words", "passed": False}


async def test_a_category_is_picked_by_the_words_of_the_text(sandbox: Running) -> None:
    names = ["media and entertainment", "sports", "politics", "UNABLE_TO_CLASSIFY"]
    prompt = "Classify the text.\n\nText: {}"
    schema = shape(category={"type": "string", "enum": names})
    texts = ["The striker scored and the team won the cup.", "Parliament votes on a politics bill.", "Xyzzy plugh."]
    picked = [(await ask(sandbox, schema, prompt.format(text)))["category"] for text in texts]
    assert picked == ["sports", "politics", "UNABLE_TO_CLASSIFY"]
    listed = "Pick one of these categories: media, sports, politics, other.\n\nClassify the text.\n\nText: {}"
    plain = await chat(sandbox, messages=[{"role": "user", "content": listed.format(texts[0])}])
    assert plain.choices[0].message.content == "sports"


async def test_a_json_object_follows_what_the_prompt_shows(sandbox: Running) -> None:
    shown = 'Write 3 headlines as JSON like {"headlines": [{"text": "…", "words": 7}]}'
    form = {"type": "json_object"}
    answer = await chat(sandbox, messages=[{"role": "user", "content": shown}], response_format=form)
    made = json.loads(answer.choices[0].message.content)["headlines"]
    assert [(type(one["text"]), type(one["words"])) for one in made] == [(str, int)] * 3
    with pytest.raises(openai.BadRequestError, match="must contain the word 'json'"):
        await chat(sandbox, response_format=form)


HOSTILE: list[dict[str, Any]] = [
    {"minItems": 10**9},
    {"minItems": -1},
    {"enum": []},
    {"multipleOf": 0},
    {"pattern": 7},
    {"minimum": 10**400},
    {"properties": [1]},
    {"anyOf": "either"},
]


@pytest.mark.parametrize("words", HOSTILE)
async def test_a_schema_without_sense_is_refused_and_breaks_nothing(sandbox: Running, words: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"a": words}}
    with pytest.raises(openai.BadRequestError) as refused:
        await chat(sandbox, response_format=wanted(schema, strict=False))
    assert refused.value.code in ("invalid_json_schema", "invalid_type", None)


@pytest.mark.parametrize("text", ["{" * 100_000, "A: " * 100_000, "<a>" * 100_000, "- \n" * 100_000, "x" * 1_000_000])
async def test_a_prompt_without_measure_is_answered(sandbox: Running, text: str) -> None:
    messages = [{"role": "user", "content": f"{text} JSON"}]
    for form in ({"type": "text"}, {"type": "json_object"}):
        answer = await chat(sandbox, messages=messages, response_format=form)
        assert answer.choices[0].message.content
