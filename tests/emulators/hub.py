"""A small server that speaks the Hub's wire as huggingface_hub does: repositories, LFS objects, commits."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

TOKEN = "hf_do-not-tell-anyone"


class Hub:
    """`repositories` has each one's files by path, datasets under `datasets/`. Uploads wait for `gate` where it is set.

    `commits` says how many were made, `refusals` with what the next repositories are refused.
    """

    def __init__(self) -> None:
        self.url = ""
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.private: dict[str, bool] = {}
        self.objects: dict[str, bytes] = {}
        self.commits = 0
        self.refusals: list[int] = []
        self.gate: asyncio.Event | None = None
        self.waiting = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/repos/create", self.create),
            web.post("/api/validate-yaml", self.validate),
            web.post("/api/{type}/{owner}/{name}/preupload/{revision}", self.preupload),
            web.post("/{owner}/{name}.git/info/lfs/objects/batch", self.batch),
            web.post("/datasets/{owner}/{name}.git/info/lfs/objects/batch", self.batch),
            web.put("/lfs/{oid}", self.put),
            web.post("/api/{type}/{owner}/{name}/commit/{revision}", self.commit),
            web.get("/api/{type}/{owner}/{name}/revision/{revision}", self.describe),
        ]

    async def create(self, request: web.Request) -> web.Response:
        if refusal := self._refuse(request):
            return refusal
        body = await request.json()
        above = "datasets/" if body.get("type") == "dataset" else ""
        name = f"{above}{body['organization']}/{body['name']}"
        if name in self.repositories:
            return web.json_response({"error": "exists", "url": f"{self.url}/{name}"}, status=409)
        self.repositories[name], self.private[name] = {}, body.get("visibility") == "private" or body.get("private")
        return web.json_response({"url": f"{self.url}/{name}"})

    async def validate(self, _: web.Request) -> web.Response:
        return web.json_response({"errors": [], "warnings": []})

    async def preupload(self, request: web.Request) -> web.Response:
        if self.gate is not None:
            self.waiting.set()
            await self.gate.wait()
        known = self.repositories[_name(request)]
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith((".gguf", ".safetensors", ".parquet")) else "regular",
                "shouldIgnore": False,
                "oid": _hash_blob(known.get(file["path"])),
            }
            for file in (await request.json())["files"]
        ]
        return web.json_response({"files": files, "commitOid": f"{self.commits:040}"})

    async def batch(self, request: web.Request) -> web.Response:
        objects: list[dict[str, Any]] = (await request.json())["objects"]
        for each in objects:
            if each["oid"] not in self.objects:
                each["actions"] = {"upload": {"href": f"{self.url}/lfs/{each['oid']}", "header": {}}}
        return web.json_response({"transfer": "basic", "objects": objects})

    async def put(self, request: web.Request) -> web.Response:
        content = await request.read()
        oid = request.match_info["oid"]
        if hashlib.sha256(content).hexdigest() != oid:
            return web.Response(status=422)
        self.objects[oid] = content
        return web.Response()

    async def commit(self, request: web.Request) -> web.Response:
        repository = self.repositories[_name(request)]
        for line in (await request.read()).splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                repository[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                repository[value["path"]] = self.objects[value["oid"]]
        self.commits += 1
        commit = {
            "commitUrl": f"{self.url}/{_name(request)}/commit/1",
            "commitOid": f"{self.commits:040}",
            "pullRequestUrl": None,
        }
        return web.json_response(commit)

    async def describe(self, request: web.Request) -> web.Response:
        """What is asked for when nothing is to be committed."""
        return web.json_response({"id": _name(request), "sha": f"{self.commits:040}", "siblings": []})

    def _refuse(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "Invalid username or password."}, status=401)
        if self.refusals:
            return web.json_response({"error": "busy"}, status=self.refusals.pop())
        return None


def _name(request: web.Request) -> str:
    above = "datasets/" if request.match_info["type"] == "datasets" else ""
    return f"{above}{request.match_info['owner']}/{request.match_info['name']}"


def _hash_blob(content: bytes | None) -> str | None:
    """Git's name of a file's content."""
    return None if content is None else hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@asynccontextmanager
async def serve_hub() -> AsyncIterator[Hub]:
    hub = Hub()
    application = web.Application(client_max_size=100_000_000)
    application.add_routes(hub.routes())
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    hub.url = f"http://{host}:{port}"
    try:
        yield hub
    finally:
        await runner.cleanup()
