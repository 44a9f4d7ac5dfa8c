"""A sweep over a grid at the sandbox, from one request to a table with the scores of its versions."""

import csv
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.models import worker as registrar
from service.tunes.progress import poller
from service.tunes.submission import dispatcher
from tests.evaluations.measurements import Lab, run_worker
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.sandbox import MODEL, Sandbox

GRID = {"n_epochs": [1, 2], "learning_rate_multiplier": [0.5, 1.0]}


async def test_a_grid_becomes_a_table_of_its_versions(
    lab: Lab, api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    connection, frozen = await lab.connect(sandbox), await Desk(api).frozen(24, validation=6)
    targets: list[Any] = [
        {"connection_id": connection, "base_model": MODEL, "grid": GRID, "hyperparameters": {"batch_size": 4}},
        {"connection_id": connection, "base_model": MODEL, "model": "another line"},
    ]
    sweep = await ok(await api.post("/v1/tunes", json={**frozen, "targets": targets, "model": "headlines"}))
    waiting = await ok(await api.get(f"/v1/sweeps/{sweep['id']}/table"))
    assert (waiting["finished"], waiting["metrics"], waiting["sort"]) == (False, [], "validation_loss")
    assert set(waiting["varied"]) == {"batch_size", "n_epochs", "learning_rate_multiplier"}
    async with working(engine, dispatcher.run, poller.run, registrar.run):
        tunes = [await ok(await api.get(f"/v1/tunes/{tune['id']}?wait=30&until=registered")) for tune in sweep["tunes"]]
    assert [tune["state"] for tune in tunes] == ["succeeded"] * 5
    assert [(tune["model"], tune["model_version"] is None) for tune in tunes] == [
        *[("headlines", False)] * 4,
        ("another line", False),
    ]
    measured = [{"model_id": tune["model_id"], "version": tune["model_version"]} for tune in tunes[:2]]
    dataset = await lab.dataset(test=3, start=60)
    async with run_worker(engine):
        evaluation = await lab.evaluate(dataset, measured)

    table = await ok(await api.get(f"/v1/sweeps/{sweep['id']}/table"))
    [metric] = table["metrics"]
    assert (table["finished"], table["sort"], table["metric"]) == (True, "metric", metric)
    rows = table["rows"]
    assert {row["tune_id"] for row in rows[:2]} == {tune["id"] for tune in tunes[:2]}
    assert rows[0]["scores"][metric]["mean"] >= rows[1]["scores"][metric]["mean"]
    assert rows[0]["scores"][metric]["evaluation_id"] == evaluation["id"]
    assert all(row["best_checkpoint"]["validation_loss"] >= row["lowest_validation_loss"] > 0 for row in rows)

    by_loss = (await ok(await api.get(f"/v1/sweeps/{sweep['id']}/table?sort=validation_loss")))["rows"]
    losses = [row["lowest_validation_loss"] for row in by_loss]
    assert losses == sorted(losses)
    file = await api.get(f"/v1/sweeps/{sweep['id']}/table/csv?sort=requested")
    assert file.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(file.text.splitlines()))
    assert [(line["tune_id"], line["n_epochs"]) for line in lines] == [
        (tune["id"], str(tune["hyperparameters"].get("n_epochs", ""))) for tune in tunes
    ]
    assert [line["model_version"] for line in lines] == [tune["model_version"] for tune in tunes]
    refused = await api.get(f"/v1/sweeps/{sweep['id']}/table?metric=beauty")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?metric")
    assert (await api.get(f"/v1/sweeps/{tunes[0]['id']}/table")).status_code == 404
