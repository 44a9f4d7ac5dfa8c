"""Register model versions, move the production alias, and ask the versions."""

from typing import Any

from service.demo.data.collection import build_question
from service.demo.demo_client import Client, wait_until
from service.demo.progress_printer import ProgressPrinter
from service.demo.stage import DemoFailed

ALIAS = "production"


async def register(client: Client, task_id: str, tune: Any, *, name: str, printer: ProgressPrinter) -> Any:
    """Create the model; the sweep's best tune becomes its v1.0."""
    with printer.step("Register v1.0") as step:
        model = await client.post("/models", {"name": name, "task_id": task_id})
        expected = {"tune_id": tune["id"], "notes": "The better of two bases by validation loss."}
        version = await client.post(f"/models/{model['id']}/versions", expected)
        _expect(version["version"], "v1.0", what="the first version")
        step.note(version["provider_model"])
    return model


async def register_base(client: Client, tune: Any, *, name: str) -> Any:
    """Register the base model as a model of its own, to ask it the same questions."""
    model = await client.post("/models", {"name": name})
    body = {"connection_id": tune["connection_id"], "base_model": tune["base_model"]}
    body |= {"provider_model": tune["base_model"], "notes": "Untuned, to compare with."}
    await client.post(f"/models/{model['id']}/versions", body)
    return model


async def wait_for_version(client: Client, model_id: str, version: str, printer: ProgressPrinter) -> Any:
    """Wait until the worker has registered the version, which it does by itself."""
    path = f"/models/{model_id}/versions"

    async def is_registered() -> bool:
        return any(row["version"] == version for row in await client.list_all(path))

    with printer.step(f"See {version} registered") as step:
        await wait_until(is_registered, what=version)
        registered = await client.get(f"{path}/{version}")
        step.note("{added} added, {edited} edited, {removed} removed".format(**registered["changes"]))
    return registered


async def promote(client: Client, model_id: str, version: str, *, reason: str, printer: ProgressPrinter) -> None:
    with printer.step(f"Move {ALIAS} to {version}") as step:
        await client.put(f"/models/{model_id}/aliases/{ALIAS}", {"version": version, "reason": reason})
        step.note(reason)


async def roll_back(client: Client, model_id: str, *, reason: str, printer: ProgressPrinter) -> None:
    with printer.step(f"Roll {ALIAS} back") as step:
        model = await client.post(f"/models/{model_id}/rollback", {"alias": ALIAS, "reason": reason})
        _expect(model["aliases"], {ALIAS: "v1.0"}, what="where production stands after the rollback")
        step.note(reason)


async def ask(client: Client, model_id: str, printer: ProgressPrinter, **which: str) -> str:
    """Ask a version or an alias for a headline of the example that was added by hand."""
    with printer.step(f"Ask {next(iter(which.values()))}") as step:
        answer = await client.post(f"/models/{model_id}/completions", {"messages": build_question(), **which})
        text = str(answer["text"])
        step.note(text)
    return text


def _expect(registered: object, expected: object, *, what: str) -> None:
    if registered != expected:
        raise DemoFailed(f"{what} is {registered!r} instead of {expected!r}")
