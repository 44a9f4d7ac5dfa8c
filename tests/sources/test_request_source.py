"""Logged requests become examples by a filter, remember which they were, and are erased with them."""

import hashlib
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from tests.datasets.example_bodies import Json, answer_text, list_examples, make_dataset, ok, pointers
from tests.datasets.import_files import tables_follow_from_the_log, working
from tests.erasure.erasing import erase
from tests.models.world import World
from tests.monitoring.production import Production, ago
from tests.sources.test_sources import fetch

USER = "customer-17"


@pytest.fixture
async def production(api: httpx.AsyncClient, engine: AsyncEngine) -> Production:
    return await Production(await World(api, open_ledger(engine)).begin()).begin()


def find(rows: list[Json], question: str) -> Json:
    [found] = [row for row in rows if row["content"]["messages"][0]["content"] == question]
    return found


async def test_requests_come_in_by_a_filter_and_go_with_their_examples(
    api: httpx.AsyncClient, engine: AsyncEngine, production: Production
) -> None:
    hashed = hashlib.sha256(USER.encode()).hexdigest()
    call = production.call
    ids = await production.log(
        call("Good?", metadata={"prompt": "v3"}, user_hash=hashed),
        call("Bad?", metadata={"prompt": "v3", "n": 1}),
        call("Silent?", output=None, error={"code": "timeout"}, metadata={"prompt": "v3"}),
        call("Other?", metadata={"prompt": "v2"}),
        call("Old?", metadata={"prompt": "v3"}, at=ago(days=3)),
    )
    await production.judge(ids[0], stars=5)
    await production.judge(ids[1], stars=1, comment="Shorter.", correction="Council met")
    first, second = await make_dataset(api), await make_dataset(api, "copy")
    source: Json = {"type": "requests", "metadata": {"prompt": "v3"}, "since": ago(days=1)}
    async with working(engine):
        import_ = await fetch(api, first, source)
        again = await fetch(api, first, source)
        rated = await fetch(api, await make_dataset(api, "rated"), {**source, "rating_gte": 4, "q": "gOOd"})
        failed = await fetch(api, await make_dataset(api, "failed"), {**source, "error": True})
        await fetch(api, second, {"type": "dataset", "dataset_id": first})
    assert [each["added"] for each in (import_, again, rated, failed)] == [2, 0, 1, 1]
    assert import_["source"]["location"].startswith("/v1/requests?since=")
    rows = await list_examples(api, first)
    good, bad = find(rows, "Good?"), find(rows, "Bad?")
    assert (good["rating"]["average"], good["source"]["type"]) == (5, "log")
    assert (answer_text(bad), bad["repaired"], bad["rating"]["average"]) == ("Council met", True, None)
    assert bad["source"]["origin"]["source"]["request_id"] == ids[1]
    assert {each["dataset_id"] for each in (await production.read(ids[1]))["examples"]} == {first, second}
    trail = await ok(await api.get(f"/v1/requests/{ids[1]}/trail"))
    assert bad["id"] in [each["example_id"] for each in trail["examples"]]
    promoted = await ok(await api.post("/v1/requests/promote", json={"request_ids": ids[:1], "dataset_id": first}))
    assert promoted["data"] == [{"request_id": ids[0], "example_id": good["id"], "new": False, "repaired": False}]
    receipt = await erase(api, engine, f"/v1/subjects/{USER}/erase")
    kinds = {each["kind"]: each["count"] for each in receipt["erased"]}
    assert (kinds["requests"], kinds["examples"]) == (1, 3)  # the example, its copy, and the one in `rated`
    for dataset in (first, second):
        assert [row["content"]["messages"][0]["content"] for row in await list_examples(api, dataset)] == ["Bad?"]
    await tables_follow_from_the_log(engine)


@pytest.mark.parametrize(
    ("more", "pointer"),
    [({"since": "2026-01-01T00:00:00"}, "/source/since"), ({"rating_gte": 9}, "/source/rating_gte")],
)
async def test_a_filter_that_makes_no_sense_is_refused(api: httpx.AsyncClient, more: Any, pointer: str) -> None:
    dataset = await make_dataset(api)
    refused = await api.post(f"/v1/datasets/{dataset}/imports/fetch", json={"source": {"type": "requests", **more}})
    assert (refused.status_code, pointers(refused)) == (400, [pointer])
