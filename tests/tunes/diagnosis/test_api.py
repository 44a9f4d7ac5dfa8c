"""The diagnosis and the charts of a tune that has run."""

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.tunes.conftest import Desk, ok, working
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
