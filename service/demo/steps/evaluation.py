"""Measuring: the base model and our versions side by side on what none of them was trained on."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables as showing
from service.demo.demo_client import Client
from service.demo.long_work import order
from service.demo.progress_printer import Telling
from service.demo.raters import LONGEST, SHORTEST
from service.demo.stage import DemoFailed
from service.demo.steps.record_proof import Walked

BASE = "base model"
SCORER = "rougeL"
FORMAT = "format"
ONE_LINE = rf"\S+(?: \S+){{{SHORTEST - 1},{LONGEST - 1}}}"
SCORERS = [
    {"name": SCORER},
    {"name": "chrf"},
    {"name": "exact_match"},
    {"name": "regex", "config": {"pattern": ONE_LINE, "whole": True, "label": FORMAT}},
]


def base_of(walked: Walked) -> dict[str, Any]:
    tune = walked.tunes[-1]
    return {"name": BASE, "connection_id": tune["connection_id"], "model": tune["base_model"]}


def version_of(walked: Walked, version: str) -> dict[str, Any]:
    return {"name": version, "model_id": walked.model_id, "version": version}


async def evaluate(us: Client, walked: Walked, telling: Telling, *, on: str, targets: list[Any], **how: Any) -> str:
    """The evaluation's id once it has succeeded. `on` is a frozen version; `how` says which rows, and if forced."""
    names = [target["name"] for target in targets]
    wanted = {
        "name": f"{walked.name} on {on}",
        "dataset_id": walked.dataset_id,
        "version": on,
        "targets": targets,
        "scorers": SCORERS,
        "format_scorer": FORMAT,
        **how,
    }
    with telling.step(f"Evaluate on {on}", total=0) as step:
        done = await order(us, "/evaluations", wanted, step, what=f"the evaluation on {on}")
        step.note(f"{done['result']['rows']} rows each: {', '.join(names)}")
    return str(done["result"]["evaluation_id"])


async def compare(us: Client, evaluation_id: str, console: Console, *, title: str, metric: str = SCORER) -> Any:
    """Show the comparison, a line a target with its verdict in words; the lines by target."""
    found = await us.get("/comparisons", evaluation=evaluation_id, metric=metric)
    rows = [
        [
            row["target"]["name"],
            f"{row['mean']:.3f}",
            f"{row['format_validity']:.0%}",
            f"{row['latency_ms']['p50']:.0f} ms",
            row["verdict"],
        ]
        for row in found["data"]
    ]
    showing.show(console, title, ["", metric, FORMAT, "median", "verdict"], rows)
    return {row["target"]["name"]: row for row in found["data"]}


async def first(us: Client, walked: Walked, console: Console) -> tuple[str, str]:
    """Base, v1.0 and v1.1 on the test split of v2: the evaluation, and the verdict on v1.1.

    Raises DemoFailed unless both versions are better than the base.
    """
    telling = Telling(console)
    targets = [base_of(walked), *(version_of(walked, name) for name in ("v1.0", "v1.1"))]
    with telling.shown:
        evaluation_id = await evaluate(us, walked, telling, on="v2", targets=targets)
    lines = await compare(us, evaluation_id, console, title="On the test split of v2, which none was trained on")
    for name in ("v1.0", "v1.1"):
        if not lines[name]["change"]["better"]:
            raise DemoFailed(f"{name} is no better than the base model: {lines[name]['verdict']}")
    return evaluation_id, str(lines["v1.1"]["verdict"])
