"""Evaluate the base model and the versions on rows that none of them was trained on."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables
from service.demo.demo_client import Client
from service.demo.long_work import run_operation
from service.demo.progress_printer import ProgressPrinter
from service.demo.raters import MAX_WORDS, MIN_WORDS
from service.demo.stage import DemoFailed
from service.demo.steps.record_proof import WalkResult

BASE = "base model"
SCORER = "rougeL"
FORMAT = "format"
ONE_LINE = rf"\S+(?: \S+){{{MIN_WORDS - 1},{MAX_WORDS - 1}}}"
SCORERS = [
    {"name": SCORER},
    {"name": "chrf"},
    {"name": "exact_match"},
    {"name": "regex", "config": {"pattern": ONE_LINE, "whole": True, "label": FORMAT}},
]


def build_base_target(walk_result: WalkResult) -> dict[str, Any]:
    tune = walk_result.tunes[-1]
    return {"name": BASE, "connection_id": tune["connection_id"], "model": tune["base_model"]}


def build_version_target(walk_result: WalkResult, version: str) -> dict[str, Any]:
    return {"name": version, "model_id": walk_result.model_id, "version": version}


async def evaluate(
    us: Client, walk_result: WalkResult, printer: ProgressPrinter, *, on: str, targets: list[Any], **options: Any
) -> str:
    """Run an evaluation; returns its id. `on` is a frozen version; `options` are further fields of the request."""
    names = [target["name"] for target in targets]
    body = {
        "name": f"{walk_result.name} on {on}",
        "dataset_id": walk_result.dataset_id,
        "version": on,
        "targets": targets,
        "scorers": SCORERS,
        "format_scorer": FORMAT,
        **options,
    }
    with printer.step(f"Evaluate on {on}", total=0) as step:
        operation = await run_operation(us, "/evaluations", body, step, what=f"the evaluation on {on}")
        step.note(f"{operation['result']['rows']} rows each: {', '.join(names)}")
    return str(operation["result"]["evaluation_id"])


async def compare(us: Client, evaluation_id: str, console: Console, *, title: str, metric: str = SCORER) -> Any:
    """Print the comparison, one row per target; returns the rows by target."""
    comparison = await us.get("/comparisons", evaluation=evaluation_id, metric=metric)
    rows = [
        [
            row["target"]["name"],
            f"{row['mean']:.3f}",
            f"{row['format_validity']:.0%}",
            f"{row['latency_ms']['p50']:.0f} ms",
            row["verdict"],
        ]
        for row in comparison["data"]
    ]
    terminal_tables.print_table(console, title, ["", metric, FORMAT, "median", "verdict"], rows)
    return {row["target"]["name"]: row for row in comparison["data"]}


async def evaluate_first(us: Client, walk_result: WalkResult, console: Console) -> tuple[str, str]:
    """Evaluate base, v1.0 and v1.1 on the test split of v2; returns the evaluation's id, and the verdict on v1.1.

    Raises DemoFailed unless both versions are better than the base.
    """
    printer = ProgressPrinter(console)
    targets = [build_base_target(walk_result), *(build_version_target(walk_result, name) for name in ("v1.0", "v1.1"))]
    with printer.progress:
        evaluation_id = await evaluate(us, walk_result, printer, on="v2", targets=targets)
    lines = await compare(us, evaluation_id, console, title="On the test split of v2, which none was trained on")
    for name in ("v1.0", "v1.1"):
        if not lines[name]["change"]["better"]:
            raise DemoFailed(f"{name} is no better than the base model: {lines[name]['verdict']}")
    return evaluation_id, str(lines["v1.1"]["verdict"])
