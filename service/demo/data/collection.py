"""Collect data: a task, a dataset, files of examples, one example by hand, ratings and repairs."""

import json
from importlib.resources import files
from typing import Any

import msgspec

from service.demo.demo_client import Client
from service.demo.long_work import follow_operation
from service.demo.progress_printer import ProgressPrinter, Step
from service.demo.raters import NEEDS_WORK, REQUIREMENTS, Rater, rate, repair

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}
SYSTEM = "You write headlines for short news summaries."
TASK = {
    "instruction": "Write a headline for a short news summary.",
    "description": "Headlines for a newsletter that people read on the way to work.",
    "thinking_instruction": "Find what is new, who did it and to whom; leave out the rest.",
    "requirements": REQUIREMENTS,
    "categories": [
        "media and entertainment",
        "world news",
        "culture and arts",
        "science and technology",
        "sports",
        "politics",
        "money and business",
        "style and beauty",
    ],
    "fallback_category": "UNABLE_TO_CLASSIFY",
}
BY_HAND = (
    "For decades the tower clock of Hallin ran eleven minutes late, and the town ran with it. Last weekend four"
    " retired engineers took the movement apart, found a washer fitted upside down in 1961, and put it right."
    " Two cafes now open before they mean to."
)
FIRST_HEADLINE = "A tower clock is late no longer"
BETTER_HEADLINE = "Retired engineers fix tower clock that ran 11 minutes late"


class CollectedData(msgspec.Struct, frozen=True, kw_only=True):
    """The data before the first tune. `by_hand` is in the train split, so that its lesson can be tested."""

    task: Any
    dataset: Any
    by_hand: Any
    repaired: list[Any]
    examples: int


def read_rows(name: str) -> bytes:
    return files("service").joinpath("demo", name).read_bytes()


async def collect(client: Client, raters: list[Rater], *, name: str, printer: ProgressPrinter) -> CollectedData:
    with printer.step("Define the task"):
        task = await client.post("/tasks", {"name": name, **TASK})
    with printer.step("Make the dataset"):
        dataset = await client.post("/datasets", {"name": name, "task_id": task["id"]})
    with printer.step("Import headlines, ShareGPT", total=0) as step:
        await import_rows(client, dataset["id"], to_sharegpt(read_rows("headlines.jsonl")), step, name="headlines.json")
    with printer.step("Write one by hand"):
        by_hand = await client.post(f"/datasets/{dataset['id']}/examples", _build_example())
    examples = await client.list_all(f"/datasets/{dataset['id']}/examples")
    with printer.step("Rate them, two raters", total=len(raters) * len(examples)) as step:
        await rate(raters, examples, step)
    repaired = await _repair(client, raters, dataset["id"], printer)
    return CollectedData(task=task, dataset=dataset, by_hand=by_hand, repaired=repaired, examples=len(examples))


async def import_file(client: Client, dataset_id: str, name: str, step: Step) -> None:
    """Import one of the demo's files. Raises DemoFailed unless it succeeds."""
    await import_rows(client, dataset_id, read_rows(name), step, name=name)


async def import_rows(client: Client, dataset_id: str, rows: bytes, step: Step, *, name: str) -> None:
    """Import rows, whose format is recognized. Raises DemoFailed unless it succeeds."""
    operation = await client.send_file(f"/datasets/{dataset_id}/imports", rows, name=name)
    ended = await follow_operation(client, operation, step, what=f"the import of {name}")
    step.note(f"recognized as {ended['result']['format']}")


def to_sharegpt(rows: bytes) -> bytes:
    """The same rows as a ShareGPT array, with their fields beside the conversations."""
    return json.dumps([_to_talk(json.loads(line)) for line in rows.splitlines()]).encode()


def _to_talk(row: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in row.items() if name != "messages"}
    talk = [{"from": SPEAKERS[message["role"]], "value": message["content"]} for message in row["messages"]]
    return {"conversations": talk, **fields}


async def improve(client: Client, raters: list[Rater], collected: CollectedData, printer: ProgressPrinter) -> None:
    """Add a second file, edit and delete an example, and rate the new ones."""
    examples = f"/datasets/{collected.dataset['id']}/examples"
    with printer.step("Import more_headlines.jsonl", total=0) as step:
        await import_file(client, collected.dataset["id"], "more_headlines.jsonl", step)
    with printer.step("Edit one"):
        await _edit(client, collected.by_hand["id"])
    with printer.step("Delete one"):
        [deleted] = await client.list_all(examples, external_id="headline-002")
        await client.delete(f"/examples/{deleted['id']}", reason="The source took the report back.")
    unrated = await client.list_all(examples, rated="false")
    with printer.step("Rate what is new", total=len(raters) * len(unrated)) as step:
        await rate(raters, unrated, step)


async def _repair(client: Client, raters: list[Rater], dataset_id: str, printer: ProgressPrinter) -> list[Any]:
    bad = await client.list_all(f"/datasets/{dataset_id}/examples", tag=NEEDS_WORK)
    repairs = [json.loads(line) for line in read_rows("repairs.jsonl").splitlines()]
    with printer.step("Repair the bad ones", total=len(repairs)) as step:
        repaired = await repair(raters[0], {one["external_id"]: one for one in bad}, repairs, step)
    # A new answer discards the ratings of the old one.
    with printer.step("Rate the repaired ones", total=len(raters) * len(repaired)) as step:
        await rate(raters, repaired, step)
    return repaired


async def _edit(client: Client, example_id: str) -> None:
    before = await client.get(f"/examples/{example_id}")
    changes = {"content": _build_content(BETTER_HEADLINE), "reason": "Name who did it and what was wrong."}
    await client.patch(f"/examples/{example_id}", changes, if_match=f'"{before["version"]}"')


def build_question() -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": BY_HAND}]


def _build_content(headline: str) -> dict[str, Any]:
    return {"messages": [*build_question(), {"role": "assistant", "content": headline}]}


def _build_example() -> dict[str, Any]:
    return {
        "content": _build_content(FIRST_HEADLINE),
        "external_id": "headline-401",
        "tags": ["culture-and-arts"],
        "split": "train",
    }
