"""The gate: what a version has to show before production may stand at it, a refusal, and what it takes to pass."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables as showing
from service.demo.demo_client import Client, each
from service.demo.progress_printer import Telling
from service.demo.raters import Rater
from service.demo.stage import DemoFailed
from service.demo.steps.evaluation import SCORER
from service.demo.steps.record_proof import Walked
from service.demo.steps.release import ALIAS, promote

READ = 5  # answers that each rater reads


def policy(dataset_id: str) -> dict[str, Any]:
    return {
        "protects": [ALIAS],
        "evaluation": {"scorer": SCORER, "dataset_id": dataset_id, "split": "test"},
        "over_base": 0.1,
        "over_current": -0.05,  # thirty rows cannot tell less than that from nothing
        "format_validity": 0.95,
        "human_rating": {"stars": 4, "ratings": 5},
    }


async def hold(us: Client, raters: list[Rater], walked: Walked, evaluation_id: str, console: Console) -> None:
    """Refused once, for want of people's ratings; rated; passed. Raises DemoFailed when it goes any other way."""
    telling, model = Telling(console), f"/models/{walked.model_id}"
    with telling.shown:
        with telling.step("Set a gate before production"):
            gate = {"policy": policy(walked.dataset_id), "reason": "Numbers alone shall not decide."}
            await us.put(f"{model}/gate", gate)
        with telling.step(f"Roll {ALIAS} back") as step:
            reason = "Until the gate has let v1.1 through."
            await us.post(f"{model}/rollback", {"alias": ALIAS, "to": "v1.0", "reason": reason})
            step.note(reason)
        with telling.step("Ask for v1.1"):
            wish = {"version": "v1.1", "reason": "It knows the new examples."}
            refusal = await us.refused(f"{model}/aliases/{ALIAS}", wish, code="gate_refused")
    showing.lines(console, "The gate refuses", [f"{fault['code']}: {fault['detail']}" for fault in refusal["errors"]])
    if [fault["code"] for fault in refusal["errors"]] != ["human_rating"]:
        raise DemoFailed(f"The gate was to refuse for want of ratings alone: {refusal['detail']}")
    telling = Telling(console)
    with telling.shown:
        await _rate(us, raters, evaluation_id, telling)
        await promote(us, walked.model_id, "v1.1", reason="People like its answers, too.", telling=telling)
        await _note(us, f"{model}/versions/v1.1", telling)
    [move] = (await us.get(f"{model}/aliases/{ALIAS}/history", limit=1))["data"]
    showing.lines(console, "The gate's ruling", [f"{check['because']}" for check in move["ruling"]["checks"]])


async def _rate(us: Client, raters: list[Rater], evaluation_id: str, telling: Telling) -> None:
    results = await us.get(f"/evaluations/{evaluation_id}/results", target="v1.1", limit=READ)
    with telling.step("Two raters read answers", total=READ * len(raters)) as step:

        async def one(wanted: tuple[Rater, Any]) -> None:
            rater, result = wanted
            path = f"/evaluations/{evaluation_id}/results/{result['id']}/rating"
            await rater.client.put(path, {"stars": stars(result, strict=rater.strict)})

        await each([(rater, result) for result in results["data"] for rater in raters], one, done=step.advance)


def stars(result: Any, *, strict: bool) -> int:
    """What a rater gives an answer: a headline of the right length is fine, and one who is strict misses something."""
    return (4 if strict else 5) if result["passed"] or result["scores"]["format"]["passed"] else 2


async def _note(us: Client, version: str, telling: Telling) -> None:
    with telling.step("Draft its notes, save them") as step:
        draft = await us.post(f"{version}/notes/draft", {})
        await us.patch(version, {"notes": draft["text"], "reason": "Drafted from the record, and read."})
        step.note(f"{len(draft['text'].splitlines())} lines")
