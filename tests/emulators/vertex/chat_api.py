"""generateContent and its stream: base models by their name, tuned ones by their endpoint."""

import json
from typing import Any

from aiohttp import web

from tests.emulators.vertex import jobs
from tests.emulators.vertex.jobs import Job
from tests.emulators.vertex.jobs_api import MODELS, PARENT, Jobs, check_parent
from tests.emulators.vertex.wire import Refusal, read_json

ID = "resp-0001"
FIELDS = {"contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "safetySettings"}


class Chats:
    """Says what was said last. "call it" calls the first tool, and "unsafe" is blocked.

    `said_instead`: the text of all streams.
    """

    def __init__(self, tuned: Jobs) -> None:
        self.tuned = tuned
        self.said_instead = ""
        self.bodies: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        base, tuned = f"{PARENT}/publishers/google/models/{{model}}", f"{PARENT}/endpoints/{{endpoint}}"
        return [
            *(web.post(f"{place}:generateContent", self.complete) for place in (base, tuned)),
            *(web.post(f"{place}:streamGenerateContent", self.stream) for place in (base, tuned)),
        ]

    async def complete(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        parts = build_parts(body)
        return web.json_response(build_answer(body, parts, last=True) if parts else build_block(body))

    async def stream(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("alt") != "sse":
            raise Refusal(400, "This emulator streams server-sent events alone.")
        body = await self._read(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if self.said_instead:
            await response.write(self.said_instead.encode())
            return response
        pieces = split(build_parts(body))
        for number, part in enumerate(pieces, start=1):
            piece = build_answer(body, [part], last=number == len(pieces))
            await response.write(f"data: {json.dumps(piece)}\r\n\r\n".encode())
        if not pieces:
            await response.write(f"data: {json.dumps(build_block(body))}\r\n\r\n".encode())
        return response

    async def _read(self, request: web.Request) -> dict[str, Any]:
        check_parent(request)
        model, endpoint = request.match_info.get("model"), request.match_info.get("endpoint")
        served = [each for job in self.tuned.stored.values() for each in list_endpoints(job)]
        if model not in MODELS and endpoint not in served:
            raise Refusal(404, f"{model or endpoint} is not found.")
        body = await read_json(request)
        self.bodies.append(body)
        if unknown := body.keys() - FIELDS:
            raise Refusal(400, f'Invalid JSON payload received. Unknown name "{min(unknown)}": Cannot find field.')
        if not body.get("contents"):
            raise Refusal(400, "At least one content is required.")
        return body


def list_endpoints(job: Job) -> list[str]:
    checkpoints = jobs.describe(job).get("tunedModel", {}).get("checkpoints", [])
    return [checkpoint["endpoint"].rpartition("/")[2] for checkpoint in checkpoints]


def build_parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    text = " ".join(part.get("text", "") for part in body["contents"][-1]["parts"])
    config = body.get("generationConfig", {})
    if "unsafe" in text:
        return []
    if "call it" in text:
        name = body["tools"][0]["functionDeclarations"][0]["name"]
        return [{"functionCall": {"name": name, "args": {"city": "Oslo"}}, "thoughtSignature": "c2lnbmVk"}]
    words = f"Echo: {text}"
    limit = config.get("maxOutputTokens")
    words = " ".join(words.split()[:limit])
    return [{"text": json.dumps({"echo": words}) if config.get("responseMimeType") == "application/json" else words}]


def split(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(parts) == 1 and "text" in parts[0]:
        first, *others = parts[0]["text"].split(" ")
        return [{"text": first}, *({"text": f" {word}"} for word in others)]
    return parts


def build_answer(body: dict[str, Any], parts: list[dict[str, Any]], *, last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "content": {"role": "model", "parts": parts}}
    if last:
        candidate["finishReason"] = name_reason(body, parts)
    counts = count(body, parts) if last else {"promptTokenCount": 1}
    return {"candidates": [candidate], "usageMetadata": counts} | describe()


def name_reason(body: dict[str, Any], parts: list[dict[str, Any]]) -> str:
    limit = body.get("generationConfig", {}).get("maxOutputTokens", 1_000)
    return "MAX_TOKENS" if len(parts[0].get("text", "").split()) >= limit else "STOP"


def build_block(body: dict[str, Any]) -> dict[str, Any]:
    return {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": count(body, [])} | describe()


def describe() -> dict[str, Any]:
    return {"modelVersion": "gemini-2.5-flash", "createTime": "2026-11-30T10:00:00.123456Z", "responseId": ID}


def count(body: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, int]:
    """A word is a token. A thought of two tokens goes before each answer."""
    prompt = sum(len(part.get("text", "").split()) for each in body["contents"] for part in each["parts"])
    said = sum(len(part.get("text", "").split()) for part in parts)
    total = {"promptTokenCount": prompt, "candidatesTokenCount": said, "thoughtsTokenCount": 2}
    return total | {"totalTokenCount": prompt + said + 2}
