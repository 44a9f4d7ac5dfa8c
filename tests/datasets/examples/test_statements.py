"""How often a request about one example asks Postgres, besides for its key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import REQUIREMENTS, add, chat, five_stars, freeze, make_dataset, make_task


@contextmanager
def recorded_statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(engine.sync_engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        sa.event.remove(engine.sync_engine, "before_cursor_execute", record)


@pytest.fixture
async def example(api: httpx.AsyncClient) -> str:
    """An example of a dataset with a task; the key that adds it is known to the server from then on."""
    task = await make_task(api, requirements=REQUIREMENTS)
    added = await add(api, await make_dataset(api, task_id=task["id"]), content=chat("Q", "A"))
    return str(added["id"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"content": chat("Q", "Better.")}),
        ("PATCH", "", {"tags": ["new"]}),
        ("PUT", "/rating", five_stars(4)),
        ("POST", "/repair", {"instruction": "Be brief.", "output": "B"}),
        ("POST", "/restore", {"version": 1}),
    ],
)
async def test_a_change_reads_once_and_writes_once(
    api: httpx.AsyncClient, engine: AsyncEngine, example: str, method: str, path: str, body: dict[str, Any]
) -> None:
    await api.patch(f"/v1/examples/{example}", json={"tags": ["first"]})
    with recorded_statements(engine) as statements:
        response = await api.request(method, f"/v1/examples/{example}{path}", json=body)
    assert response.status_code == 200, response.text
    read, write = statements
    assert "appended" not in read
    assert "appended AS" in write


async def test_an_example_is_read_with_one_statement(api: httpx.AsyncClient, engine: AsyncEngine, example: str) -> None:
    with recorded_statements(engine) as statements:
        response = await api.get(f"/v1/examples/{example}")
    assert response.status_code == 200
    assert len(statements) == 1


async def test_a_deleted_example_says_so_and_is_read_as_of_before(api: httpx.AsyncClient, example: str) -> None:
    before = (await api.get(f"/v1/examples/{example}")).json()
    version = await freeze(api, before["dataset_id"])
    await api.delete(f"/v1/examples/{example}")
    response = await api.get(f"/v1/examples/{example}")
    assert (response.status_code, response.json()["detail"]) == (404, "This example was deleted; see its history.")
    assert (await api.get(f"/v1/examples/{example}", params={"as_of": version["name"]})).json() == before


async def test_a_page_of_all_is_read_with_one_statement_and_says_what_a_filtered_one_does(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    for number in range(5):
        await add(api, dataset, content=chat("Q", f"A {number}"), tags=["all"], metadata={"number": number})
    path = f"/v1/datasets/{dataset}/examples?limit=2"
    with recorded_statements(engine) as statements:
        pages = [await api.get(path)]
        while cursor := pages[-1].json()["next_cursor"]:
            pages.append(await api.get(f"{path}&cursor={cursor}"))
    assert len(statements) == len(pages) == 3
    filtered = [await api.get(f"{path}&tag=all")]
    while cursor := filtered[-1].json()["next_cursor"]:
        filtered.append(await api.get(f"{path}&tag=all&cursor={cursor}"))
    assert [page.content for page in pages] == [page.content for page in filtered]
