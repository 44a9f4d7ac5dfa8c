"""A tune that has ended is shown at each tracker; what cannot be shown says why. Real trackers: test_trackers.py."""

from importlib.util import find_spec

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.emulators.hub import serve_hub
from tests.trackers.ended_tunes import end_tune, integrate
from tests.tunes.conftest import Desk
from tests.tunes.sandbox import Sandbox

KEY = "never-to-be-seen-0123456789"


async def test_a_run_that_cannot_be_logged_says_why_and_the_tune_goes_on(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    async with serve_hub() as other:  # it answers, and is no MLflow
        mlflow_id = await integrate(api, kind="mlflow", url=other.url, secret=KEY)
        if find_spec("wandb") is None:
            await integrate(api, kind="wandb", name="w", url=other.url, secret=KEY)
        tune, runs = await end_tune(desk, sandbox, engine)
    [mlflow] = [run for run in runs if run["integration_id"] == mlflow_id]
    assert (mlflow["kind"], mlflow["state"], mlflow["link"]) == ("mlflow", "failed", None)
    assert mlflow["error"].startswith("MLflow refuses with 40")
    for run in runs:
        if run["kind"] == "wandb":
            assert "extra `wandb`" in run["error"]
    assert (await stranger.get(f"/v1/tunes/{tune['id']}/tracked-runs")).status_code == 404
    assert KEY not in (await api.get("/v1/events?limit=1000")).text
