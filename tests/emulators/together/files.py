"""Files: announced (302), put to a signed address, processed, and told apart by their checksum (409)."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.faults import EPOCH, Clock
from tests.emulators.together.wire import Refusal, answer, without_nulls

FORMATS = {
    "messages": "CONVERSATION",
    "preferred_output": "PREFERENCE_OPENAI",
    "completion": "INSTRUCTION",
    "text": "GENERAL",
}
ROLES = {"system", "user", "assistant", "tool"}
LOOKS = ("QUEUED", "RUNNING")


@dataclass
class StoredFile:
    id: str
    name: str
    checksum: str
    created_at: float
    content: bytes | None = None
    looks: int | None = None
    lines: int = 0
    format: str | None = None
    error: str | None = None


class Files:
    """A file is checked while it is looked at: queued, running, done. With `stuck` it stays at running."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.stuck = False
        self.stored: dict[str, StoredFile] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/files", self.announce),
            web.put("/storage/{id}", self.receive),
            web.post("/v1/files/{id}/preprocess", self.process),
            web.get("/v1/files", self.list),
            web.get("/v1/files/{id}", self.read),
            web.get("/v1/files/{id}/content", self.content),
            web.delete("/v1/files/{id}", self.delete),
        ]

    async def announce(self, request: web.Request) -> web.Response:
        if not request.content_type.startswith("multipart/form-data"):
            raise Refusal(400, "Send a form.")
        form = await request.post()
        name, checksum = str(form.get("file_name", "")), str(form.get("checksum", ""))
        if form.get("purpose") != "fine-tune" or form.get("file_type") != "jsonl" or not name or not checksum:
            raise Refusal(400, "purpose, file_name, file_type and checksum are required.")
        for file in self.stored.values():
            if file.checksum == checksum:
                return answer({"file_id": file.id, "message": "File already exists."}, status=409)
        file = StoredFile(f"file-{len(self.stored) + 1:04d}", name, checksum, self.clock.now())
        self.stored[file.id] = file
        location = f"{request.url.origin()}/storage/{file.id}?X-Amz-Signature=signed"
        return web.Response(status=302, headers={"Location": location, "X-Together-File-Id": file.id})

    async def receive(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers or request.query.get("X-Amz-Signature") != "signed":
            raise Refusal(400, "Only one auth mechanism allowed.")
        if request.content_length is None:
            raise Refusal(411, "A length is required.")
        self._find(request).content = await request.read()
        return web.Response()

    async def process(self, request: web.Request) -> web.Response:
        file = self._find(request)
        file.looks = 0
        if file.content is not None:
            file.lines, file.format, file.error = check(file.content)
        return answer(self.describe(file))

    async def list(self, _: web.Request) -> web.Response:
        return answer({"data": [self.describe(file) for file in self.stored.values()]})

    async def read(self, request: web.Request) -> web.Response:
        file = self._find(request)
        if file.looks is not None and not (self.stuck and file.looks == 1):
            file.looks += 1
        return answer(self.describe(file))

    async def content(self, request: web.Request) -> web.Response:
        return web.Response(body=self._find(request).content or b"")

    async def delete(self, request: web.Request) -> web.Response:
        file = self._find(request)
        del self.stored[file.id]
        return answer({"id": file.id, "deleted": True})

    def find_ready(self, file_id: object, param: str) -> StoredFile:
        """A file that a job may use."""
        file = self.stored.get(str(file_id))
        if file is None or self.status(file) != "COMPLETED":
            raise Refusal(400, f"{param}: no processed file {file_id}.", code="invalid_file", param=param)
        return file

    def status(self, file: StoredFile) -> str:
        if file.looks is None:
            return "PENDING"
        if file.looks < len(LOOKS):
            return LOOKS[file.looks]
        if file.content is None:
            return "FAILED"
        return "INVALID_FORMAT" if file.error else "COMPLETED"

    def describe(self, file: StoredFile) -> dict[str, Any]:
        status = self.status(file)
        report = {
            "valid": file.error is None,
            "dataset_format": file.format,
            "nlines": file.lines,
            "file_id": file.id,
            "error": file.error,
            "error_type": "INVALID_FORMAT" if file.error else None,
        }
        return without_nulls(
            {
                "id": file.id,
                "object": "file",
                "bytes": len(file.content or b""),
                "created_at": int(EPOCH + file.created_at),
                "filename": file.name,
                "FileType": "jsonl",
                "purpose": "fine-tune",
                "processing_status": status,
                "validation_report": without_nulls(report) if status in {"COMPLETED", "INVALID_FORMAT"} else None,
            }
        )

    def _find(self, request: web.Request) -> StoredFile:
        file = self.stored.get(request.match_info["id"])
        if file is None:
            raise Refusal(404, f"File {request.match_info['id']} not found.", code="not_found")
        return file


def check(content: bytes) -> tuple[int, str | None, str | None]:
    """The number of lines, their format, and what is wrong with the first bad one."""
    found: str | None = None
    rows = content.decode().splitlines()
    for number, text in enumerate(rows, start=1):
        try:
            row = json.loads(text)
        except ValueError:
            return len(rows), found, f"Line {number}: not JSON"
        kind = next((FORMATS[name] for name in FORMATS if isinstance(row, dict) and name in row), None)
        if kind is None or found not in {None, kind}:
            return len(rows), found, f"Line {number}: the format is unknown or another than before"
        found = kind
        for place, message in enumerate(row.get("messages", ())):
            if not isinstance(message, dict) or message.get("role") not in ROLES:
                return len(rows), found, f"Line {number}: messages[{place}] must contain a role field"
    return len(rows), found, None if rows else "The file has no lines"
