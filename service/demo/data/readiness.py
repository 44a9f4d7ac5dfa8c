"""Bring a careless file in, see it refused before it costs money, mend it in bulk, and let labels answer what waits."""

import asyncio
import json
from typing import Any

from rich.console import Console

from service.demo.data.collection import TASK, read_rows
from service.demo.data.labels import SLIP_PERCENT, LabelQueue, annotate
from service.demo.demo_client import Client
from service.demo.long_work import follow_operation, run_operation
from service.demo.progress_printer import ProgressPrinter
from service.demo.stage import DemoFailed
from service.demo.steps.record_proof import WalkResult
from service.demo.steps.tunes import BASES

QUESTION = "Which section of the newspaper does this belong to?"
WAITING = 12  # rows that have no answer yet
REPEATED = 6  # test rows that stand among the training rows, too
KEY = "sk-proj-4fJ2mQ9vXw7LrT1cZb8NdY6hKs3GpAe5UoVi0Rt"  # of nobody: it only looks like one


async def prepare(us: Client, url: str, walk_result: WalkResult, console: Console) -> None:
    """From a careless ShareGPT file to a version that is ready for a tune."""
    printer = ProgressPrinter(console)
    with printer.progress:
        dataset_id, sections = await _import_careless_file(us, walk_result.name, printer)
        await us.post(f"/datasets/{dataset_id}/versions", {"name": "draft"})
        report = await _check(us, dataset_id, "draft", printer)
        if report["verdict"] != "not_ready":
            raise DemoFailed(f"The careless draft is {report['verdict']}.")
        await _refuse_tune(us, walk_result, dataset_id, printer)
        await _mend(us, report, printer)
        await _answer(us, url, walk_result.name, dataset_id, sections, printer)
        version = await us.post(f"/datasets/{dataset_id}/versions", {"name": "v1"})
        report = await _check(us, dataset_id, "v1", printer)
    expected = len(sections) + 1  # with the intern's, whose key was redacted
    if report["verdict"] == "not_ready" or version["examples"] != expected:
        raise DemoFailed(f"Of {expected} examples {version['examples']} are left, and {report['verdict']}.")


def build_careless_file() -> tuple[bytes, dict[str, str]]:
    """The rows as ShareGPT: some wait for an answer, some stand in two splits, one has a key in it.

    Returns the file, and the section of each headline by its external id.
    """
    headlines = [json.loads(line) for line in read_rows("headlines.jsonl").splitlines()]
    sections = {row["external_id"]: row["tags"][0].replace("-", " ") for row in headlines}
    rows = []
    for number, row in enumerate(headlines):
        summary = row["messages"][1]["content"]
        talk = [{"from": "human", "value": f"{QUESTION}\n\n{summary}"}]
        if number >= WAITING:
            talk.append({"from": "gpt", "value": sections[row["external_id"]]})
        rows.append({"conversations": talk, "external_id": row["external_id"], "split": row["split"]})
    in_test = [row for row in rows[WAITING:] if row["split"] == "test"][:REPEATED]
    rows += [{**row, "external_id": f"{row['external_id']}-again", "split": "train"} for row in in_test]
    slip = {"from": "human", "value": f"{QUESTION}\n\nOur intern pasted this: api_key = {KEY}"}
    answer = {"from": "gpt", "value": "science and technology"}
    rows.append({"conversations": [slip, answer], "external_id": "intern", "split": "train"})
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows), sections


async def _import_careless_file(us: Client, name: str, printer: ProgressPrinter) -> tuple[str, dict[str, str]]:
    file, sections = build_careless_file()
    task = {key: TASK[key] for key in ("categories", "fallback_category")}
    with printer.step("Import a ShareGPT file", total=0) as step:
        made = await us.post("/tasks", {"name": f"{name}-sections", "instruction": QUESTION, **task})
        dataset = await us.post("/datasets", {"name": f"{name}-sections", "task_id": made["id"]})
        operation = await us.send_file(f"/datasets/{dataset['id']}/imports", file, on_unanswered="keep")
        ended = await follow_operation(us, operation, step, what="the import of sections")
        result = ended["result"]
        step.note(f"{result['format']}, {WAITING} without an answer")
    return str(dataset["id"]), sections


async def _check(us: Client, dataset_id: str, version: str, printer: ProgressPrinter) -> Any:
    path = f"/datasets/{dataset_id}/checks"
    with printer.step(f"Check {version} before a tune", total=0) as step:
        ended = await run_operation(us, path, {"version": version}, step, what="the check")
        report = await us.get(f"{path}/{ended['id']}")
        errors = [f"{each['count']} {each['code']}" for each in report["findings"] if each["severity"] == "error"]
        step.note(f"{report['verdict'].replace('_', ' ')}{': ' if errors else ''}{', '.join(errors)}")
    return report


async def _refuse_tune(us: Client, walk_result: WalkResult, dataset_id: str, printer: ProgressPrinter) -> None:
    target = {"connection_id": walk_result.connection_id, "base_model": BASES[1]}
    body = {"dataset_id": dataset_id, "dataset_version": "draft", "targets": [target], "require_ready": True}
    with printer.step("Ask for a tune all the same") as step:
        refused = await us.expect_refusal("/tunes", body, code="unprocessable", method="POST")
        step.note(f"refused: {refused['errors'][0]['code'].replace('_', ' ')}")


async def _mend(us: Client, report: Any, printer: ProgressPrinter) -> None:
    """Make the bulk changes that the report names for what cannot stay."""
    named = [finding["fix"] for finding in report["findings"] if finding["fix"]]
    fixes = [fix for fix in named if fix["body"]["action"]["type"] != "tag"]
    with printer.step("Mend it in bulk", total=0) as step:
        for fix in fixes:
            await run_operation(us, fix["path"].removeprefix("/v1"), fix["body"], step, what="a bulk change")
        step.note(", ".join(fix["body"]["action"]["type"] for fix in fixes))


async def _answer(
    us: Client, url: str, names: str, dataset_id: str, sections: dict[str, str], printer: ProgressPrinter
) -> None:
    """Three people label what waits, and consensus writes the section into the answer."""
    waiting = await us.list_all(f"/datasets/{dataset_id}/examples", filter="unanswered")
    ids = [each["id"] for each in waiting]
    body = {"name": f"{names}-sections", "examples": ids, "overlap": len(SLIP_PERCENT), "shows": "input"}
    queue = await us.post(f"/datasets/{dataset_id}/queues", body)
    right = {each["id"]: (each["external_id"], sections[each["external_id"]]) for each in waiting}
    label_queue = LabelQueue(queue_id=queue["id"], dataset_id=dataset_id, examples=ids, right=right)
    people = [annotate(us, url, names, label_queue, name, printer, slips=0) for name in SLIP_PERCENT]
    await asyncio.gather(*people)
    with printer.step("Labels become answers") as step:
        outcome = await us.post(f"/datasets/{dataset_id}/consensus", {"rule": "majority", "write": {}})
        step.note(f"{outcome['answered']} repairs with their votes")
