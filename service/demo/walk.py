"""The walk: from a file of examples to v1.0 and v1.1, then the rest of the loop, over HTTP like any client."""

import asyncio
import hashlib
import shlex

import httpx
from rich.console import Console

from service.demo import loop, people
from service.demo.closing_summary import print_closing
from service.demo.data import collection
from service.demo.demo_client import Client, RecordedAnswer, open_client
from service.demo.people import Key
from service.demo.progress_printer import ProgressPrinter
from service.demo.raters import Rater
from service.demo.stage import DemoFailed, Stage, open_stage
from service.demo.steps import audit_questions, record_proof, release, tunes
from service.demo.steps.audit_questions import LoopResult
from service.demo.steps.record_proof import WalkResult
from service.settings import Settings, write_key_file


def main(settings: Settings, *, sandbox_port: int) -> None:
    """Walk the loop on the data that `serve` uses, restart, and repeat the questions. Raises DemoFailed."""
    console = Console()
    console.print("Starting Postgres, the API, a worker and the sandbox …")
    first_key = people.choose_first_key(settings)
    try:
        with open_stage(settings, sandbox_port=sandbox_port, bootstrap_key=first_key) as running:
            key = asyncio.run(people.create_demo_key(running.url, settings, first_key))
            walk_result, loop_result, answers = asyncio.run(_walk_all(running, key, console))
        port = httpx.URL(running.sandbox_url).port or sandbox_port
        with open_stage(settings, sandbox_port=port) as restarted:
            asyncio.run(_ask_after_restart(restarted, key, walk_result, answers, ProgressPrinter(console)))
    except httpx.TransportError as error:
        raise DemoFailed(f"The server went away: {error!r}") from error
    url = f"http://127.0.0.1:{settings.port}" if settings.port else running.url
    print_closing(console, walk_result, loop_result, answers, url=url, secret=_show_key(console, settings, key))


def _show_key(console: Console, settings: Settings, key: Key) -> str:
    """The key on a terminal; elsewhere a shell expression that reads it from a file."""
    if console.is_terminal:
        return key.secret
    return f"$(cat {shlex.quote(str(write_key_file(settings.data_directory, 'demo.key', key.secret)))})"


async def _walk_all(running: Stage, key: Key, console: Console) -> tuple[WalkResult, LoopResult, list[RecordedAnswer]]:
    async with open_client(running.url, key.secret) as us:
        ada, ben = (f"{name} ({key.names})" for name in ("ada", "ben"))
        async with (
            people.open_rater(us, running.url, ada, strict=False) as lenient,
            people.open_rater(us, running.url, ben, strict=True) as strict,
        ):
            printer = ProgressPrinter(console)
            with printer.progress:
                walk_result = await _walk(us, [lenient, strict], running, name=key.names, printer=printer)
            loop_result = await loop.walk_loop(us, [lenient, strict], running.url, walk_result, console)
        printer = ProgressPrinter(console)
        with printer.progress:
            loop_questions = await audit_questions.ask_questions(us, walk_result, loop_result)
            return walk_result, loop_result, await record_proof.ask_record(us, walk_result, loop_questions, printer)


async def _ask_after_restart(
    running: Stage, key: Key, walk_result: WalkResult, answers: list[RecordedAnswer], printer: ProgressPrinter
) -> None:
    async with open_client(running.url, key.secret) as us:
        with printer.progress:
            await record_proof.ask_record_again(us, walk_result, answers, printer)


async def _walk(us: Client, raters: list[Rater], running: Stage, *, name: str, printer: ProgressPrinter) -> WalkResult:
    data = await collection.collect(us, raters, name=name, printer=printer)
    dataset_id = data.dataset["id"]
    v1 = await tunes.freeze(us, dataset_id, "v1", notes="Rated by two, the bad ones repaired.", printer=printer)
    first_export = hashlib.sha256(await us.get_bytes(f"/datasets/{dataset_id}/export?version=v1")).hexdigest()
    connection = await tunes.connect(us, running.sandbox_url, name=name, printer=printer)
    best, sweep_tunes = await tunes.sweep(us, v1, connection, printer)
    model = await release.register(us, data.task["id"], best, name=name, printer=printer)
    answers_by_target = await _first_answers(us, best, model["id"], name=name, printer=printer)
    await collection.improve(us, raters, data, printer)
    v2 = await tunes.freeze(us, dataset_id, "v2", notes="More examples, one edited, one gone.", printer=printer)
    second = await tunes.tune_again(us, v2, best, model=name, printer=printer)
    answers_by_target |= await _second_answers(us, model["id"], printer)
    return WalkResult(
        name=name,
        task_id=data.task["id"],
        dataset_id=dataset_id,
        versions=[v1, v2],
        repaired_id=next(one["id"] for one in data.repaired if one["split"] == "train"),  # a model learns from it
        edited_id=data.by_hand["id"],
        connection_id=connection["id"],
        tunes=[*sweep_tunes, second],
        model_id=model["id"],
        first_export=first_export,
        answers_by_target=answers_by_target,
    )


async def _first_answers(
    us: Client, best: object, model_id: str, *, name: str, printer: ProgressPrinter
) -> dict[str, str]:
    base = await release.register_base(us, best, name=f"{name}-base")
    untuned = await release.ask(us, base["id"], printer, version="v1.0")
    await release.promote(us, model_id, "v1.0", reason="Better than the base model.", printer=printer)
    return {"base model": untuned, "v1.0": await release.ask(us, model_id, printer, alias=release.ALIAS)}


async def _second_answers(us: Client, model_id: str, printer: ProgressPrinter) -> dict[str, str]:
    await release.wait_for_version(us, model_id, "v1.1", printer)
    await release.promote(us, model_id, "v1.1", reason="It knows the new examples.", printer=printer)
    await release.roll_back(us, model_id, reason="Trying the way back.", printer=printer)
    await release.promote(us, model_id, "v1.1", reason="The way back works.", printer=printer)
    return {"v1.1": await release.ask(us, model_id, printer, alias=release.ALIAS)}
