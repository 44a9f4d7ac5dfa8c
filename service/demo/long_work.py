"""Start operations, and follow them to their end."""

from typing import Any

from service.demo.demo_client import Body, Client, wait_until
from service.demo.progress_printer import Step
from service.demo.stage import DemoFailed

WAIT_SECONDS = 0.3


async def run_operation(client: Client, path: str, body: Body, step: Step, *, what: str) -> Any:
    """Start an operation and follow it; returns the ended operation. Raises DemoFailed unless it succeeds."""
    started = await client.post(path, body)
    return await follow_operation(client, f"/operations/{started['id']}", step, what=what)


async def follow_operation(client: Client, operation: str, step: Step, *, what: str) -> Any:
    """Follow an operation to its end. Raises DemoFailed unless it succeeds."""
    operation_state: Any = {}

    async def has_succeeded() -> bool:
        nonlocal operation_state
        operation_state = await client.get(operation, wait=WAIT_SECONDS)
        step.at(operation_state["progress"]["done"], of=operation_state["progress"]["total"])
        if operation_state["state"] in ("failed", "cancelled"):
            raise DemoFailed(f"{what} has {operation_state['state']}: {operation_state['error']}")
        return bool(operation_state["state"] == "succeeded")

    await wait_until(has_succeeded, what=what)
    return operation_state
