"""Tunes on the real sandbox, from the request to the end."""

import hashlib
import json
import uuid
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import REGISTRY
from service.database.engine import metadata
from service.ledger import rebuild
from service.ledger.tables import events, leases
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.conftest import as_owner
from tests.tunes.conftest import ENDED, Desk, ok, turns, working
from tests.tunes.sandbox import CREATED, JOBS, MODEL, Sandbox, sandbox_in


async def waits(engine: AsyncEngine, kind: str) -> float:
    """Seconds until what went wrong is tried again; 0 while nothing has."""
    left = sa.extract("epoch", leases.c.due_at - sa.func.clock_timestamp())
    query = sa.select(left).where(leases.c.kind == kind, leases.c.last_error.is_not(None))
    async with engine.connect() as connection:
        return float(await connection.scalar(query) or 0)


async def owners(engine: AsyncEngine, kind: str) -> set[uuid.UUID]:
    query = sa.select(leases.c.owner).where(leases.c.kind == kind, leases.c.owner.is_not(None))
    async with engine.connect() as connection:
        return set(await connection.scalars(query))


async def test_a_tune_lives_from_the_request_to_a_model(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    frozen = await desk.frozen()
    asked = await desk.asked(await desk.connected(sandbox), of=frozen, model="headlines", seed=7)
    assert (asked["state"], asked["job_id"], asked["model"]) == ("pending", None, "headlines")
    async with working(engine):
        tune = await desk.until(asked["id"])
    assert (tune["state"], tune["raw_status"], tune["error"]) == ("succeeded", "succeeded", None)
    assert tune["provider_model"].startswith(f"ft:{MODEL}:")
    assert tune["trained_tokens"] > 0
    assert tune["submitted_at"]
    assert tune["finished_at"]
    assert tune["hyperparameters"] == {"n_epochs": 2}
    exported = (await api.get(f"/v1/datasets/{frozen['dataset_id']}/export?version=v1&split=train")).content
    sent = tune["training_file"]
    assert sent["digest"] == hashlib.sha256(exported).hexdigest()
    assert (sent["bytes"], sent["rows"], tune["train_examples"]) == (len(exported), 24, 24)
    assert await sandbox.content(sent["file_id"]) == exported
    assert tune["validation_file"]["rows"] == tune["validation_examples"] == 6
    [job] = await sandbox.jobs(tune["id"])
    assert (job["id"], job["seed"]) == (tune["job_id"], 7)


async def test_what_the_job_tells_is_recorded_once(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    asked = await desk.asked(await desk.connected(sandbox), hyperparameters={"n_epochs": 6})
    async with working(engine):
        tune = await desk.until(asked["id"])
    log = await desk.listed(tune["id"], "events")
    told = (await sandbox.http.get(f"/v1/fine_tuning/jobs/{tune['job_id']}/events?limit=1000")).json()["data"]
    assert [line["id"] for line in log] == [line["id"] for line in reversed(told)]
    points = await desk.listed(tune["id"], "metrics")
    assert [point["step"] for point in points] == sorted({point["step"] for point in points})
    assert points[-1]["train_loss"] < points[0]["train_loss"]
    assert points[-1]["full_valid_loss"] is not None
    checkpoints = await desk.listed(tune["id"], "checkpoints")
    assert len(checkpoints) >= 3
    assert checkpoints[-1]["metrics"]["step"] == checkpoints[-1]["step"]
    recorded = await desk.recorded(tune["id"])
    assert recorded[:3] == ["TuneRequested", "TuneSubmitting", "TuneSubmitted"]
    assert recorded[-1] == "TuneSucceeded"
    assert recorded.count("TuneProgressed") == len(recorded) - 4


async def test_the_lists_of_a_tune_come_in_pages(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    async with working(engine):
        await desk.until(asked["id"])
    for what in ("events", "metrics", "checkpoints", "history"):
        every = await desk.listed(asked["id"], what)
        assert len(every) > 1
        paged, cursor = [], ""
        while cursor is not None:
            found = await ok(await api.get(f"/v1/tunes/{asked['id']}/{what}?limit=1{cursor and '&cursor='}{cursor}"))
            paged += found["data"]
            cursor = found["next_cursor"]
        assert paged == every


async def test_workers_record_for_the_request_that_asked(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    async with working(engine):
        await desk.until(asked["id"])
    told = await desk.listed(asked["id"], "history")
    assert {entry["request_id"] for entry in told} == {told[0]["request_id"]}
    assert {entry["actor"] for entry in told[1:]} == {"tuneledger"}


async def test_a_sweep_tunes_each_target_once_and_uploads_once(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    connection_id = await desk.connected(sandbox)
    models = [MODEL, "gpt-4.1-mini-2025-04-14", MODEL]
    targets = [
        {"connection_id": connection_id, "base_model": model, "hyperparameters": {"n_epochs": epochs}}
        for epochs, model in enumerate(models, start=1)
    ]
    uploads = await sandbox.count("done", "POST /v1/files")
    made = await api.post("/v1/tunes", json={**await desk.frozen(31, validation=7), "targets": targets})
    sweep = made.json()
    assert made.status_code == 201
    assert [tune["base_model"] for tune in sweep["tunes"]] == models
    assert (sweep["states"], sweep["finished"]) == ({"pending": 3}, False)
    async with working(engine):
        ended = [await desk.until(tune["id"]) for tune in sweep["tunes"]]
    assert [tune["state"] for tune in ended] == ["succeeded"] * 3
    assert len({tune["provider_model"] for tune in ended}) == 3
    assert await sandbox.count("done", "POST /v1/files") == uploads + 2
    again = (await api.get(made.headers["location"])).json()
    assert (again["tunes"], again["states"], again["finished"]) == (ended, {"succeeded": 3}, True)


async def test_preferences_go_out_in_the_providers_shape(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    made = await ok(await api.post("/v1/datasets", json={"name": "preferences"}))
    path = f"/v1/datasets/{made['id']}"
    answers = {
        "chosen": {"role": "assistant", "content": "sports"},
        "rejected": {"role": "assistant", "content": "no idea"},
    }
    contents = [{"messages": turns(number)[:1], **answers} for number in range(12)]
    rows = [{"content": content, "split": "train"} for content in contents]
    await ok(await api.post(f"{path}/examples", json={"examples": rows}))
    await ok(await api.post(f"{path}/versions", json={"name": "v1"}))
    frozen = {"dataset_id": made["id"], "dataset_version": "v1"}
    asked = await desk.asked(await desk.connected(sandbox), of=frozen, method="dpo")
    async with working(engine):
        tune = await desk.until(asked["id"])
    assert (tune["state"], tune["error"]) == ("succeeded", None)
    sent = [json.loads(line) for line in (await sandbox.content(tune["training_file"]["file_id"])).splitlines()]
    assert [sorted(row) for row in sent] == [["input", "non_preferred_output", "preferred_output"]] * 12
    assert sent[0]["preferred_output"] == [answers["chosen"]]


async def test_an_account_that_may_not_train_fails_the_tune_and_hints_at_others(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    await desk.connected(kind="together", base_url="http://127.0.0.1:9/v1", name="our account at Together")
    await desk.connected(name="another toy")
    await sandbox.meets("training_not_available")
    async with working(engine):
        tune = await desk.until(asked["id"])
    assert (tune["state"], tune["error"]["code"]) == ("failed", "training_not_available")
    assert "winding down" in tune["error"]["message"]
    assert tune["error"]["hint"].endswith("through our account at Together.")
    assert await sandbox.jobs(tune["id"]) == []


async def test_a_failed_tune_is_tried_again_as_a_new_one(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    path = f"/v1/tunes/{asked['id']}/retry"
    assert (await api.post(path)).status_code == 409
    await sandbox.meets("training_not_available")
    async with working(engine):
        await desk.until(asked["id"])
        made = await api.post(path, headers={"Idempotency-Key": "again"})
        assert (made.status_code, made.json()["retries"]) == (201, asked["id"])
        repeated = await api.post(path, headers={"Idempotency-Key": "again"})
        assert (repeated.json(), repeated.headers["idempotency-replayed"]) == (made.json(), "true")
        tune = await desk.until(made.json()["id"])
    assert (tune["state"], tune["sweep_id"]) == ("succeeded", asked["sweep_id"])
    assert (await desk.tune(asked["id"]))["state"] == "failed"


async def test_a_rate_limit_is_waited_out(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    await sandbox.meets("rate_limited", method="POST", path=JOBS, retry_after=3)
    before = await sandbox.count("done", CREATED)
    async with working(engine):
        # Without the Retry-After it would come back within two seconds.
        assert await desk.happens(lambda: waits(engine, "dispatch")) > 2
        tune = await desk.tune(asked["id"])
        assert (tune["state"], "Rate limit" in tune["trouble"]) == ("pending", True)
        assert await sandbox.count("done", CREATED) == before
        assert (await desk.until(asked["id"]))["state"] == "succeeded"
    recorded = await desk.recorded(asked["id"])
    assert recorded[1:5] == ["TuneSubmitting", "TuneNotSubmitted", "TuneSubmitting", "TuneSubmitted"]


async def test_a_provider_that_is_never_reached_is_given_up(desk: Desk, engine: AsyncEngine) -> None:
    asked = await desk.asked(await desk.connected())
    async with working(engine):
        await desk.happens(lambda: waits(engine, "dispatch"))
        tune = await desk.tune(asked["id"])
        assert (tune["state"], tune["error"]) == ("pending", None)
        assert "could not be reached" in tune["trouble"]
        async with engine.begin() as connection:
            long_tried = {"attempts": dispatch.MAX_ATTEMPTS, "due_at": sa.func.clock_timestamp()}
            await connection.execute(sa.update(leases).values(long_tried))
        tune = await desk.until(asked["id"])
    assert (tune["state"], tune["error"]["code"], tune["trouble"]) == ("failed", "dispatch_given_up", None)
    assert "could not be reached" in tune["error"]["message"]


async def test_an_unknown_status_is_running_and_kept_as_it_was_said(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    asked = await desk.asked(await desk.connected(sandbox), hyperparameters={"n_epochs": 20})
    await sandbox.meets("unknown_status", times=2)
    async with working(engine):
        assert (await desk.until(asked["id"]))["state"] == "succeeded"
    told = [entry["changes"] for entry in await desk.listed(asked["id"], "history")]
    odd = next(changes for changes in told if changes.get("raw_status", {}).get("after") == "rebalancing")
    assert odd.get("state", {"after": "running"})["after"] == "running"


async def test_server_errors_while_polling_do_no_harm(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    async with working(engine, dispatch.run):
        await desk.until(asked["id"], "validating", "queued", "running")
    await sandbox.meets("server_error", times=2, method="GET", path="/v1/fine_tuning/jobs/")
    async with working(engine, poller.run):
        assert (await desk.until(asked["id"]))["state"] == "succeeded"


async def test_a_job_that_the_provider_lost_fails_the_tune_after_several_looks(
    desk: Desk, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with sandbox_in(tmp_path / "before", pace=1) as sandbox, working(engine, dispatch.run):
        asked = await desk.asked(await desk.connected(sandbox))
        await desk.until(asked["id"], "validating", "queued", "running")
    port = httpx.URL(sandbox.base_url).port or 0
    async with sandbox_in(tmp_path / "after", pace=1, port=port) as empty, working(engine, poller.run):
        tune = await desk.until(asked["id"], *ENDED)
        looks = await empty.count("calls", "GET /v1/fine_tuning/jobs/{job_id}")
        recorded = await desk.recorded(asked["id"])
    assert (tune["state"], tune["error"]["code"]) == ("failed", "job_not_found")
    assert tune["job_id"] in tune["error"]["message"]
    assert looks > 10
    assert recorded[-2:] == ["TuneTroubled", "TuneFailed"]


async def test_two_pollers_share_the_connections(desk: Desk, slow_sandbox: Sandbox, engine: AsyncEngine) -> None:
    frozen = await desk.frozen()
    connections = [await desk.connected(slow_sandbox) for _ in range(4)]
    asked = [await desk.asked(each, of=frozen, hyperparameters={"n_epochs": 1}) for each in connections]
    async with (
        working(engine, dispatch.run),
        working(engine, poller.run) as first,
        working(engine, poller.run) as second,
    ):
        seen = set()

        async def both() -> bool:
            seen.update(await owners(engine, "poll"))
            return seen == {first.owner, second.owner}

        await desk.happens(both)
        ended = [await desk.until(tune["id"]) for tune in asked]
    assert [tune["state"] for tune in ended] == ["succeeded"] * 4
    for tune in ended:
        ids = [line["id"] for line in await desk.listed(tune["id"], "events")]
        assert len(ids) == len(set(ids))


async def test_the_secret_is_in_no_event_of_a_tune(
    desk: Desk,
    sandbox: Sandbox,
    engine: AsyncEngine,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret = "sk-never-to-be-seen-0123456789"
    asked = await desk.asked(await desk.connected(sandbox, secret=secret))
    await sandbox.meets("invalid_api_key", path=JOBS)
    async with working(engine):
        failed = await desk.until(asked["id"])
    assert failed["error"]["code"] == "invalid_api_key"
    async with engine.connect() as connection:
        log = [json.dumps(data) for data in await connection.scalars(sa.select(events.c.data))]
    shown = capsys.readouterr()
    assert secret not in "".join([*log, caplog.text, shown.out, shown.err, json.dumps(failed)])


async def test_the_tables_follow_from_the_log(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    connection_id = await desk.connected(sandbox)
    first = await desk.asked(connection_id)
    await sandbox.meets("training_not_available")
    async with working(engine):
        await desk.until(first["id"])
        await desk.until((await desk.asked(connection_id, model="headlines", notes="with notes"))["id"])
    async with as_owner(engine) as owner:
        report = await rebuild.rebuild(owner, REGISTRY, metadata, verify=True)
    assert [table for table in report.tables if table.missing or table.unexpected] == []
    assert {table.table: table.live for table in report.tables}["tunes"] == 2
