"""Webhooks of providers: signed ones make the next look come sooner, and nothing that they say is believed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine
from standardwebhooks import Webhook

from service.database.rows import fetch_all
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.datasets.import_files import tables_follow_from_the_log
from tests.tunes import conftest
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.sandbox import Sandbox

SECRET = "whsec_cGxhbnRlZC1zaWduaW5nLXNlY3JldC1vZi1PcGVuQUk="
_EVERYTHING = "select data::text from ledger.events"


def sign(message_id: str, body: bytes, *, secret: str = SECRET, age: timedelta = timedelta()) -> dict[str, str]:
    at = datetime.now(UTC) - age
    signature = Webhook(secret).sign(message_id, at, body.decode())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
        "Authorization": "",
    }


def tell(job_id: str, event: str = "fine_tuning.job.succeeded") -> bytes:
    return json.dumps({"id": "evt_1", "object": "event", "type": event, "data": {"id": job_id}}).encode()


async def test_a_signed_message_makes_the_next_look_come_at_once(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "SETTINGS", replace(conftest.SETTINGS, poll_interval=120.0))
    connection_id = await desk.connected(sandbox)
    hook = await ok(await api.put(f"/v1/connections/{connection_id}/webhook", json={"secret": SECRET}))
    asked = await desk.asked(connection_id)
    async with working(engine, dispatch.run, poller.run):
        running = await desk.until(asked["id"], "validating", "queued", "running")

        async def job_ended() -> Any:
            return (await sandbox.http.get(f"/v1/fine_tuning/jobs/{running['job_id']}")).json()["finished_at"]

        await desk.happens(job_ended)
        assert (await desk.tune(asked["id"]))["finished_at"] is None
        lie = tell(running["job_id"], "fine_tuning.job.failed")
        told = await api.post(hook["path"], content=lie, headers=sign("msg_1", lie))
        assert (told.status_code, told.json()) == (200, {"looks_soon": True})
        assert (await desk.until(asked["id"]))["state"] == "succeeded"
    again = await api.post(hook["path"], content=lie, headers=sign("msg_1", lie))
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "replayed")
    assert (await ok(await api.get(f"/v1/connections/{connection_id}")))["takes_webhooks"] is True
    assert not [row for row in await fetch_all(engine, _EVERYTHING) if "cGxhbnRlZC" in row[0]]
    await tables_follow_from_the_log(engine)


async def test_what_is_not_signed_now_by_the_provider_is_refused(
    desk: Desk, sandbox: Sandbox, api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    connection_id = await desk.connected(sandbox)
    path = f"/v1/connections/{connection_id}/webhook"
    me = (await ok(await api.get("/v1/me")))["workspace_id"]
    target, body = f"/hooks/{me}/{connection_id}", tell("ftjob-1")
    assert (await api.post(target, content=body, headers=sign("a", body))).status_code == 404
    await ok(await api.put(path, json={"secret": SECRET}))
    other = "whsec_YW5vdGhlci1zaWduaW5nLXNlY3JldC1vZi1PcGVuQUk="
    forged = [
        {"Authorization": ""},
        sign("b", body, secret=other),
        sign("c", body, age=timedelta(minutes=6)),
        sign("d", body, age=-timedelta(minutes=6)),
        sign("e", b"{}"),
        sign("f", body) | {"webhook-timestamp": "soon"},
    ]
    for headers in forged:
        assert (await api.post(target, content=body, headers=headers)).status_code == 403
    assert (await api.post(target, content=body, headers=sign("g", body))).json() == {"looks_soon": False}
    long = b'"' + b"x" * 70_000 + b'"'
    assert (await api.post(target, content=long, headers=sign("h", long))).status_code == 413
    assert (await stranger.put(path, json={"secret": other})).status_code == 404
    await ok(await api.put(path, json={"secret": other}))
    assert (await api.post(target, content=body, headers=sign("i", body))).status_code == 403
    assert (await ok(await api.delete(path)))["active"] is False
    assert (await api.post(target, content=body, headers=sign("j", body, secret=other))).status_code == 404
    together = await desk.connected(kind="together")
    refused = await api.put(f"/v1/connections/{together}/webhook", json={"secret": SECRET})
    assert (refused.status_code, "Together sends no webhooks" in refused.text) == (409, True)
