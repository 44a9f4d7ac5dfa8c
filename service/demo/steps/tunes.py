"""Freeze versions, connect the sandbox, start tunes, and follow them."""

import asyncio
from typing import Any

from service.demo.demo_client import Client, wait_until
from service.demo.progress_printer import ProgressPrinter, Step
from service.demo.stage import DemoFailed

BASES = ("gpt-4.1-mini-2025-04-14", "gpt-4.1-nano-2025-04-14")
EPOCHS = (4, 2)
MIN_STARS = 4


async def freeze(client: Client, dataset_id: str, name: str, *, notes: str, printer: ProgressPrinter) -> Any:
    with printer.step(f"Freeze {name}, 4 stars and up") as step:
        body = {"name": name, "notes": notes, "filter": {"rating_gte": MIN_STARS}}
        version = await client.post(f"/datasets/{dataset_id}/versions", body)
        step.note(f"{version['examples']} examples, digest {version['digest'][:12]}…")
    return version


async def connect(client: Client, sandbox_url: str, *, name: str, printer: ProgressPrinter) -> Any:
    with printer.step("Connect the sandbox") as step:
        account = {"name": name, "kind": "sandbox", "base_url": f"{sandbox_url}/v1", "secret": "any-key-will-do"}
        connection = await client.post("/connections", account)
        checked = await client.post(f"/connections/{connection['id']}/check", {})
        step.note(f"{len(checked['models'])} models to choose from")
    return connection


async def sweep(client: Client, version: Any, connection: Any, printer: ProgressPrinter) -> tuple[Any, list[Any]]:
    """Tune two base models at once; returns the tune with the lower validation loss, and both tunes."""
    pairs = zip(BASES, EPOCHS, strict=True)
    targets = [_build_target(connection, base, epochs) for base, epochs in pairs]
    tunes = await _run_tunes(client, version, {"targets": targets, "notes": "Which base, how long?"}, printer)
    losses = [await _last_loss(client, tune) for tune in tunes]
    return tunes[losses.index(min(losses))], tunes


async def tune_again(client: Client, version: Any, best: Any, *, model: str, printer: ProgressPrinter) -> Any:
    """Tune the best base model on the newer version. When it succeeds, it becomes the next version of `model`."""
    target = _build_target({"id": best["connection_id"]}, best["base_model"], best["hyperparameters"]["n_epochs"])
    [tune] = await _run_tunes(client, version, {"targets": [target], "model": model}, printer)
    return tune


async def _run_tunes(client: Client, version: Any, body: dict[str, Any], printer: ProgressPrinter) -> list[Any]:
    """Start tunes and follow them to their end. The worker polls the provider, not these GETs."""
    base = {"dataset_id": version["dataset_id"], "dataset_version": version["name"]}
    sweep_body = await client.post("/tunes", base | body)
    return list(await asyncio.gather(*(_follow(client, tune, printer) for tune in sweep_body["tunes"])))


async def _follow(client: Client, tune: Any, printer: ProgressPrinter) -> Any:
    base = tune["base_model"].rpartition("-20")[0]
    with printer.step(f"Tune {base} on {tune['dataset_version']}", total=0) as step:
        await wait_until(lambda: _check_tune(client, tune["id"], step), what=f"the tune {tune['id']}")
    return await client.get(f"/tunes/{tune['id']}")


async def _check_tune(client: Client, tune_id: str, step: Step) -> bool:
    tune = await client.get(f"/tunes/{tune_id}")
    if tune["state"] in ("failed", "cancelled"):
        raise DemoFailed(f"The tune {tune_id} has {tune['state']}: {tune['error']}")
    points = await client.list_all(f"/tunes/{tune_id}/metrics")
    step.at(len(points), of=len(points) if tune["state"] == "succeeded" else None)
    step.note(_format_losses(points) or tune["state"])
    return bool(tune["state"] == "succeeded")


def _format_losses(points: list[Any]) -> str:
    """Format the first and last losses, in nats per token."""
    parts = []
    for name, field in (("loss", "train_loss"), ("valid", "valid_loss")):
        losses = [point[field] for point in points if point[field] is not None]
        parts += [f"{name} {losses[0]:.2f}→{losses[-1]:.2f}"] if losses else []
    return ", ".join(parts)


async def _last_loss(client: Client, tune: Any) -> float:
    """The loss over the whole validation split after the last epoch."""
    points = await client.list_all(f"/tunes/{tune['id']}/metrics")
    return next(float(point["full_valid_loss"]) for point in reversed(points) if point["full_valid_loss"] is not None)


def _build_target(connection: Any, base_model: str, epochs: float) -> dict[str, Any]:
    return {"connection_id": connection["id"], "base_model": base_model, "hyperparameters": {"n_epochs": epochs}}
