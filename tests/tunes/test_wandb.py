"""Providers write runs at Weights & Biases by themselves. The key goes to who needs it, and is written nowhere."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.conftest import as_owner
from tests.emulators import openai, together
from tests.emulators.together import TogetherEmulator
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.test_together import CURVE, MODEL, connected

KEY = "0123456789abcdef0123456789abcdef0badcafe"
_TABLES = """
select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname in ('public', 'ledger', 'telemetry')
"""


@pytest.fixture
async def emulator() -> AsyncIterator[TogetherEmulator]:
    async with together.emulate(pace=0.05) as running:
        yield running


async def find_planted(engine: AsyncEngine) -> list[str]:
    """The tables that have the key anywhere."""
    async with as_owner(engine) as owner, owner.connect() as connection:
        tables = (await connection.execute(sa.text(_TABLES))).scalars().all()
        query = "select count(*) from {} t where t::text like :key"
        return [table for table in tables if await connection.scalar(sa.text(query.format(table)), {"key": f"%{KEY}%"})]


async def integrate(api: httpx.AsyncClient) -> str:
    body = {"name": "wandb", "kind": "wandb", "url": "http://127.0.0.1:9", "secret": KEY, "options": {"entity": "acme"}}
    return str((await ok(await api.post("/v1/integrations", json=body)))["id"])


async def test_each_provider_gets_what_it_needs_for_a_run_and_the_key_is_written_nowhere(
    desk: Desk,
    emulator: TogetherEmulator,
    engine: AsyncEngine,
    api: httpx.AsyncClient,
    capfd: pytest.CaptureFixture[str],
) -> None:
    run = {"integration_id": await integrate(api), "project": "news", "name": "first"}
    async with openai.emulate(seconds=0.5) as other:
        account: dict[str, Any] = {"kind": "openai", "base_url": other.base_url, "secret": openai.server.SECRET}
        targets = [
            {"connection_id": await connected(desk, emulator), "base_model": MODEL, "hyperparameters": CURVE},
            {"connection_id": await desk.connected(**account), "base_model": "gpt-emulated"},
        ]
        body = {**await desk.frozen(), "targets": targets, "wandb": run}
        refused_key = f"The wandb key {KEY} is not valid."
        emulator.faults.add("POST /v1/fine-tunes", status=400, body={"error": {"message": refused_key}})
        first = (await ok(await api.post("/v1/tunes", json=body)))["tunes"]
        async with working(engine, dispatch.run, poller.run):
            failed = await desk.until(first[0]["id"])
            again = await ok(await api.post(f"/v1/tunes/{failed['id']}/retry"))
            tunes = [await desk.until(id_, "succeeded") for id_ in (again["id"], first[1]["id"])]
        [job] = other.jobs_with(first[1]["id"])
    assert failed["state"] == "failed"
    assert "wandb key" in failed["error"]["message"]
    assert [tune["state"] for tune in tunes] == ["succeeded"] * 2
    sent = emulator.jobs.bodies[-1]
    assert (sent["wandb_api_key"], sent["wandb_project_name"], sent["wandb_entity"]) == (KEY, "news", "acme")
    assert sent["wandb_base_url"] == "http://127.0.0.1:9"
    tracker = {"project": "news", "name": "first", "entity": "acme"}
    assert job.body["integrations"] == [{"type": "wandb", "wandb": tracker}]
    assert await find_planted(engine) == []
    shown = capfd.readouterr()
    assert KEY not in shown.out + shown.err


async def test_what_cannot_show_a_run_is_refused_before_anything_is_sent(desk: Desk, api: httpx.AsyncClient) -> None:
    target = {"connection_id": await desk.connected(kind="fireworks", options={"account": "acme"}), "base_model": "m"}
    body = {**await desk.frozen(), "targets": [target], "wandb": {"integration_id": await integrate(api)}}
    refused = await api.post("/v1/tunes", json=body)
    assert (refused.status_code, "not_carried" in {fault["code"] for fault in refused.json()["errors"]}) == (422, True)
    body["wandb"] = {"integration_id": target["connection_id"]}
    unknown = await api.post("/v1/tunes/estimate", json=body)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/wandb/integration_id")
