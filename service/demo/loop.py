"""The rest of the loop: generate, label, evaluate, pass a gate, serve, and learn from what went wrong."""

from rich.console import Console

from service.demo.demo_client import Client
from service.demo.raters import Rater
from service.demo.steps import complaint_fix as fixing
from service.demo.steps import evaluation as measuring
from service.demo.steps import gate as gating
from service.demo.steps import generation as generating
from service.demo.steps import labels as labelling
from service.demo.steps import production as serving
from service.demo.steps import report as reporting
from service.demo.steps.audit_questions import Looped
from service.demo.steps.record_proof import Walked


async def go_on(us: Client, raters: list[Rater], url: str, walked: Walked, console: Console) -> Looped:
    generated_id = await generating.generate(us, raters, walked, console)
    labelled_id = await labelling.label(us, url, walked, console)
    evaluation_id, verdict = await measuring.first(us, walked, console)
    await gating.hold(us, raters, walked, evaluation_id, console)
    served = await serving.serve(us, walked, console)
    await reporting.report(us, walked, served, console)
    tune = await fixing.fix(us, raters, walked, served, console)
    return Looped(
        generated_id=generated_id,
        labelled_id=labelled_id,
        evaluation_id=evaluation_id,
        verdict=verdict,
        served=served,
        tune=tune,
        followed_id=await fixing.show_trail(us, served, console),
    )
