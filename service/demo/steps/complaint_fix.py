"""From complaint to fix: five failures become examples, v1.2 learns them, and the trail shows the way."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables as showing
from service.demo.demo_client import Client, each
from service.demo.progress_printer import Telling
from service.demo.raters import Rater
from service.demo.stage import DemoFailed
from service.demo.steps import evaluation as measuring
from service.demo.steps import release as shipping
from service.demo.steps import tunes as tuning
from service.demo.steps.production import Served
from service.demo.steps.record_proof import Walked

TAG = "from-production"
FAILED = "v3-complaints"
VERSION = "v1.2"
EXACT = "exact_match"


async def fix(us: Client, raters: list[Rater], walked: Walked, served: Served, console: Console) -> Any:
    """The tune that learned it. Raises DemoFailed unless v1.2 says what the readers wanted, and v1.1 did not."""
    telling = Telling(console)
    with telling.shown:
        await _promote(us, raters, walked, served, telling)
        v3 = await tuning.freeze(us, walked.dataset_id, "v3", notes="With what readers corrected.", telling=telling)
        with telling.step("Freeze what failed") as step:
            wanted = {"name": FAILED, "filter": {"tag": TAG}, "notes": "The failures alone."}
            frozen = await us.post(f"/datasets/{walked.dataset_id}/versions", wanted)
            step.note(f"{frozen['examples']} examples")
        tune = await tuning.tune_again(us, v3, walked.tunes[-1], model=walked.name, telling=telling)
        await shipping.registered(us, walked.model_id, VERSION, telling)
        targets = [measuring.version_of(walked, name) for name in ("v1.1", VERSION)]
        # v1.2 was trained on them: this shows that it has learnt them, and nothing else.
        how = {"split": "train", "force_leakage": True}
        failed = await measuring.evaluate(us, walked, telling, on=FAILED, targets=targets, **how)
        fresh = await measuring.evaluate(us, walked, telling, on="v3", targets=targets)
    lines = await measuring.compare(us, failed, console, title="On exactly what failed", metric=EXACT)
    if (lines["v1.1"]["mean"], lines[VERSION]["mean"]) != (0, 1) or lines[VERSION]["leaked"] != len(served.corrected):
        raise DemoFailed(f"{VERSION} has not learnt what failed: {lines[VERSION]['verdict']}")
    await measuring.compare(us, fresh, console, title="On the test split of v3, which neither was trained on")
    return tune


async def _promote(us: Client, raters: list[Rater], walked: Walked, served: Served, telling: Telling) -> None:
    """Once each, with the correction as the repair; two raters see what it came to."""
    wanted = {"request_ids": list(served.corrected), "dataset_id": walked.dataset_id, "tags": [TAG]}
    with telling.step("Promote the five failures", total=len(served.corrected)) as step:
        made = (await us.post("/requests/promote", wanted))["data"]
        again = (await us.post("/requests/promote", wanted))["data"]
        if not all(one["new"] and one["repaired"] for one in made) or any(one["new"] for one in again):
            raise DemoFailed(f"Not every failure became an example, repaired, just once: {made}")
        step.note("each once, with its correction as the repair")
    with telling.step("Rate them", total=len(raters) * len(made)) as step:

        async def one(pair: tuple[Rater, str]) -> None:
            stars = {"overall": {"type": "stars", "value": 4 if pair[0].strict else 5}}
            await pair[0].client.put(f"/examples/{pair[1]}/rating", stars)

        await each([(rater, row["example_id"]) for row in made for rater in raters], one, done=step.advance)


async def show_trail(us: Client, served: Served, console: Console) -> str:
    """The request that was followed. Raises DemoFailed where the trail breaks off."""
    request_id = next(iter(served.corrected))
    rows = steps(await us.get(f"/requests/{request_id}/trail"))
    showing.show(console, "From complaint to fix", ["", ""], rows)
    if [row[0] for row in rows] != ["request", "feedback", "example", "repair", "v3", VERSION, "evaluation"]:
        raise DemoFailed(f"The trail of {request_id} breaks off: {rows}")
    return request_id


def steps(trail: Any) -> list[list[str]]:
    """The way, a step a line, as far as it goes."""
    request = trail["request"]
    said = request["feedback"]
    rows = [
        ["request", f"{request['version']} said: {request['output']}"],
        ["feedback", f"{said['stars']} star: {said['comment']} Better: {said['correction']}"],
    ]
    for example in trail["examples"]:
        rows.append(["example", f"{example['example_id']}"])
        rows += (
            [["repair", f"by {example['repair']['by']}: {example['repair']['reason']}"]] if example["repair"] else []
        )
        rows += [row for held in example["dataset_versions"] if held["model_versions"] for row in _learnt(held)]
    return rows


def _learnt(held: Any) -> list[list[str]]:
    rows = [[held["dataset_version"], f"holds it {'repaired' if held['repaired'] else 'as it was logged'}"]]
    for made in held["model_versions"]:
        rows.append([made["version"], f"was trained on {held['dataset_version']}"])
        passed = [each for each in made["evaluations"] if each["passed"]]
        rows += [["evaluation", f"{each['name']}: {each['target']} passed"] for each in passed]
    return rows
