"""Set a gate before production, see it refuse v1.1, rate answers, and pass."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables
from service.demo.demo_client import Client, for_each
from service.demo.progress_printer import ProgressPrinter
from service.demo.raters import Rater
from service.demo.stage import DemoFailed
from service.demo.steps.evaluation import SCORER
from service.demo.steps.record_proof import WalkResult
from service.demo.steps.release import ALIAS, promote

RESULTS_PER_RATER = 5  # read by each rater


def build_policy(dataset_id: str) -> dict[str, Any]:
    return {
        "protects": [ALIAS],
        "evaluation": {"scorer": SCORER, "dataset_id": dataset_id, "split": "test"},
        "over_base": 0.1,
        "over_current": -0.05,  # thirty rows cannot show a smaller difference
        "format_validity": 0.95,
        "human_rating": {"stars": 4, "ratings": 5},
    }


async def try_gate(
    us: Client, raters: list[Rater], walk_result: WalkResult, evaluation_id: str, console: Console
) -> None:
    """The gate refuses v1.1 for missing ratings, then passes it. Raises DemoFailed if it does anything else."""
    printer, model = ProgressPrinter(console), f"/models/{walk_result.model_id}"
    with printer.progress:
        with printer.step("Set a gate before production"):
            gate = {"policy": build_policy(walk_result.dataset_id), "reason": "Numbers alone shall not decide."}
            await us.put(f"{model}/gate", gate)
        with printer.step(f"Roll {ALIAS} back") as step:
            reason = "Until the gate has let v1.1 through."
            await us.post(f"{model}/rollback", {"alias": ALIAS, "to": "v1.0", "reason": reason})
            step.note(reason)
        with printer.step("Ask for v1.1"):
            body = {"version": "v1.1", "reason": "It knows the new examples."}
            refusal = await us.expect_refusal(f"{model}/aliases/{ALIAS}", body, code="gate_refused")
    terminal_tables.print_lines(
        console, "The gate refuses", [f"{fault['code']}: {fault['detail']}" for fault in refusal["errors"]]
    )
    if [fault["code"] for fault in refusal["errors"]] != ["human_rating"]:
        raise DemoFailed(f"The gate was to refuse for want of ratings alone: {refusal['detail']}")
    printer = ProgressPrinter(console)
    with printer.progress:
        await _rate(us, raters, evaluation_id, printer)
        await promote(us, walk_result.model_id, "v1.1", reason="People like its answers, too.", printer=printer)
        await _write_notes(us, f"{model}/versions/v1.1", printer)
    [move] = (await us.get(f"{model}/aliases/{ALIAS}/history", limit=1))["data"]
    terminal_tables.print_lines(
        console, "The gate's ruling", [f"{check['because']}" for check in move["ruling"]["checks"]]
    )


async def _rate(us: Client, raters: list[Rater], evaluation_id: str, printer: ProgressPrinter) -> None:
    results = await us.get(f"/evaluations/{evaluation_id}/results", target="v1.1", limit=RESULTS_PER_RATER)
    with printer.step("Two raters read answers", total=RESULTS_PER_RATER * len(raters)) as step:

        async def rate_one(item: tuple[Rater, Any]) -> None:
            rater, result = item
            path = f"/evaluations/{evaluation_id}/results/{result['id']}/rating"
            await rater.client.put(path, {"stars": choose_stars(result, strict=rater.strict)})

        await for_each(
            [(rater, result) for result in results["data"] for rater in raters], rate_one, on_done=step.advance
        )


def choose_stars(result: Any, *, strict: bool) -> int:
    """The stars of an answer: a headline of the right length gets 5, or 4 from a strict rater."""
    return (4 if strict else 5) if result["passed"] or result["scores"]["format"]["passed"] else 2


async def _write_notes(us: Client, version: str, printer: ProgressPrinter) -> None:
    with printer.step("Draft its notes, save them") as step:
        draft = await us.post(f"{version}/notes/draft", {})
        await us.patch(version, {"notes": draft["text"], "reason": "Drafted from the record, and read."})
        step.note(f"{len(draft['text'].splitlines())} lines")
