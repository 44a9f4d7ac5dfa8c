"""The API keys of the demo, its raters and its annotators. Each demo on a database has names of its own."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import msgspec

from service.demo.demo_client import Client, open_client
from service.demo.raters import Rater
from service.settings import Settings

KEY_NAME = "demo"
BASE_NAME = "news-headlines"  # not headlines: the commands that `serve` prints create a task with that name
RATER_SCOPES = ["datasets:read", "datasets:write", "evaluations:read", "evaluations:write"]
ANNOTATOR_SCOPES = ["labels:write"]  # without other scopes, to hide other people's labels


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's key, and the name of what it creates; the second demo's name ends in -2."""

    secret: str
    names: str


def choose_first_key(settings: Settings) -> str:
    """The key for the first start: the operator's if set, else a new one."""
    return settings.bootstrap_key or f"tl_{secrets.token_urlsafe(32)}"


async def create_demo_key(url: str, settings: Settings, secret: str) -> Key:
    """Create the demo's key, and delete the first one unless it is the operator's."""
    async with open_client(url, secret) as client:
        names = {key["name"] for key in await client.list_all("/api-keys")}
        suffix = next(suffix for n in count(1) if KEY_NAME + (suffix := f"-{n}" if n > 1 else "") not in names)
        key = await client.post("/api-keys", {"name": KEY_NAME + suffix, "scopes": ["admin", "operator"]})
        if settings.bootstrap_key is None:
            await client.delete(f"/api-keys/{(await client.get('/me'))['key_id']}")
    return Key(secret=key["secret"], names=BASE_NAME + suffix)


@asynccontextmanager
async def open_rater(us: Client, url: str, name: str, *, strict: bool) -> AsyncIterator[Rater]:
    """Open a rater with a key of their own, which is deleted on exit."""
    key = await us.post("/api-keys", {"name": name, "scopes": RATER_SCOPES})
    async with open_client(url, key["secret"]) as client:
        yield Rater(client=client, strict=strict)
    await us.delete(f"/api-keys/{key['id']}")


@asynccontextmanager
async def open_annotator(us: Client, url: str, name: str) -> AsyncIterator[Client]:
    """Open an annotator with a key of their own, which is deleted on exit."""
    key = await us.post("/api-keys", {"name": name, "scopes": ANNOTATOR_SCOPES})
    async with open_client(url, key["secret"]) as client:
        yield client
    await us.delete(f"/api-keys/{key['id']}")
