"""Trying other schemas on the examples that a task has."""

from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.previews import schema_preview as previews
from tests.datasets.example_bodies import (
    Json,
    add_many,
    chat,
    delete,
    edit,
    head,
    make_dataset,
    make_task,
    ok,
    pointers,
)

STRICT = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}


async def tried(
    api: httpx.AsyncClient, task_id: str, *, limit: int = 50, cursor: str | None = None, **body: Any
) -> Json:
    params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    return await ok(await api.post(f"/v1/tasks/{task_id}/preview", json=body, params=params))


@pytest.fixture
async def filled(api: httpx.AsyncClient) -> tuple[str, list[Json]]:
    """A task with two datasets: answers that are fine, that lack a title, and that are no JSON."""
    task = await make_task(api)
    answers = ['{"title": "T"}', '{"title": 1}', "prose"]
    examples = []
    for name in ("one", "two"):
        dataset_id = await make_dataset(api, name, task_id=task["id"])
        examples += await add_many(api, dataset_id, [{"content": chat(f"Q {answer}", answer)} for answer in answers])
    elsewhere = await make_dataset(api, "elsewhere")
    await add_many(api, elsewhere, [{"content": chat("Q", "prose")}])
    return task["id"], examples


async def test_a_schema_is_tried_on_all_examples_and_changes_nothing(
    api: httpx.AsyncClient, filled: tuple[str, list[Json]]
) -> None:
    task_id, examples = filled
    before = await head(api)
    preview = await tried(api, task_id, output_schema=STRICT)
    assert (preview["checked"], preview["failing"], preview["complete"]) == (6, 4, True)
    assert preview["next_cursor"] is None
    failing = sorted(
        [examples[1], examples[2], examples[4], examples[5]], key=lambda example: (example["dataset_id"], example["id"])
    )
    assert [(row["example_id"], row["version"]) for row in preview["data"]] == [(each["id"], 1) for each in failing]
    faults = [(fault["pointer"], fault["code"]) for row in preview["data"][:2] for fault in row["faults"]]
    assert faults == [("/output/title", "type"), ("/output", "not_json")]
    assert await head(api) == before
    assert (await ok(await api.get(f"/v1/tasks/{task_id}")))["output_schema"] is None


async def test_pages_show_one_moment_and_count_what_is_left(
    api: httpx.AsyncClient, filled: tuple[str, list[Json]]
) -> None:
    task_id, examples = filled
    whole = await tried(api, task_id, output_schema=STRICT)
    first = await tried(api, task_id, output_schema=STRICT, limit=3)
    assert first["failing"] == 4
    await edit(api, whole["data"][3]["example_id"], content=chat("Q", '{"title": "mended"}'))
    await delete(api, examples[0]["id"])
    second = await tried(api, task_id, output_schema=STRICT, limit=3, cursor=first["next_cursor"])
    assert first["data"] + second["data"] == whole["data"]
    assert (second["failing"], second["next_cursor"], second["seq"]) == (1, None, first["seq"])
    now = await tried(api, task_id, output_schema=STRICT)
    assert (now["checked"], now["failing"]) == (5, 3)


async def test_a_long_look_ends_and_can_be_gone_on_with(
    api: httpx.AsyncClient, filled: tuple[str, list[Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, _ = filled
    monkeypatch.setattr(previews, "MAX_EXAMPLES", 4)
    monkeypatch.setattr(previews, "PAGE_ROWS", 2)
    first = await tried(api, task_id, output_schema=STRICT)
    assert (first["checked"], first["failing"], first["complete"]) == (4, 2, False)
    second = await tried(api, task_id, output_schema=STRICT, cursor=first["next_cursor"])
    assert (second["checked"], second["failing"], second["complete"]) == (2, 2, True)


async def test_the_tasks_own_schemas_are_tried_where_none_is_given(
    api: httpx.AsyncClient, filled: tuple[str, list[Json]]
) -> None:
    task_id, _ = filled
    await ok(await api.patch(f"/v1/tasks/{task_id}", json={"output_schema": STRICT}))
    assert (await tried(api, task_id))["failing"] == 4
    assert (await tried(api, task_id, output_schema=None))["failing"] == 0
    inputs = await tried(api, task_id, input_schema={"type": "string"}, output_schema=None)
    assert inputs["failing"] == 6
    assert inputs["data"][0]["faults"] == [
        {"pointer": "/input", "detail": "The input is not JSON.", "code": "not_json"}
    ]


async def test_an_erased_example_is_counted_apart(
    api: httpx.AsyncClient, filled: tuple[str, list[Json]], engine: AsyncEngine
) -> None:
    task_id, examples = filled
    async with engine.begin() as connection:
        await connection.exec_driver_sql("delete from ledger.contents where subject = $1", (examples[1]["id"],))
    preview = await tried(api, task_id, output_schema=STRICT)
    assert (preview["checked"], preview["erased"], preview["failing"]) == (5, 1, 3)


async def test_a_schema_that_is_none_is_refused(api: httpx.AsyncClient, filled: tuple[str, list[Json]]) -> None:
    task_id, _ = filled
    body = {"input_schema": {"type": "nonsense"}, "output_schema": {"$ref": "http://example.org/x"}}
    refused = await api.post(f"/v1/tasks/{task_id}/preview", json=body)
    assert (refused.status_code, pointers(refused)) == (400, ["/input_schema/type", "/output_schema/$ref"])
    bad = await api.post(f"/v1/tasks/{task_id}/preview?cursor=x", json={})
    assert (bad.status_code, pointers(bad)) == (400, ["?cursor"])
