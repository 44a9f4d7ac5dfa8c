"""Labels: 60 headlines for three annotators and a model, how far they agree, and what they come to."""

import asyncio
import hashlib
from typing import Any

import msgspec
from rich.console import Console

from service.demo import people
from service.demo import terminal_tables as showing
from service.demo.demo_client import Client
from service.demo.long_work import order
from service.demo.progress_printer import Telling
from service.demo.stage import DemoFailed
from service.demo.steps.collection import TASK
from service.demo.steps.record_proof import Walked
from service.demo.steps.tunes import BASES

LABELLED = 60
AT_A_TIME = 20
SLIPS = {"cleo": 4, "dan": 8, "eve": 14}  # of a hundred headlines, about so many get a category next to the right one
METRICS = ("raw_share", "fleiss_kappa", "krippendorff_alpha")
CATEGORIES: list[str] = TASK["categories"]  # type: ignore[assignment]
CLASSIFY = f"Classify the news summary. Answer with one of these categories: {', '.join(CATEGORIES)}."


class Labelling(msgspec.Struct, frozen=True, kw_only=True):
    """The examples with the categories that are right, by id, in a queue."""

    queue_id: str
    dataset_id: str
    right: dict[str, tuple[str, str]]  # external id and category


async def label(us: Client, url: str, walked: Walked, console: Console) -> str:
    """One of the examples that have a label now."""
    telling = Telling(console)
    with telling.shown:
        predicted = await _predict(us, walked, telling)
        work = await _queued(us, walked, list(predicted))
        await asyncio.gather(*(_annotate(us, url, walked.name, work, name, telling) for name in SLIPS))
        await _hand_in(us, work, predicted, telling)
        counts = await _decide(us, work, telling)
    await _agreement(us, work, console)
    if counts["labelled"] + counts["tied"] != LABELLED:
        raise DemoFailed(f"Of {LABELLED} labelled headlines, the consensus told {counts}.")
    labelled = await us.get(f"/datasets/{walked.dataset_id}/examples", labelled="true", limit=1)
    return str(labelled["data"][0]["id"])


def choice(external_id: str, right: str, *, by: str, slips: int) -> str:
    """What an annotator says: mostly what is right; which ones slip follows from both names."""
    drawn = int.from_bytes(hashlib.sha256(f"{by}:{external_id}".encode()).digest()[:4], "big")
    return CATEGORIES[(CATEGORIES.index(right) + (drawn % 100 < slips)) % len(CATEGORIES)]


async def _predict(us: Client, walked: Walked, telling: Telling) -> dict[str, str]:
    """What a base model calls them, by example: the 60 first that nobody had to repair."""
    prompt = await us.post("/prompts", {"name": f"{walked.name}-classify", "task_id": walked.task_id})
    messages = [{"role": "system", "content": CLASSIFY}, {"role": "user", "content": "{{summary}}"}]
    target = {"connection_id": walked.connection_id, "model": BASES[0]}
    version = {"messages": messages, "variables": [{"name": "summary"}], "target": target}
    await us.post(f"/prompts/{prompt['id']}/versions", version)
    wanted = {"dataset_id": walked.dataset_id, "filter": {"repaired": False, "source": "import"}}
    with telling.step("Have a model classify 60", total=0) as step:
        run = await order(us, f"/prompts/{prompt['id']}/runs", wanted | {"limit": LABELLED}, step, what="the run")
    rows = await us.everything(f"/runs/{run['id']}/predictions")
    return {str(row["example_id"]): str(row["text"]) for row in rows}


async def _queued(us: Client, walked: Walked, ids: list[str]) -> Labelling:
    imported = await us.everything(f"/datasets/{walked.dataset_id}/examples", source="import")
    right = {one["id"]: (one["external_id"], one["tags"][0].replace("-", " ")) for one in imported}
    wanted = {"name": walked.name, "examples": ids, "overlap": len(SLIPS), "shows": "input"}
    queue = await us.post(f"/datasets/{walked.dataset_id}/queues", wanted)
    return Labelling(queue_id=queue["id"], dataset_id=walked.dataset_id, right=right)


async def _annotate(us: Client, url: str, names: str, work: Labelling, name: str, telling: Telling) -> None:
    """Claim and submit until nothing is left, under a key of one's own."""
    claim = {"queue_id": work.queue_id, "limit": AT_A_TIME}
    path = f"/datasets/{work.dataset_id}/queue/claim"
    with telling.step(f"{name.title()} labels", total=LABELLED) as step:
        async with people.annotator(us, url, f"{name} ({names})") as annotator:
            while claimed := (await annotator.post(path, claim))["data"]:
                for one in claimed:
                    external_id, right = work.right[one["example_id"]]
                    said = choice(external_id, right, by=name, slips=SLIPS[name])
                    await annotator.post(f"/assignments/{one['assignment_id']}/submit", {"category": said})
                    step.advance()


async def _hand_in(us: Client, work: Labelling, predicted: dict[str, str], telling: Telling) -> None:
    """The model is one more annotator: the category that its text names first."""
    model = {"name": BASES[0], "kind": "model"}
    labels = [{"example_id": id_, "annotator": model, "text": text} for id_, text in predicted.items()]
    with telling.step("Take its words as labels", total=len(labels)) as step:
        made = await us.post(f"/datasets/{work.dataset_id}/labels", {"labels": labels})
        right = sum([work.right[row["example_id"]][1]] in row["answers"].values() for row in made["data"])
        step.note(f"{right} are right")


async def _decide(us: Client, work: Labelling, telling: Telling) -> Any:
    with telling.step("Write what most said") as step:
        wanted = {"rule": "majority", "queue_id": work.queue_id, "minimum": len(SLIPS)}
        counts = await us.post(f"/datasets/{work.dataset_id}/consensus", wanted)
        step.note(f"{counts['labelled']} labelled, {counts['tied']} tied")
    return counts


async def _agreement(us: Client, work: Labelling, console: Console) -> None:
    path, metric = f"/datasets/{work.dataset_id}/agreement", ",".join(METRICS)
    [among] = (await us.get(path, metric=metric, queue=work.queue_id))["data"]
    [with_model] = (await us.get(path, metric=metric, model=BASES[0]))["data"]
    rows = [
        [name.replace("_", " "), among["values"][f"{name}@1"]["value"], with_model["values"][f"{name}@1"]["value"]]
        for name in METRICS
    ]
    showing.show(
        console, f"Agreement on {among['examples']} headlines", ["", "three people", "model with people"], rows
    )
