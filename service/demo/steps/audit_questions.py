"""What the record can say of the rest of the loop: the questions that an auditor would go on with."""

import json
from typing import Any

import msgspec

from service.demo.demo_client import Answer, Client
from service.demo.steps import complaint_fix as fixing
from service.demo.steps.evaluation import SCORER
from service.demo.steps.production import Served
from service.demo.steps.record_proof import Walked
from service.demo.steps.release import ALIAS
from service.demo.steps.report import path_of

CHECKS = "evaluation, over_base, over_current, format_validity, human_rating"
WAY = f"request, feedback, example, repair, v3, {fixing.VERSION}, evaluation"


class Looped(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the loop made, and what production was."""

    generated_id: str
    labelled_id: str
    evaluation_id: str
    verdict: str
    served: Served
    tune: Any
    followed_id: str


async def questions(client: Client, walked: Walked, looped: Looped) -> list[tuple[Answer, str | None]]:
    """Each asked, with what it is to say."""
    history = f"/examples/{looped.labelled_id}/history"
    ruling = f"/models/{walked.model_id}/aliases/{ALIAS}/history?limit=1"
    comparison = f"/comparisons?evaluation={looped.evaluation_id}&metric={SCORER}"
    monthly, trail = path_of(walked, looped.served.month), f"/requests/{looped.followed_id}/trail"
    generated = f"/examples/{looped.generated_id}"
    labelled = "added, rated, rated, labelled"
    counted = f"{looped.served.calls} requests, {looped.served.rated} rated"
    return [
        (await client.answer("Where a generated headline is from", generated, _source), "synthetic"),
        (await client.answer("What a labelled headline went through", history, _steps), labelled),
        (await client.answer("What v1.1 was worth", comparison, _verdict), looped.verdict),
        (await client.answer("What the gate went by, to let it through", ruling, _checks), CHECKS),
        (await client.answer("Its month in production", monthly, _counted), counted),
        (await client.answer("From complaint to fix", trail, _way), WAY),
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


def _way(body: bytes) -> str:
    return ", ".join(step for step, _ in fixing.steps(json.loads(body)))
