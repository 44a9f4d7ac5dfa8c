"""One bucket of Google Cloud Storage: upload an object, read what it is, read its content, delete it."""

import base64
import hashlib

from aiohttp import web

from tests.emulators.vertex.wire import Refusal

BUCKET = "acme-training"


class Bucket:
    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/upload/storage/v1/b/{bucket}/o", self.upload),
            web.get("/storage/v1/b/{bucket}/o", self.list),
            web.get("/storage/v1/b/{bucket}/o/{name}", self.read),
            web.delete("/storage/v1/b/{bucket}/o/{name}", self.delete),
        ]

    def find(self, uri: str) -> bytes | None:
        """The content behind gs://bucket/name."""
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        return self.stored.get(name) if uri.startswith("gs://") and bucket == BUCKET else None

    async def upload(self, request: web.Request) -> web.Response:
        check_bucket(request)
        if "x-goog-api-key" in request.headers:
            raise Refusal(401, "Anonymous caller does not have storage.objects.create access to the bucket.")
        if request.query.get("uploadType") != "media" or not request.query.get("name"):
            raise Refusal(400, "Required: uploadType and name.")
        name = request.query["name"]
        self.stored[name] = await request.read()
        return web.json_response(self.describe(name))

    async def list(self, request: web.Request) -> web.Response:
        check_bucket(request)
        names = [name for name in self.stored if name.startswith(request.query.get("prefix", ""))]
        return web.json_response({"kind": "storage#objects", "items": [self.describe(name) for name in names]})

    async def read(self, request: web.Request) -> web.Response:
        name = self._find(request)
        if request.query.get("alt") == "media":
            return web.Response(body=self.stored[name])
        return web.json_response(self.describe(name))

    async def delete(self, request: web.Request) -> web.Response:
        del self.stored[self._find(request)]
        return web.Response(status=204)

    def describe(self, name: str) -> dict[str, str]:
        content = self.stored[name]
        md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        return {"kind": "storage#object", "name": name, "bucket": BUCKET, "size": str(len(content)), "md5Hash": md5}

    def _find(self, request: web.Request) -> str:
        check_bucket(request)
        name = request.match_info["name"]
        if name not in self.stored:
            raise build_missing(f"No such object: {BUCKET}/{name}")
        return name


def check_bucket(request: web.Request) -> None:
    if request.match_info["bucket"] != BUCKET:
        raise build_missing("The specified bucket does not exist.")


def build_missing(message: str) -> Refusal:
    """The storage has another error body: no status, and a list of reasons."""
    refusal = Refusal(404, message)
    refusal.body = {"error": {"code": 404, "message": message, "errors": [{"message": message, "reason": "notFound"}]}}
    return refusal
