"""Production: 500 calls of a month, and what people said of them.

The answers are v1.1's own. Who called when, how long it took and how it was liked is invented, by a seed.
"""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from rich.console import Console

from service.demo.demo_client import Client, each
from service.demo.progress_printer import Telling
from service.demo.stage import DemoFailed
from service.demo.steps.collection import SYSTEM, rows_of
from service.demo.steps.record_proof import Walked
from service.demo.steps.release import ALIAS

VERSION = "v1.1"
SUBJECTS, TIMES = 110, 4  # so many known summaries, each sent so often
COMPLAINTS = 8  # calls about each of the new summaries that it fails
OPENINGS = ("", "For the evening edition: ")
BATCH = 120
THROUGH = 20  # calls that are passed through, and log themselves
LIKED_EVERY = 6
FAILED_EVERY = 88
READERS = 61
PRICES = Decimal("0.2"), Decimal("0.8")  # USD for a million tokens, in and out
GAVE_UP_MS = 30_000


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What v1.1 said to a text, and the tokens in and out."""

    messages: list[dict[str, str]]
    text: str
    tokens: tuple[int, int]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A month's calls: how many, how many rated, and the requests whose feedback has a correction, with it."""

    month: str
    calls: int
    rated: int
    corrected: dict[str, str]


async def serve(us: Client, walked: Walked, console: Console) -> Served:
    telling, now = Telling(console), datetime.now(UTC)
    complaints = [json.loads(line) for line in rows_of("complaints.jsonl").splitlines()]
    with telling.shown:
        said = await _ask(us, walked, complaints, telling)
        calls = calls_of(said, complaints, model_id=walked.model_id, name=walked.name, now=now)
        ids = await _log(us, calls, telling)
        await _pass_through(us, walked, said, telling)
        corrected = await _complain(us, ids, complaints, telling)
    rated = sum("feedback" in call for call in calls)  # who corrects has rated before
    return Served(month=f"{now:%Y-%m}", calls=len(calls) + THROUGH, rated=rated, corrected=corrected)


async def _ask(us: Client, walked: Walked, complaints: list[Any], telling: Telling) -> dict[str, Said]:
    """The answer to each text that is sent."""
    known = await us.get(f"/datasets/{walked.dataset_id}/examples", source="import", limit=SUBJECTS)
    texts = [example["content"]["messages"][1]["content"] for example in known["data"]]
    texts += [opening + row["summary"] for row in complaints for opening in OPENINGS]
    found: dict[str, Said] = {}

    async def one(text: str) -> None:
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
        answer = await us.post(f"/models/{walked.model_id}/completions", {"messages": messages, "version": VERSION})
        used = answer["usage"]
        tokens = used["input_tokens"], used["output_tokens"]
        found[text] = Said(messages=messages, text=answer["text"], tokens=tokens)

    with telling.step(f"Ask {VERSION} what it says", total=len(texts)) as step:
        await each(texts, one, done=step.advance)
    return {text: found[text] for text in texts}


def calls_of(
    said: dict[str, Said], complaints: list[Any], *, model_id: str, name: str, now: datetime
) -> list[dict[str, Any]]:
    """As a newsletter's program would have logged them since the month began, the first call first."""
    subjects = list(said)[:SUBJECTS] * TIMES
    failing = [opening + row["summary"] for row in complaints for opening in OPENINGS] * (COMPLAINTS // len(OPENINGS))
    chance = Random(7)  # noqa: S311 - a month that is the same in every demo
    sent = [(text, text in failing) for text in chance.sample([*subjects, *failing], len(subjects) + len(failing))]
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return [
        {
            "client_id": f"{name}-{number:03}",
            "model_id": model_id,
            "at": (begin + (now - begin) * (number / len(sent))).isoformat(),
            "user_hash": hashlib.sha256(f"reader {number * 7 % READERS}".encode()).hexdigest()[:16],
            **_answered(said[text], number, failing=fails, chance=chance),
        }
        for number, (text, fails) in enumerate(sent)
    ]


def _answered(said: Said, number: int, *, failing: bool, chance: Random) -> dict[str, Any]:
    call: dict[str, Any] = {"version": VERSION, "input": said.messages}
    if number % FAILED_EVERY == FAILED_EVERY - 1 and not failing:
        error = {"code": "timed_out", "message": "No answer within 30 seconds."}
        return call | {"error": error, "latency_ms": GAVE_UP_MS}
    cost = sum(price * tokens for price, tokens in zip(PRICES, said.tokens, strict=True)) / 1_000_000
    call |= {
        "output": said.text,
        "latency_ms": int(chance.lognormvariate(5.9, 0.4)),
        "input_tokens": said.tokens[0],
        "output_tokens": said.tokens[1],
        "cost": {"amount": f"{cost:f}", "currency": "USD"},
    }
    if failing:
        return call | {"feedback": {"stars": chance.choice((1, 2))}}
    return call | ({"feedback": {"stars": chance.choice((3, 4, 5, 5))}} if number % LIKED_EVERY == 0 else {})


async def _log(us: Client, calls: list[dict[str, Any]], telling: Telling) -> dict[str, str]:
    """The logged requests by the ids we gave them. Sent again, nothing is new."""
    ids: dict[str, str] = {}
    with telling.step(f"Log {len(calls)} calls", total=len(calls)) as step:
        for start in range(0, len(calls), BATCH):
            batch = {"requests": calls[start : start + BATCH]}
            logged, again = await us.post("/requests", batch), await us.post("/requests", batch)
            if (logged["new"], again["repeated"]) != (len(batch["requests"]),) * 2:
                raise DemoFailed(f"Of {len(batch['requests'])} calls, {logged['new']} were new: {logged['errors']}")
            ids |= {row["client_id"]: row["id"] for row in logged["data"]}
            step.at(len(ids))
        step.note("each sent twice, logged once")
    return ids


async def _pass_through(us: Client, walked: Walked, said: dict[str, Said], telling: Telling) -> None:
    """As clients of OpenAI's ask, every second one streaming. Raises DemoFailed when one says something else."""
    with telling.step(f"Pass {THROUGH} calls through", total=THROUGH) as step:
        for number, one in enumerate(list(said.values())[:THROUGH]):
            text, _ = await us.chat(f"{walked.name}:{ALIAS}", one.messages, stream=bool(number % 2))
            if text != one.text:
                raise DemoFailed(f"Passed through, {VERSION} says {text!r} instead of {one.text!r}.")
            step.advance()
        step.note("they log themselves")


async def _complain(us: Client, ids: dict[str, str], complaints: list[Any], telling: Telling) -> dict[str, str]:
    """One reader of each failing summary says what it should have been."""
    corrected = {}
    with telling.step("Five readers correct it", total=len(complaints)) as step:
        logged = await us.everything("/requests", rating_lte=2)
        ours = {request["id"]: request for request in logged if request["id"] in ids.values()}
        for row in complaints:
            found = [id_ for id_, request in ours.items() if request["input"][-1]["content"] == row["summary"]]
            said = {"stars": 1, "comment": row["comment"], "correction": row["correction"]}
            await us.post(f"/requests/{found[-1]}/feedback", said)
            corrected[found[-1]] = row["correction"]
            step.advance()
    return corrected
