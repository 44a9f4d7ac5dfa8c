"""Estimates over HTTP, and `POST /tunes` refusing what its estimate said."""

from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.checks import worker as checks
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.sandbox import MODEL


async def body(desk: Desk, *, base_model: str = MODEL, frozen: Any = None, target: Any = None, **fields: Any) -> Any:
    connection = await desk.connected()
    wanted = {"connection_id": connection, "base_model": base_model} | (target or {})
    return {**(frozen or await desk.frozen()), "targets": [wanted]} | fields


async def test_an_estimate_counts_tokens_and_records_nothing(desk: Desk, api: httpx.AsyncClient) -> None:
    wanted = await body(desk, target={"hyperparameters": {"n_epochs": 2}})
    estimate = await ok(await api.post("/v1/tunes/estimate", json=wanted))
    [target] = estimate["targets"]
    assert estimate["sendable"] is True
    assert (estimate["train"]["rows"], estimate["train"]["read"], estimate["validation"]["rows"]) == (24, 24, 6)
    assert target["training_tokens"] == 2 * estimate["train"]["tokens"] > 0
    assert target["cost"]["total"] == {"amount": "0", "currency": "USD"}
    assert (target["seconds"], target["tunes_measured"]) == (None, 0)
    assert (await ok(await api.get("/v1/tunes")))["data"] == []


async def test_all_faults_are_told_at_once_and_the_request_is_refused_with_the_same(
    desk: Desk, api: httpx.AsyncClient
) -> None:
    target = {"hyperparameters": {"n_epochs": 0, "batch_size": 1000}}
    wanted = await body(desk, frozen=await desk.frozen(4), target=target, seed=1)
    estimate = await ok(await api.post("/v1/tunes/estimate", json=wanted))
    refused = await api.post("/v1/tunes", json=wanted)
    assert refused.status_code == 422
    assert refused.json()["errors"] == estimate["faults"] == estimate["targets"][0]["faults"]
    assert [fault["pointer"] for fault in estimate["faults"]] == [
        "/targets/0/hyperparameters/n_epochs",
        "/targets/0/hyperparameters/batch_size",
        "/splits/train",
    ]
    assert (await ok(await api.get("/v1/tunes")))["data"] == []


async def test_what_looks_odd_is_sent_only_with_force(desk: Desk, api: httpx.AsyncClient) -> None:
    wanted = await body(desk, target={"hyperparameters": {"n_epoch": 2}})
    refused = await api.post("/v1/tunes", json=wanted)
    assert refused.status_code == 422
    assert "force" in refused.json()["detail"]
    assert (await api.post("/v1/tunes", json=wanted | {"force": True})).status_code == 201


async def test_a_budget_below_the_estimate_refuses(desk: Desk, api: httpx.AsyncClient) -> None:
    price = {"training": "1000", "as_of": "2026-11-01", "source": "our contract"}
    entry = {"id": MODEL, "provider": "sandbox", "kind": "sandbox", "name": "Dear", "methods": ["supervised"]}
    await ok(await api.put("/v1/base-models", json=entry | {"prices": price}))
    wanted = await body(desk, target={"hyperparameters": {"n_epochs": 1}})
    refused = await api.post("/v1/tunes", json=wanted | {"budget": {"amount": "0.01"}})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["over_budget"]
    estimate = await ok(await api.post("/v1/tunes/estimate", json=wanted))
    assert float(estimate["total"]["amount"]) > 0.01
    assert (await api.post("/v1/tunes", json=wanted | {"budget": {"amount": "1000"}})).status_code == 201


async def test_a_budget_cannot_be_held_where_the_price_is_not_known(desk: Desk, api: httpx.AsyncClient) -> None:
    connection = await desk.connected(kind="openai", base_url="http://127.0.0.1:9/v1")
    wanted = await body(desk, budget={"amount": "5"})
    wanted["targets"][0]["connection_id"] = connection
    refused = await api.post("/v1/tunes", json=wanted)
    assert [fault["code"] for fault in refused.json()["errors"]] == ["cost_unknown"]


async def test_a_tune_may_require_that_its_examples_are_ready(
    desk: Desk, api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    few, enough = await desk.frozen(24), await desk.frozen(60)
    refused = (await api.post("/v1/tunes", json=await body(desk, frozen=few, require_ready=True))).json()
    assert [(fault["pointer"], fault["code"]) for fault in refused["errors"]] == [("/require_ready", "not_checked")]
    async with working(engine, checks.run):
        for frozen in (few, enough):
            path = f"/v1/datasets/{frozen['dataset_id']}/checks"
            operation = await ok(await api.post(path, json={"version": frozen["dataset_version"]}))
            await ok(await api.get(f"/v1/operations/{operation['id']}?wait=60"))
            frozen["report"] = f"{path}/{operation['id']}"
    reports = [frozen.pop("report") for frozen in (few, enough)]
    refused = (await api.post("/v1/tunes", json=await body(desk, frozen=few, require_ready=True))).json()
    assert (refused["errors"][0]["code"], reports[0] in refused["detail"]) == ("not_ready", True)
    sent = await api.post("/v1/tunes", json=await body(desk, frozen=enough, require_ready=True))
    assert sent.status_code == 201, sent.text
    check_id = reports[1].rpartition("/")[2]
    tune = (await ok(await api.get("/v1/tunes", params={"dataset_id": enough["dataset_id"]})))["data"][0]
    assert tune["check_id"] == (await ok(await api.get(f"/v1/tunes/{tune['id']}")))["check_id"] == check_id


async def test_a_grid_is_checked_whole_and_all_of_it_counts_for_the_budgets(desk: Desk, api: httpx.AsyncClient) -> None:
    price = {"training": "1000", "as_of": "2026-11-01", "source": "our contract"}
    entry = {"id": MODEL, "provider": "sandbox", "kind": "sandbox", "name": "Dear", "methods": ["supervised"]}
    await ok(await api.put("/v1/base-models", json=entry | {"prices": price}))
    grid = {"n_epochs": [1, 2, 0], "batch_size": [4, 1000]}
    wanted = await body(desk, target={"grid": grid}, model="ours")
    estimate = await ok(await api.post("/v1/tunes/estimate", json=wanted))
    assert [fault["pointer"] for fault in estimate["faults"]] == [
        "/targets/0/grid/batch_size/1",
        "/targets/0/grid/n_epochs/2",
    ]
    settings = [(target["target"], *target["hyperparameters"].values()) for target in estimate["targets"]]
    assert settings == [(0, 1, 4), (0, 1, 1000), (0, 2, 4), (0, 2, 1000), (0, 0, 4), (0, 0, 1000)]

    wanted["targets"][0]["grid"] = {"n_epochs": [1, 2], "batch_size": [4, 8]}
    wanted["targets"].append(wanted["targets"][0] | {"grid": {}, "hyperparameters": {"n_epochs": 1}, "model": "theirs"})
    estimate = await ok(await api.post("/v1/tunes/estimate", json=wanted))
    one = float(estimate["targets"][0]["cost"]["total"]["amount"])
    assert abs(float(estimate["total"]["amount"]) - 7 * one) < 0.01  # 1, 1, 2, 2 and 1 epochs
    for model, tunes in (("ours", 6), ("theirs", 1)):
        await ok(await api.put("/v1/budgets", json={"amount": f"{tunes * one - 0.02:.2f}", "model": model}))
        refused = (await api.post("/v1/tunes", json=wanted)).json()
        assert [fault["code"] for fault in refused["errors"]] == ["over_budget"]
        assert f"budget of {model}" in refused["detail"]
        await ok(await api.put("/v1/budgets", json={"amount": f"{tunes * one + 0.02:.2f}", "model": model}))
    made = await ok(await api.post("/v1/tunes", json=wanted))
    assert [tune["model"] for tune in made["tunes"]] == ["ours"] * 4 + ["theirs"]


@pytest.mark.parametrize(
    ("target", "pointer", "word"),
    [
        ({"grid": {f"p{n}": list(range(1, 6)) for n in range(3)}}, "", "125 tunes"),
        ({"grid": {"n_epochs": [1]}, "hyperparameters": {"n_epochs": 2}}, "/targets/0", "n_epochs"),
        ({"grid": {"n_epochs": [1, 1.0]}}, "/targets/0", "twice"),
        ({"grid": {"n_epochs": []}}, "/targets/0/grid/...", "length"),
    ],
)
async def test_a_grid_that_makes_no_sense_is_refused(
    desk: Desk, api: httpx.AsyncClient, target: dict[str, Any], pointer: str, word: str
) -> None:
    refused = await api.post("/v1/tunes", json=await body(desk, target=target))
    assert refused.status_code == 400
    [fault] = refused.json()["errors"]
    assert (fault.get("pointer", ""), word in fault["detail"]) == (pointer, True), fault
