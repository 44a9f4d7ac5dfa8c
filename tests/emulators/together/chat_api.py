"""Chat completions in OpenAI's format: base models answer at once, tuned ones from a dedicated endpoint."""

import json
from typing import Any

from aiohttp import web

from tests.emulators.together.catalog import MODELS
from tests.emulators.together.endpoints_api import Endpoints
from tests.emulators.together.wire import Refusal, answer, read_json


class Chats:
    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1/chat/completions", self.complete)]

    async def complete(self, request: web.Request) -> web.StreamResponse:
        body = await read_json(request)
        self._check_model(str(body.get("model")))
        words = f"Echo: {body['messages'][-1]['content']}"
        return await stream(request, body, words) if body.get("stream") else answer(build_answer(body, words))

    def _check_model(self, model: str) -> None:
        if model in MODELS or self.endpoints.is_served(model):
            return
        if any(endpoint.name == model for endpoint in self.endpoints.stored.values()):
            raise Refusal(400, f"Endpoint {model} is not ready.", code="endpoint_not_ready", param="model")
        message = f"Unable to access non-serverless model {model}. Create a dedicated endpoint for it."
        raise Refusal(400, message, code="model_not_available", param="model")


def build_answer(body: dict[str, Any], words: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": words, "tool_calls": []}
    return {
        "id": "chat-0001",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": count(body, words),
    }


async def stream(request: web.Request, body: dict[str, Any], words: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    deltas = [{"role": "assistant", "content": ""}, *({"content": f"{word} "} for word in words.split())]
    for number, delta in enumerate(deltas, start=1):
        last = number == len(deltas)
        choice = {"index": 0, "delta": delta, "finish_reason": "stop" if last else None}
        chunk = {
            "id": "chat-0001",
            "object": "chat.completion.chunk",
            "created": 1_790_000_000,
            "model": body["model"],
            "choices": [choice],
            "usage": count(body, words) if last else None,
        }
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    return response


def count(body: dict[str, Any], words: str) -> dict[str, int]:
    prompt = sum(len(str(message.get("content")).split()) for message in body["messages"])
    return {
        "prompt_tokens": prompt,
        "completion_tokens": len(words.split()),
        "total_tokens": prompt + len(words.split()),
    }
