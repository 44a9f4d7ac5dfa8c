"""Routes that only the sandbox has: its page, faults, counts of calls, and the pace."""

from typing import Annotated, Any

import msgspec
from litestar import delete, get, post
from msgspec import Meta

from service.sandbox.faults import Fault
from service.sandbox.state import SandboxOf
from service.sandbox.wire import parse_body

PAGE = """<!doctype html><meta charset="utf-8"><title>Sandbox</title>
<h1>This is a sandbox</h1>
<p>It speaks OpenAI's fine-tuning wire format and belongs to nobody but you. Its models are small n-gram models, its
answers come from the nearest training prompts, and nothing costs money. Any API key will do.</p>
<p>Provider: <code>/v1</code>. Faults on request: <code>/sandbox/faults</code>. Calls: <code>/sandbox/calls</code>.
How long an answer takes: <code>/sandbox/pace</code>.</p>
"""


class Pace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`latency`: seconds that a chat answer takes."""

    latency: Annotated[float, Meta(ge=0, le=600)]


@get("/", media_type="text/html", sync_to_thread=False)
def root() -> str:
    return PAGE


@post("/sandbox/faults", status_code=201, sync_to_thread=False)
def add_fault(body: bytes, sandbox: SandboxOf) -> Fault:
    fault = parse_body(body, Fault)
    sandbox.faults.add(fault)
    return fault


@get("/sandbox/faults", sync_to_thread=False)
def list_faults(sandbox: SandboxOf) -> dict[str, Any]:
    return {"data": sandbox.faults.waiting()}


@delete("/sandbox/faults", status_code=204, sync_to_thread=False)
def clear_faults(sandbox: SandboxOf) -> None:
    sandbox.faults.clear()


@get("/sandbox/calls", sync_to_thread=False)
def list_calls(sandbox: SandboxOf) -> dict[str, Any]:
    """`calls`: requests received; `done`: requests carried out, including dropped replies; `chat`: see Traffic."""
    calls, completed = dict(sandbox.faults.calls), dict(sandbox.faults.completed)
    return {"calls": calls, "done": completed, "chat": sandbox.traffic.summarize()}


@delete("/sandbox/calls", status_code=204, sync_to_thread=False)
def clear_calls(sandbox: SandboxOf) -> None:
    sandbox.faults.calls.clear()
    sandbox.faults.completed.clear()
    sandbox.traffic.clear()


@get("/sandbox/pace", sync_to_thread=False)
def read_pace(sandbox: SandboxOf) -> Pace:
    return Pace(latency=sandbox.traffic.latency)


@post("/sandbox/pace", status_code=200, sync_to_thread=False)
def set_pace(body: bytes, sandbox: SandboxOf) -> Pace:
    pace = parse_body(body, Pace)
    sandbox.traffic.latency = pace.latency
    return pace
