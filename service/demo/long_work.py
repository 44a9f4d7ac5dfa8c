"""Long work, followed to its end."""

from typing import Any

from service.demo.demo_client import Body, Client, until
from service.demo.progress_printer import Step
from service.demo.stage import DemoFailed

LOOK_SECONDS = 0.3


async def order(client: Client, path: str, body: Body, step: Step, *, what: str) -> Any:
    """Ask for long work and see it through: the operation as it ended. Raises DemoFailed when it does not succeed."""
    asked = await client.post(path, body)
    return await follow(client, f"/operations/{asked['id']}", step, what=what)


async def follow(client: Client, operation: str, step: Step, *, what: str) -> Any:
    """Raises DemoFailed when it does not succeed."""
    now: Any = {}

    async def ended() -> bool:
        nonlocal now
        now = await client.get(operation, wait=LOOK_SECONDS)
        step.at(now["progress"]["done"], of=now["progress"]["total"])
        if now["state"] in ("failed", "cancelled"):
            raise DemoFailed(f"{what} has {now['state']}: {now['error']}")
        return bool(now["state"] == "succeeded")

    await until(ended, what=what)
    return now
