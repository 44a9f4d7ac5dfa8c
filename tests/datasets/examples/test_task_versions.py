"""Which version of its task an example was checked against."""

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import (
    OUTPUT_SCHEMA,
    add,
    chat,
    edit,
    list_examples,
    make_dataset,
    make_task,
    ok,
    rate,
    repair,
)
from tests.datasets.import_files import chat_lines, import_file, tables_follow_from_the_log, working


async def test_an_example_remembers_the_version_it_was_checked_against(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    task = await make_task(api)
    dataset_id = await make_dataset(api, task_id=task["id"])
    checked = await add(api, dataset_id)
    assert checked["task_version"] == 1
    await ok(await api.patch(f"/v1/tasks/{task['id']}", json={"instruction": "Write a better one."}))
    path = f"/v1/examples/{checked['id']}"
    assert (await rate(api, checked["id"], 4))["task_version"] == 1
    assert (await edit(api, checked["id"], tags=["a"]))["task_version"] == 1
    assert (await edit(api, checked["id"], content=chat("New?")))["task_version"] == 2
    assert (await repair(api, checked["id"], "Better."))["task_version"] == 2
    restored = await ok(await api.post(f"{path}/restore", json={"version": 1}))
    assert restored["task_version"] == 1
    [shown] = await list_examples(api, dataset_id)
    assert shown == restored == await ok(await api.get(path))
    async with working(engine):
        await import_file(api, dataset_id, chat_lines(range(2)), format="openai-chat")
    assert [example["task_version"] for example in await list_examples(api, dataset_id)] == [1, 2, 2]
    await tables_follow_from_the_log(engine)


async def test_an_example_without_a_task_was_checked_against_none(api: httpx.AsyncClient) -> None:
    dataset_id = await make_dataset(api)
    example = await add(api, dataset_id)
    assert example["task_version"] is None
    task = await make_task(api, output_schema=OUTPUT_SCHEMA)
    await ok(await api.patch(f"/v1/datasets/{dataset_id}", json={"task_id": task["id"]}))
    [shown] = await list_examples(api, dataset_id)
    assert (shown["task_version"], shown["valid"]) == (None, True)
