"""The part of S3 that training files need: objects in one bucket, whole or in parts."""

import hashlib
import html

from aiohttp import web

from tests.emulators.bedrock.wire import Refusal

BUCKET = "tuning-bucket"


class Storage:
    """`incomplete`: whether the next completion of an upload fails inside of a 200, as S3 may."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.incomplete = False

    def routes(self) -> list[web.RouteDef]:
        return [
            web.head("/{bucket}", self.bucket),
            web.put("/{bucket}/{key:.+}", self.put),
            web.get("/{bucket}/{key:.+}", self.read),
            web.delete("/{bucket}/{key:.+}", self.delete),
            web.post("/{bucket}/{key:.+}", self.post),
        ]

    async def bucket(self, request: web.Request) -> web.Response:
        return web.Response(status=200 if request.match_info["bucket"] == BUCKET else 404)

    async def put(self, request: web.Request) -> web.Response:
        content, key = await request.read(), find_key(request)
        digest = hashlib.sha256(content).hexdigest()
        if request.headers["X-Amz-Content-SHA256"] != digest:
            raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided hash does not match what was computed.")
        if "partNumber" in request.query:
            self._find_upload(request)[int(request.query["partNumber"])] = content
        else:
            self.objects[key] = content
        return web.Response(headers={"ETag": f'"{digest[:32]}"'})

    async def read(self, request: web.Request) -> web.Response:
        content = self.objects.get(find_key(request))
        if content is None:
            raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
        return web.Response(body=content)

    async def delete(self, request: web.Request) -> web.Response:
        if "uploadId" in request.query:
            self._find_upload(request)
            del self.uploads[request.query["uploadId"]]
        else:
            self.objects.pop(find_key(request), None)
        return web.Response(status=204)

    async def post(self, request: web.Request) -> web.Response:
        key = find_key(request)
        if "uploads" in request.query:
            upload_id = f"upload/{len(self.uploads)}+&"
            self.uploads[upload_id] = {}
            shown = f"<UploadId>{html.escape(upload_id)}</UploadId>"
            text = f"<InitiateMultipartUploadResult>{shown}</InitiateMultipartUploadResult>"
            return web.Response(text=text, content_type="application/xml")
        parts = self._find_upload(request)
        if self.incomplete:
            self.incomplete = False
            return Refusal(200, "InternalError", "We encountered an internal error.").answer(xml=True)
        if (await request.text()).count("<Part>") != len(parts):
            raise Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.")
        self.objects[key] = b"".join(parts[number] for number in sorted(parts))
        del self.uploads[request.query["uploadId"]]
        return web.Response(text="<CompleteMultipartUploadResult/>", content_type="application/xml")

    def _find_upload(self, request: web.Request) -> dict[int, bytes]:
        if request.query["uploadId"] not in self.uploads:
            raise Refusal(404, "NoSuchUpload", "The specified upload does not exist.")
        return self.uploads[request.query["uploadId"]]


def find_key(request: web.Request) -> str:
    if request.match_info["bucket"] != BUCKET:
        raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist")
    return request.match_info["key"]
