"""Label 60 headlines with three annotators and a model, measure their agreement, and take the majority."""

import asyncio
import hashlib
from typing import Any

import msgspec
from rich.console import Console

from service.demo import people, terminal_tables
from service.demo.data.collection import TASK
from service.demo.demo_client import Client
from service.demo.long_work import run_operation
from service.demo.progress_printer import ProgressPrinter
from service.demo.stage import DemoFailed
from service.demo.steps.record_proof import WalkResult
from service.demo.steps.tunes import BASES

LABELED_EXAMPLES = 60
CLAIM_SIZE = 20
SLIP_PERCENT = {
    "cleo": 4,
    "dan": 8,
    "eve": 14,
}  # of a hundred headlines, about so many get a category next to the right one
METRICS = ("raw_share", "fleiss_kappa", "krippendorff_alpha")
CATEGORIES: list[str] = TASK["categories"]  # type: ignore[assignment]
CLASSIFY = f"Classify the news summary. Answer with one of these categories: {', '.join(CATEGORIES)}."


class LabelQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue of examples, with the right category of each, and of others maybe."""

    queue_id: str
    dataset_id: str
    examples: list[str]
    right: dict[str, tuple[str, str]]  # external id and category


async def label(us: Client, url: str, walk_result: WalkResult, console: Console) -> str:
    """Label the headlines; returns the id of a labeled example."""
    printer = ProgressPrinter(console)
    with printer.progress:
        predicted = await _predict(us, walk_result, printer)
        label_queue = await _create_queue(us, walk_result, list(predicted))
        await asyncio.gather(
            *(
                annotate(us, url, walk_result.name, label_queue, name, printer, slips=slips)
                for name, slips in SLIP_PERCENT.items()
            )
        )
        await _submit_model_labels(us, label_queue, predicted, printer)
        counts = await _decide(us, label_queue, printer)
    await _print_agreement(us, label_queue, console)
    if counts["labelled"] + counts["tied"] != LABELED_EXAMPLES:
        raise DemoFailed(f"Of {LABELED_EXAMPLES} labelled headlines, the consensus told {counts}.")
    labelled = await us.get(f"/datasets/{walk_result.dataset_id}/examples", labelled="true", limit=1)
    return str(labelled["data"][0]["id"])


def choose_category(external_id: str, right: str, *, by: str, slips: int) -> str:
    """Choose an annotator's category: the right one, or for some pairs of names the next one."""
    number = int.from_bytes(hashlib.sha256(f"{by}:{external_id}".encode()).digest()[:4], "big")
    return CATEGORIES[(CATEGORIES.index(right) + (number % 100 < slips)) % len(CATEGORIES)]


async def _predict(us: Client, walk_result: WalkResult, printer: ProgressPrinter) -> dict[str, str]:
    """Let a base model classify the first 60 examples without a repair; returns its texts by example."""
    prompt = await us.post("/prompts", {"name": f"{walk_result.name}-classify", "task_id": walk_result.task_id})
    messages = [{"role": "system", "content": CLASSIFY}, {"role": "user", "content": "{{summary}}"}]
    target = {"connection_id": walk_result.connection_id, "model": BASES[0]}
    version = {"messages": messages, "variables": [{"name": "summary"}], "target": target}
    await us.post(f"/prompts/{prompt['id']}/versions", version)
    body = {"dataset_id": walk_result.dataset_id, "filter": {"repaired": False, "source": "import"}}
    with printer.step("Have a model classify 60", total=0) as step:
        run = await run_operation(
            us, f"/prompts/{prompt['id']}/runs", body | {"limit": LABELED_EXAMPLES}, step, what="the run"
        )
    rows = await us.list_all(f"/runs/{run['id']}/predictions")
    return {str(row["example_id"]): str(row["text"]) for row in rows}


async def _create_queue(us: Client, walk_result: WalkResult, ids: list[str]) -> LabelQueue:
    imported = await us.list_all(f"/datasets/{walk_result.dataset_id}/examples", source="import")
    right = {row["id"]: (row["external_id"], row["tags"][0].replace("-", " ")) for row in imported}
    body = {"name": walk_result.name, "examples": ids, "overlap": len(SLIP_PERCENT), "shows": "input"}
    queue = await us.post(f"/datasets/{walk_result.dataset_id}/queues", body)
    return LabelQueue(queue_id=queue["id"], dataset_id=walk_result.dataset_id, examples=ids, right=right)


async def annotate(
    us: Client, url: str, names: str, label_queue: LabelQueue, name: str, printer: ProgressPrinter, *, slips: int
) -> None:
    """Claim and submit until the queue is empty, with a key of the annotator's own."""
    claim = {"queue_id": label_queue.queue_id, "limit": CLAIM_SIZE}
    path = f"/datasets/{label_queue.dataset_id}/queue/claim"
    with printer.step(f"{name.title()} labels", total=len(label_queue.examples)) as step:
        async with people.open_annotator(us, url, f"{name} ({names})") as annotator:
            while claimed := (await annotator.post(path, claim))["data"]:
                for row in claimed:
                    external_id, right = label_queue.right[row["example_id"]]
                    category = choose_category(external_id, right, by=name, slips=slips)
                    await annotator.post(f"/assignments/{row['assignment_id']}/submit", {"category": category})
                    step.advance()


async def _submit_model_labels(
    us: Client, label_queue: LabelQueue, predicted: dict[str, str], printer: ProgressPrinter
) -> None:
    """Submit the model's texts as labels; the category named first counts."""
    model = {"name": BASES[0], "kind": "model"}
    labels = [{"example_id": id_, "annotator": model, "text": text} for id_, text in predicted.items()]
    with printer.step("Take its words as labels", total=len(labels)) as step:
        created = await us.post(f"/datasets/{label_queue.dataset_id}/labels", {"labels": labels})
        right = sum([label_queue.right[row["example_id"]][1]] in row["answers"].values() for row in created["data"])
        step.note(f"{right} are right")


async def _decide(us: Client, label_queue: LabelQueue, printer: ProgressPrinter) -> Any:
    with printer.step("Write what most said") as step:
        body = {"rule": "majority", "queue_id": label_queue.queue_id, "minimum": len(SLIP_PERCENT)}
        counts = await us.post(f"/datasets/{label_queue.dataset_id}/consensus", body)
        step.note(f"{counts['labelled']} labelled, {counts['tied']} tied")
    return counts


async def _print_agreement(us: Client, label_queue: LabelQueue, console: Console) -> None:
    path, metric = f"/datasets/{label_queue.dataset_id}/agreement", ",".join(METRICS)
    [among_people] = (await us.get(path, metric=metric, queue=label_queue.queue_id))["data"]
    [with_model] = (await us.get(path, metric=metric, model=BASES[0]))["data"]
    rows = [
        [
            name.replace("_", " "),
            among_people["values"][f"{name}@1"]["value"],
            with_model["values"][f"{name}@1"]["value"],
        ]
        for name in METRICS
    ]
    terminal_tables.print_table(
        console, f"Agreement on {among_people['examples']} headlines", ["", "three people", "model with people"], rows
    )
