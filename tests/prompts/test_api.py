"""Prompts, versions and labels over HTTP."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import Json, make_task, ok, pages, pointers
from tests.datasets.import_files import tables_follow_from_the_log
from tests.prompts.prompt_bodies import QUESTION, SUMMARY, add_version, make_prompt, move

SCHEMA = {"type": "object", "required": ["zeta", "alpha"], "properties": {"zeta": {"type": "string"}, "alpha": {}}}


async def test_a_prompt_is_made_read_renamed_and_listed(api: httpx.AsyncClient) -> None:
    task = await make_task(api)
    response = await api.post("/v1/prompts", json={"name": "headlines", "task_id": task["id"]})
    assert (response.status_code, response.headers["ETag"]) == (201, '"1"')
    assert (await api.get(response.headers["Location"])).json() == response.json()
    path = response.headers["Location"]
    renamed = await ok(await api.patch(path, json={"name": "titles", "task_id": None, "reason": "clearer"}))
    assert (renamed["name"], renamed["task_id"], renamed["latest_version"]) == ("titles", None, None)
    assert (await ok(await api.get("/v1/prompts", params={"name": "titles"})))["data"] == [renamed]
    assert (await ok(await api.get("/v1/prompts", params={"task_id": task["id"]})))["data"] == []
    taken = await api.post("/v1/prompts", json={"name": "titles"})
    assert (taken.status_code, pointers(taken)) == (409, ["/name"])
    stale = await api.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_versions_are_numbered_and_never_change(api: httpx.AsyncClient) -> None:
    prompt_id = await make_prompt(api)
    first = await add_version(api, prompt_id, parameters={"temperature": 0, "stop": ["\n"]}, notes="plain")
    second = await add_version(api, prompt_id, variables=[{"name": "summary", "description": "The news."}])
    assert [first["number"], second["number"]] == [1, 2]
    assert first["messages"] == QUESTION
    assert first["parameters"]["stop"] == ["\n"]
    path = f"/v1/prompts/{prompt_id}/versions"
    assert await ok(await api.get(f"{path}/1")) == first
    assert await pages(api, path, limit=1) == [[second], [first]]
    assert (await api.get(f"{path}/3")).status_code == 404
    assert (await api.get(f"{path}/0")).status_code == 400


async def test_the_same_version_again_is_the_one_that_is_there(api: httpx.AsyncClient) -> None:
    prompt_id = await make_prompt(api)
    first = await add_version(api, prompt_id)
    await move(api, prompt_id, version=1)
    assert await add_version(api, prompt_id) == first
    assert (await ok(await api.get(f"/v1/prompts/{prompt_id}")))["latest_version"] == 1
    await add_version(api, prompt_id, notes="other")
    assert (await add_version(api, prompt_id))["number"] == 3


async def test_no_text_of_a_version_is_in_the_log(api: httpx.AsyncClient) -> None:
    prompt_id = await make_prompt(api)
    await add_version(api, prompt_id, messages=[{"role": "user", "content": "hush-hush {{summary}}"}])
    events = (await api.get("/v1/events", params={"limit": 1_000})).text
    assert prompt_id in events
    assert "hush-hush" not in events


async def test_every_fault_of_a_version_is_told_at_once(api: httpx.AsyncClient) -> None:
    prompt_id = await make_prompt(api)
    body = {
        "messages": [
            {"role": "system", "content": "{{tone}} {{ 1 + 1 }}"},
            {"role": "user", "content": "{{summary}}"},
            {"role": "assistant", "content": "x"},
        ],
        "variables": [{"name": "summary", "type": "integer", "default": "x"}, {"name": "summary"}, {"name": "a-b"}],
        "inputs": {"nothing": "/input", "summary": "input"},
    }
    refused = await api.post(f"/v1/prompts/{prompt_id}/versions", json=body)
    assert refused.status_code == 422
    assert sorted((fault["pointer"], fault["code"]) for fault in refused.json()["errors"]) == [
        ("/inputs/nothing", "unknown_variable"),
        ("/inputs/summary", "bad_pointer"),
        ("/messages/0/content", "bad_variable"),
        ("/messages/0/content", "undeclared_variable"),
        ("/messages/2/role", "no_question"),
        ("/variables/0/default", "wrong_type"),
        ("/variables/0/name", "duplicate"),
        ("/variables/1/name", "duplicate"),
        ("/variables/2/name", "bad_name"),
    ]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"messages": []}, "/messages"),
        ({"messages": [{"role": "user", "content": "a\0b"}]}, "/messages/0/content"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "/messages/0/role"),
        ({"messages": [{"role": "user", "content": "a" * 500_001}]}, "/messages/0/content"),
        ({"messages": [{"role": "user", "content": "a" * 400_000}] * 3, "variables": []}, "/messages"),
        ({"parameters": {"temperature": 3}}, "/parameters/temperature"),
        ({"parameters": {"response_schema": {"type": "nonsense"}}}, "/parameters/response_schema/type"),
        ({"use_task_schema": True}, "/use_task_schema"),
        ({"target": {"model": "gpt"}}, "/target"),
        ({"target": {"connection_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12, "model": "x"}}, "/target/connection_id"),
        ({"unknown": 1}, "/unknown"),
    ],
)
async def test_what_no_version_can_say_is_refused_with_its_place(
    api: httpx.AsyncClient, changes: Json, pointer: str
) -> None:
    prompt_id = await make_prompt(api)
    refused = await api.post(
        f"/v1/prompts/{prompt_id}/versions", json={"messages": QUESTION, "variables": SUMMARY} | changes
    )
    assert refused.status_code in (400, 422), refused.text
    assert pointers(refused) == [pointer]


async def test_a_version_takes_over_the_schema_of_its_task(api: httpx.AsyncClient) -> None:
    task = await make_task(api, output_schema=SCHEMA)
    prompt_id = await make_prompt(api, task_id=task["id"])
    version = await add_version(api, prompt_id, use_task_schema=True)
    await api.patch(f"/v1/tasks/{task['id']}", json={"output_schema": None})
    stored = await ok(await api.get(f"/v1/prompts/{prompt_id}/versions/1"))
    assert stored == version
    assert (stored["task_version"], stored["parameters"]["response_schema"]) == (1, SCHEMA)
    assert list(stored["parameters"]["response_schema"]["properties"]) == ["zeta", "alpha"]


async def test_two_versions_are_compared_line_by_line(api: httpx.AsyncClient) -> None:
    prompt_id = await make_prompt(api)
    await add_version(api, prompt_id)
    changed = [QUESTION[0], {"role": "user", "content": "Summary: {{summary}}\nBe short."}]
    await add_version(api, prompt_id, messages=changed, parameters={"max_tokens": 20})
    path = f"/v1/prompts/{prompt_id}/diff"
    diff = await ok(await api.get(path, params={"before": 1, "after": 2}))
    assert diff["fields"] == ["messages", "parameters"]
    assert diff["text"].startswith("--- version 1\n+++ version 2\n")
    assert "\n+Be short.\n" in diff["text"]
    assert '\n+  "max_tokens": 20,\n' in diff["text"]
    same = await ok(await api.get(path, params={"before": 2, "after": 2}))
    assert (same["fields"], same["text"]) == ([], "")
    assert (await api.get(path, params={"before": 1, "after": 9})).status_code == 404


async def test_a_label_moves_with_its_history(api: httpx.AsyncClient) -> None:
    prompt_id = await make_prompt(api)
    for note in ("a", "b"):
        await add_version(api, prompt_id, notes=note)
    await move(api, prompt_id, version=1)
    moved = await move(api, prompt_id, weights={"2": 1, "1": 3}, reason="compare them")
    assert moved["labels"] == {"production": {"1": 3.0, "2": 1.0}}
    assert await move(api, prompt_id, weights={"1": 3, "2": 1}) == moved
    assert (await ok(await api.get("/v1/prompts")))["data"] == [moved]
    [entries] = await pages(api, f"/v1/prompts/{prompt_id}/labels/production/history")
    assert [(move["weights"], move["previous"], move["reason"]) for move in entries] == [
        ({"1": 3.0, "2": 1.0}, {"1": 1.0}, "compare them"),
        ({"1": 1.0}, None, None),
    ]
    history = (await ok(await api.get(f"/v1/prompts/{prompt_id}/history")))["data"]
    assert history[-1]["changes"]["labels.production"] == {"before": {"1": 1.0}, "after": {"1": 3.0, "2": 1.0}}
    assert (await api.get(f"/v1/prompts/{prompt_id}/labels/staging/history")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"version": 9}, 422, "/version"),
        ({"weights": {"1": 0.5, "9": 0.5}}, 422, "/weights/9"),
        ({"weights": {"1": 0, "x": 1}}, 422, "/weights/x"),
        ({"weights": {"1": 0}}, 422, "/weights"),
        ({"weights": {}}, 400, "/weights"),
        ({"weights": {"1": -1}}, 400, "/weights/..."),
        ({"weights": {"1": 1.7e308, "2": 1.7e308}}, 422, "/weights"),
        ({}, 400, "/version"),
        ({"version": 1, "weights": {"1": 1}}, 400, "/version"),
    ],
)
async def test_a_label_stands_only_where_there_is_something(
    api: httpx.AsyncClient, body: Json, status: int, pointer: str
) -> None:
    prompt_id = await make_prompt(api)
    for note in ("a", "b"):
        await add_version(api, prompt_id, notes=note)
    refused = await api.put(f"/v1/prompts/{prompt_id}/labels/production", json=body)
    assert (refused.status_code, pointers(refused)) == (status, [pointer])


async def test_the_tables_of_prompts_follow_from_the_log(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    task = await make_task(api, output_schema=SCHEMA)
    prompt_id = await make_prompt(api, task_id=task["id"], description="d")
    await add_version(api, prompt_id, use_task_schema=True, notes="n")
    await add_version(api, prompt_id)
    await move(api, prompt_id, weights={"1": 1, "2": 2})
    await move(api, prompt_id, version=2, reason="better")
    await ok(await api.patch(f"/v1/prompts/{prompt_id}", json={"description": None}))
    await tables_follow_from_the_log(engine)
