"""Ask the record about the walk, check its answers, and ask again after a restart."""

import hashlib
import json
from typing import Any

import msgspec

from service.demo.data.collection import BETTER_HEADLINE, FIRST_HEADLINE
from service.demo.demo_client import Client, RecordedAnswer
from service.demo.progress_printer import ProgressPrinter
from service.demo.stage import DemoFailed
from service.demo.steps import release
from service.demo.steps.release import ALIAS

CHANGED = "47 added, 1 edited, 1 removed"  # 48 were imported, one of them only fair


class WalkResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the walk created, the digest of v1's first export, and the models' answers."""

    name: str
    task_id: str
    dataset_id: str
    versions: list[Any]
    repaired_id: str
    edited_id: str
    connection_id: str
    tunes: list[Any]
    model_id: str
    first_export: str
    answers_by_target: dict[str, str]


async def ask_record(
    client: Client, walk_result: WalkResult, more: list[tuple[RecordedAnswer, str | None]], printer: ProgressPrinter
) -> list[RecordedAnswer]:
    """Ask an auditor's questions, and check `more` answers.

    Raises DemoFailed when an answer differs from what was done.
    """
    checked_answers = [
        *(await _ask_examples(client, walk_result)),
        *(await _ask_versions(client, walk_result)),
        *(await _ask_models(client, walk_result)),
        *more,
    ]
    with printer.step("Ask the record", total=len(checked_answers)) as step:
        for answer, expected in checked_answers:
            if expected is not None and answer.says != expected:
                raise DemoFailed(f"{answer.asks}: {answer.says!r} instead of {expected!r} ({answer.path})")
            step.advance()
        step.note("history, diff, lineage, ruling, report, trail")
    return [answer for answer, _ in checked_answers]


async def ask_record_again(
    client: Client, walk_result: WalkResult, answers: list[RecordedAnswer], printer: ProgressPrinter
) -> None:
    """Repeat the questions after a restart. Raises DemoFailed unless every answer is the same, byte for byte."""
    with printer.step("Restart, and ask all again", total=len(answers)) as step:
        for answer in answers:
            digest = hashlib.sha256(await client.get_bytes(answer.path)).hexdigest()
            if digest != answer.sha256:
                raise DemoFailed(f"{answer.path} was answered differently after the restart.")
            step.advance()
        step.note("the same, byte for byte")
    text = await release.ask(client, walk_result.model_id, printer, alias=ALIAS)
    if text != walk_result.answers_by_target["v1.1"]:
        raise DemoFailed(f"{ALIAS} says {text!r} after the restart.")


async def _ask_examples(client: Client, walk_result: WalkResult) -> list[tuple[RecordedAnswer, str | None]]:
    repaired, edited = f"/examples/{walk_result.repaired_id}", f"/examples/{walk_result.edited_id}"
    changes = "added, rated, rated, repaired, rated, rated"
    return [
        (await client.answer("What a repaired headline went through", f"{repaired}/history", _steps), changes),
        (await client.answer("What was learnt from it", f"{repaired}/lineage", _uses), None),
        (await client.answer("An edited headline as v1 froze it", f"{edited}?as_of=v1", _headline), FIRST_HEADLINE),
        (await client.answer("The same headline now", edited, _headline), BETTER_HEADLINE),
    ]


async def _ask_versions(client: Client, walk_result: WalkResult) -> list[tuple[RecordedAnswer, str | None]]:
    dataset, [v1, _] = f"/datasets/{walk_result.dataset_id}", walk_result.versions
    diff = f"{dataset}/compare?from=v1&to=v2&count=true&limit=1"
    exported = f"{dataset}/export?version=v1"
    return [
        (await client.answer("What changed from v1 to v2", diff, _changes), CHANGED),
        (await client.answer("The digest of v1", f"{dataset}/versions/v1", _digest), v1["digest"]),
        (await client.answer("v1, exported once more", exported, _sha256), walk_result.first_export),
    ]


async def _ask_models(client: Client, walk_result: WalkResult) -> list[tuple[RecordedAnswer, str | None]]:
    model = f"/models/{walk_result.model_id}"
    moves = "v1.0, v1.1, v1.0, v1.1, v1.0, v1.1"  # with the rollbacks, and the gate
    lineage = f"{model}/versions/v1.1/lineage?split=train&limit=1"
    return [
        (await client.answer("What v1.1 was made from", lineage, _origin), None),
        (await client.answer(f"Where {ALIAS} stood", f"{model}/aliases/{ALIAS}/history", _moves), moves),
        (await client.answer("Which version that is now", f"{model}/versions/{ALIAS}", _version), "v1.1"),
    ]


def _steps(body: bytes) -> str:
    return ", ".join(row["type"].removeprefix("Example").lower() for row in json.loads(body)["data"])


def _uses(body: bytes) -> str:
    rows = [(row, model_version) for row in json.loads(body)["data"] for model_version in row["model_versions"]]
    return ", ".join(
        f"{model_version['model']} {model_version['version']} by {row['dataset_version']}"
        for row, model_version in reversed(rows)
    )


def _headline(body: bytes) -> str:
    return str(json.loads(body)["content"]["messages"][-1]["content"])


def _changes(body: bytes) -> str:
    return "{added} added, {edited} edited, {removed} removed".format(**json.loads(body)["changes"])


def _digest(body: bytes) -> str:
    return str(json.loads(body)["digest"])


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _origin(body: bytes) -> str:
    origin = json.loads(body)
    dataset = origin["dataset"]
    return f"{origin['base_model']} on {dataset['splits']['train']} examples of {dataset['version']}"


def _moves(body: bytes) -> str:
    return ", ".join(row["version"] for row in reversed(json.loads(body)["data"]))


def _version(body: bytes) -> str:
    return str(json.loads(body)["version"])
