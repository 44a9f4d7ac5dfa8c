"""Archived datasets: out of lists, closed to new work, readable, and brought back."""

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import add, freeze, head, make_dataset, make_task, ok
from tests.datasets.import_files import tables_follow_from_the_log


async def names(api: httpx.AsyncClient, **query: str) -> list[str]:
    return [row["name"] for row in (await ok(await api.get("/v1/datasets", params=query)))["data"]]


async def test_an_archived_dataset_leaves_the_lists_and_comes_back(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    typo, other = await make_dataset(api, "helo"), await make_dataset(api, "hello")
    archived = await ok(await api.post(f"/v1/datasets/{typo}/archive", json={"reason": "a typo"}))
    assert archived["archived_at"] is not None
    before = await head(api)
    assert (await ok(await api.post(f"/v1/datasets/{typo}/archive", json={}))) == archived
    assert await head(api) == before
    assert await names(api) == ["hello"]
    assert await names(api, name="helo") == []
    assert await names(api, archived="true") == ["helo"]
    assert await names(api, archived="all") == ["helo", "hello"]
    assert (await ok(await api.get(f"/v1/datasets/{typo}"))) == archived
    assert (await ok(await api.get(f"/v1/datasets/{other}")))["archived_at"] is None
    history = (await ok(await api.get(f"/v1/datasets/{typo}/history")))["data"]
    assert (history[-1]["type"], history[-1]["reason"]) == ("DatasetArchived", "a typo")
    sentence = (await ok(await api.get("/v1/history", params={"resource": f"dataset:{typo}"})))["data"][-1]["sentence"]
    assert "archived" in sentence
    back = await ok(await api.post(f"/v1/datasets/{typo}/unarchive", json={}))
    assert (back["archived_at"], back["version"]) == (None, 3)
    assert await names(api) == ["helo", "hello"]
    await tables_follow_from_the_log(engine)


async def test_an_archived_dataset_takes_no_new_work_and_its_record_goes_on(api: httpx.AsyncClient) -> None:
    task = await make_task(api, name="topics", categories=["a", "b"])
    dataset = await make_dataset(api, "old", task_id=task["id"])
    example = await add(api, dataset)
    await freeze(api, dataset, "v1")
    path = f"/v1/datasets/{dataset}"
    await ok(await api.post(f"{path}/archive", json={}))
    before = await head(api)
    refused = [
        await api.patch(path, json={"description": "new"}),
        await api.put(f"{path}/split-policy", json={}),
        await api.post(f"{path}/examples", json={"content": {"messages": example["content"]["messages"]}}),
        await api.post(f"{path}/versions", json={"name": "v2"}),
        await api.post(f"{path}/labels", json={"example_id": example["id"], "category": "a"}),
        await api.post(f"{path}/queues", json={"name": "q"}),
        await api.patch(f"/v1/examples/{example['id']}", json={"tags": ["x"]}),
        await api.post(f"{path}/merge", json={"source_id": dataset}),
        await api.post(f"{path}/revert", json={"to": "v1"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "archived")] * len(refused)
    assert await head(api) == before
    for read in (f"{path}/examples", f"{path}/stats", f"{path}/versions", f"/v1/examples/{example['id']}"):
        await ok(await api.get(read))
    assert (await api.get(f"{path}/export", params={"version": "v1"})).status_code == 200


async def test_the_name_of_an_archived_dataset_is_free(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    first = await make_dataset(api, "news")
    await ok(await api.post(f"/v1/datasets/{first}/archive", json={}))
    second = await make_dataset(api, "news")
    refused = await api.post(f"/v1/datasets/{first}/unarchive", json={})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/name")
    await ok(await api.post(f"/v1/datasets/{second}/archive", json={}))
    await ok(await api.post(f"/v1/datasets/{first}/unarchive", json={}))
    await tables_follow_from_the_log(engine)


async def test_archiving_is_the_workspaces_own(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api, "mine")
    for verb in ("archive", "unarchive"):
        assert (await stranger.post(f"/v1/datasets/{dataset}/{verb}", json={})).status_code == 404
