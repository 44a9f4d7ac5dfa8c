"""Who walks: the demo's own key and its two raters'. Each demo on a database makes things under names of its own."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import msgspec

from service.demo.demo_client import Client, client
from service.demo.raters import Rater
from service.settings import Settings

KEY_NAME = "demo"
THING_NAME = "news-headlines"  # the lines that `serve` prints make a task called headlines
JUDGES = ["datasets:read", "datasets:write", "evaluations:read", "evaluations:write"]
ANNOTATES = ["labels:write"]  # alone: who has it sees no one else's labels


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's key, and what the things are called that it makes: the second demo's have a -2."""

    secret: str
    names: str


def door(chosen: Settings) -> str:
    """A key to come in with the first time: the operator's where one is set, else a new one."""
    return chosen.bootstrap_key or f"tl_{secrets.token_urlsafe(32)}"


async def enter(url: str, chosen: Settings, secret: str) -> Key:
    """Make the demo's key, called `demo`, and give the one we came in with back, unless it is the operator's."""
    async with client(url, secret) as opened:
        taken = {key["name"] for key in await opened.everything("/api-keys")}
        ending = next(ending for n in count(1) if KEY_NAME + (ending := f"-{n}" if n > 1 else "") not in taken)
        made = await opened.post("/api-keys", {"name": KEY_NAME + ending, "scopes": ["admin", "operator"]})
        if chosen.bootstrap_key is None:
            await opened.delete(f"/api-keys/{(await opened.get('/me'))['key_id']}")
    return Key(secret=made["secret"], names=THING_NAME + ending)


@asynccontextmanager
async def rater(us: Client, url: str, name: str, *, strict: bool) -> AsyncIterator[Rater]:
    """Somebody who rates, under a key of their own, for as long as this is open."""
    key = await us.post("/api-keys", {"name": name, "scopes": JUDGES})
    async with client(url, key["secret"]) as opened:
        yield Rater(client=opened, strict=strict)
    await us.delete(f"/api-keys/{key['id']}")


@asynccontextmanager
async def annotator(us: Client, url: str, name: str) -> AsyncIterator[Client]:
    """Somebody who labels, under a key of their own, for as long as this is open."""
    key = await us.post("/api-keys", {"name": name, "scopes": ANNOTATES})
    async with client(url, key["secret"]) as opened:
        yield opened
    await us.delete(f"/api-keys/{key['id']}")
