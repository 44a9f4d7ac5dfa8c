"""The demo's news, with the section as the answer: what a small model learns on hardware of one's own."""

import json
from typing import Any

from service.demo.data.collection import read_rows
from service.demo.demo_client import Client, wait_until
from service.demo.stage import DemoFailed

LINE = "news-sections"
INSTRUCTION = "You name the section of a newspaper that a short news summary belongs to."
SECTIONS = (
    *("media-and-entertainment", "world-news", "culture-and-arts", "science-and-technology"),
    *("sports", "politics", "money-and-business", "style-and-beauty"),
)
WAIT_SECONDS = 5400  # a real training takes minutes, and longer on a busy machine
OPTIONS = {"device": "cpu", "memory_gb": "4", "cpu_hour": "0.05"}
THIS_MACHINE: dict[str, Any] = {"name": "this machine", "kind": "local", "options": OPTIONS, "timeout_seconds": 300}


async def freeze(client: Client) -> dict[str, str]:
    """Import and freeze them; the split stays as it is in the file."""
    dataset = await client.post("/datasets", {"name": LINE})
    content = "\n".join(json.dumps(row) for row in build_rows()).encode()
    await finish(client, await client.send_file(f"/datasets/{dataset['id']}/imports", content), what="the import")
    await client.post(f"/datasets/{dataset['id']}/versions", {"name": "v1"})
    return {"dataset_id": dataset["id"], "dataset_version": "v1"}


def build_rows() -> list[Any]:
    return [_build_row(json.loads(line)) for line in read_rows("headlines.jsonl").splitlines()]


def _build_row(row: dict[str, Any]) -> dict[str, Any]:
    [_, summary, _] = row["messages"]
    answer = {"role": "assistant", "content": row["tags"][0]}
    messages = [{"role": "system", "content": INSTRUCTION}, summary, answer]
    return {"messages": messages, "external_id": row["external_id"], "split": row["split"]}


async def finish(client: Client, operation: str, *, what: str) -> Any:
    """Wait for an operation, by its path. Returns it as it ended; raises DemoFailed unless it succeeded."""
    state: Any = {}

    async def has_succeeded() -> bool:
        nonlocal state
        state = await client.get(operation, wait=1)
        if state["state"] in ("failed", "cancelled"):
            raise DemoFailed(f"{what} has {state['state']}: {state['error']}")
        return bool(state["state"] == "succeeded")

    await wait_until(has_succeeded, what=what, seconds=WAIT_SECONDS)
    return state
