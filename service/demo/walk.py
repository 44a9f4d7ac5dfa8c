"""The walk: from a file of examples to v1.0 and v1.1, and on around the loop, over HTTP like any client."""

import asyncio
import hashlib

import httpx
from rich.console import Console

from service.demo import loop, people
from service.demo.closing_summary import close
from service.demo.demo_client import Answer, Client, client
from service.demo.people import Key
from service.demo.progress_printer import Telling
from service.demo.raters import Rater
from service.demo.stage import DemoFailed, Stage, stage
from service.demo.steps import audit_questions as tracing
from service.demo.steps import collection as collecting
from service.demo.steps import record_proof as proving
from service.demo.steps import release as shipping
from service.demo.steps import tunes as tuning
from service.demo.steps.audit_questions import Looped
from service.demo.steps.record_proof import Walked
from service.settings import Settings


def main(chosen: Settings, *, sandbox_port: int) -> None:
    """Walk the loop on the data that `serve` uses, restart, and ask again. Raises DemoFailed where anything differs."""
    console = Console()
    console.print("Starting Postgres, the API, a worker and the sandbox …")
    door = people.door(chosen)
    try:
        with stage(chosen, sandbox_port=sandbox_port, bootstrap_key=door) as up:
            key = asyncio.run(people.enter(up.url, chosen, door))
            walked, looped, answers = asyncio.run(_walked(up, key, console))
        port = httpx.URL(up.sandbox_url).port or sandbox_port
        with stage(chosen, sandbox_port=port) as again:
            asyncio.run(_again(again, key, walked, answers, Telling(console)))
    except httpx.TransportError as error:
        raise DemoFailed(f"The server went away: {error!r}") from error
    url = f"http://127.0.0.1:{chosen.port}" if chosen.port else up.url
    close(console, walked, looped, answers, url=url, secret=key.secret)


async def _walked(up: Stage, key: Key, console: Console) -> tuple[Walked, Looped, list[Answer]]:
    async with client(up.url, key.secret) as us:
        ada, ben = (f"{name} ({key.names})" for name in ("ada", "ben"))
        async with (
            people.rater(us, up.url, ada, strict=False) as kind,
            people.rater(us, up.url, ben, strict=True) as stern,
        ):
            telling = Telling(console)
            with telling.shown:
                walked = await _walk(us, [kind, stern], up, name=key.names, telling=telling)
            looped = await loop.go_on(us, [kind, stern], up.url, walked, console)
        telling = Telling(console)
        with telling.shown:
            more = await tracing.questions(us, walked, looped)
            return walked, looped, await proving.answers(us, walked, more, telling)


async def _again(up: Stage, key: Key, walked: Walked, answers: list[Answer], telling: Telling) -> None:
    async with client(up.url, key.secret) as us:
        with telling.shown:
            await proving.ask_again(us, walked, answers, telling)


async def _walk(us: Client, raters: list[Rater], up: Stage, *, name: str, telling: Telling) -> Walked:
    data = await collecting.collect(us, raters, name=name, telling=telling)
    dataset_id = data.dataset["id"]
    v1 = await tuning.freeze(us, dataset_id, "v1", notes="Rated by two, the bad ones repaired.", telling=telling)
    first_export = hashlib.sha256(await us.bytes_of(f"/datasets/{dataset_id}/export?version=v1")).hexdigest()
    connection = await tuning.connect(us, up.sandbox_url, name=name, telling=telling)
    best, tunes = await tuning.sweep(us, v1, connection, telling)
    model = await shipping.register(us, data.task["id"], best, name=name, telling=telling)
    said = await _first_answers(us, best, model["id"], name=name, telling=telling)
    await collecting.improve(us, raters, data, telling)
    v2 = await tuning.freeze(us, dataset_id, "v2", notes="More examples, one edited, one gone.", telling=telling)
    second = await tuning.tune_again(us, v2, best, model=name, telling=telling)
    said |= await _second_answers(us, model["id"], telling)
    return Walked(
        name=name,
        task_id=data.task["id"],
        dataset_id=dataset_id,
        versions=[v1, v2],
        repaired_id=data.repaired[0]["id"],
        edited_id=data.by_hand["id"],
        connection_id=connection["id"],
        tunes=[*tunes, second],
        model_id=model["id"],
        first_export=first_export,
        said=said,
    )


async def _first_answers(us: Client, best: object, model_id: str, *, name: str, telling: Telling) -> dict[str, str]:
    base = await shipping.register_base(us, best, name=f"{name}-base")
    untuned = await shipping.ask(us, base["id"], telling, version="v1.0")
    await shipping.promote(us, model_id, "v1.0", reason="Better than the base model.", telling=telling)
    return {"base model": untuned, "v1.0": await shipping.ask(us, model_id, telling, alias=shipping.ALIAS)}


async def _second_answers(us: Client, model_id: str, telling: Telling) -> dict[str, str]:
    await shipping.registered(us, model_id, "v1.1", telling)
    await shipping.promote(us, model_id, "v1.1", reason="It knows the new examples.", telling=telling)
    await shipping.roll_back(us, model_id, reason="Trying the way back.", telling=telling)
    await shipping.promote(us, model_id, "v1.1", reason="The way back works.", telling=telling)
    return {"v1.1": await shipping.ask(us, model_id, telling, alias=shipping.ALIAS)}
