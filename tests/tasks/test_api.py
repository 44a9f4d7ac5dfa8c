"""Tasks over HTTP."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.tasks.queries import load_task_schemas
from tests.http_client import client

OUTPUT = {"type": "object", "required": ["zeta"], "properties": {"zeta": {"type": "integer"}, "alpha": {}}}
FULL = {
    "name": "news",
    "instruction": "Name the category of the headline.",
    "description": "Eight categories.",
    "thinking_instruction": "Think of the section it would be printed in.",
    "requirements": [{"name": "tone", "instruction": "Be dry.", "priority": 0, "rating_type": "pass_fail"}],
    "input_schema": None,
    "output_schema": OUTPUT,
    "categories": ["sports", "politics"],
    "fallback_category": "UNABLE_TO_CLASSIFY",
}


async def make(api: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    response = await api.post("/v1/tasks", json={"name": "news", "instruction": "Say what it is.", **changes})
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_a_task_is_created_and_read_back(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/tasks", json=FULL)
    assert response.status_code == 201
    assert response.headers["ETag"] == '"1"'
    assert {name: response.json()[name] for name in FULL} == FULL
    read = await api.get(response.headers["Location"])
    assert read.json() == response.json()
    assert read.headers["ETag"] == '"1"'
    [listed] = (await api.get("/v1/tasks")).json()["data"]
    assert listed == response.json()
    assert list(listed["output_schema"]["properties"]) == ["zeta", "alpha"]


async def test_a_repeated_request_makes_one_task(api: httpx.AsyncClient) -> None:
    first, again = [await api.post("/v1/tasks", json=FULL, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len((await api.get("/v1/tasks")).json()["data"]) == 1


async def test_two_tasks_of_a_workspace_cannot_share_a_name(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await make(api)
    refused = await api.post("/v1/tasks", json={"name": "news", "instruction": "x"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/name")
    other = await make(api, name="other")
    renamed = await api.patch(f"/v1/tasks/{other['id']}", json={"name": "news"})
    assert (renamed.status_code, renamed.json()["errors"][0]["pointer"]) == (409, "/name")
    assert (await make(stranger))["name"] == "news"


async def test_an_edit_changes_what_it_names_and_empties_what_it_nulls(api: httpx.AsyncClient) -> None:
    task = (await api.post("/v1/tasks", json=FULL)).json()
    edit: dict[str, Any] = {"instruction": "Better.", "output_schema": None, "requirements": [], "reason": "shorter"}
    edited = await api.patch(f"/v1/tasks/{task['id']}", json=edit, headers={"If-Match": '"1"'})
    assert edited.headers["ETag"] == '"2"'
    expected = {**task, "instruction": "Better.", "output_schema": None, "requirements": []}
    expected |= {"version": 2, "updated_at": edited.json()["updated_at"]}
    assert edited.json() == expected
    assert (await api.get("/v1/tasks")).json()["data"] == [expected]
    assert (await api.get(f"/v1/tasks/{task['id']}")).json() == expected


async def test_an_edit_that_changes_nothing_leaves_the_version(api: httpx.AsyncClient) -> None:
    task = await make(api)
    same = await api.patch(f"/v1/tasks/{task['id']}", json={"name": "news", "categories": []})
    assert (same.status_code, same.json()) == (200, task)


async def test_a_stale_edit_is_refused(api: httpx.AsyncClient) -> None:
    task = await make(api)
    await api.patch(f"/v1/tasks/{task['id']}", json={"instruction": "Second."})
    stale = await api.patch(f"/v1/tasks/{task['id']}", json={"instruction": "Third."}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert (await api.get(f"/v1/tasks/{task['id']}")).json()["instruction"] == "Second."


async def test_a_task_is_read_as_of_a_seq_and_as_of_a_time(api: httpx.AsyncClient) -> None:
    task = await make(api)
    path = f"/v1/tasks/{task['id']}"
    edited = (await api.patch(path, json={"instruction": "Second."})).json()
    history = (await api.get(f"{path}/history")).json()["data"]
    for as_of in (str(history[0]["seq"]), task["created_at"], task["created_at"].replace("Z", "+00:00")):
        then = await api.get(path, params={"as_of": as_of})
        assert (then.json(), then.headers["ETag"]) == (task, '"1"')
    unescaped = await api.get(f"{path}?as_of={task['created_at'].replace('Z', '+00:00')}")
    assert unescaped.json() == task
    assert (await api.get(path, params={"as_of": edited["updated_at"]})).json() == edited


@pytest.mark.parametrize("as_of", ["2999-01-01T00:00:00Z", "999999", "yesterday", "", "-1", "2026-01-01", "9" * 200])
async def test_a_moment_that_is_not_in_the_past_is_refused(api: httpx.AsyncClient, as_of: str) -> None:
    task = await make(api)
    refused = await api.get(f"/v1/tasks/{task['id']}", params={"as_of": as_of})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?as_of")


async def test_a_task_did_not_exist_before_it_was_created(api: httpx.AsyncClient) -> None:
    task = await make(api)
    for as_of in ("0", "1999-12-31T23:59:59Z"):
        assert (await api.get(f"/v1/tasks/{task['id']}", params={"as_of": as_of})).status_code == 404


async def test_the_history_tells_who_changed_what_and_why(api: httpx.AsyncClient) -> None:
    task = await make(api, categories=["a"])
    path = f"/v1/tasks/{task['id']}"
    patched = await api.patch(path, json={"categories": ["a", "b"], "reason": "more of them"})
    request_id = patched.headers["x-tuneledger-request-id"]
    first, second = (await api.get(f"{path}/history")).json()["data"]
    assert (first["type"], first["version"], first["reason"]) == ("TaskCreated", 1, None)
    assert first["at"] == task["created_at"]
    assert first["changes"]["name"] == {"before": None, "after": "news"}
    assert second["changes"] == {"categories": {"before": ["a"], "after": ["a", "b"]}}
    assert (second["reason"], second["request_id"], second["actor"]) == ("more of them", request_id, task["created_by"])
    assert second["seq"] == first["seq"] + 1


async def test_the_pages_of_a_history_hold_each_change_once(api: httpx.AsyncClient) -> None:
    task = await make(api)
    path = f"/v1/tasks/{task['id']}"
    for number in range(4):
        await api.patch(path, json={"instruction": f"Attempt {number}."})
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = (await api.get(f"{path}/history", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [entry["version"] for entry in seen] == [1, 2, 3, 4, 5]
    assert seen == (await api.get(f"{path}/history")).json()["data"]


async def test_every_fault_of_a_task_is_told_at_once(api: httpx.AsyncClient) -> None:
    wrong = {**FULL, "categories": ["a", "a"], "output_schema": {"properties": {"a": {"type": "nope"}}}}
    refused = await api.post("/v1/tasks", json=wrong)
    assert refused.status_code == 400
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [
        "/categories/1",
        "/output_schema/properties/a/type",
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"name": "x"}', "/instruction"),
        ('{"name": "x", "instruction": ""}', "/instruction"),
        ('{"name": null, "instruction": "x"}', "/name"),
        ('{"name": "x", "instruction": "x", "nope": 1}', "/nope"),
        (
            '{"name": "x", "instruction": "x", "requirements": [{"name": "r", "instruction": "i", "priority": 4}]}',
            "/requirements/0/priority",
        ),
        ('{"name": "x", "instruction": "a\\u0000b"}', "/instruction"),
        ('{"name": "x", "instruction": "x", "input_schema": {"title": "a\\u0000b"}}', "/input_schema/title"),
        ('{"name": "x", "instruction": "x", "input_schema": true}', "/input_schema"),
        ('{"name": "x", "instruction": "x", "input_schema": ' + '{"not":' * 200 + "{}" + "}" * 201, "/input_schema"),
    ],
)
async def test_a_wrong_field_is_named(api: httpx.AsyncClient, body: str, pointer: str) -> None:
    refused = await api.post("/v1/tasks", content=body, headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)


async def test_huge_numbers_in_a_schema_are_kept(api: httpx.AsyncClient) -> None:
    schema = {"type": "integer", "maximum": 10**30}
    task = await make(api, input_schema=schema)
    assert (await api.get(f"/v1/tasks/{task['id']}")).json()["input_schema"] == schema
    assert (await api.get("/v1/tasks")).json()["data"][0]["input_schema"] == schema


async def test_another_workspace_sees_nothing_of_a_task(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    task = await make(api)
    path = f"/v1/tasks/{task['id']}"
    answers = [
        await stranger.get(path),
        await stranger.get(f"{path}/history"),
        await stranger.patch(path, json={"instruction": "Mine."}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert (await stranger.get("/v1/tasks")).json()["data"] == []


async def test_reading_needs_one_scope_and_writing_another(app: Litestar, api: httpx.AsyncClient) -> None:
    task = await make(api)
    key = (await api.post("/v1/api-keys", json={"name": "reader", "scopes": ["tasks:read"]})).json()["secret"]
    async with client(app, key) as reader:
        assert (await reader.get(f"/v1/tasks/{task['id']}")).status_code == 200
        assert (await reader.patch(f"/v1/tasks/{task['id']}", json={"instruction": "x"})).status_code == 403


async def test_what_examples_are_checked_against_follows_the_task(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    me = (await api.get("/v1/me")).json()
    task = (await api.post("/v1/tasks", json=FULL)).json()
    workspace_id, task_id = UUID(me["workspace_id"]), UUID(task["id"])
    schemas = await load_task_schemas(engine, workspace_id, task_id)
    assert schemas is not None
    assert (schemas.name, schemas.input_schema, schemas.version) == ("news", None, 1)
    assert schemas.requirements[0].rating_type == "pass_fail"
    assert schemas.output_schema is not None
    await api.patch(f"/v1/tasks/{task['id']}", json={"output_schema": None})
    changed = await load_task_schemas(engine, workspace_id, task_id)
    assert changed is not None
    assert (changed.output_schema, changed.version) == (None, 2)
    assert await load_task_schemas(engine, task_id, task_id) is None


async def test_each_version_of_a_task_can_be_read_again(api: httpx.AsyncClient) -> None:
    task = await make(api)
    path = f"/v1/tasks/{task['id']}"
    edited = (await api.patch(path, json={"instruction": "Second."})).json()
    assert (await api.get(f"{path}/versions/1")).json() == task
    assert (await api.get(f"{path}/versions/2")).json() == edited
    assert (await api.get(f"{path}/versions/3")).status_code == 404
    assert (await api.get(f"{path}/versions/0")).status_code == 400
