"""Measure the chat proxy beside asking the provider directly (`make bench-proxy`), and print the figures as JSON.

Time to the first byte is taken at the sandbox, whose answers cost time; calls a second at a provider in this process
that answers from memory, since two cores are too few for the sandbox beside us.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import msgspec
import openai
import psutil

from benchmarks.environment import database, server
from benchmarks.figures import Figure, build_figure
from benchmarks.http_client import HttpClient
from service.database.embedded_postgres import embedded

ROUNDS, CALLS = 9, 40
CLIENTS = (1, 8, 32)
SECONDS = 3.0
MODEL = "gpt-4o-mini-2024-07-18"
CHAT = "/v1/chat/completions"
QUESTION = [{"role": "user", "content": "Which category is the headline about the match on Sunday?"}]
WORDS = ("sports", ", ", "says", " the", " model")


class Measured(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`times_direct` compares the medians of two rounds, one after the other."""

    name: str
    ours: Figure
    direct: Figure | None = None
    times_direct: Figure | None = None
    processor: Figure | None = None


async def main(postgres: str, directory: Path) -> None:
    settings = {"TUNELEDGER_CONNECTIONS_ALLOW": "127.0.0.0/8", "TUNELEDGER_PROCESSES": "1"}
    async with (
        sandbox(directory / "sandbox") as address,
        canned_provider() as canned,
        database(postgres) as url,
        server(url, **settings) as client,
        HttpClient(address.hostname or "", address.port or 0, "any") as direct,
    ):
        ours = await serve_model(client, "sandbox", f"http://{address.netloc}/v1")
        results = [await measure_latency(client, direct, ours, stream=stream) for stream in (True, False)]
        results.append(await measure_sdk(client, address.netloc, ours))
        theirs = await serve_model(client, "canned", canned)
        results += [await measure_rate(client, theirs, clients=clients) for clients in CLIENTS]
    sys.stdout.write(
        msgspec.json.format(msgspec.json.encode({"load": os.getloadavg()[0], "results": results})).decode()
    )


async def serve_model(client: HttpClient, name: str, base_url: str) -> str:
    """A model whose version is asked at that address; returns what a call names."""
    account = {"name": name, "kind": "sandbox", "secret": "any", "base_url": base_url}
    connection = await client.json("POST", "/v1/connections", account)
    model = await client.json("POST", "/v1/models", {"name": name})
    version = {"connection_id": connection["id"], "base_model": MODEL, "provider_model": MODEL}
    await client.json("POST", f"/v1/models/{model['id']}/versions", version)
    return f"{name}:v1.0"


def body(model: str, *, stream: bool) -> bytes:
    usage = {"stream_options": {"include_usage": True}} if stream else {}
    return msgspec.json.encode({"model": model, "messages": QUESTION, "stream": stream, **usage})


async def measure_latency(ours: HttpClient, direct: HttpClient, model: str, *, stream: bool) -> Measured:
    pairs = []
    for _ in range(ROUNDS):
        bare = await time_calls(direct, body(MODEL, stream=stream))
        pairs.append((await time_calls(ours, body(model, stream=stream)), bare))
    return build_comparison("first_byte_of_stream" if stream else "first_byte_of_whole_answer", pairs)


async def time_calls(client: HttpClient, request: bytes) -> float:
    """The median seconds to the first byte of the answer's body."""
    seconds = []
    for _ in range(CALLS):
        await client.ask("POST", CHAT, request)
        seconds.append(client.seconds_to_first_byte)
    return median(seconds)


async def measure_sdk(client: HttpClient, sandbox_address: str, model: str) -> Measured:
    """The time until OpenAI's client has the first chunk, as its user waits for it."""
    pairs = []
    async with (
        openai.AsyncOpenAI(api_key="any", base_url=f"http://{sandbox_address}/v1") as direct,
        openai.AsyncOpenAI(api_key=client.key, base_url=f"http://{client.host}:{client.port}/v1") as through,
    ):
        for _ in range(ROUNDS):
            bare = await time_chunks(direct, MODEL)
            pairs.append((await time_chunks(through, model), bare))
    return build_comparison("first_chunk_of_openais_client", pairs)


async def time_chunks(sdk: openai.AsyncOpenAI, model: str) -> float:
    seconds = []
    for _ in range(CALLS):
        started = time.perf_counter()
        messages: Any = QUESTION
        stream = await sdk.chat.completions.create(model=model, messages=messages, stream=True)
        await anext(aiter(stream))
        seconds.append(time.perf_counter() - started)
        async for _ in stream:
            pass
    return median(seconds)


def build_comparison(name: str, pairs: Sequence[tuple[float, float]]) -> Measured:
    return Measured(
        name=name,
        ours=build_figure([ours * 1000 for ours, _ in pairs], "ms"),
        direct=build_figure([bare * 1000 for _, bare in pairs], "ms"),
        times_direct=build_figure([ours / bare for ours, bare in pairs], "times"),
    )


async def measure_rate(client: HttpClient, model: str, *, clients: int) -> Measured:
    """Streamed calls a second of one process, and the processor time that this process takes for each."""
    request, rates, costs = body(model, stream=True), [], []
    async with AsyncExitStack() as stack:
        wires = [
            await stack.enter_async_context(HttpClient(client.host, client.port, client.key)) for _ in range(clients)
        ]
        for _ in range(3):
            api, started = find_api_process(), time.perf_counter()
            before = sum(api.cpu_times()[:2])
            counts = await asyncio.gather(*(call_until(wire, request, started + SECONDS) for wire in wires))
            rates.append(sum(counts) / (time.perf_counter() - started))
            costs.append((sum(api.cpu_times()[:2]) - before) / sum(counts) * 1000)
    return Measured(
        name=f"calls_{clients}_clients",
        ours=build_figure(rates, "calls/s"),
        processor=build_figure(costs, "ms/call of the API process"),
    )


async def call_until(client: HttpClient, request: bytes, end: float) -> int:
    calls = 0
    while time.perf_counter() < end:
        await client.ask("POST", CHAT, request)
        calls += 1
    return calls


def find_api_process() -> psutil.Process:
    """The child that has worked most: the server's one API process."""
    children = psutil.Process().children(recursive=True)
    served = [child for child in children if "api_process" in " ".join(child.cmdline())]
    return max(served or children, key=lambda child: sum(child.cpu_times()[:2]))


@asynccontextmanager
async def sandbox(directory: Path) -> AsyncIterator[Any]:
    command = ("-m", "service.sandbox", "--port", "0", "--directory", str(directory))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        yield urlsplit((await process.stdout.readline()).decode().split()[-1])
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def canned_provider() -> AsyncIterator[str]:
    """A provider that answers every request with the same stream."""
    server = await asyncio.start_server(answer_requests, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def answer_requests(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    events = build_events(WORDS)
    try:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(lines.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            await reader.readexactly(size)
            writer.write(head + b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events) + b"0\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def build_events(words: Sequence[str]) -> list[bytes]:
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    deltas: list[tuple[Any, str | None]] = [({"content": word}, None) for word in words]
    choices = [[{"index": 0, "delta": delta, "finish_reason": end}] for delta, end in [*deltas, ({}, "stop")]]
    usage = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    chunks = [{**common, "choices": choice} for choice in choices] + [{**common, "choices": [], "usage": usage}]
    return [b"data: " + msgspec.json.encode(chunk) + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as name, embedded(Path(name)) as postgres_url:
        asyncio.run(main(postgres_url, Path(name)))
