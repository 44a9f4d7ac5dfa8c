"""A version's cost and latency beside its base: ratios with intervals, from calls that were logged."""

import math
import random
from statistics import fmean

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.monitoring.reports.savings import MIN_CALLS, CallSums, compare_costs, compare_latencies, describe
from tests.datasets.example_bodies import Json, ok
from tests.evaluations.measurements import Lab, base, run_worker
from tests.monitoring.production import Production
from tests.tunes.sandbox import MODEL, Sandbox


def sums(costs: list[float], latencies: list[float]) -> CallSums:
    logs = [math.log(latency) for latency in latencies]
    return CallSums(
        costs=len(costs),
        cost_sum=sum(costs),
        cost_squares=sum(cost * cost for cost in costs),
        latencies=len(logs),
        log_sum=sum(logs),
        log_squares=sum(log * log for log in logs),
    )


def test_ratios_are_of_means_and_their_intervals_hold_the_truth_19_times_in_20() -> None:
    dice, costs_held, latencies_held = random.Random(7), 0, 0
    for _ in range(400):
        cheap = sums([dice.uniform(0.5, 1.5) for _ in range(60)], [dice.lognormvariate(5, 0.5) for _ in range(60)])
        dear = sums([dice.uniform(2, 6) for _ in range(80)], [dice.lognormvariate(6, 0.8) for _ in range(80)])
        cheaper, faster = compare_costs(cheap, dear), compare_latencies(cheap, dear)
        assert cheaper.low and cheaper.high and faster.low and faster.high  # noqa: PT018 - narrows the types
        costs_held += cheaper.low <= 4 <= cheaper.high
        latencies_held += faster.low <= math.e <= faster.high
    assert 0.92 < costs_held / 400 < 0.98
    assert 0.92 < latencies_held / 400 < 0.98


def test_too_few_calls_have_no_interval_and_say_so() -> None:
    few, many = sums([1.0] * (MIN_CALLS - 1), [100.0] * (MIN_CALLS - 1)), sums([4.0] * 50, [300.0] * 50)
    cheaper, faster = compare_costs(few, many), compare_latencies(few, many)
    assert (cheaper.times, cheaper.low, faster.low) == (4.0, None, None)
    assert "too few" in describe("base", cheaper, faster)
    unknown = compare_costs(CallSums(), many)
    assert (unknown.times, unknown.other_calls) == (None, 50)
    assert "cost is not known of both" in describe("base", unknown, faster)
    assert "4 times more" in describe("base", compare_costs(many, sums([1.0] * 50, [])), faster)


async def test_calls_of_evaluations_and_production_are_compared(
    production: Production, lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    connection, dataset = await lab.connect(sandbox), await lab.dataset(test=MIN_CALLS, start=60)
    model = (await lab.create("/models", {"name": "quick"}))["id"]
    trained = {"connection_id": connection, "base_model": MODEL, "provider_model": MODEL}
    await lab.create(f"/models/{model}/versions", trained)
    path = f"/v1/models/{model}/versions/v1.0/savings"
    [nothing] = (await read(production, path))["savings"]
    assert (nothing["against"], nothing["role"], nothing["faster"]["times"]) == (MODEL, "base", None)
    async with run_worker(engine):
        await lab.evaluate(dataset, [base(connection), {"model_id": model, "version": "v1.0"}], fresh=True)
    dear = [
        production.call(model_id=model, latency_ms=900_000, cost={"amount": "9", "currency": "USD"}) for _ in range(40)
    ]
    await production.log(*dear)
    [saving] = (await read(production, path))["savings"]
    assert saving["same_questions"] is True  # so what production did counts for nothing
    assert (saving["faster"]["version_calls"], saving["faster"]["other_calls"]) == (MIN_CALLS, MIN_CALLS)
    assert saving["faster"]["low"] <= saving["faster"]["times"] <= saving["faster"]["high"]
    other = (await read(production, f"{path}?against=gpt-elsewhere"))["savings"][1]
    assert (other["role"], other["same_questions"], other["cheaper"]["other_calls"]) == ("other", False, 0)
    assert other["cheaper"]["version_mean"] == pytest.approx(fmean([9.0] * 40 + [0.0] * MIN_CALLS))


async def read(production: Production, path: str) -> Json:
    return await ok(await production.api.get(path))
