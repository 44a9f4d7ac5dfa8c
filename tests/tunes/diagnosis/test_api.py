"""The diagnosis and the charts of a tune that has run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.store import Caller
from service.providers.provider import MetricPoint, TuneCheckpoint
from service.tunes.diagnosis import worker as diagnosis
from service.tunes.events import TUNE, TuneFailed, TuneProgressed, TuneSubmitted
from tests.tunes.conftest import Desk, context_of, ok, working
from tests.tunes.sandbox import Sandbox


async def test_a_finished_tune_has_a_diagnosis_and_charts(
    desk: Desk, api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    tune = await desk.asked(await desk.connected(sandbox))
    async with working(engine):
        await desk.until(tune["id"], "succeeded")
    diagnosis = await ok(await api.get(f"/v1/tunes/{tune['id']}/diagnosis"))
    assert diagnosis["points"] > 0
    assert {finding["symptom"] for finding in diagnosis["findings"]} & {"too_little_data"}
    chart = await api.get(f"/v1/tunes/{tune['id']}/chart?theme=dark")
    assert (chart.status_code, chart.headers["content-type"]) == (200, "image/svg+xml")
    assert "training" in chart.text
    again = await api.get(f"/v1/tunes/{tune['id']}/chart?theme=dark")
    assert again.headers["etag"] == chart.headers["etag"]
    png = await api.get(f"/v1/sweeps/{tune['sweep_id']}/chart?format=png")
    assert (png.headers["content-type"], png.content[:4]) == ("image/png", b"\x89PNG")
    assert (await api.get(f"/v1/tunes/{tune['id']}/chart?format=gif")).status_code == 400
    assert (await api.get(f"/v1/tunes/{tune['sweep_id']}/chart")).status_code == 404


async def test_what_curves_begin_to_show_is_an_event_once(
    desk: Desk, api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    tune = await desk.asked(await desk.connected(kind="openai"))
    ledger, now = context_of(engine).ledger, datetime.now(UTC)

    async def record(*events: TuneSubmitted | TuneProgressed | TuneFailed) -> None:
        for event in events:
            await ledger.change(TUNE, UUID(tune["id"]), lambda _: [event], caller=caller)  # noqa: B023 - called here

    async def wait_for_symptoms(*symptoms: str) -> None:
        await desk.happens(lambda: has_symptoms(desk, tune["id"], symptoms))

    me = await ok(await api.get("/v1/me"))
    caller = Caller(workspace_id=UUID(me["workspace_id"]), actor="tester", request_id="r")
    async with working(engine, diagnosis.run):
        await record(TuneSubmitted(job_id="ftjob-1", state="running", raw_status="running", at=now))
        await record(progress(range(4), falling=1.0))
        await wait_for_symptoms("too_little_data")
        await record(progress(range(4, 10), falling=1.0, rising=2.0))
        await wait_for_symptoms("too_little_data", "overfitting", "too_many_epochs")
        await record(progress(range(10, 11), falling=float("nan")))
        await wait_for_symptoms("too_little_data", "overfitting", "too_many_epochs", "not_finite")
        await record(TuneFailed(code="provider_failed", message="CUDA out of memory", at=now))
        await wait_for_symptoms("too_little_data", "overfitting", "too_many_epochs", "not_finite", "out_of_memory")
    feed = await ok(await api.get(f"/v1/events?stream_id={tune['id']}&types=TuneDiagnosed"))
    recorded = [event["data"] for event in feed["data"]]
    assert [data["symptoms"] for data in recorded] == [
        ["too_little_data"],
        ["overfitting", "too_many_epochs"],
        ["not_finite"],
        ["out_of_memory"],
    ]
    assert recorded[1]["findings"][1] | {"checkpoint": "step-3", "step": 3} == recorded[1]["findings"][1]
    told = (await ok(await api.get(f"/v1/tunes/{tune['id']}/history")))["data"][-1]
    assert told["type"] == "TuneDiagnosed"


def progress(steps: Sequence[int], *, falling: float, rising: float | None = None) -> TuneProgressed:
    """Points whose training loss falls, and whose validation loss does so too, or rises; a checkpoint at each third."""
    points = tuple(
        MetricPoint(
            step=step,
            train_loss=None if falling != falling else falling / (step + 1),  # noqa: PLR0124 - NaN
            valid_loss=(rising * step if rising else 1.0 / (step + 1)),
            not_finite=("train_loss",) if falling != falling else (),  # noqa: PLR0124 - NaN
        )
        for step in steps
    )
    checkpoints = tuple(
        TuneCheckpoint(id=f"step-{point.step}", step=point.step, model=f"m:{point.step}", at=None, metrics=point)
        for point in points
        if point.step % 3 == 0
    )
    return TuneProgressed(state="running", metrics=points, checkpoints=checkpoints)


async def has_symptoms(desk: Desk, tune_id: str, symptoms: Sequence[str]) -> bool:
    shown: list[str] = (await desk.tune(tune_id))["symptoms"]
    return shown == list(symptoms)
