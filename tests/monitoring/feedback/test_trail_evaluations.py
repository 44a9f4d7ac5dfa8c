"""The last step of the way: what evaluations say of the model that learnt the fix."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import freeze, make_dataset, ok
from tests.datasets.import_files import workspace_of
from tests.evaluations.measurements import CATEGORIES, Lab, run_worker
from tests.tunes.sandbox import MODEL, Sandbox, sandbox_in


@pytest.fixture(scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with sandbox_in(tmp_path_factory.mktemp("sandbox"), pace=0.05) as running:
        yield running


async def test_the_trail_ends_at_the_evaluations_of_the_model_that_learnt_the_fix(
    api: httpx.AsyncClient, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    lab = Lab(api, engine, await workspace_of(api))
    connection = await lab.connect(sandbox)
    model = (await lab.create("/models", {"name": "categories"}))["id"]
    target = {"connection_id": connection, "base_model": MODEL, "provider_model": MODEL}
    await lab.create(f"/models/{model}/versions", target)
    call = {"model_id": model, "version": "v1.0", "input": "Which category is the match?", "output": "politics"}
    logged = await lab.create("/requests", {"requests": [call | {"feedback": {"stars": 1, "correction": "sports"}}]})
    request_id = logged["data"][0]["id"]
    learnt = await make_dataset(api, "from production")
    await lab.create("/requests/promote", {"request_ids": [request_id], "dataset_id": learnt})
    await freeze(api, learnt, "v1")
    fixed = target | {"dataset_id": learnt, "dataset_version": "v1"}
    assert (await lab.create(f"/models/{model}/versions", fixed))["version"] == "v1.1"
    scorers = [{"name": "classification", "config": {"categories": CATEGORIES}}]
    async with run_worker(engine):
        measured = await lab.evaluate(
            await lab.dataset(test=6), [{"model_id": model, "version": "v1.1"}], scorers=scorers
        )
    trail = await ok(await api.get(f"/v1/requests/{request_id}/trail"))
    [version] = trail["examples"][0]["dataset_versions"]
    [trained] = version["model_versions"]
    assert (version["repaired"], trained["version"]) == (True, "v1.1")
    [evaluation] = trained["evaluations"]
    assert (evaluation["evaluation_id"], evaluation["rows"], evaluation["passed"]) == (measured["id"], 6, None)
    assert list(evaluation["means"]) == ["classification"]
    assert 0 <= evaluation["means"]["classification"] <= 1
