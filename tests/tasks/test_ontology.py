"""Ontologies on plain values, and as part of a task over HTTP."""

from typing import Any

import httpx
import msgspec
import pytest

from service.errors import Fault
from service.tasks.ontology import Answers, Category, Question, build_questions, check_answers, find_faults
from tests.datasets.example_bodies import Json, make_task, ok, pointers


def question(name: str, *categories: Any, **more: Any) -> Question:
    return msgspec.convert({"name": name, "categories": list(categories), **more}, Question)


NESTED = (
    question(
        "topic",
        {"name": "sports", "children": [{"name": "discipline", "categories": [{"name": "chess"}]}]},
        {"name": "politics"},
        fallback="NONE",
    ),
    question("flags", {"name": "satire"}, {"name": "advert"}, choice="multiple", required=False),
)


def test_plain_categories_stand_for_one_required_question() -> None:
    [only] = build_questions((), categories=("a", "b"), fallback="NONE")
    assert (only.name, only.choice, only.required, only.names) == ("category", "single", True, ("a", "b", "NONE"))
    assert build_questions(NESTED) == NESTED
    assert build_questions(()) == ()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"topic": ["politics"]}, {"topic": ("politics",)}),
        ({"topic": ["NONE"]}, {"topic": ("NONE",)}),
        (
            {"flags": ["advert", "satire"], "topic": ["politics"]},
            {"topic": ("politics",), "flags": ("satire", "advert")},
        ),
        ({"topic": ["sports"], "discipline": ["chess"]}, {"topic": ("sports",), "discipline": ("chess",)}),
        ({"topic": ["politics"], "flags": []}, {"topic": ("politics",), "flags": ()}),
    ],
)
def test_answers_are_settled_in_the_ontologys_order(answers: Any, expected: Answers) -> None:
    assert check_answers(NESTED, answers) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, [("/answers/topic", "required")]),
        ({"topic": ["war"]}, [("/answers/topic/0", "unknown_category")]),
        ({"topic": ["sports", "politics"]}, [("/answers/topic", "single_choice"), ("/answers/discipline", "required")]),
        ({"topic": ["sports"]}, [("/answers/discipline", "required")]),
        ({"topic": ["politics"], "discipline": ["chess"]}, [("/answers/discipline", "not_asked")]),
        ({"topic": ["politics"], "a/b~": []}, [("/answers/a~1b~0", "unknown_question")]),
        ({"topic": ["politics"], "flags": ["NONE"]}, [("/answers/flags/0", "unknown_category")]),
    ],
)
def test_what_is_no_answer_is_told_with_its_place(answers: Any, expected: list[tuple[str, str]]) -> None:
    faults = check_answers(NESTED, answers)
    assert isinstance(faults, list)
    assert [(fault.pointer, fault.code) for fault in faults] == [*expected]


def find_codes(ontology: tuple[Question, ...]) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in find_faults(ontology)}


def test_an_ontology_names_each_question_and_each_category_of_one_once() -> None:
    assert find_faults(NESTED) == []
    again = question(
        "topic", {"name": "a"}, {"name": "a"}, {"name": "b", "children": [{"name": "x", "categories": []}]}
    )
    assert find_codes((*NESTED, again)) == {
        ("/ontology/2/name", "duplicate"),
        ("/ontology/2/categories/1/name", "duplicate"),
        ("/ontology/2/categories/2/children/0/categories", "empty"),
    }


def test_an_ontology_has_its_bounds() -> None:
    deep = Question(name="0", categories=(Category(name="a"),))
    for depth in range(1, 6):
        deep = Question(name=str(depth), categories=(Category(name="a", children=(deep,)),))
    assert {code for _, code in find_codes((deep,))} == {"too_deep"}
    many = tuple(question(str(number), *[{"name": str(n)} for n in range(20)]) for number in range(101))
    assert [fault.detail for fault in find_faults(many)] == [
        "An ontology has at most 1000 categories.",
        "An ontology has at most 100 questions.",
    ]
    assert isinstance(find_faults(many)[0], Fault)


async def test_a_task_keeps_its_ontology_and_its_history(api: httpx.AsyncClient) -> None:
    ontology: list[Json] = msgspec.json.decode(msgspec.json.encode(NESTED))
    task = await make_task(api, ontology=ontology)
    assert task["ontology"] == ontology
    path = f"/v1/tasks/{task['id']}"
    assert (await ok(await api.get(path)))["ontology"] == ontology
    assert (await ok(await api.get("/v1/tasks")))["data"][0]["ontology"] == ontology
    changed = await ok(await api.patch(path, json={"ontology": ontology[:1], "reason": "no flags"}))
    assert (changed["ontology"], changed["version"]) == (ontology[:1], 2)
    assert (await ok(await api.patch(path, json={"ontology": ontology[:1]})))["version"] == 2
    history = await ok(await api.get(f"{path}/history"))
    assert list(history["data"][1]["changes"]) == ["ontology"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"ontology": [{"name": "a", "categories": []}]}, "/ontology/0/categories"),
        ({"ontology": [{"name": "a", "categories": [{"name": "x"}, {"name": "x"}]}]}, "/ontology/0/categories/1/name"),
        ({"ontology": [{"name": "a", "categories": [{"name": "x"}]}], "categories": ["y"]}, "/categories"),
        ({"ontology": [{"name": "a", "categories": [{"name": "x"}]}], "fallback_category": "y"}, "/fallback_category"),
        ({"ontology": [{"name": "a", "choice": "both", "categories": [{"name": "x"}]}]}, "/ontology/0/choice"),
    ],
)
async def test_a_task_with_a_wrong_ontology_is_refused_with_its_place(
    api: httpx.AsyncClient, body: Json, expected: str
) -> None:
    refused = await api.post("/v1/tasks", json={"name": "t", "instruction": "i", **body})
    assert (refused.status_code, pointers(refused)) == (400, [expected])
