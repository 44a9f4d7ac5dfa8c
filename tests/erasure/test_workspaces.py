"""Ending a workspace: nothing of it is left in any table, and its last signed head is the answer."""

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.worker import load_signer, seal_all
from tests.datasets.example_bodies import add, make_dataset, ok
from tests.http_client import SETTINGS, client
from tuneledger.audit.notes import checkpoint_of, opened

TABLES = """
select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
where c.relkind in ('r', 'p') and n.nspname in ('public', 'ledger', 'telemetry')
"""


async def end(api: httpx.AsyncClient, workspace_id: str, name: str) -> httpx.Response:
    return await api.request("DELETE", f"/v1/workspaces/{workspace_id}", json={"confirm": name})


async def test_nothing_of_an_ended_workspace_is_left(
    app: Litestar, api: httpx.AsyncClient, engine: AsyncEngine, worker_engine: AsyncEngine
) -> None:
    workspace = await ok(await api.post("/v1/workspaces", json={"name": "Acme"}))
    async with client(app, workspace["api_key"]) as tenant:
        await add(tenant, await make_dataset(tenant, "theirs"))
        unsealed = await end(api, workspace["id"], "Acme")
        assert (unsealed.status_code, unsealed.json()["code"]) == (409, "conflict")
        await seal_all(worker_engine, load_signer(SETTINGS))
        wrong = await end(api, workspace["id"], "acme")
        assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "not_confirmed")
        mine = await make_dataset(api, "mine")
        ended = await ok(await end(api, workspace["id"], "Acme"))
        assert (await tenant.get("/v1/me")).status_code == 401
    head = checkpoint_of(opened(ended["note"], load_signer(SETTINGS).verifiers))
    assert head.size == ended["size"] > 0
    async with engine.connect() as connection:
        for table in list(await connection.scalars(sa.text(TABLES))):
            query = sa.text(f"select count(*) from {table} where workspace_id = :id")
            assert (table, await connection.scalar(query, {"id": workspace["id"]})) == (table, 0)
    assert (await ok(await api.get(f"/v1/datasets/{mine}")))["name"] == "mine"
    assert (await end(api, workspace["id"], "Acme")).status_code == 404


async def test_a_workspace_is_ended_by_an_operator_of_another_one(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    own, theirs = (await ok(await api.get("/v1/me"))), (await ok(await stranger.get("/v1/me")))
    assert (await end(stranger, own["workspace_id"], "x")).status_code == 403
    assert (await end(api, own["workspace_id"], "x")).status_code == 409
    assert (await end(api, "00000000-0000-0000-0000-000000000001", "x")).status_code == 404
    assert theirs["workspace_id"] != own["workspace_id"]


async def test_events_are_still_deleted_by_nobody(owner: AsyncEngine, api: httpx.AsyncClient) -> None:
    await make_dataset(api, "news")
    async with owner.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            await connection.execute(sa.text("delete from ledger.events"))
