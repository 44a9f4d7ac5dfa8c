"""Converse and ConverseStream: an echo, a tool call where a tool is asked for, and AWS' binary event stream."""

import json
import struct
from binascii import crc32
from itertools import pairwise
from typing import Any

from aiohttp import web

from tests.emulators.bedrock.deployments import Deployments
from tests.emulators.bedrock.jobs import BASE_MODELS
from tests.emulators.bedrock.wire import Refusal, read_body, read_id

USAGE = {"inputTokens": 7, "outputTokens": 3, "totalTokens": 15, "cacheReadInputTokens": 5}
CALL = {"toolUseId": "tooluse_1", "name": "weather", "input": {"city": "Oslo"}}


class Converse:
    """`bodies`: the requests, oldest first. `breaks` the next stream: an exception, `cut`, or other bytes."""

    def __init__(self, deployments: Deployments) -> None:
        self.deployments = deployments
        self.bodies: list[dict[str, Any]] = []
        self.breaks: str | bytes | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/model/{id}/converse", self.converse),
            web.post("/model/{id}/converse-stream", self.converse_stream),
        ]

    async def converse(self, request: web.Request) -> web.Response:
        body = await self._read(request, "ConverseRequest")
        text, calls = reply(body)
        content = [{"toolUse": CALL}] if calls else [{"text": text}]
        answer: dict[str, Any] = {
            "output": {"message": {"role": "assistant", "content": content}},
            "metrics": {"latencyMs": 5},
        }
        answer |= {"stopReason": "tool_use" if calls else "end_turn", "usage": USAGE}
        return web.json_response(answer, headers={"x-amzn-RequestId": "req-1"})

    async def converse_stream(self, request: web.Request) -> web.StreamResponse:
        body = await self._read(request, "ConverseStreamRequest")
        headers = {"Content-Type": "application/vnd.amazon.eventstream", "x-amzn-RequestId": "req-2"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        messages = [encode(":event-type", kind, event) for kind, event in list_events(*reply(body))]
        if isinstance(self.breaks, bytes):
            messages = [self.breaks]
        elif self.breaks is not None:
            error = encode(":exception-type", self.breaks, {"message": "On request."})
            messages = messages[:2] + ([error] if self.breaks != "cut" else [])
        self.breaks = None
        stream = b"".join(messages)
        for start in range(0, len(stream), 50):  # pieces end in the middle of messages
            await response.write(stream[start : start + 50])
        await response.write_eof()
        return response

    async def _read(self, request: web.Request, shape: str) -> dict[str, Any]:
        model = read_id(request)
        body = await read_body(request, "bedrock-runtime", shape, modelId=model)
        self.bodies.append(body)
        deployment = self.deployments.stored.get(model)
        if model not in BASE_MODELS and (deployment is None or deployment.status != "Active"):
            raise Refusal(400, "ValidationException", "The provided model identifier is invalid.")
        roles = [message["role"] for message in body["messages"]]
        if roles[:1] != ["user"] or any(first == second for first, second in pairwise(roles)):
            raise Refusal(400, "ValidationException", "A conversation must alternate between user and assistant roles.")
        return body


def reply(body: dict[str, Any]) -> tuple[str, bool]:
    """The echo of the last text, and whether a tool is called instead."""
    texts = [block["text"] for block in body["messages"][-1]["content"] if "text" in block]
    return f"Echo: {' '.join(texts)}", "toolConfig" in body and bool(texts)


def list_events(text: str, calls: bool) -> list[tuple[str, dict[str, Any]]]:
    begin = ("messageStart", {"role": "assistant"})
    end: list[tuple[str, dict[str, Any]]] = [("messageStop", {"stopReason": "tool_use" if calls else "end_turn"})]
    end += [("metadata", {"usage": USAGE, "metrics": {"latencyMs": 5}})]
    pieces: list[dict[str, Any]] = [{"text": f"{word} "} for word in text.split()]
    start: list[tuple[str, dict[str, Any]]] = []
    if calls:
        use = {"toolUseId": CALL["toolUseId"], "name": CALL["name"]}
        pieces = [{"toolUse": {"input": piece}} for piece in ('{"city"', ': "Oslo"}')]
        start = [("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": use}})]
    deltas = [("contentBlockDelta", {"contentBlockIndex": 0, "delta": piece}) for piece in pieces]
    return [begin, *start, *deltas, ("contentBlockStop", {"contentBlockIndex": 0}), *end]


def encode(name: str, kind: str, event: dict[str, Any]) -> bytes:
    """A message of AWS' event stream: lengths, headers, payload, and a checksum of each part."""
    message_type = "exception" if name == ":exception-type" else "event"
    named = {":message-type": message_type, name: kind, ":content-type": "application/json"}
    headers = b"".join(encode_header(*each) for each in named.items())
    payload = json.dumps(event).encode()
    prelude = struct.pack("!II", len(headers) + len(payload) + 16, len(headers))
    message = prelude + struct.pack("!I", crc32(prelude)) + headers + payload
    return message + struct.pack("!I", crc32(message))


def encode_header(name: str, value: str) -> bytes:
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
