"""Tuning: versions frozen, an account connected, jobs asked for and followed, and what came of them registered."""

import asyncio
from typing import Any

from service.demo.demo_client import Client, until
from service.demo.progress_printer import Step, Telling
from service.demo.stage import DemoFailed

BASES = ("gpt-4.1-mini-2025-04-14", "gpt-4.1-nano-2025-04-14")
EPOCHS = (4, 2)
ENOUGH_STARS = 4


async def freeze(client: Client, dataset_id: str, name: str, *, notes: str, telling: Telling) -> Any:
    with telling.step(f"Freeze {name}, 4 stars and up") as step:
        wanted = {"name": name, "notes": notes, "filter": {"rating_gte": ENOUGH_STARS}}
        version = await client.post(f"/datasets/{dataset_id}/versions", wanted)
        step.note(f"{version['examples']} examples, digest {version['digest'][:12]}…")
    return version


async def connect(client: Client, sandbox_url: str, *, name: str, telling: Telling) -> Any:
    with telling.step("Connect the sandbox") as step:
        account = {"name": name, "kind": "sandbox", "base_url": f"{sandbox_url}/v1", "secret": "any-key-will-do"}
        connection = await client.post("/connections", account)
        checked = await client.post(f"/connections/{connection['id']}/check", {})
        step.note(f"{len(checked['models'])} models to choose from")
    return connection


async def sweep(client: Client, version: Any, connection: Any, telling: Telling) -> tuple[Any, list[Any]]:
    """Tune two base models at once; the one that ends with the lower validation loss, and both."""
    pairs = zip(BASES, EPOCHS, strict=True)
    targets = [_target(connection, base, epochs) for base, epochs in pairs]
    tunes = await _tuned(client, version, {"targets": targets, "notes": "Which base, how long?"}, telling)
    losses = [await _last_loss(client, tune) for tune in tunes]
    return tunes[losses.index(min(losses))], tunes


async def tune_again(client: Client, version: Any, best: Any, *, model: str, telling: Telling) -> Any:
    """Tune what was best, on the newer version. Its success becomes the next version of `model` by itself."""
    target = _target({"id": best["connection_id"]}, best["base_model"], best["hyperparameters"]["n_epochs"])
    [tune] = await _tuned(client, version, {"targets": [target], "model": model}, telling)
    return tune


async def _tuned(client: Client, version: Any, wanted: dict[str, Any], telling: Telling) -> list[Any]:
    """Ask for the tunes and follow them to their ends. A GET asks no provider: the worker's poller does."""
    base = {"dataset_id": version["dataset_id"], "dataset_version": version["name"]}
    asked = await client.post("/tunes", base | wanted)
    return list(await asyncio.gather(*(_follow(client, tune, telling) for tune in asked["tunes"])))


async def _follow(client: Client, tune: Any, telling: Telling) -> Any:
    base = tune["base_model"].rpartition("-20")[0]
    with telling.step(f"Tune {base} on {tune['dataset_version']}", total=0) as step:
        await until(lambda: _followed(client, tune["id"], step), what=f"the tune {tune['id']}")
    return await client.get(f"/tunes/{tune['id']}")


async def _followed(client: Client, tune_id: str, step: Step) -> bool:
    tune = await client.get(f"/tunes/{tune_id}")
    if tune["state"] in ("failed", "cancelled"):
        raise DemoFailed(f"The tune {tune_id} has {tune['state']}: {tune['error']}")
    points = await client.everything(f"/tunes/{tune_id}/metrics")
    step.at(len(points), of=len(points) if tune["state"] == "succeeded" else None)
    step.note(_losses(points) or tune["state"])
    return bool(tune["state"] == "succeeded")


def _losses(points: list[Any]) -> str:
    """From the first measured to the last, in nats a token."""
    said = []
    for name, field in (("loss", "train_loss"), ("valid", "valid_loss")):
        known = [point[field] for point in points if point[field] is not None]
        said += [f"{name} {known[0]:.2f}→{known[-1]:.2f}"] if known else []
    return ", ".join(said)


async def _last_loss(client: Client, tune: Any) -> float:
    """Over the whole validation split, after the last epoch."""
    points = await client.everything(f"/tunes/{tune['id']}/metrics")
    return next(float(point["full_valid_loss"]) for point in reversed(points) if point["full_valid_loss"] is not None)


def _target(connection: Any, base_model: str, epochs: float) -> dict[str, Any]:
    return {"connection_id": connection["id"], "base_model": base_model, "hyperparameters": {"n_epochs": epochs}}
