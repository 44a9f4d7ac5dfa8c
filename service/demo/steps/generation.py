"""Headlines from a model: a tree of topics, 40 candidates, a person who reviews them, and where the dataset stands."""

from typing import Any

import msgspec
from rich.console import Console

from service.demo import terminal_tables as showing
from service.demo.demo_client import Client, each
from service.demo.long_work import order
from service.demo.progress_printer import Telling
from service.demo.raters import SHORTEST, Rater
from service.demo.stage import DemoFailed
from service.demo.steps.collection import SYSTEM
from service.demo.steps.record_proof import Walked
from service.demo.steps.release import ALIAS

TOPICS = ("river ferries", "city libraries", "school sports", "street markets")
SUBTOPICS = 3
HEADLINES = 40
DANGLING = 1  # word after a comma says nothing by itself
TRAIN_ALL = {"train": 1, "validation": 0, "test": 0, "reason": "What is new is for training from here on."}
STRUNG = "It strings pieces together."
CUT = "Without the piece that dangles at its end."
STEPS = {"by_hand": "by hand", "reviewed": "by models, reviewed", "synthesized": "synthesized", "served": "served"}


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of candidates: ids to accept, contents to accept instead, ids to reject."""

    good: list[str]
    edits: list[Any]
    strung: list[str]


async def generate(us: Client, raters: list[Rater], walked: Walked, console: Console) -> str:
    """One of the examples that came of it."""
    dataset, telling = f"/datasets/{walked.dataset_id}", Telling(console)
    with telling.shown:
        await us.put(f"{dataset}/split-policy", TRAIN_ALL)
        made = await _begun(us, walked)
        await _branches(us, made["id"], telling)
        with telling.step(f"Generate {HEADLINES} headlines", total=0) as step:
            await order(us, f"/generations/{made['id']}/run", _wanted(), step, what="the generation")
        edited = await _review(us, made["id"], telling)
        # Fair, no more: they stay out of versions rated 4 and up.
        with telling.step("Rate the edited ones", total=len(raters) * len(edited)) as step:

            async def one(wanted: tuple[Rater, str]) -> None:
                stars = {"overall": {"type": "stars", "value": 3}}
                await wanted[0].client.put(f"/examples/{wanted[1]}/rating", stars)

            await each([(rater, example) for example in edited for rater in raters], one, done=step.advance)
    await _ladder(us, dataset, console)
    return edited[0]


async def _begun(us: Client, walked: Walked) -> Any:
    prompt = await us.post("/prompts", {"name": f"{walked.name}-write", "task_id": walked.task_id})
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "{{summary}}"}]
    version = {"messages": messages, "variables": [{"name": "summary"}]}
    await us.post(f"/prompts/{prompt['id']}/versions", version)
    wanted = {
        "dataset_id": walked.dataset_id,
        "name": walked.name,
        "target": {"model_id": walked.model_id, "alias": ALIAS},
        "prompt": {"prompt_id": prompt["id"], "version": 1},
        "guidance": {"inputs": "Each is a news summary of 30 to 60 words."},
    }
    return await us.post("/generations", wanted)


async def _branches(us: Client, generation_id: str, telling: Telling) -> None:
    """The topics are a person's, their subtopics a model's."""
    topics = f"/generations/{generation_id}/topics"
    tree = await us.patch(topics, {"add": [{"name": name} for name in TOPICS]})
    with telling.step("Grow a tree of topics", total=len(TOPICS)) as step:
        for number, topic in enumerate(tree["topics"], 1):
            await order(us, topics, {"count": SUBTOPICS, "parent": topic["id"]}, step, what="the tree of topics")
            step.at(number, of=len(TOPICS))
        grown = await us.get(topics)
        step.note(", ".join(child["name"] for child in grown["topics"][0]["children"]))


def _wanted() -> dict[str, Any]:
    # At temperature 0 the sandbox writes the same in every demo.
    return {"total": HEADLINES, "temperature": {"min": 0, "max": 0}}


async def _review(us: Client, generation_id: str, telling: Telling) -> list[str]:
    """Accept, edit or reject every candidate. The examples that edited ones became."""
    path = f"/generations/{generation_id}"
    found = reviewed(await us.everything(f"{path}/candidates", state="proposed"))
    with telling.step("Review them", total=HEADLINES) as step:
        await us.post(f"{path}/accept", {"candidate_ids": found.good, "tags": ["generated"]})
        edits = {"edits": found.edits, "tags": ["generated"], "reason": CUT}
        edited = await us.post(f"{path}/accept", edits)
        await us.post(f"{path}/reject", {"candidate_ids": found.strung, "reason": STRUNG})
        done = [len(found.good), len(found.edits), len(found.strung)]
        step.at(sum(done))
        step.note("{} accepted, {} edited, {} rejected".format(*done))
    if await us.everything(f"{path}/candidates", state="proposed") or not sum(done):
        raise DemoFailed(f"Of {HEADLINES} candidates {sum(done)} were reviewed.")
    return [str(row["example_id"]) for row in edited["data"]]


def reviewed(candidates: list[Any]) -> Reviewed:
    """Several commas: pieces strung together. One with a word behind it: better without it."""
    good, edits, strung = [], [], []
    for each_ in candidates:
        *before, said = each_["content"]["messages"]
        head, *tails = said["content"].split(", ")
        if len(tails) > 1:
            strung.append(each_["id"])
        elif tails and len(tails[0].split()) <= DANGLING and len(head.split()) >= SHORTEST:
            content = {"messages": [*before, {"role": "assistant", "content": head}]}
            edits.append({"candidate_id": each_["id"], "content": content})
        else:
            good.append(each_["id"])
    return Reviewed(good=good, edits=edits, strung=strung)


async def _ladder(us: Client, dataset: str, console: Console) -> None:
    ladder = (await us.get(f"{dataset}/stats"))["ladder"]
    rows = [[STEPS[each["step"]], each["examples"], each["aim"] or "-"] for each in ladder["steps"]]
    showing.show(console, "The ladder", ["step", "examples", "wants about"], rows)
    console.print(f"Next: {ladder['next']['advice']}\n", highlight=False)
