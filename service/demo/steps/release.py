"""Shipping: model versions, the alias that production reads, and what the versions answer."""

from typing import Any

from service.demo.demo_client import Client, until
from service.demo.progress_printer import Telling
from service.demo.stage import DemoFailed
from service.demo.steps.collection import question

ALIAS = "production"


async def register(client: Client, task_id: str, tune: Any, *, name: str, telling: Telling) -> Any:
    """Begin the line; the sweep's best tune, picked by hand, is its v1.0."""
    with telling.step("Register v1.0") as step:
        model = await client.post("/models", {"name": name, "task_id": task_id})
        wanted = {"tune_id": tune["id"], "notes": "The better of two bases by validation loss."}
        version = await client.post(f"/models/{model['id']}/versions", wanted)
        _expect(version["version"], "v1.0", what="the first version")
        step.note(version["provider_model"])
    return model


async def register_base(client: Client, tune: Any, *, name: str) -> Any:
    """The base model as a line of its own, to ask it the same questions."""
    model = await client.post("/models", {"name": name})
    plain = {"connection_id": tune["connection_id"], "base_model": tune["base_model"]}
    plain |= {"provider_model": tune["base_model"], "notes": "Untuned, to compare with."}
    await client.post(f"/models/{model['id']}/versions", plain)
    return model


async def registered(client: Client, model_id: str, version: str, telling: Telling) -> Any:
    """The version, as soon as the worker has registered it: nobody asks it to."""
    path = f"/models/{model_id}/versions"

    async def there() -> bool:
        return any(row["version"] == version for row in await client.everything(path))

    with telling.step(f"See {version} registered") as step:
        await until(there, what=version)
        found = await client.get(f"{path}/{version}")
        step.note("{added} added, {edited} edited, {removed} removed".format(**found["changes"]))
    return found


async def promote(client: Client, model_id: str, version: str, *, reason: str, telling: Telling) -> None:
    with telling.step(f"Move {ALIAS} to {version}") as step:
        await client.put(f"/models/{model_id}/aliases/{ALIAS}", {"version": version, "reason": reason})
        step.note(reason)


async def roll_back(client: Client, model_id: str, *, reason: str, telling: Telling) -> None:
    with telling.step(f"Roll {ALIAS} back") as step:
        model = await client.post(f"/models/{model_id}/rollback", {"alias": ALIAS, "reason": reason})
        _expect(model["aliases"], {ALIAS: "v1.0"}, what="where production stands after the rollback")
        step.note(reason)


async def ask(client: Client, model_id: str, telling: Telling, **which: str) -> str:
    """What a version or an alias writes for the summary that was added by hand."""
    with telling.step(f"Ask {next(iter(which.values()))}") as step:
        answer = await client.post(f"/models/{model_id}/completions", {"messages": question(), **which})
        said = str(answer["text"])
        step.note(said)
    return said


def _expect(found: object, wanted: object, *, what: str) -> None:
    if found != wanted:
        raise DemoFailed(f"{what} is {found!r} instead of {wanted!r}")
