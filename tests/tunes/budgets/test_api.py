"""Monthly budgets refuse what would go beyond them, with the tunes that still run counted by their estimates."""

import asyncio
from collections import Counter
from typing import Any

import httpx

from tests.tunes.conftest import Desk, ok
from tests.tunes.preflight.test_api import body
from tests.tunes.sandbox import MODEL

PRICE = {"training": "1000", "as_of": "2026-11-01", "source": "our contract"}
ENTRY = {"id": MODEL, "provider": "sandbox", "kind": "sandbox", "name": "Dear", "methods": ["supervised"]}


async def refuses(api: httpx.AsyncClient, wanted: dict[str, Any]) -> str:
    refused = await api.post("/v1/tunes", json=wanted)
    assert refused.status_code == 422, refused.text
    [fault] = refused.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/targets", "over_budget")
    return str(fault["detail"])


async def test_what_is_in_flight_counts_against_the_month(desk: Desk, api: httpx.AsyncClient) -> None:
    await ok(await api.put("/v1/base-models", json=ENTRY | {"prices": PRICE}))
    wanted = await body(desk, target={"hyperparameters": {"n_epochs": 1}}, model="headlines")
    price = float((await ok(await api.post("/v1/tunes/estimate", json=wanted)))["total"]["amount"])
    whole = await ok(await api.put("/v1/budgets", json={"amount": f"{price * 1.5:.2f}", "reason": "November"}))
    assert (whole["model"], whole["spent"]) == (None, {"amount": "0", "currency": "USD"})
    assert (await api.post("/v1/tunes", json=wanted)).status_code == 201
    [listed] = (await ok(await api.get("/v1/budgets")))["data"]
    assert abs(float(listed["spent"]["amount"]) - price) < 0.01
    assert "this month's budget of the workspace" in await refuses(api, wanted)

    await ok(await api.put("/v1/budgets", json={"amount": f"{price * 10:.2f}"}))
    await ok(await api.put("/v1/budgets", json={"amount": "0.01", "model": "headlines"}))
    assert "budget of headlines has 0.00 left" in await refuses(api, wanted)
    assert (await api.post("/v1/tunes", json=wanted | {"model": "another line"})).status_code == 201

    names = [budget["model"] for budget in (await ok(await api.get("/v1/budgets")))["data"]]
    assert names == [None, "headlines"]
    for budget in (await ok(await api.get("/v1/budgets")))["data"]:
        assert (await api.delete(f"/v1/budgets/{budget['id']}")).status_code == 204
        assert (await api.delete(f"/v1/budgets/{budget['id']}")).status_code == 404
    assert (await api.post("/v1/tunes", json=wanted)).status_code == 201


async def test_of_requests_at_one_moment_one_fits_and_a_retry_counts(desk: Desk, api: httpx.AsyncClient) -> None:
    await ok(await api.put("/v1/base-models", json=ENTRY | {"prices": PRICE}))
    wanted = await body(desk, target={"hyperparameters": {"n_epochs": 1}}, model="headlines")
    price = float((await ok(await api.post("/v1/tunes/estimate", json=wanted)))["total"]["amount"])
    await ok(await api.put("/v1/budgets", json={"amount": f"{price * 1.5:.2f}"}))
    await ok(await api.put("/v1/budgets", json={"amount": f"{price * 9:.2f}", "model": "headlines"}))
    answers = await asyncio.gather(*[api.post("/v1/tunes", json=wanted) for _ in range(6)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 5}
    [made] = [answer.json() for answer in answers if answer.status_code == 201]
    [budget, _] = (await ok(await api.get("/v1/budgets")))["data"]
    history = await ok(await api.get(f"/v1/events?stream_id={budget['id']}"))
    [held] = [event for event in history["data"] if event["type"] == "BudgetHeld"]
    assert (held["data"]["sweep_id"], held["data"]["tunes"]) == (made["id"], 1)

    [tune] = made["tunes"]
    await ok(await api.post(f"/v1/tunes/{tune['id']}/cancel", json={}))
    await ok(await api.post(f"/v1/tunes/{tune['id']}/retry"))
    assert "budget of the workspace" in (await api.post(f"/v1/tunes/{tune['id']}/retry")).json()["detail"]


async def test_the_same_budget_again_records_nothing(api: httpx.AsyncClient) -> None:
    first = await api.put("/v1/budgets", json={"amount": "10"})
    again = await api.put("/v1/budgets", json={"amount": "10"})
    assert (first.headers["etag"], again.headers["etag"]) == ('"1"', '"1"')
    for wrong in ({"amount": "-1"}, {"amount": "1", "currency": "dollars"}, {}):
        assert (await api.put("/v1/budgets", json=wrong)).status_code == 400
