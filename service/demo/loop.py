"""The second half of the demo: generate, label, evaluate, pass a gate, serve, fix complaints, erase texts."""

from rich.console import Console

from service.demo import personal_data
from service.demo.data import labels, readiness
from service.demo.demo_client import Client
from service.demo.raters import Rater
from service.demo.steps import complaint_fix, evaluation, gate, generation, production, report
from service.demo.steps.audit_questions import LoopResult
from service.demo.steps.record_proof import WalkResult


async def walk_loop(us: Client, raters: list[Rater], url: str, walk_result: WalkResult, console: Console) -> LoopResult:
    generated_id = await generation.generate(us, raters, walk_result, console)
    labelled_id = await labels.label(us, url, walk_result, console)
    await readiness.prepare(us, url, walk_result, console)
    evaluation_id, verdict = await evaluation.evaluate_first(us, walk_result, console)
    await gate.try_gate(us, raters, walk_result, evaluation_id, console)
    month_result = await production.simulate_month(us, walk_result, console)
    await report.report(us, walk_result, month_result, console)
    tune = await complaint_fix.fix(us, raters, walk_result, month_result, console)
    followed_id = await complaint_fix.show_trail(us, month_result, console)
    await personal_data.rotate_key(us, url, walk_result, console)
    return LoopResult(
        generated_id=generated_id,
        labelled_id=labelled_id,
        evaluation_id=evaluation_id,
        verdict=verdict,
        month_result=month_result,
        tune=tune,
        followed_id=followed_id,
        erasure_id=await personal_data.erase_person(us, walk_result, console),
    )
