"""What a user does before a tune, and while it runs."""

from typing import Any

from service.demo.demo_client import Client, wait_until
from tests.local.tiny_model import build_rows


async def request_tune(client: Client, connection_id: str, **target: Any) -> Any:
    """Freeze 24 rows and ask for one tune of the model line `things`."""
    dataset = await client.post("/datasets", {"name": "things"})
    examples = [{"content": {"messages": row["messages"]}, "split": "train"} for row in build_rows(24)]
    await client.post(f"/datasets/{dataset['id']}/examples", {"examples": examples})
    await client.post(f"/datasets/{dataset['id']}/versions", {"name": "v1"})
    body = {
        "dataset_id": dataset["id"],
        "dataset_version": "v1",
        "targets": [{"connection_id": connection_id, "base_model": "tiny", **target}],
        "model": "things",
        "seed": 7,
        "force": True,
    }
    return (await client.post("/tunes", body))["tunes"][0]


async def wait_for(client: Client, path: str, *states: str) -> Any:
    """What is at the path, once its state is one of these."""

    async def has_come() -> bool:
        return (await client.get(path))["state"] in states

    await wait_until(has_come, what=f"{path} to be {' or '.join(states)}")
    return await client.get(path)


async def find_version(client: Client) -> Any:
    """The only version of `things`, once it is registered."""
    found: list[Any] = []

    async def is_registered() -> bool:
        for model in await client.list_all("/models", name="things"):
            found.extend(await client.list_all(f"/models/{model['id']}/versions"))
        return bool(found)

    await wait_until(is_registered, what="a version of the model")
    [version] = found
    return version
