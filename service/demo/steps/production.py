"""Simulate a month of production: 500 calls, and feedback on them.

The answers are v1.1's own. Times, users, latencies and ratings are random, from a fixed seed.
"""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from rich.console import Console

from service.demo.data.collection import SYSTEM, read_rows
from service.demo.demo_client import Client, for_each
from service.demo.progress_printer import ProgressPrinter
from service.demo.stage import DemoFailed
from service.demo.steps.record_proof import WalkResult
from service.demo.steps.release import ALIAS

VERSION = "v1.1"
KNOWN_SUMMARIES, CALLS_PER_SUMMARY = 110, 4  # known summaries, and how often each is sent
COMPLAINTS = 8  # per new summary that v1.1 fails on
OPENINGS = ("", "For the evening edition: ")
BATCH = 120
PROXIED_CALLS = 20  # calls through the proxy, which logs them
LIKED_EVERY = 6
FAILED_EVERY = 88
READERS = 61
PRICES = Decimal("0.2"), Decimal("0.8")  # USD per million input and output tokens
TIMEOUT_MS = 30_000


class ModelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """v1.1's answer to a text, with input and output tokens."""

    messages: list[dict[str, str]]
    text: str
    tokens: tuple[int, int]


class ProductionMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The month's calls, how many are rated, and the corrections by request."""

    month: str
    calls: int
    rated: int
    corrected: dict[str, str]


async def simulate_month(us: Client, walk_result: WalkResult, console: Console) -> ProductionMonth:
    printer, now = ProgressPrinter(console), datetime.now(UTC)
    complaints = [json.loads(line) for line in read_rows("complaints.jsonl").splitlines()]
    with printer.progress:
        answers = await _ask(us, walk_result, complaints, printer)
        calls = build_calls(answers, complaints, model_id=walk_result.model_id, name=walk_result.name, now=now)
        ids = await _log(us, calls, printer)
        await _send_through_proxy(us, walk_result, answers, printer)
        corrected = await _complain(us, ids, complaints, printer)
    rated = sum("feedback" in call for call in calls)  # corrected ones are rated already
    return ProductionMonth(month=f"{now:%Y-%m}", calls=len(calls) + PROXIED_CALLS, rated=rated, corrected=corrected)


async def _ask(
    us: Client, walk_result: WalkResult, complaints: list[Any], printer: ProgressPrinter
) -> dict[str, ModelAnswer]:
    """Ask v1.1 for each text."""
    known = await us.get(f"/datasets/{walk_result.dataset_id}/examples", source="import", limit=KNOWN_SUMMARIES)
    texts = [example["content"]["messages"][1]["content"] for example in known["data"]]
    texts += [opening + row["summary"] for row in complaints for opening in OPENINGS]
    answers_by_text: dict[str, ModelAnswer] = {}

    async def ask_one(text: str) -> None:
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
        answer = await us.post(
            f"/models/{walk_result.model_id}/completions", {"messages": messages, "version": VERSION}
        )
        usage = answer["usage"]
        tokens = usage["input_tokens"], usage["output_tokens"]
        answers_by_text[text] = ModelAnswer(messages=messages, text=answer["text"], tokens=tokens)

    with printer.step(f"Ask {VERSION} what it says", total=len(texts)) as step:
        await for_each(texts, ask_one, on_done=step.advance)
    return {text: answers_by_text[text] for text in texts}


def build_calls(
    answers: dict[str, ModelAnswer], complaints: list[Any], *, model_id: str, name: str, now: datetime
) -> list[dict[str, Any]]:
    """Build the calls that a newsletter's program would have logged this month, in order of time."""
    subjects = list(answers)[:KNOWN_SUMMARIES] * CALLS_PER_SUMMARY
    failing = [opening + row["summary"] for row in complaints for opening in OPENINGS] * (COMPLAINTS // len(OPENINGS))
    random = Random(7)  # noqa: S311 - a month that is the same in every demo
    texts_sent = [
        (text, text in failing) for text in random.sample([*subjects, *failing], len(subjects) + len(failing))
    ]
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return [
        {
            "client_id": f"{name}-{number:03}",
            "model_id": model_id,
            "at": (begin + (now - begin) * (number / len(texts_sent))).isoformat(),
            "user_hash": hashlib.sha256(f"reader {number * 7 % READERS}".encode()).hexdigest()[:16],
            **_build_outcome(answers[text], number, failing=is_failing, random=random),
        }
        for number, (text, is_failing) in enumerate(texts_sent)
    ]


def _build_outcome(answers: ModelAnswer, number: int, *, failing: bool, random: Random) -> dict[str, Any]:
    call: dict[str, Any] = {"version": VERSION, "input": answers.messages}
    if number % FAILED_EVERY == FAILED_EVERY - 1 and not failing:
        error = {"code": "timed_out", "message": "No answer within 30 seconds."}
        return call | {"error": error, "latency_ms": TIMEOUT_MS}
    cost = sum(price * tokens for price, tokens in zip(PRICES, answers.tokens, strict=True)) / 1_000_000
    call |= {
        "output": answers.text,
        "latency_ms": int(random.lognormvariate(5.9, 0.4)),
        "input_tokens": answers.tokens[0],
        "output_tokens": answers.tokens[1],
        "cost": {"amount": f"{cost:f}", "currency": "USD"},
    }
    if failing:
        return call | {"feedback": {"stars": random.choice((1, 2))}}
    return call | ({"feedback": {"stars": random.choice((3, 4, 5, 5))}} if number % LIKED_EVERY == 0 else {})


async def _log(us: Client, calls: list[dict[str, Any]], printer: ProgressPrinter) -> dict[str, str]:
    """Log the calls twice, which logs them once; returns request ids by client id."""
    ids: dict[str, str] = {}
    with printer.step(f"Log {len(calls)} calls", total=len(calls)) as step:
        for start in range(0, len(calls), BATCH):
            batch = {"requests": calls[start : start + BATCH]}
            logged, again = await us.post("/requests", batch), await us.post("/requests", batch)
            if (logged["new"], again["repeated"]) != (len(batch["requests"]),) * 2:
                raise DemoFailed(f"Of {len(batch['requests'])} calls, {logged['new']} were new: {logged['errors']}")
            ids |= {row["client_id"]: row["id"] for row in logged["data"]}
            step.at(len(ids))
        step.note("each sent twice, logged once")
    return ids


async def _send_through_proxy(
    us: Client, walk_result: WalkResult, answers: dict[str, ModelAnswer], printer: ProgressPrinter
) -> None:
    """Ask through OpenAI's protocol, every second call streamed. Raises DemoFailed when an answer differs."""
    with printer.step(f"Pass {PROXIED_CALLS} calls through", total=PROXIED_CALLS) as step:
        for number, ask_one in enumerate(list(answers.values())[:PROXIED_CALLS]):
            text, _ = await us.chat(f"{walk_result.name}:{ALIAS}", ask_one.messages, stream=bool(number % 2))
            if text != ask_one.text:
                raise DemoFailed(f"Passed through, {VERSION} says {text!r} instead of {ask_one.text!r}.")
            step.advance()
        step.note("they log themselves")


async def _complain(us: Client, ids: dict[str, str], complaints: list[Any], printer: ProgressPrinter) -> dict[str, str]:
    """Give a correction for one request of each failing summary."""
    corrected = {}
    with printer.step("Five readers correct it", total=len(complaints)) as step:
        logged = await us.list_all("/requests", rating_lte=2)
        ours = {request["id"]: request for request in logged if request["id"] in ids.values()}
        for row in complaints:
            answers_by_text = [
                id_ for id_, request in ours.items() if request["input"][-1]["content"] == row["summary"]
            ]
            answers = {"stars": 1, "comment": row["comment"], "correction": row["correction"]}
            await us.post(f"/requests/{answers_by_text[-1]}/feedback", answers)
            corrected[answers_by_text[-1]] = row["correction"]
            step.advance()
    return corrected
