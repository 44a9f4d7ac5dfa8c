"""Generate headlines: a tree of topics, 40 candidates, and a person's review."""

from typing import Any

import msgspec
from rich.console import Console

from service.demo import terminal_tables
from service.demo.data.collection import SYSTEM
from service.demo.demo_client import Client, for_each
from service.demo.long_work import run_operation
from service.demo.progress_printer import ProgressPrinter
from service.demo.raters import MIN_WORDS, Rater
from service.demo.stage import DemoFailed
from service.demo.steps.record_proof import WalkResult
from service.demo.steps.release import ALIAS

TOPICS = ("river ferries", "city libraries", "school sports", "street markets")
SUBTOPICS = 3
HEADLINES = 40
MAX_DANGLING_WORDS = 1  # words after a comma that mean nothing alone
TRAIN_ALL = {"train": 1, "validation": 0, "test": 0, "reason": "What is new is for training from here on."}
REJECT_REASON = "It strings pieces together."
EDIT_REASON = "Without the piece that dangles at its end."
STEPS = {"by_hand": "by hand", "reviewed": "by models, reviewed", "synthesized": "synthesized", "served": "served"}


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """The review: ids to accept, edited contents to accept, ids to reject."""

    good: list[str]
    edits: list[Any]
    rejected: list[str]


async def generate(us: Client, raters: list[Rater], walk_result: WalkResult, console: Console) -> str:
    """Generate and review; returns the id of an accepted example."""
    dataset, printer = f"/datasets/{walk_result.dataset_id}", ProgressPrinter(console)
    with printer.progress:
        await us.put(f"{dataset}/split-policy", TRAIN_ALL)
        generation = await _create_generation(us, walk_result)
        await _grow_topics(us, generation["id"], printer)
        with printer.step(f"Generate {HEADLINES} headlines", total=0) as step:
            await run_operation(
                us, f"/generations/{generation['id']}/run", _build_run_request(), step, what="the generation"
            )
        edited = await _review(us, generation["id"], printer)
        # Only 3 stars, to keep them out of versions rated 4 and up.
        with printer.step("Rate the edited ones", total=len(raters) * len(edited)) as step:

            async def rate_one(item: tuple[Rater, str]) -> None:
                stars = {"overall": {"type": "stars", "value": 3}}
                await item[0].client.put(f"/examples/{item[1]}/rating", stars)

            await for_each([(rater, example) for example in edited for rater in raters], rate_one, on_done=step.advance)
    await _print_ladder(us, dataset, console)
    return edited[0]


async def _create_generation(us: Client, walk_result: WalkResult) -> Any:
    prompt = await us.post("/prompts", {"name": f"{walk_result.name}-write", "task_id": walk_result.task_id})
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "{{summary}}"}]
    version = {"messages": messages, "variables": [{"name": "summary"}]}
    await us.post(f"/prompts/{prompt['id']}/versions", version)
    item = {
        "dataset_id": walk_result.dataset_id,
        "name": walk_result.name,
        "target": {"model_id": walk_result.model_id, "alias": ALIAS},
        "prompt": {"prompt_id": prompt["id"], "version": 1},
        "guidance": {"inputs": "Each is a news summary of 30 to 60 words."},
    }
    return await us.post("/generations", item)


async def _grow_topics(us: Client, generation_id: str, printer: ProgressPrinter) -> None:
    """Add topics by hand, and let a model add subtopics."""
    topics = f"/generations/{generation_id}/topics"
    tree = await us.patch(topics, {"add": [{"name": name} for name in TOPICS]})
    with printer.step("Grow a tree of topics", total=len(TOPICS)) as step:
        for number, topic in enumerate(tree["topics"], 1):
            await run_operation(
                us, topics, {"count": SUBTOPICS, "parent": topic["id"]}, step, what="the tree of topics"
            )
            step.at(number, of=len(TOPICS))
        grown_tree = await us.get(topics)
        step.note(", ".join(child["name"] for child in grown_tree["topics"][0]["children"]))


def _build_run_request() -> dict[str, Any]:
    # At temperature 0 the sandbox generates the same in every demo.
    return {"total": HEADLINES, "temperature": {"min": 0, "max": 0}}


async def _review(us: Client, generation_id: str, printer: ProgressPrinter) -> list[str]:
    """Accept, edit or reject every candidate; returns the examples of the edited ones."""
    path = f"/generations/{generation_id}"
    review = sort_candidates(await us.list_all(f"{path}/candidates", state="proposed"))
    with printer.step("Review them", total=HEADLINES) as step:
        await us.post(f"{path}/accept", {"candidate_ids": review.good, "tags": ["generated"]})
        edits = {"edits": review.edits, "tags": ["generated"], "reason": EDIT_REASON}
        edited = await us.post(f"{path}/accept", edits)
        await us.post(f"{path}/reject", {"candidate_ids": review.rejected, "reason": REJECT_REASON})
        counts = [len(review.good), len(review.edits), len(review.rejected)]
        step.at(sum(counts))
        step.note("{} accepted, {} edited, {} rejected".format(*counts))
    if await us.list_all(f"{path}/candidates", state="proposed") or not sum(counts):
        raise DemoFailed(f"Of {HEADLINES} candidates {sum(counts)} were reviewed.")
    return [str(row["example_id"]) for row in edited["data"]]


def sort_candidates(candidates: list[Any]) -> Review:
    """Reject headlines with several commas; cut a single word after a comma; accept the others."""
    good, edits, rejected = [], [], []
    for candidate in candidates:
        *before, answer = candidate["content"]["messages"]
        head, *tails = answer["content"].split(", ")
        if len(tails) > 1:
            rejected.append(candidate["id"])
        elif tails and len(tails[0].split()) <= MAX_DANGLING_WORDS and len(head.split()) >= MIN_WORDS:
            content = {"messages": [*before, {"role": "assistant", "content": head}]}
            edits.append({"candidate_id": candidate["id"], "content": content})
        else:
            good.append(candidate["id"])
    return Review(good=good, edits=edits, rejected=rejected)


async def _print_ladder(us: Client, dataset: str, console: Console) -> None:
    ladder = (await us.get(f"{dataset}/stats"))["ladder"]
    rows = [[STEPS[for_each["step"]], for_each["examples"], for_each["aim"] or "-"] for for_each in ladder["steps"]]
    terminal_tables.print_table(console, "The ladder", ["step", "examples", "wants about"], rows)
    console.print(f"Next: {ladder['next']['advice']}\n", highlight=False)
