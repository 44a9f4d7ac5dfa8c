"""Data in: a task, a dataset, files of examples, one written by hand, and what two raters make of them."""

import json
from importlib.resources import files
from typing import Any

import msgspec

from service.demo import raters as judging
from service.demo.demo_client import Client
from service.demo.long_work import follow
from service.demo.progress_printer import Step, Telling
from service.demo.raters import NEEDS_WORK, REQUIREMENTS, Rater

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


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What there is before the first tune. `by_hand` trains, so that what it teaches can be asked for."""

    task: Any
    dataset: Any
    by_hand: Any
    repaired: list[Any]
    examples: int


def rows_of(name: str) -> bytes:
    return files("service").joinpath("demo", name).read_bytes()


async def collect(client: Client, raters: list[Rater], *, name: str, telling: Telling) -> Collected:
    with telling.step("Define the task"):
        task = await client.post("/tasks", {"name": name, **TASK})
    with telling.step("Make the dataset"):
        dataset = await client.post("/datasets", {"name": name, "task_id": task["id"]})
    with telling.step("Import headlines.jsonl", total=0) as step:
        await take_in(client, dataset["id"], "headlines.jsonl", step)
    with telling.step("Write one by hand"):
        by_hand = await client.post(f"/datasets/{dataset['id']}/examples", _by_hand())
    examples = await client.everything(f"/datasets/{dataset['id']}/examples")
    with telling.step("Rate them, two raters", total=len(raters) * len(examples)) as step:
        await judging.rate(raters, examples, step)
    repaired = await _repair(client, raters, dataset["id"], telling)
    return Collected(task=task, dataset=dataset, by_hand=by_hand, repaired=repaired, examples=len(examples))


async def take_in(client: Client, dataset_id: str, name: str, step: Step) -> None:
    """Import one of our files and see it through. Raises DemoFailed when it does not succeed."""
    operation = await client.send_file(f"/datasets/{dataset_id}/imports", rows_of(name), name=name)
    await follow(client, operation, step, what=f"the import of {name}")


async def improve(client: Client, raters: list[Rater], collected: Collected, telling: Telling) -> None:
    """More data: a second file, an edit and a deletion, and ratings for what is new."""
    examples = f"/datasets/{collected.dataset['id']}/examples"
    with telling.step("Import more_headlines.jsonl", total=0) as step:
        await take_in(client, collected.dataset["id"], "more_headlines.jsonl", step)
    with telling.step("Edit one"):
        await _edit(client, collected.by_hand["id"])
    with telling.step("Delete one"):
        [gone] = await client.everything(examples, external_id="headline-002")
        await client.delete(f"/examples/{gone['id']}", reason="The source took the report back.")
    unrated = await client.everything(examples, rated="false")
    with telling.step("Rate what is new", total=len(raters) * len(unrated)) as step:
        await judging.rate(raters, unrated, step)


async def _repair(client: Client, raters: list[Rater], dataset_id: str, telling: Telling) -> list[Any]:
    bad = await client.everything(f"/datasets/{dataset_id}/examples", tag=NEEDS_WORK)
    repairs = [json.loads(line) for line in rows_of("repairs.jsonl").splitlines()]
    with telling.step("Repair the bad ones", total=len(repairs)) as step:
        repaired = await judging.repair(raters[0], {one["external_id"]: one for one in bad}, repairs, step)
    # A new answer ends the ratings of the old one.
    with telling.step("Rate the repaired ones", total=len(raters) * len(repaired)) as step:
        await judging.rate(raters, repaired, step)
    return repaired


async def _edit(client: Client, example_id: str) -> None:
    before = await client.get(f"/examples/{example_id}")
    changes = {"content": _content(BETTER_HEADLINE), "reason": "Name who did it and what was wrong."}
    await client.patch(f"/examples/{example_id}", changes, if_match=f'"{before["version"]}"')


def question() -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": BY_HAND}]


def _content(headline: str) -> dict[str, Any]:
    return {"messages": [*question(), {"role": "assistant", "content": headline}]}


def _by_hand() -> dict[str, Any]:
    return {
        "content": _content(FIRST_HEADLINE),
        "external_id": "headline-401",
        "tags": ["culture-and-arts"],
        "split": "train",
    }
