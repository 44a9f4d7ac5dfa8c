"""Training files at the provider: upload one, in parts if it is large, find it again, and delete it."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.providers.abilities import TrainingFile
from service.providers.openai.job_schemas import File, Page, Upload, decode
from service.providers.openai.wire_client import EndlessList, WireClient
from service.providers.provider import Refused, Unreachable

PART_BYTES = 64_000_000  # the largest part that the API takes
IN_PARTS_ABOVE = 100_000_000
FILES_PAGE = 10_000
PROCESSING = frozenset({"pending", "running"})
PROCESSING_PAUSE_SECONDS = 1.0
NOT_FOUND, NOT_ALLOWED, NOT_IMPLEMENTED = 404, 405, 501
ABSENT_ROUTE = frozenset({NOT_FOUND, NOT_ALLOWED, NOT_IMPLEMENTED})
JSONL = "application/jsonl"


async def upload(client: WireClient, file: TrainingFile) -> str:
    """Send a file in constant memory. Returns its id once a job can use it."""
    if file.bytes > IN_PARTS_ABOVE:
        try:
            return await _wait_until_processed(client, await _upload_in_parts(client, file))
        except Refused as refused:
            if refused.provider_status not in ABSENT_ROUTE:
                raise
    with file.path.open("rb") as source:
        sent = await client.ask(
            "POST", "/files", data={"purpose": "fine-tune"}, files={"file": (file.name, source, JSONL)}
        )
    return await _wait_until_processed(client, decode(sent, File))


async def find(client: WireClient, file: TrainingFile) -> str | None:
    """The id of a file of this name and size that jobs can use."""
    try:
        async for each in client.list("/files", Page[File], query={"purpose": "fine-tune"}, limit=FILES_PAGE):
            if each.filename == file.name and each.bytes in (None, file.bytes) and each.status != "error":
                return await _wait_until_processed(client, each)
    except EndlessList:
        pass  # sent once more, it costs an upload
    except Refused as refused:
        if refused.provider_status not in ABSENT_ROUTE:
            raise
    return None


async def delete(client: WireClient, file_id: str) -> None:
    try:
        await client.ask("DELETE", f"/files/{file_id}")
    except Refused as refused:
        if refused.provider_status != NOT_FOUND:
            raise


async def _upload_in_parts(client: WireClient, file: TrainingFile) -> File:
    order = {"filename": file.name, "purpose": "fine-tune", "bytes": file.bytes, "mime_type": JSONL}
    upload = decode(await client.ask("POST", "/uploads", json=order), Upload)
    md5, part_ids = hashlib.md5(usedforsecurity=False), []
    for part in _read_parts(file.path):
        await asyncio.to_thread(md5.update, part)
        sent = await client.ask("POST", f"/uploads/{upload.id}/parts", files={"data": (file.name, part, JSONL)})
        part_ids.append(decode(sent, Upload).id)
    end: dict[str, Any] = {"part_ids": part_ids, "md5": md5.hexdigest()}
    completed = decode(await client.ask("POST", f"/uploads/{upload.id}/complete", json=end), Upload)
    if completed.file is None:
        raise Unreachable("the provider did not name the uploaded file", because="unreadable")
    return completed.file


def _read_parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while part := source.read(PART_BYTES):
            yield part


async def _wait_until_processed(client: WireClient, file: File) -> str:
    # Azure takes a file in and looks at it later; a job created before that is refused.
    try:
        async with asyncio.timeout(client.account.timeout_seconds):
            while file.status in PROCESSING:
                await asyncio.sleep(PROCESSING_PAUSE_SECONDS)
                file = decode(await client.ask("GET", f"/files/{file.id}"), File)
    except TimeoutError:
        raise Unreachable("the provider is still processing the uploaded file") from None
    return file.id
