"""`make demo-local`: tune a real language model on this machine, measure it, let a gate decide, and ask it.

SmolLM2-135M-Instruct learns to name the section of a news summary, in some 150 CPU seconds and 2.7 GB. No network.
"""

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from service.demo.demo_client import Client, open_client, wait_until
from service.demo.stage import DemoFailed, open_stage
from service.demo.steps.release import ALIAS
from service.demo.terminal_tables import print_lines, print_table
from service.settings import Settings
from tests.demo.home_loop import show_loop
from tests.demo.news_sections import LINE, SECTIONS, THIS_MACHINE, WAIT_SECONDS, build_rows, finish, freeze
from tests.demo.smollm2 import MODEL
from tests.demo.taken_home import ask_gguf, download_export, verify_export

HYPERPARAMETERS = {"max_steps": 26, "learning_rate": 0.001, "max_length": 192, "lora_rank": 16, "batch_size": 4}
EXACT, FORMAT = "exact_match", "section"
SHOWN = 5
CHART = Path(".cache/demo-local.svg")


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Where it happens: the server with its key, the machine's models, and a folder for what is taken home."""

    url: str
    key: str
    models: Path
    folder: Path


async def main(
    directory: Path,
    model: Path,
    *,
    setting: str = "TUNELEDGER_LOCAL_DIRECTORY",
    made: dict[str, Any] = THIS_MACHINE,
    splits: tuple[str, ...] = ("test", "validation"),
    loop: bool = True,
) -> bytes:
    """Run it all; returns the chart. Raises DemoFailed where something is not as it should be.

    `made`: the connection. `setting` names the folder where it trains. `loop`: whether the model generates and judges.
    """
    console, key = Console(), f"tl_{secrets.token_urlsafe(32)}"
    models = directory / "machine/models"
    models.mkdir(parents=True, exist_ok=True)
    if not (models / MODEL).exists():
        shutil.copyfile(model, models / MODEL)
    os.environ[setting] = str(directory / "machine")
    console.print("Starting Postgres, the API and a worker …")
    with open_stage(Settings(data_directory=directory), sandbox_port=0, bootstrap_key=key) as stage:
        async with open_client(stage.url, key) as client:
            home = Home(url=stage.url, key=key, models=models, folder=directory / "taken-home")
            frozen = await freeze(client)
            connection = await client.post("/connections", made)
            base = {"name": "base", "connection_id": connection["id"], "model": MODEL}
            tune, tuned = await _walk(client, home, frozen, base, splits, console)
            if loop:
                await show_loop(client, frozen, base=base, tuned=tuned, console=console)
            return await client.get_bytes(f"/tunes/{tune['id']}/chart")


async def _walk(
    client: Client, home: Home, frozen: dict[str, str], base: dict[str, str], splits: tuple[str, ...], console: Console
) -> tuple[Any, dict[str, str]]:
    """From the tune to the model at home. Returns the tune, and the tuned model as a target."""
    await client.post(f"/connections/{base['connection_id']}/check", {})
    target = {"connection_id": base["connection_id"], "base_model": MODEL, "hyperparameters": HYPERPARAMETERS}
    sweep = await client.post(
        "/tunes", {**frozen, "targets": [target | {"suffix": "sections"}], "model": LINE, "seed": 7}
    )
    tune = await _follow(client, sweep["tunes"][0]["id"], console)
    version = await _find_version(client)
    tuned = {"name": "tuned", "model_id": version["model_id"], "version": version["version"]}
    evaluations = [await _evaluate(client, frozen, [base, tuned], split) for split in splits]
    await _pass_gate(client, frozen, version, console)
    await _show(client, tune, evaluations, console)
    await _take_home(client, home, version, console)
    return tune, tuned


async def _follow(client: Client, tune_id: str, console: Console) -> Any:
    """Print each line of the trainer's log as it comes, until the tune has ended."""
    seen: set[str] = set()

    async def has_ended() -> bool:
        for line in await client.list_all(f"/tunes/{tune_id}/events"):
            if line["id"] not in seen:
                seen.add(line["id"])
                console.print(f"  {line['message']}")
        tune = await client.get(f"/tunes/{tune_id}")
        if tune["state"] in ("failed", "cancelled", "needs_attention"):
            raise DemoFailed(f"The tune has {tune['state']}: {tune['error']}")
        return bool(tune["state"] == "succeeded")

    await wait_until(has_ended, what="the tune", seconds=WAIT_SECONDS)
    return await client.get(f"/tunes/{tune_id}")


async def _find_version(client: Client) -> Any:
    found: list[Any] = []

    async def is_registered() -> bool:
        for model in await client.list_all("/models", name=LINE):
            found.extend(await client.list_all(f"/models/{model['id']}/versions"))
        return bool(found)

    await wait_until(is_registered, what="the model's version", seconds=WAIT_SECONDS)
    return found[0]


async def _evaluate(client: Client, frozen: dict[str, str], targets: list[Any], split: str) -> str:
    one_of = {"pattern": "|".join(SECTIONS), "whole": True, "label": FORMAT}
    body = {
        "name": f"{LINE} on {split}",
        "dataset_id": frozen["dataset_id"],
        "version": frozen["dataset_version"],
        "split": split,
        "targets": targets,
        "scorers": [{"name": EXACT}, {"name": "regex", "config": one_of}],
        "format_scorer": FORMAT,
        "temperature": 0,
        "max_tokens": 16,
    }
    started = await client.post("/evaluations", body)
    ended = await finish(client, f"/operations/{started['id']}", what=f"the evaluation on {split}")
    return str(ended["result"]["evaluation_id"])


async def _pass_gate(client: Client, frozen: dict[str, str], version: Any, console: Console) -> None:
    """The gate stands on exact match alone."""
    policy = {
        "protects": [ALIAS],
        "evaluation": {"scorer": EXACT, "dataset_id": frozen["dataset_id"], "split": "test"},
        "over_base": 0.1,
        "interval_excludes_zero": True,
        "format_validity": 0.9,
    }
    path = f"/models/{version['model_id']}"
    await client.put(f"{path}/gate", {"policy": policy, "reason": "It has to name the right section more often."})
    await client.put(f"{path}/aliases/{ALIAS}", {"version": version["version"], "reason": "Measured on held-out rows."})
    [move] = (await client.get(f"{path}/aliases/{ALIAS}/history", limit=1))["data"]
    print_lines(console, "The gate lets it through", [check["because"] for check in move["ruling"]["checks"]])


async def _show(client: Client, tune: Any, evaluations: list[str], console: Console) -> None:
    lines: list[list[str]] = []
    for evaluation_id in evaluations:
        detail = await client.get(f"/evaluations/{evaluation_id}")
        for figures in detail["summaries"]:
            right = round(figures["scores"][EXACT]["mean"] * figures["rows"])
            valid = f"{figures['format_validity']:.0%}"
            median = f"{figures['latency_ms']['p50']:.0f} ms"
            lines.append([detail["split"], figures["target"], f"{right}/{figures['rows']}", valid, median])
    print_table(console, "Held-out rows", ["split", "model", "exact match", "a section", "median"], lines)
    points = await client.list_all(f"/tunes/{tune['id']}/metrics")
    measured = [point for point in points if point["full_valid_loss"] is not None]
    losses = " → ".join(f"{point['full_valid_loss']:.2f}" for point in measured)
    cost = tune["cost"] and f"{tune['cost']['amount']} {tune['cost']['currency']}"
    console.print(f"Validation loss {losses}; {tune['trained_tokens']} tokens; {cost} at 0.05 an hour.")
    await _ask(client, evaluations[0], console)


async def _ask(client: Client, evaluation_id: str, console: Console) -> None:
    """Five rows: what both answered when they were measured, and what production answers now."""
    questions = {row["external_id"]: row["messages"][:2] for row in build_rows()}
    results = f"/evaluations/{evaluation_id}/results"
    base = {row["example_id"]: row for row in await client.list_all(results, target="base")}
    tuned = {row["example_id"]: row for row in await client.list_all(results, target="tuned")}
    lines = []
    for example_id in list(base)[:SHOWN]:
        question = questions[(await client.get(f"/examples/{example_id}"))["external_id"]]
        body = {"model": f"{LINE}:{ALIAS}", "messages": question, "temperature": 0}
        answer = (await client.post("/chat/completions", body))["choices"][0]["message"]["content"]
        said = " ".join(base[example_id]["output"].split())
        news, reference = question[1]["content"][:60], base[example_id]["reference"]
        lines.append([news, said[:60], tuned[example_id]["output"], answer, reference])
    print_table(console, "Five answers", ["news", "base", "tuned", "asked now", "reference"], lines)


async def _take_home(client: Client, home: Home, version: Any, console: Console) -> None:
    """Export it as an adapter and as a GGUF file for Ollama, verify the folder by the command, and ask the file."""
    started = await client.post(f"/models/{version['model_id']}/versions/{version['version']}/export", {})
    ended = await finish(client, f"/operations/{started['id']}", what="the export")
    artifacts = await download_export(client, ended["result"]["artifacts"], home.folder)
    lines = [f"{each['digest'][:16]}…  {each['bytes']:>11,}  {each['name']}" for each in artifacts]
    print_lines(console, "Exported", lines)
    console.print("$ tuneledger verify-model taken-home --server")
    console.print(await verify_export(home.folder, url=home.url, key=home.key))
    [file] = home.folder.rglob("*.gguf")
    question = next(row for row in build_rows() if row["split"] == "test")["messages"]
    served = {"connection_id": version["connection_id"], "base_model": MODEL}
    answer = await ask_gguf(client, file, home.models, messages=question[:2], **served)
    console.print(f"{file.name}, asked through the pass-through: {answer} (reference: {question[2]['content']})")


def keep_chart(path: Path, svg: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(svg)
    sys.stdout.write(f"The curves: {path}\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-local-") as folder:
        try:
            svg = asyncio.run(main(Path(sys.argv[2] if len(sys.argv) > 2 else folder), Path(sys.argv[1])))
        except DemoFailed as failed:
            sys.exit(str(failed))
    keep_chart(CHART, svg)
