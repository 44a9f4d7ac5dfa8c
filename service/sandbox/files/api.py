"""Files over HTTP. A file is stored unchecked; only a job reads it."""

import asyncio
import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath
from litestar.response import File
from msgspec import Meta

from service.sandbox.state import SandboxOf, require
from service.sandbox.wire import MAX_FILE_BYTES, PURPOSES, FileObject, Page, Refusal, build_page, parse_integer

Seconds = Annotated[int, Meta(ge=3600, le=2592000)]
FORM_MARGIN = 1024 * 1024  # for the other parts of the form and its boundaries
CHUNK = 1024 * 1024


@post("/v1/files", status_code=200, request_max_body_size=MAX_FILE_BYTES + FORM_MARGIN)
async def upload(request: Request[Any, Any, Any], sandbox: SandboxOf) -> FileObject:
    form = await _read_form(request)
    file, purpose = form.get("file"), form.get("purpose")
    if not isinstance(file, UploadFile):
        raise Refusal("'file' is a required property", param="file")
    if purpose not in PURPOSES:
        raise Refusal(f"'purpose' must be one of {', '.join(PURPOSES)}", param="purpose")
    now = int(time.time())
    file_id = f"file-{secrets.token_hex(12)}"
    try:
        size = await asyncio.to_thread(_copy, file, sandbox.store.path(file_id))
    finally:
        await file.close()
    stored = FileObject(
        id=file_id,
        bytes=size,
        created_at=now,
        expires_at=_parse_expiry(form, now),
        filename=Path(file.filename).name or "file",
        purpose=purpose,
    )
    await asyncio.to_thread(sandbox.store.add_file, stored)
    return stored


async def _read_form(request: Request[Any, Any, Any]) -> FormMultiDict:
    if request.content_type[0] != "multipart/form-data":
        raise Refusal("The request must be multipart/form-data with a 'file' and a 'purpose'.", param="file")
    try:
        return await request.form()
    except (UnicodeError, LookupError, ValueError) as error:
        raise Refusal("The multipart form could not be read.", param="file") from error


def _copy(file: UploadFile, path: Path) -> int:
    size = 0
    with path.open("wb") as out:
        while chunk := file.file.read(CHUNK):
            size += len(chunk)
            out.write(chunk)
    if size > MAX_FILE_BYTES:
        path.unlink()
        raise Refusal("File is larger than the limit of 512 MB.", status=413, param="file")
    return size


def _parse_expiry(form: FormMultiDict, now: int) -> int | None:
    seconds = form.get("expires_after[seconds]")
    if seconds is None:
        return None
    try:
        return now + msgspec.convert(seconds, Seconds, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(f"Invalid 'expires_after[seconds]': {error}", param="expires_after[seconds]") from error


@get("/v1/files", sync_to_thread=True)
def list_files(request: Request[Any, Any, Any], sandbox: SandboxOf) -> Page:
    query = request.query_params
    limit = parse_integer(query, "limit", default=10_000, maximum=10_000)
    after = query.get("after")
    if after is not None:
        require(sandbox.store.file(after), "file", after)
    newest_first = query.get("order", "desc") != "asc"
    rows = sandbox.store.files(purpose=query.get("purpose"), after=after, limit=limit + 1, newest_first=newest_first)
    return build_page(rows, limit=limit)


@get("/v1/files/{file_id:str}", sync_to_thread=True)
def read_file(file_id: FromPath[str], sandbox: SandboxOf) -> FileObject:
    return require(sandbox.store.file(file_id), "file", file_id)


@delete("/v1/files/{file_id:str}", status_code=200, sync_to_thread=True)
def delete_file(file_id: FromPath[str], sandbox: SandboxOf) -> dict[str, Any]:
    require(sandbox.store.file(file_id), "file", file_id)
    sandbox.store.delete_file(file_id)
    return {"id": file_id, "object": "file", "deleted": True}


@get("/v1/files/{file_id:str}/content", sync_to_thread=True)
def file_content(file_id: FromPath[str], sandbox: SandboxOf) -> File:
    file = require(sandbox.store.file(file_id), "file", file_id)
    return File(path=sandbox.store.path(file_id), filename=file.filename, media_type="application/octet-stream")
