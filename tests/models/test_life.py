"""The loop's end, with nothing left out: a real job, its success, the version, an alias, an answer, the way back."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.models import worker as registrar
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.models.test_worker import until
from tests.models.world import World
from tests.tunes.conftest import working
from tests.tunes.sandbox import MODEL, Sandbox, sandbox_in

HEADLINES = {
    "sports": ("the cup final", "a record sprint", "the transfer window", "a tennis upset"),
    "politics": ("the election", "a new minister", "the budget vote", "a coalition"),
    "culture": ("the film prize", "a lost painting", "the opera season", "a debut novel"),
}


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with sandbox_in(tmp_path, pace=0.05) as running:
        yield running


def example(category: str, subject: str) -> dict[str, Any]:
    messages = [
        {"role": "user", "content": f"Which category is a headline about {subject}?"},
        {"role": "assistant", "content": category},
    ]
    return {"content": {"messages": messages}, "split": "train"}


async def add(world: World, categories: tuple[str, ...]) -> None:
    examples = [example(category, subject) for category in categories for subject in HEADLINES[category]]
    answer = await world.api.post(f"/v1/datasets/{world.dataset['id']}/examples", json={"examples": examples})
    assert answer.status_code == 201, answer.text


async def answer(world: World, path: str) -> str:
    question = example("culture", "the opera season")["content"]["messages"][:1]
    response: httpx.Response = await world.api.post(
        f"{path}/completions", json={"alias": "production", "messages": question}
    )
    assert response.status_code == 200, response.text
    return str(response.json()["text"])


async def test_two_tunes_become_two_versions_and_the_alias_decides_who_answers(world: World, sandbox: Sandbox) -> None:
    account = {"name": "real", "kind": "sandbox", "secret": "sk-x", "base_url": sandbox.base_url}
    connection = await world.create("/v1/connections", account)
    targets = [{"connection_id": connection["id"], "base_model": MODEL, "hyperparameters": {"n_epochs": 1}}]
    await add(world, ("sports", "politics"))
    await world.freeze("v2")
    async with working(world.ledger.engine, dispatch.run, poller.run, registrar.run):
        await world.ask(version="v2", targets=targets, model="news")
        [first] = await until(world, "news", 1)
        await add(world, ("culture",))
        await world.freeze("v3")
        await world.ask(version="v3", targets=targets, model="news", notes="Knows culture.")
        _, second = await until(world, "news", 2)
    assert (first["version"], second["version"], second["notes"]) == ("v1.0", "v1.1", "Knows culture.")
    assert second["changes"] == {"added": 4, "edited": 0, "removed": 0}
    path = f"/v1/models/{second['model_id']}"
    lineage = await world.read(f"{path}/versions/v1.1/lineage", limit=100)
    sent = await sandbox.content(lineage["tune"]["training_file"]["file_id"])
    assert lineage["tune"]["training_file"]["digest"] == hashlib.sha256(sent).hexdigest()
    assert len(lineage["data"]) == len(sent.splitlines()) == len(world.examples) + 12
    answers = []
    for version in ("v1.0", "v1.1"):
        await world.api.put(f"{path}/aliases/production", json={"version": version})
        answers.append(await answer(world, path))
    assert answers[0] != "culture"
    assert answers[1] == "culture"
    await world.api.post(f"{path}/rollback", json={"alias": "production", "reason": "Too sure of itself."})
    assert await answer(world, path) == answers[0]
