"""Models at providers: those tuned elsewhere are imported, and those no longer wanted are deleted there."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.erasure import worker as erasing
from service.models import domain as models
from service.models import worker as registrar
from service.models.provider_models import domain, worker
from tests.datasets.import_files import tables_follow_from_the_log
from tests.erasure.erasing import order, wait_until_complete
from tests.models.test_domain import line
from tests.models.world import World
from tests.tunes.conftest import Desk, desk, ok, sandbox, shared_sandbox, working
from tests.tunes.sandbox import MODEL, Sandbox

__all__ = ["desk", "sandbox", "shared_sandbox"]


async def tune_elsewhere(sandbox: Sandbox, desk: Desk, engine: AsyncEngine) -> tuple[str, dict[str, Any]]:
    """A connection whose account has a tuned model, and the tune that made it, which names no model of ours."""
    connection_id = await desk.connected(sandbox)
    asked = await desk.asked(connection_id)
    async with working(engine):
        return connection_id, await desk.until(asked["id"], "succeeded")


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    fault = answer.json()["errors"][0]
    return answer.status_code, fault["pointer"], fault["code"]


async def test_a_model_tuned_elsewhere_becomes_a_version_and_is_deleted_at_its_provider(
    sandbox: Sandbox, desk: Desk, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    connection_id, tune = await tune_elsewhere(sandbox, desk, engine)
    name = tune["provider_model"]
    body = {"connection_id": connection_id, "provider_model": name, "model": "headlines"}
    unknown = await api.post("/v1/models/import", json=body | {"provider_model": "ft:gpt-x:nobody::1"})
    assert refusal(unknown) == (422, "/provider_model", "not_found")
    imported = await api.post("/v1/models/import", json=body, headers={"Idempotency-Key": "k"})
    assert (imported.status_code, imported.json()["lineage"], imported.json()["base_model"]) == (201, "unknown", MODEL)
    again = await api.post("/v1/models/import", json=body, headers={"Idempotency-Key": "k"})
    assert again.content == imported.content
    assert refusal(await api.post("/v1/models/import", json=body)) == (409, "/provider_model", "taken")
    path = imported.headers["Location"]
    assert (await ok(await api.get(path))) == imported.json()
    assert (await ok(await api.get(f"{path}/lineage")))["lineage"] == "unknown"

    model = path.rpartition("/versions")[0]
    await ok(await api.put(f"{model}/aliases/production", json={"version": "v1.0"}))
    assert refusal(await api.delete(f"{path}/provider-model")) == (409, "/force", "in_use")
    ordered = await ok(await api.delete(f"{path}/provider-model", params={"force": "true", "reason": "too old"}))
    assert ordered["deletion"] == "requested"
    async with working(engine, worker.run):
        gone = await desk.happens(lambda: _find_deleted(api, path))
    assert (gone["deletion_refusal"], gone["deleted_at"] is None) == (None, False)
    assert (await sandbox.http.get(f"/v1/models/{name}")).status_code == 404
    assert await ok(await api.delete(f"{path}/provider-model")) == gone
    asked = {"alias": "production", "messages": [{"role": "user", "content": "Hello?"}]}
    assert refusal(await api.post(f"{model}/completions", json=asked)) == (409, "/alias", "deleted")
    call = {"model": "headlines:production", "messages": asked["messages"]}
    assert "was deleted at its provider" in (await api.post("/v1/chat/completions", json=call)).text
    moved = await api.put(f"{model}/aliases/staging", json={"version": "v1.0"})
    assert refusal(moved) == (409, "/version", "deleted")
    history = (await ok(await api.get(f"{model}/history")))["data"]
    assert [entry["type"] for entry in history][-2:] == ["ProviderModelDeletionRequested", "ProviderModelDeleted"]
    await tables_follow_from_the_log(engine)


async def _find_deleted(api: httpx.AsyncClient, path: str) -> Any:
    version = await ok(await api.get(path))
    return version if version["deletion"] == "deleted" else None


async def test_what_is_deployed_or_cannot_be_deleted_is_refused(world: World) -> None:
    path = await world.model("v1")
    version = await world.read(f"{path}/versions/v1.0")
    deployed = {"connection_id": version["connection_id"], "model": version["provider_model"]}
    await world.create("/v1/deployments", deployed)
    refused = await world.api.delete(f"{path}/versions/v1.0/provider-model")
    assert refusal(refused) == (409, "/force", "in_use")
    account = {"name": "gcp", "kind": "files"}
    connection = await world.create("/v1/connections", account)
    hand = {"connection_id": connection["id"], "base_model": "llama", "provider_model": "mine"}
    version = await world.create(f"{path}/versions", hand)
    refused = await world.api.delete(f"{path}/versions/{version['version']}/provider-model")
    assert (refused.status_code, "deletes no models" in refused.json()["detail"]) == (409, True)


async def test_an_erasure_deletes_the_models_that_were_trained_on_the_texts(
    sandbox: Sandbox, desk: Desk, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    frozen = await desk.frozen()
    asked = await desk.asked(await desk.connected(sandbox), of=frozen, model="headlines")
    async with working(engine):
        tune = await desk.until(asked["id"], "succeeded")
    async with working(engine, registrar.run):
        await desk.happens(lambda: _list_models(api))
    examples = await ok(await api.get(f"/v1/datasets/{frozen['dataset_id']}/examples", params={"split": "train"}))
    path = f"/v1/examples/{examples['data'][0]['id']}/erase"
    async with working(engine, erasing.run):
        ordered = await order(api, path, delete_models=True)
        receipt = await wait_until_complete(api, ordered["id"])
    [held] = receipt["held_by"]["model_versions"]
    assert f"model version {held['model_id']} v1.0 deleted" in receipt["note"]
    assert not any("model versions" in line for line in receipt["remains"])
    assert (await sandbox.http.get(f"/v1/models/{tune['provider_model']}")).status_code == 404


async def _list_models(api: httpx.AsyncClient) -> Any:
    return [model for model in (await ok(await api.get("/v1/models")))["data"] if model["latest_version"]]


def test_a_deletion_is_recorded_once_and_asked_for_again_only_after_a_refusal() -> None:
    """A worker killed between the provider's answer and its record does both again."""
    at = datetime(2026, 11, 30, tzinfo=UTC)
    model = line("minor")
    request = partial(domain.request_deletion, version="v1.0", deployments=[], force=False, reason=None)
    record = partial(domain.record_deletion, version="v1.0", at=at)
    assert record(model, refusal=None) == []
    for told in ("It is deployed.", None):
        [requested] = request(model)
        model = models.evolve(model, requested)
        assert request(model) == []
        [ended] = record(model, refusal=told)
        model = models.evolve(model, ended)
        assert record(model, refusal=None) == []
    assert request(model) == []
    assert model.deletions["v1.0"].state == "deleted"
