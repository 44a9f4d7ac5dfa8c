"""Webhooks over HTTP, without a worker."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.ledger.tables import answers, events, secrets
from service.settings import Settings
from service.webhooks.deliveries import delivery_log, worker
from tests.datasets.example_bodies import Json, ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.http_client import OPERATOR_KEY, client
from tests.webhooks.delivery_worker import KEY, build_context

URL = "https://receiver.example/hook"


async def create_webhook(api: httpx.AsyncClient, **fields: Any) -> Json:
    return await ok(await api.post("/v1/webhooks", json={"url": URL} | fields))


async def test_a_webhook_is_made_and_its_secret_shown_this_once(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/webhooks", json={"url": URL, "types": ["TaskCreated"], "description": "ours"})
    webhook = response.json()
    assert (response.status_code, response.headers["etag"]) == (201, '"1"')
    assert response.headers["location"] == f"/v1/webhooks/{webhook['id']}"
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert (webhook["order"], webhook["active"], webhook["notice"]) == ("stream", True, None)
    read = await api.get(response.headers["location"])
    assert read.json() == webhook | {"standing": None}
    assert (await api.get("/v1/webhooks")).json() == {"data": [webhook], "next_cursor": None}
    assert secret not in read.text


async def test_a_repeated_request_gets_the_same_webhook_without_the_secret(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    first = await api.post("/v1/webhooks", json={"url": URL}, headers={"Idempotency-Key": "once"})
    again = await api.post("/v1/webhooks", json={"url": URL}, headers={"Idempotency-Key": "once"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json() | {"secret": None}
    secret = first.json()["secret"].encode()
    async with engine.connect() as connection:
        sealed = [bytes(value) for value in (await connection.execute(sa.select(secrets.c.value))).scalars()]
        bodies = [bytes(body) for body in (await connection.execute(sa.select(answers.c.body))).scalars()]
        event_data = [str(data) for data in (await connection.execute(sa.select(events.c.data))).scalars()]
    assert len(bodies) == 1
    assert not [each for each in sealed + bodies + [text.encode() for text in event_data] if secret in each]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"url": "ftp://receiver.example"}, 422, "/url"),
        ({"url": "https://10.0.0.1/"}, 422, "/url"),
        ({"url": "http://169.254.169.254/latest"}, 422, "/url"),
        ({"url": "https://0177.0.0.1/"}, 422, "/url"),
        ({"url": "https://receiver.example:70000/"}, 422, "/url"),
        ({"url": "https://me:word@receiver.example/"}, 422, "/url"),
        ({"url": "https://receiver.example/a b"}, 400, "/url"),
        ({"url": "https://bücher.example/"}, 400, "/url"),
        ({"url": "https://receiver.example/" + "a" * 2_000}, 400, "/url"),
        ({"types": ["TaskUndone"]}, 422, "/types/0"),
        ({"types": ["Task\0"]}, 400, "/types/0"),
        ({"order": "random"}, 400, "/order"),
        ({"description": "a\0b"}, 400, "/description"),
        ({"secret": "whsec_mine"}, 400, "/secret"),
    ],
)
async def test_what_is_not_acceptable_is_refused_by_its_place(
    api: httpx.AsyncClient, body: Json, status: int, pointer: str
) -> None:
    response = await api.post("/v1/webhooks", json={"url": URL} | body)
    assert response.status_code == status, response.text
    assert response.json()["errors"][0]["pointer"] == pointer
    webhook = await create_webhook(api)
    response = await api.patch(f"/v1/webhooks/{webhook['id']}", json=body)
    assert response.status_code == status, response.text
    assert (await api.get(f"/v1/webhooks/{webhook['id']}")).headers["etag"] == '"1"'


async def test_unless_it_is_allowed_nothing_goes_to_this_machine_or_without_tls(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    async with client(create_app(Settings(secret_key=KEY), engine), OPERATOR_KEY) as strict:
        for url in ("http://127.0.0.1:8000/", "https://127.0.0.1/", "https://[::1]/", "http://receiver.example/"):
            response = await strict.post("/v1/webhooks", json={"url": url})
            assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/url")
    assert (await create_webhook(api, url="http://127.0.0.1:8000/"))["active"]


async def test_what_was_sent_long_ago_is_forgotten(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    path = f"/v1/webhooks/{(await create_webhook(api))['id']}"
    old, new = [await ok(await api.post(f"{path}/test")) for _ in range(2)]
    update = sa.update(delivery_log.deliveries).where(delivery_log.deliveries.c.id == uuid.UUID(old["id"]))
    async with engine.begin() as connection:
        await connection.execute(update.values(created_at=datetime.now(UTC) - timedelta(days=31)))
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.5, stop.set)
    await worker.delete_old(build_context(engine), stop)
    assert (await api.get(f"/v1/deliveries/{old['id']}")).status_code == 404
    assert [each["id"] for each in (await ok(await api.get(f"{path}/deliveries")))["data"]] == [new["id"]]


async def test_a_change_is_kept_and_a_stale_one_refused(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    path = f"/v1/webhooks/{(await create_webhook(api, types=['TaskCreated']))['id']}"
    change = {"types": [], "order": "log", "active": False, "reason": "all of it"}
    changed = await api.patch(path, json=change, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["types"], changed.json()["order"], changed.json()["active"]) == ([], "log", False)
    stale = await api.patch(path, json={"active": True}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    again = await api.patch(path, json={"active": False})
    assert again.headers["etag"] == '"2"'
    history = await ok(await api.get(f"{path}/history"))
    assert history["data"][1]["reason"] == "all of it"
    assert history["data"][1]["changes"]["order"] == {"before": "stream", "after": "log"}
    await tables_follow_from_the_log(engine)


async def test_a_deleted_webhook_is_gone_with_its_secrets_and_its_history_stays(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    webhook = await create_webhook(api)
    path = f"/v1/webhooks/{webhook['id']}"
    await ok(await api.post(f"{path}/rotate-secret", json={}))
    test = await ok(await api.post(f"{path}/test"))
    await ok(await api.delete(path))
    responses = [
        await api.get(path),
        await api.patch(path, json={"active": False}),
        await api.delete(path),
        await api.post(f"{path}/rotate-secret", json={}),
        await api.post(f"{path}/replay", json={"from_seq": 1}),
        await api.post(f"{path}/test"),
        await api.get(f"{path}/deliveries"),
        await api.post(f"/v1/deliveries/{test['id']}/redeliver"),
    ]
    assert [each.status_code for each in responses] == [404] * len(responses)
    assert (await api.get("/v1/webhooks")).json()["data"] == []
    types = [entry["type"] for entry in (await ok(await api.get(f"{path}/history")))["data"]]
    assert types == ["WebhookCreated", "WebhookSecretRotated", "WebhookDeleted"]
    async with engine.connect() as connection:
        sealed = [bytes(value) for value in (await connection.execute(sa.select(secrets.c.value))).scalars()]
    assert sealed.count(b"") == 2
    await tables_follow_from_the_log(engine)


async def test_a_rotated_secret_is_shown_this_once(api: httpx.AsyncClient) -> None:
    webhook = await create_webhook(api)
    path = f"/v1/webhooks/{webhook['id']}/rotate-secret"
    first = await api.post(path, headers={"Idempotency-Key": "turn"})
    again = await api.post(path, headers={"Idempotency-Key": "turn"})
    assert first.json()["secret"] not in (None, webhook["secret"])
    assert again.json() == first.json() | {"secret": None}
    response = await api.post(path, json={"overlap_seconds": 604_801})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (400, "/overlap_seconds")


async def test_a_replay_from_beyond_the_log_is_refused(api: httpx.AsyncClient) -> None:
    path = f"/v1/webhooks/{(await create_webhook(api))['id']}/replay"
    response = await api.post(path, json={"from_seq": 10**9})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/from_seq")
    assert (await api.post(path, json={"from_seq": 0})).status_code == 400
    assert (await api.post(path, json={"from_seq": 1})).headers["etag"] == '"2"'


async def test_webhooks_and_deliveries_come_in_pages(api: httpx.AsyncClient) -> None:
    ids = [(await create_webhook(api))["id"] for _ in range(3)]
    first = await ok(await api.get("/v1/webhooks?limit=2"))
    second = await ok(await api.get(f"/v1/webhooks?limit=2&cursor={first['next_cursor']}"))
    assert [each["id"] for each in first["data"] + second["data"]] == ids
    path = f"/v1/webhooks/{ids[0]}"
    tests = [(await ok(await api.post(f"{path}/test")))["id"] for _ in range(3)]
    newest = await ok(await api.get(f"{path}/deliveries?limit=2"))
    oldest = await ok(await api.get(f"{path}/deliveries?limit=2&cursor={newest['next_cursor']}"))
    assert [each["id"] for each in newest["data"] + oldest["data"]] == tests[::-1]
    assert (await ok(await api.get(f"{path}/deliveries?state=failed")))["data"] == []
    assert len((await ok(await api.get(f"{path}/deliveries?state=pending")))["data"]) == 3


async def test_a_stranger_finds_neither_webhook_nor_delivery(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    path = f"/v1/webhooks/{(await create_webhook(api))['id']}"
    test = await ok(await api.post(f"{path}/test"))
    responses = [
        await stranger.get(path),
        await stranger.delete(path),
        await stranger.get(f"{path}/deliveries"),
        await stranger.post(f"{path}/test"),
        await stranger.post(f"{path}/replay", json={"from_seq": 1}),
        await stranger.get(f"/v1/deliveries/{test['id']}"),
        await stranger.post(f"/v1/deliveries/{test['id']}/redeliver"),
    ]
    assert [each.status_code for each in responses] == [404] * len(responses)
    assert (await stranger.get("/v1/webhooks")).json()["data"] == []
