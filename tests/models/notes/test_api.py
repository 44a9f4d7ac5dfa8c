from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.composition import open_ledger
from service.models.gates.domain import Facts, GatePolicy
from service.settings import Settings
from tests.http_client import OPERATOR_KEY, client
from tests.models.measurements import facts
from tests.models.world import World


async def write_notes(world: World, path: str, version: str = "v1.1") -> dict[str, Any]:
    answer = await world.api.post(f"{path}/versions/{version}/notes/draft")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def changed(world: World) -> dict[str, str]:
    """The dataset after a repair, a rating, a removal and an example more, frozen as v2; the ids."""
    repaired, rated, removed = world.examples[:3]
    await world.api.post(f"/v1/examples/{repaired}/repair", json={"output": "politics", "instruction": "Not sports."})
    await world.api.put(f"/v1/examples/{rated}/rating", json={"overall": {"type": "stars", "value": 5}})
    await world.api.delete(f"/v1/examples/{removed}")
    await world.freeze("v2")
    return {"repaired": repaired, "rated": rated, "removed": removed, "added": await later(world)}


async def later(world: World) -> str:
    """One more example, and v3 with it."""
    added = await world.add("text 9")
    await world.freeze("v3")
    return added


async def test_a_draft_names_what_changed_in_the_data_by_the_examples_ids(world: World) -> None:
    ids = await changed(world)
    path = await world.model("v1", "v3")
    draft = await write_notes(world, path)
    assert (draft["version"], draft["model_id"]) == ("v1.1", path.rsplit("/", 1)[1])
    text = draft["text"]
    assert "`headlines`, version `v3` (before: `v1`): 1 added, 2 edited, 1 removed." in text
    assert f"- edited `{ids['repaired']}`: answer repaired\n" in text
    assert f"- edited `{ids['rated']}`: rating only, rated not before and 5 now\n" in text
    assert f"- added `{ids['added']}`: not rated\n" in text
    assert f"- removed `{ids['removed']}`: not rated\n" in text
    assert "No evaluation of v1.1 is on record." in text
    # Texts can be erased and notes cannot, so no text gets into one.
    assert "politics" not in text


async def test_a_draft_saves_nothing_and_is_the_same_again(world: World) -> None:
    path = await world.model("v1")
    before = (await world.api.get(path)).headers["ETag"]
    first = await write_notes(world, path, "v1.0")
    assert await write_notes(world, path, "v1.0") == first
    assert (await world.api.get(path)).headers["ETag"] == before
    assert (await world.read(f"{path}/versions/v1.0"))["notes"] is None


async def test_a_draft_is_saved_as_any_note_is(world: World) -> None:
    path = await world.model("v1")
    await world.api.put(f"{path}/aliases/production", json={"version": "v1.0"})
    draft = await write_notes(world, path, "production")
    assert draft["version"] == "v1.0"
    saved = await world.api.patch(f"{path}/versions/v1.0", json={"notes": draft["text"], "reason": "as drafted"})
    assert saved.json()["notes"] == draft["text"]


async def test_the_parameters_of_the_tune_are_told_beside_those_before(world: World) -> None:
    path = await world.model("v1")
    target = {"connection_id": str(world.connection_id), "base_model": "gpt-4o", "hyperparameters": {"n_epochs": 2}}
    tune_id = await world.record_tune(targets=[target], seed=7)
    await world.create(f"{path}/versions", {"tune_id": str(tune_id)})
    text = (await write_notes(world, path))["text"]
    assert "- base model: `gpt-4o` (before: `gpt-4o-mini`)" in text
    assert "- `n_epochs`: `2" in text
    assert "- `seed`: `7` (before: not given)" in text
    assert "0 added, 0 edited, 0 removed" in text


async def test_a_model_from_elsewhere_is_drafted_too(world: World) -> None:
    path = await world.model()
    elsewhere = {"connection_id": str(world.connection_id), "base_model": "llama", "provider_model": "mine"}
    await world.create(f"{path}/versions", elsewhere)
    assert "No dataset is on record." in (await write_notes(world, path, "v1.0"))["text"]


@pytest.mark.parametrize("version", ["v9.0", "nobody", "V1"])
async def test_what_is_not_there_has_no_draft(world: World, stranger: httpx.AsyncClient, version: str) -> None:
    path = await world.model("v1")
    assert (await world.api.post(f"{path}/versions/{version}/notes/draft")).status_code == 404
    assert (await stranger.post(f"{path}/versions/v1.0/notes/draft")).status_code == 404


async def test_scores_are_asked_for_beside_those_of_the_version_before(world: World, engine: AsyncEngine) -> None:
    requested: list[tuple[str, GatePolicy | None, str | None]] = []

    async def known(
        engine: AsyncEngine,
        workspace_id: UUID,
        model_id: UUID,
        version: str,
        policy: GatePolicy | None,
        *,
        current: str | None,
    ) -> Facts:
        requested.append((version, policy, current))
        return facts()

    path = await world.model("v1", "v1")
    app = create_app(Settings(secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), engine, gate_facts=known)
    async with client(app, OPERATOR_KEY) as api:
        draft = await write_notes(World(api, open_ledger(engine)), path)
    assert requested == [("v1.1", None, "v1.0")]
    assert "| exact_match | 0.55 (n = 120) | 0.52 (n = 120) | 0.5 (n = 120) |" in draft["text"]
