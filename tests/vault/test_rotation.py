"""Changing the secret key while everything runs. A is the old key, B the new one, and LOST is one that nobody has."""

import asyncio
import base64
import hashlib
import os
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.composition import open_ledger
from service.database.engine import new_id
from service.ledger.tables import secrets
from service.server.supervisor import ROOT
from service.settings import Settings
from service.vault.rotation import BATCH_ROWS, RotationReport, reencrypt
from service.vault.vault import Vault, get_key_name, open_vault
from tests.conftest import as_owner
from tests.datasets.example_bodies import Json, ok
from tests.http_client import LOOPBACK, OPERATOR_KEY, SHARED, client
from tests.tunes.sandbox import MODEL, Sandbox
from tests.webhooks.delivery_worker import WebhookScenario, run_workers
from tests.webhooks.receivers import open_receiver

A, B, LOST = (base64.b64encode(hashlib.sha256(name).digest()).decode() for name in (b"a", b"b", b"?"))
BOTH = f"{B},{A}"
HOOK = {"url": "http://127.0.0.1:9/"}
WAITING = sa.text(
    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
)
SECRET = "sk-do-not-tell-anyone-0123456789"


@pytest.fixture
async def app(engine: AsyncEngine) -> Litestar:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return app_with(A, engine)


def app_with(keys: str, engine: AsyncEngine) -> Litestar:
    return SHARED.over(engine, Settings(secret_key=keys, webhooks_allow_local=True, connections_allow=LOOPBACK))


@asynccontextmanager
async def started_again(keys: str, engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    async with client(app_with(keys, engine), OPERATOR_KEY) as api:
        yield api


def vault_with(keys: str) -> Vault:
    return open_vault(Settings(secret_key=keys))


async def run(engine: AsyncEngine, keys: str = BOTH, *, check: bool = False) -> RotationReport:
    return await reencrypt(open_ledger(engine), vault_with(keys), check=check)


def counts(report: RotationReport) -> tuple[list[int], int, int]:
    return list(report.needed.values()), report.reencrypted, len(report.unreadable)


async def connect(api: httpx.AsyncClient, name: str = "main", **fields: Any) -> Json:
    body = {"name": name, "kind": "openai", "secret": SECRET} | fields
    return await ok(await api.post("/v1/connections", json=body))


async def stored(engine: AsyncEngine) -> dict[uuid.UUID, bytes]:
    async with engine.connect() as connection:
        return {row.id: row.value for row in (await connection.execute(sa.select(secrets))).all()}


async def put(engine: AsyncEngine, secret_id: uuid.UUID, value: bytes) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.update(secrets).where(secrets.c.id == secret_id).values(value=value))


async def workspace(api: httpx.AsyncClient) -> uuid.UUID:
    return uuid.UUID((await ok(await api.get("/v1/me")))["workspace_id"])


async def test_what_the_old_key_encrypted_works_with_the_new_one_alone_after_it_was_encrypted_anew(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    connection = await connect(api, kind="sandbox", base_url=sandbox.base_url)
    await connect(stranger)
    async with open_receiver() as receiver:  # it takes nothing that is not signed with the secret of then
        scenario = WebhookScenario(api, engine, receiver)
        await scenario.create_webhook()
        assert counts(await run(engine)) == ([3, 0], 3, 0)
        async with started_again(B, engine) as scenario.api, run_workers(engine, secret_key=B):
            checked = await ok(await scenario.api.post(f"/v1/connections/{connection['id']}/check"))
            assert MODEL in checked["models"]
            await scenario.create_task()
            await scenario.wait_until_accepted(await scenario.list_new_seqs())


async def test_while_both_keys_are_given_old_secrets_work_and_new_ones_need_the_new_key(
    api: httpx.AsyncClient, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    old = await connect(api, kind="sandbox", base_url=sandbox.base_url)
    async with started_again(BOTH, engine) as during:
        await ok(await during.post(f"/v1/connections/{old['id']}/check"))
        new = await connect(during, "other")
    before = await stored(engine)
    names = vault_with(BOTH).key_names
    assert [get_key_name(before[uuid.UUID(key["id"])]) for key in (new, old)] == names


async def test_to_check_counts_and_changes_nothing(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    for number in range(3):
        await connect(api, f"number {number}")
    async with started_again(BOTH, engine) as during:
        await connect(during)
    before = await stored(engine)
    checked = await run(engine, check=True)
    assert (counts(checked), checked.done) == (([1, 3], 0, 0), False)
    assert await stored(engine) == before
    assert (await run(engine)).done
    assert (await run(engine, check=True)).done


async def test_what_is_done_is_left_alone(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await connect(api)
    gone = await connect(api, "gone")
    await ok(await api.delete(f"/v1/connections/{gone['id']}"))
    await run(engine)
    before = await stored(engine)
    assert counts(await run(engine)) == ([1, 0], 0, 0)
    assert await stored(engine) == before
    assert before[uuid.UUID(gone["id"])] == b""


async def test_many_are_taken_batch_by_batch(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await connect(api)
    count, old, owner = 2 * BATCH_ROWS, vault_with(A), await workspace(api)
    ids = [new_id() for _ in range(count - 1)]
    rows = [
        {"workspace_id": owner, "id": id_, "value": old.seal(str(id_), workspace_id=owner, owner=id_)} for id_ in ids
    ]
    async with engine.begin() as connection:
        await connection.execute(sa.insert(secrets), rows)
    assert counts(await run(engine)) == ([count, 0], count, 0)
    before, new = await stored(engine), vault_with(B)
    assert [new.open(before[id_], workspace_id=owner, owner=id_) for id_ in ids] == [str(id_) for id_ in ids]


async def sealed_by(keys: str, api: httpx.AsyncClient, secret_id: uuid.UUID) -> bytes:
    return vault_with(keys).seal("changed", workspace_id=await workspace(api), owner=secret_id)


@pytest.mark.parametrize(("keys", "anew"), [(B, 0), (A, 1), (LOST, 0)], ids=["new key", "old key", "lost key"])
async def test_a_secret_that_is_changed_at_the_same_moment_stays_changed(
    api: httpx.AsyncClient, engine: AsyncEngine, keys: str, anew: int
) -> None:
    secret_id = uuid.UUID((await connect(api))["id"])
    changed = await sealed_by(keys, api, secret_id)

    async def change(connection: Any) -> None:
        await connection.execute(sa.update(secrets).where(secrets.c.id == secret_id).values(value=changed))

    report = await meanwhile(engine, change)
    assert (report.reencrypted, len(report.unreadable)) == (anew, int(keys == LOST))
    value = (await stored(engine))[secret_id]
    reader = vault_with(LOST if keys == LOST else B)
    assert reader.open(value, workspace_id=await workspace(api), owner=secret_id) == "changed"


async def test_a_secret_that_is_deleted_at_the_same_moment_does_not_come_back(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    secret_id = uuid.UUID((await connect(api))["id"])

    async def delete(connection: Any) -> None:
        await connection.execute(sa.update(secrets).where(secrets.c.id == secret_id).values(value=b""))

    assert counts(await meanwhile(engine, delete)) == ([0, 0], 0, 0)
    assert (await stored(engine))[secret_id] == b""


async def meanwhile(engine: AsyncEngine, change: Callable[[Any], Awaitable[None]]) -> RotationReport:
    """Let a run wait for a row that is being changed, then commit the change."""
    async with engine.connect() as other:
        await change(other)
        running = asyncio.create_task(run(engine))
        async with as_owner(engine) as owner:  # who sees what others wait for
            await until(owner, WAITING)
        await other.commit()
    return await running


async def until(engine: AsyncEngine, holds: Any) -> None:
    async with asyncio.timeout(60), engine.connect() as connection:
        while not await connection.scalar(holds):
            await connection.rollback()
            await asyncio.sleep(0.01)


async def test_requests_that_change_secrets_meanwhile_lose_nothing(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    connections = [await connect(api, f"number {number}") for number in range(20)]
    owner = await workspace(api)
    async with started_again(BOTH, engine) as during, asyncio.TaskGroup() as group:
        running = group.create_task(run(engine))
        for each in connections:
            body = {"secret": f"new of {each['name']}"}
            group.create_task(during.patch(f"/v1/connections/{each['id']}", json=body))
    assert not running.result().unreadable
    before, new = await stored(engine), vault_with(B)
    opened = [
        new.open(before[id_], workspace_id=owner, owner=id_) for id_ in (uuid.UUID(each["id"]) for each in connections)
    ]
    assert opened == [f"new of {each['name']}" for each in connections]


async def test_what_no_key_opens_is_named_by_its_owner_and_the_rest_is_done(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await connect(api)
    damaged, lost = [uuid.UUID((await connect(api, name))["id"]) for name in ("damaged", "lost")]
    webhook = await ok(await api.post("/v1/webhooks", json=HOOK))
    whole = await stored(engine)
    await put(engine, damaged, whole[damaged][:-1] + bytes([whole[damaged][-1] ^ 1]))
    for secret_id in (lost, max(whole)):
        await put(engine, secret_id, await sealed_by(LOST, api, secret_id))
    report, owner = await run(engine), await workspace(api)
    [unknown], [_, old] = vault_with(LOST).key_names, vault_with(BOTH).key_names
    assert counts(report) == ([1, 0], 1, 3)
    assert {(each.owner, each.key, each.workspace_id) for each in report.unreadable} == {
        (f"connection {damaged}", old, owner),
        (f"connection {lost}", unknown, owner),
        (f"webhook {webhook['id']}", unknown, owner),
    }


async def test_what_a_webhook_has_replaced_is_missed_by_nobody(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    webhook = await ok(await api.post("/v1/webhooks", json=HOOK))
    replaced = max(await stored(engine))
    await put(engine, replaced, await sealed_by(LOST, api, replaced))
    assert len((await run(engine)).unreadable) == 1
    path = f"/v1/webhooks/{webhook['id']}/rotate-secret"
    await ok(await api.post(path, json={"overlap_seconds": 3_600}))
    assert len((await run(engine)).unreadable) == 1
    await ok(await api.post(path, json={"overlap_seconds": 0}))
    assert (await run(engine)).done


async def test_the_command_tells_what_it_did_and_ends_with_1_when_it_is_not_enough(
    api: httpx.AsyncClient, engine: AsyncEngine, database_url: str
) -> None:
    lost = (await connect(api))["id"]
    await connect(api, "fine")
    await put(engine, uuid.UUID(lost), await sealed_by(LOST, api, uuid.UUID(lost)))
    new, old = (name.hex() for name in vault_with(BOTH).key_names)
    needs = f"secrets that need key 1 ({new}): {{}}\nsecrets that need key 2 ({old}): {{}}\n"
    code, output = await command(database_url, BOTH, "--check")
    assert (code, needs.format(0, 1) in output) == (1, True)
    code, output = await command(database_url, BOTH)
    assert (code, needs.format(1, 0) in output) == (1, True)
    assert f"not readable: connection {lost}, workspace {await workspace(api)}, key " in output
    assert output.endswith("1 encrypted anew, 0 left as they were, 1 not readable.\n")
    await ok(await api.delete(f"/v1/connections/{lost}"))
    assert (await command(database_url, B, "--check"))[0] == 0


async def test_one_that_is_killed_half_way_goes_on_where_it_was(
    api: httpx.AsyncClient, engine: AsyncEngine, database_url: str
) -> None:
    ids = [uuid.UUID((await connect(api, f"number {number}"))["id"]) for number in range(6)]
    async with engine.connect() as holding:
        await holding.execute(sa.select(secrets).where(secrets.c.id == ids[3]).with_for_update())
        process = await start(database_url, BOTH)
        async with as_owner(engine) as owner:
            await until(owner, WAITING)
        process.kill()
        await process.communicate()
        assert counts(await run(engine, check=True)) == ([3, 3], 0, 0)
    assert list((await run(engine)).needed.values()) == [6, 0]


async def command(database_url: str, keys: str, *arguments: str) -> tuple[int | None, str]:
    """How it ended and what it said, which holds neither a key nor a secret."""
    process = await start(database_url, keys, *arguments)
    output = (await process.communicate())[0].decode()
    assert not any(text in output for text in (A, B, LOST, SECRET))
    return process.returncode, output


async def start(database_url: str, keys: str, *arguments: str) -> asyncio.subprocess.Process:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", "reencrypt", *arguments),
        cwd=ROOT,
        env=environment | {"DATABASE_URL": database_url, "TUNELEDGER_SECRET_KEY": keys},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
