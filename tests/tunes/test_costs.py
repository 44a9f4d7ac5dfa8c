"""What a tune cost, by the provider or computed, and the cost table of a workspace."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.tunes.preflight.cost_estimate import CostEstimate
from service.tunes.schemas import compute_cost
from tests.emulators.together import TogetherEmulator, emulate
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.sandbox import Sandbox
from tests.tunes.test_together import asked

ESTIMATE = CostEstimate(amount="1", currency="USD", per_million="0.48", source="list", as_of="2026-05-31")  # type: ignore[arg-type]


@pytest.fixture
async def together() -> AsyncIterator[TogetherEmulator]:
    async with emulate(pace=0.05) as emulator:
        yield emulator


async def test_the_providers_figure_counts_and_the_table_adds_it_up(
    desk: Desk, together: TogetherEmulator, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    tune_id = await asked(desk, together, model="headlines")
    free = await desk.asked(await desk.connected(sandbox))
    async with working(engine):
        tune = await desk.until(tune_id, "succeeded")
        await desk.until(free["id"], "succeeded")
    assert tune["estimate"]["currency"] == "USD"
    assert tune["cost"]["by"] == "provider"
    assert float(tune["cost"]["amount"]) > 0
    listed = await ok(await api.get(f"/v1/tunes/{tune_id}"))
    assert listed["cost"] == tune["cost"]

    table = await ok(await api.get("/v1/costs?by=base_model"))
    lines: dict[str, Any] = {line["key"]: line for line in table["lines"]}
    assert float(lines["Qwen/Qwen3-8B"]["total"]["amount"]) == pytest.approx(float(tune["cost"]["amount"]), abs=1e-6)
    assert lines["Qwen/Qwen3-8B"]["by_provider"] is True
    assert lines[free["base_model"]]["total"] == {"amount": "0.000000", "currency": "USD"}
    assert [(line["key"], line["priced"]) for line in (await ok(await api.get("/v1/costs")))["lines"]] == [("tunes", 2)]
    assert table["totals"] == (await ok(await api.get("/v1/costs?by=month")))["totals"]


async def test_a_time_without_costs_is_empty_and_a_wrong_one_is_refused(api: httpx.AsyncClient) -> None:
    empty = await ok(await api.get("/v1/costs?by=connection&since=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z"))
    assert (empty["lines"], empty["totals"]) == ([], [])
    wrong = await api.get("/v1/costs?since=2020-02-01T00:00:00Z&until=2020-01-01T00:00:00Z")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "?since")
    assert (await api.get("/v1/costs?by=weather")).status_code == 400
    for outside in (
        "since=0001-01-01T00:00:00%2B14:00",
        "until=9999-12-31T23:59:59-14:00",
        "since=2026-01-01T00:00:00",
    ):
        refused = await api.get(f"/v1/costs?{outside}")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"?{outside[:5]}")
    assert (await ok(await api.get("/v1/costs?until=0001-01-02T00:00:00Z")))["since"].startswith("0001-01-01")


def test_without_a_figure_of_the_provider_the_cost_is_computed_and_says_so() -> None:
    computed = compute_cost(None, None, ESTIMATE, 2_000_000)
    assert computed
    assert (computed.amount, computed.by) == ("0.96", "computed")
    assert compute_cost("1.5", "EUR", ESTIMATE, 2_000_000) is not None
    assert compute_cost(None, None, None, 2_000_000) is None
    assert compute_cost(None, None, ESTIMATE, None) is None
