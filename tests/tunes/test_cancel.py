import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.tunes.conftest import ENDED, Desk, working
from tests.tunes.sandbox import JOBS, Sandbox


async def test_a_tune_that_was_not_sent_is_cancelled_at_once_and_never_sent(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    connection_id = await desk.connected(sandbox)
    asked = await desk.asked(connection_id)
    path = f"/v1/tunes/{asked['id']}/cancel"
    cancelled = await api.post(path, json={"reason": "a mistake"}, headers={"If-Match": '"1"'})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert cancelled.json() == await desk.tune(asked["id"])
    assert (await api.post(path)).headers["etag"] == cancelled.headers["etag"]
    other = await desk.asked(connection_id)
    async with working(engine):
        await desk.until(other["id"])
    assert await sandbox.jobs(asked["id"]) == []
    assert [entry["reason"] for entry in await desk.listed(asked["id"], "history")] == [None, "a mistake"]


async def test_a_running_job_is_asked_to_end(
    desk: Desk, slow_sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    asked = await desk.asked(await desk.connected(slow_sandbox), hyperparameters={"n_epochs": 40})
    async with working(engine):
        await desk.until(asked["id"], "running")
        accepted = await api.post(f"/v1/tunes/{asked['id']}/cancel")
        assert (accepted.json()["state"], accepted.json()["cancel_requested"]) == ("running", True)
        tune = await desk.until(asked["id"])
    assert (tune["state"], tune["raw_status"]) == ("cancelled", "cancelled")
    assert [kind for kind in await desk.recorded(asked["id"]) if "Cancel" in kind] == [
        "TuneCancelRequested",
        "TuneCancelSent",
        "TuneCancelled",
    ]


async def test_a_cancelled_job_that_succeeds_all_the_same_has_succeeded(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    await sandbox.meets("cancel_then_succeed")
    asked = await desk.asked(await desk.connected(sandbox), hyperparameters={"n_epochs": 30})
    async with working(engine):
        await desk.until(asked["id"], "running")
        assert (await api.post(f"/v1/tunes/{asked['id']}/cancel")).status_code == 200
        tune = await desk.until(asked["id"])
    assert (tune["state"], tune["cancel_requested"]) == ("succeeded", True)
    assert tune["provider_model"]
    assert (await api.post(f"/v1/tunes/{asked['id']}/cancel")).status_code == 409


async def test_a_provider_that_will_not_cancel_fails_nothing(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    async with working(engine, dispatch.run):
        tune = await desk.until(asked["id"], "validating", "queued", "running")
        job = f"{JOBS}/{tune['job_id']}"

        async def ended() -> bool:
            return bool((await sandbox.http.get(job)).json()["status"] == "succeeded")

        await desk.happens(ended)
        await api.post(f"/v1/tunes/{asked['id']}/cancel")

        async def refused() -> bool:
            return "TuneCancelSent" in await desk.recorded(asked["id"])

        await desk.happens(refused)
    async with working(engine, poller.run):
        assert (await desk.until(asked["id"], *ENDED))["state"] == "succeeded"


async def test_a_connection_in_use_is_neither_deleted_nor_moved(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    connection_id = await desk.connected(sandbox)
    asked = await desk.asked(connection_id)
    path = f"/v1/connections/{connection_id}"
    assert (await api.delete(path)).status_code == 409
    assert (await api.patch(path, json={"base_url": "http://127.0.0.1:9/v1", "secret": "x"})).status_code == 409
    await api.post(f"/v1/tunes/{asked['id']}/cancel")
    assert (await api.delete(path)).status_code == 200
    target = {"connection_id": connection_id, "base_model": "any"}
    gone = await api.post("/v1/tunes", json={**await desk.frozen(), "targets": [target]})
    assert (gone.status_code, gone.json()["errors"][0]["pointer"]) == (404, "/targets/0/connection_id")
