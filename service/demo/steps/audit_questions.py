"""An auditor's questions about the second half of the loop."""

import json
from typing import Any

import msgspec

from service.demo.demo_client import Client, RecordedAnswer
from service.demo.steps import complaint_fix
from service.demo.steps.evaluation import SCORER
from service.demo.steps.production import ProductionMonth
from service.demo.steps.record_proof import WalkResult
from service.demo.steps.release import ALIAS
from service.demo.steps.report import build_report_path

CHECKS = "evaluation, over_base, over_current, format_validity, human_rating"
RECEIPT = "1 examples; held by version v1; signed"
TRAIL_STEPS = f"request, feedback, example, repair, v3, {complaint_fix.VERSION}, evaluation"


class LoopResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the second half of the loop created."""

    generated_id: str
    labelled_id: str
    evaluation_id: str
    verdict: str
    month_result: ProductionMonth
    tune: Any
    followed_id: str
    erasure_id: str


async def ask_questions(
    client: Client, walk_result: WalkResult, loop_result: LoopResult
) -> list[tuple[RecordedAnswer, str | None]]:
    """Ask each question; returns the answers with the expected texts."""
    history = f"/examples/{loop_result.labelled_id}/history"
    ruling = f"/models/{walk_result.model_id}/aliases/{ALIAS}/history?limit=1"
    comparison = f"/comparisons?evaluation={loop_result.evaluation_id}&metric={SCORER}"
    monthly, trail = (
        build_report_path(walk_result, loop_result.month_result.month),
        f"/requests/{loop_result.followed_id}/trail",
    )
    generated = f"/examples/{loop_result.generated_id}"
    receipt = f"/erasures/{loop_result.erasure_id}"
    labelled = "added, rated, rated, labelled"
    counted = f"{loop_result.month_result.calls} requests, {loop_result.month_result.rated} rated"
    return [
        (await client.answer("Where a generated headline is from", generated, _source), "synthetic"),
        (await client.answer("What a labelled headline went through", history, _steps), labelled),
        (await client.answer("What v1.1 was worth", comparison, _verdict), loop_result.verdict),
        (await client.answer("What the gate went by, to let it through", ruling, _checks), CHECKS),
        (await client.answer("Its month in production", monthly, _counted), counted),
        (await client.answer("From complaint to fix", trail, _trail_steps), TRAIL_STEPS),
        (await client.answer("What was erased, and what held it", receipt, _receipt), RECEIPT),
    ]


def _source(body: bytes) -> str:
    return str(json.loads(body)["source"]["type"])


def _steps(body: bytes) -> str:
    return ", ".join(row["type"].removeprefix("Example").lower() for row in json.loads(body)["data"])


def _verdict(body: bytes) -> str:
    return str(next(row for row in json.loads(body)["data"] if row["target"]["name"] == "v1.1")["verdict"])


def _checks(body: bytes) -> str:
    [move] = json.loads(body)["data"]
    return ", ".join(check["name"] for check in move["ruling"]["checks"] if check["passed"])


def _counted(body: bytes) -> str:
    figures = json.loads(body)["figures"]
    return f"{figures['requests']} requests, {figures['ratings']['rated']} rated"


def _receipt(body: bytes) -> str:
    receipt = json.loads(body)
    texts = ", ".join(f"{group['count']} {group['kind']}" for group in receipt["erased"])
    versions = ", ".join(version["name"] for version in receipt["held_by"]["dataset_versions"])
    return f"{texts}; held by version {versions}; {'signed' if receipt['note'] else 'not signed'}"


def _trail_steps(body: bytes) -> str:
    return ", ".join(step for step, _ in complaint_fix.list_trail_steps(json.loads(body)))
