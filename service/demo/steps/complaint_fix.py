"""From complaint to fix: promote five failures, tune v1.2 on them, and print the trail."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables
from service.demo.demo_client import Client, for_each
from service.demo.progress_printer import ProgressPrinter
from service.demo.raters import Rater
from service.demo.stage import DemoFailed
from service.demo.steps import evaluation, release, tunes
from service.demo.steps.production import ProductionMonth
from service.demo.steps.record_proof import WalkResult

TAG = "from-production"
FAILED = "v3-complaints"
VERSION = "v1.2"
EXACT = "exact_match"


async def fix(
    us: Client, raters: list[Rater], walk_result: WalkResult, month_result: ProductionMonth, console: Console
) -> Any:
    """Tune v1.2; returns the tune. Raises DemoFailed unless v1.2 passes what v1.1 failed."""
    printer = ProgressPrinter(console)
    with printer.progress:
        await _promote(us, raters, walk_result, month_result, printer)
        v3 = await tunes.freeze(us, walk_result.dataset_id, "v3", notes="With what readers corrected.", printer=printer)
        with printer.step("Freeze what failed") as step:
            body = {"name": FAILED, "filter": {"tag": TAG}, "notes": "The failures alone."}
            failed_version = await us.post(f"/datasets/{walk_result.dataset_id}/versions", body)
            step.note(f"{failed_version['examples']} examples")
        tune = await tunes.tune_again(us, v3, walk_result.tunes[-1], model=walk_result.name, printer=printer)
        await release.wait_for_version(us, walk_result.model_id, VERSION, printer)
        targets = [evaluation.build_version_target(walk_result, name) for name in ("v1.1", VERSION)]
        # v1.2 was trained on them: this only shows that it has learnt them.
        options = {"split": "train", "force_leakage": True}
        failed = await evaluation.evaluate(us, walk_result, printer, on=FAILED, targets=targets, **options)
        fresh = await evaluation.evaluate(us, walk_result, printer, on="v3", targets=targets)
    lines = await evaluation.compare(us, failed, console, title="On exactly what failed", metric=EXACT)
    if (lines["v1.1"]["mean"], lines[VERSION]["mean"]) != (0, 1) or lines[VERSION]["leaked"] != len(
        month_result.corrected
    ):
        raise DemoFailed(f"{VERSION} has not learnt what failed: {lines[VERSION]['verdict']}")
    await evaluation.compare(us, fresh, console, title="On the test split of v3, which neither was trained on")
    return tune


async def _promote(
    us: Client, raters: list[Rater], walk_result: WalkResult, month_result: ProductionMonth, printer: ProgressPrinter
) -> None:
    """Promote each failure once, with its correction as repair; two raters rate the result."""
    body = {"request_ids": list(month_result.corrected), "dataset_id": walk_result.dataset_id, "tags": [TAG]}
    with printer.step("Promote the five failures", total=len(month_result.corrected)) as step:
        promoted = (await us.post("/requests/promote", body))["data"]
        again = (await us.post("/requests/promote", body))["data"]
        if not all(rate_one["new"] and rate_one["repaired"] for rate_one in promoted) or any(
            rate_one["new"] for rate_one in again
        ):
            raise DemoFailed(f"Not every failure became an example, repaired, just once: {promoted}")
        step.note("each once, with its correction as the repair")
    with printer.step("Rate them", total=len(raters) * len(promoted)) as step:

        async def rate_one(pair: tuple[Rater, str]) -> None:
            stars = {"overall": {"type": "stars", "value": 4 if pair[0].strict else 5}}
            await pair[0].client.put(f"/examples/{pair[1]}/rating", stars)

        await for_each(
            [(rater, row["example_id"]) for row in promoted for rater in raters], rate_one, on_done=step.advance
        )


async def show_trail(us: Client, month_result: ProductionMonth, console: Console) -> str:
    """Print the trail of one request; returns its id. Raises DemoFailed when the trail is incomplete."""
    request_id = next(iter(month_result.corrected))
    rows = list_trail_steps(await us.get(f"/requests/{request_id}/trail"))
    terminal_tables.print_table(console, "From complaint to fix", ["", ""], rows)
    if [row[0] for row in rows] != ["request", "feedback", "example", "repair", "v3", VERSION, "evaluation"]:
        raise DemoFailed(f"The trail of {request_id} breaks off: {rows}")
    return request_id


def list_trail_steps(trail: Any) -> list[list[str]]:
    """List the steps of a trail, one per row."""
    request = trail["request"]
    feedback = request["feedback"]
    rows = [
        ["request", f"{request['version']} said: {request['output']}"],
        ["feedback", f"{feedback['stars']} star: {feedback['comment']} Better: {feedback['correction']}"],
    ]
    for example in trail["examples"]:
        rows.append(["example", f"{example['example_id']}"])
        rows += (
            [["repair", f"by {example['repair']['by']}: {example['repair']['reason']}"]] if example["repair"] else []
        )
        rows += [
            row
            for version in example["dataset_versions"]
            if version["model_versions"]
            for row in _list_version_steps(version)
        ]
    return rows


def _list_version_steps(version: Any) -> list[list[str]]:
    rows = [[version["dataset_version"], f"holds it {'repaired' if version['repaired'] else 'as it was logged'}"]]
    for promoted in version["model_versions"]:
        rows.append([promoted["version"], f"was trained on {version['dataset_version']}"])
        passed = [for_each for for_each in promoted["evaluations"] if for_each["passed"]]
        rows += [["evaluation", f"{for_each['name']}: {for_each['target']} passed"] for for_each in passed]
    return rows
