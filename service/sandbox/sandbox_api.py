"""What only a sandbox has: its page, faults on request, and the count of calls."""

from typing import Any

from litestar import delete, get, post

from service.sandbox.faults import Fault
from service.sandbox.state import SandboxOf
from service.sandbox.wire import parse

PAGE = """<!doctype html><meta charset="utf-8"><title>Sandbox</title>
<h1>This is a sandbox</h1>
<p>It speaks OpenAI's fine-tuning wire format and belongs to nobody but you. Its models are small n-gram models, its
answers come from the nearest training prompts, and nothing costs money. Any API key will do.</p>
<p>Provider: <code>/v1</code>. Faults on request: <code>/sandbox/faults</code>. Calls: <code>/sandbox/calls</code>.</p>
"""


@get("/", media_type="text/html", sync_to_thread=False)
def root() -> str:
    return PAGE


@post("/sandbox/faults", status_code=201, sync_to_thread=False)
def add_fault(body: bytes, sandbox: SandboxOf) -> Fault:
    fault = parse(body, Fault)
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
    """`calls`: what came in; `done`: what was carried out, replies that were dropped included."""
    return {"calls": dict(sandbox.faults.calls), "done": dict(sandbox.faults.done)}
