"""Workers of imports: stopped, joined by others, cancelled, robbed of their rows. Never half a file."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.datasets.imports import worker as imports_worker
from tests.conftest import as_owner
from tests.datasets.example_bodies import add, chat, delete, edit, events_of, freeze, list_examples, make_dataset, ok
from tests.datasets.import_files import (
    chat_line,
    chat_lines,
    count,
    ended,
    errors,
    import_file,
    nothing_left_over,
    read_import,
    send_file,
    step,
    tables_follow_from_the_log,
    working,
    workspace_of,
)

CHUNK = 10


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports_worker, "CHUNK_ROWS", CHUNK)
    monkeypatch.setattr(imports_worker, "WITHDRAW_ROWS", 7)


async def half_way(api: httpx.AsyncClient, engine: AsyncEngine, dataset: str, rows: int = 35) -> str:
    """An import of which two chunks are in."""
    sent = await send_file(api, dataset, chat_lines(range(rows)))
    workspace_id, ledger = await workspace_of(api), open_ledger(engine)
    for _ in range(2):
        await step(ledger, workspace_id, sent["id"])
    import_ = await read_import(api, sent["id"])
    assert (import_["state"], import_["added"]) == ("adding", 2 * CHUNK)
    import_id: str = sent["id"]
    return import_id


async def test_a_killed_workers_import_goes_on_where_it_was(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    import_id = await half_way(api, engine, dataset)
    progress = (await ok(await api.get(f"/v1/operations/{import_id}")))["progress"]
    assert progress == {"done": 20, "total": 35, "unit": "rows"}
    async with working(engine):
        operation = await ended(api, import_id)
        await nothing_left_over(engine)
    assert (operation["result"]["added"], operation["result"]["duplicates"]) == (35, 0)
    assert [row["source"]["line"] for row in await list_examples(api, dataset)] == list(range(1, 36))
    await tables_follow_from_the_log(engine)


async def test_workers_share_imports_and_no_row_comes_twice(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    datasets = [await make_dataset(api, f"d{n}") for n in range(3)]
    async with working(engine, workers=3):
        sent = [await send_file(api, dataset, chat_lines(range(95))) for dataset in datasets for _ in range(2)]
        results = [(await ended(api, operation["id"]))["result"] for operation in sent]
        await nothing_left_over(engine)
    # The same file twice, and whichever of the two came first: together they added it once.
    assert [one["added"] + other["added"] for one, other in zip(results[::2], results[1::2], strict=True)] == [95] * 3
    assert all(result["added"] + result["duplicates"] == 95 for result in results)
    for dataset in datasets:
        assert len(await list_examples(api, dataset)) == 95
    await tables_follow_from_the_log(engine)


async def test_two_files_of_the_same_rows_step_by_step_add_them_once(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    one, other = [(await send_file(api, dataset, chat_lines(range(20))))["id"] for _ in range(2)]
    workspace_id, ledger = await workspace_of(api), open_ledger(engine)
    for _ in range(4):
        await asyncio.gather(*[step(ledger, workspace_id, import_id) for import_id in (one, other)])
    async with working(engine):
        results = [(await ended(api, import_id))["result"] for import_id in (one, other)]
    assert sum(result["added"] for result in results) == 20
    assert len(await list_examples(api, dataset)) == 20


async def test_a_cancel_before_anything_is_in_leaves_nothing(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    sent = await send_file(api, dataset, chat_lines(range(35)))
    operation = await ok(await api.post(f"/v1/operations/{sent['id']}/cancel"))
    assert operation["state"] == "cancelled"
    async with working(engine):
        await nothing_left_over(engine)
    assert await events_of(api, types="ExampleAdded") == []
    assert (await read_import(api, sent["id"]))["state"] == "cancelled"
    assert (await api.post(f"/v1/operations/{sent['id']}/cancel")).status_code == 200


async def test_a_cancel_half_way_takes_everything_back_and_the_file_can_come_again(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    there = await add(api, dataset)
    import_id = await half_way(api, engine, dataset)
    brought = [row for row in await list_examples(api, dataset) if row["id"] != there["id"]]
    await edit(api, brought[0]["id"], content=chat("Edited?"))
    await delete(api, brought[1]["id"])
    operation = await ok(await api.post(f"/v1/operations/{import_id}/cancel"))
    assert (operation["state"], operation["cancel_requested"]) == ("running", True)
    async with working(engine):
        assert (await ended(api, import_id))["state"] == "cancelled"
        await nothing_left_over(engine)
        assert await list_examples(api, dataset) == [there]
        assert (await api.get(f"/v1/examples/{brought[0]['id']}")).status_code == 404
        restored = await api.post(f"/v1/examples/{brought[0]['id']}/restore", json={"version": 1})
        assert restored.status_code == 409
        assert len(await events_of(api, types="ExampleWithdrawn")) == 20
        again = await import_file(api, dataset, chat_lines(range(35)))
    assert (again["added"], again["duplicates"]) == (35, 0)
    assert len(await list_examples(api, dataset)) == 36
    await tables_follow_from_the_log(engine)


async def test_a_killed_withdrawal_goes_on(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    sent = await send_file(api, dataset, b"".join(chat_line(f"{n}?", external_id=str(n)) for n in range(30)))
    workspace_id, ledger = await workspace_of(api), open_ledger(engine)
    for _ in range(3):
        await step(ledger, workspace_id, sent["id"])
    await api.post(f"/v1/operations/{sent['id']}/cancel")
    withdrawing = asyncio.create_task(step(ledger, workspace_id, sent["id"]))
    for _ in range(200):
        if await events_of(api, types="ExampleWithdrawn"):
            break
    withdrawing.cancel()
    await asyncio.wait([withdrawing])
    async with working(engine):
        await ended(api, sent["id"])
        await nothing_left_over(engine)
    assert await list_examples(api, dataset) == []
    assert len(await events_of(api, types="ExampleWithdrawn")) == 30
    assert (await add(api, dataset, external_id="7"))["external_id"] == "7"


@pytest.mark.parametrize("chunks", [0, 2])
async def test_rows_lost_with_the_server_fail_the_import_and_leave_nothing(
    api: httpx.AsyncClient, engine: AsyncEngine, chunks: int
) -> None:
    dataset = await make_dataset(api)
    if chunks:
        import_id = await half_way(api, engine, dataset)
    else:
        import_id = (await send_file(api, dataset, chat_lines(range(35))))["id"]
    async with as_owner(engine) as owner, owner.begin() as connection:
        await connection.execute(sa.text("truncate ledger.staged"))  # as Postgres does after a crash: it is unlogged
    async with working(engine):
        operation = await ended(api, import_id)
        await nothing_left_over(engine)
        assert (operation["state"], operation["error"]["code"]) == ("failed", "staging_lost")
        assert operation["cancel_requested"] is False
        assert await list_examples(api, dataset) == []
        import_ = await read_import(api, import_id)
        assert (import_["state"], import_["added"]) == ("failed", 0)
        assert (await import_file(api, dataset, chat_lines(range(35))))["added"] == 35
    await tables_follow_from_the_log(engine)


async def test_nothing_is_frozen_while_an_import_is_half_way(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset, other = await make_dataset(api), await make_dataset(api, "other")
    await add(api, dataset)
    await add(api, other)
    waiting = await send_file(api, dataset, chat_lines(range(100, 105)))
    await freeze(api, dataset, "before")
    await api.post(f"/v1/operations/{waiting['id']}/cancel")
    import_id = await half_way(api, engine, dataset)
    refused = await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "half"})
    assert (refused.status_code, import_id in refused.json()["detail"]) == (409, True)
    assert (await freeze(api, other))["examples"] == 1
    async with working(engine):
        await ended(api, import_id)
    assert (await freeze(api, dataset, "whole"))["examples"] == 36


async def test_a_cancel_while_the_file_comes_in_leaves_nothing(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)

    async def slowly() -> AsyncIterator[bytes]:
        yield chat_lines(range(30))
        [import_] = (await ok(await api.get(f"/v1/datasets/{dataset}/imports")))["data"]
        assert import_["state"] == "uploading"
        await ok(await api.post(f"/v1/operations/{import_['id']}/cancel"))
        yield chat_lines(range(30, 60))

    async with working(engine):
        sent = await send_file(api, dataset, slowly())
        await nothing_left_over(engine)
    assert (sent["state"], sent["cancel_requested"]) == ("cancelled", True)
    assert await list_examples(api, dataset) == []


async def test_no_worker_takes_an_upload_that_goes_on_for_one_that_broke_off(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)

    async def slowly() -> AsyncIterator[bytes]:
        for number in range(5):
            await asyncio.sleep(0.2)
            yield chat_line(f"{number}?")

    async with working(engine, workers=2):
        sent = await send_file(api, dataset, slowly())
        assert (await ended(api, sent["id"]))["result"]["added"] == 5


async def test_an_upload_that_breaks_off_fails_and_leaves_nothing(
    api: httpx.AsyncClient, app: Litestar, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    messages = iter([
        {"type": "http.request", "body": chat_lines(range(3_000)), "more_body": True},
        {"type": "http.request", "body": chat_lines([1])[:-9], "more_body": True},
        {"type": "http.disconnect"},
    ])  # fmt: skip

    async def receive() -> Any:
        return next(messages)

    async def send(_: Any) -> None:
        pass

    path = f"/v1/datasets/{dataset}/imports"
    key = api.headers["Authorization"].encode()
    scope: Any = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "scheme": "http", "headers": [(b"authorization", key)], "http_version": "1.1", "asgi": {"version": "3.0"},
        "root_path": "", "server": ("tuneledger.test", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    [import_] = (await ok(await api.get(path)))["data"]
    assert (import_["state"], import_["failure"]["code"]) == ("failed", "upload_interrupted")
    async with working(engine):
        await nothing_left_over(engine)
    assert await list_examples(api, dataset) == []


async def test_what_an_import_that_aborts_had_staged_is_forgotten(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    sent = await send_file(api, dataset, chat_lines(range(30)) + b"x\n")
    assert len(await errors(api, sent["id"])) == 1
    async with working(engine):
        await nothing_left_over(engine)
    assert await count(engine, "ledger.contents") == 1  # the text of the error


async def test_large_rows_are_added_a_few_at_a_time(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_worker, "CHUNK_BYTES", 400)
    dataset = await make_dataset(api)
    sent = await send_file(api, dataset, chat_lines(range(9)))
    workspace_id, ledger = await workspace_of(api), open_ledger(engine)
    await step(ledger, workspace_id, sent["id"])
    assert 0 < (await read_import(api, sent["id"]))["added"] < 9
    async with working(engine):
        assert (await ended(api, sent["id"]))["result"]["added"] == 9


async def test_a_worker_that_is_told_to_stop_leaves_its_import_to_the_next(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    sent = await send_file(api, dataset, chat_lines(range(500)))
    for _ in range(20):
        async with working(engine):
            await asyncio.sleep(0.05)
    async with working(engine):
        assert (await ended(api, sent["id"]))["result"]["added"] == 500
    assert [row["source"]["line"] for row in await list_examples(api, dataset)] == list(range(1, 501))
