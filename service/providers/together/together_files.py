"""Training files at Together: announced, sent to a signed address, then checked there before a job may use them."""

import asyncio
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from service.providers.abilities import TrainingFile
from service.providers.bare_client import NOT_FOUND, BareClient
from service.providers.openai.job_schemas import decode
from service.providers.provider import Account, Refused, Unreachable

PURPOSE = "fine-tune"
FOUND, EXISTS = 302, 409
GONE = frozenset({403, 404})
FILE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 2.0
GRACE_SECONDS, SENT_BYTES_PER_SECOND = 2.0, 5_000_000
PENDING = frozenset({"PENDING"})
UNFINISHED = PENDING | {"QUEUED", "RUNNING"}
READY = frozenset({"COMPLETED", None})
CHECKABLE = READY | {"QUEUED", "RUNNING"}


class RemoteFile(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    filename: str | None = None
    bytes: int | None = None
    processing_status: str | None = None
    validation_report: Any = None


class FileList(msgspec.Struct, frozen=True, kw_only=True):
    data: list[RemoteFile] | None = None


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    file_id: str


class TogetherFiles:
    def __init__(self, client: BareClient, account: Account) -> None:
        self._client = client
        self._seconds = account.timeout_seconds

    async def upload(self, file: TrainingFile) -> str:
        """Send a file and wait until it is checked. Raises Refused in the words of Together's report."""
        stored = await self._send_once(file)
        if stored.processing_status == "FAILED":
            # Perhaps announced by an upload that was cut off: such a file has no content, and never gets any.
            await self.delete(stored.id)
            stored = await self._send_once(file)
        check_report(stored)
        return stored.id

    async def find(self, file: TrainingFile) -> str | None:
        """A file that is still being checked is waited for; one without content is none."""
        listed = decode((await self._client.send("GET", "/files")).content, FileList).data or []
        same = (stored for stored in listed if (stored.filename, stored.bytes) == (file.name, file.bytes))
        stored = next((each for each in same if each.processing_status in CHECKABLE), None)
        stored = await self._finish(stored) if stored else None
        return stored.id if stored and stored.processing_status in READY else None

    async def delete(self, file_id: str) -> None:
        await self._client.send("DELETE", f"/files/{check_file_id(file_id)}", accept=(NOT_FOUND,))

    async def _send_once(self, file: TrainingFile) -> RemoteFile:
        """Announce, send and check a file, or wait for an earlier upload of the same content."""
        form = {"purpose": PURPOSE, "file_name": file.name, "file_type": "jsonl", "checksum": file.digest}
        parts = {name: (None, value) for name, value in form.items()}
        answer = await self._client.send("POST", "/files", files=parts, accept=(FOUND, EXISTS))
        if answer.status_code == EXISTS:
            stored = await self._read(check_file_id(decode(answer.content, Existing).file_id))
            # Perhaps another worker is sending it at this moment; else its upload was cut off.
            stored = await self._wait(stored, PENDING, seconds=GRACE_SECONDS + file.bytes / SENT_BYTES_PER_SECOND)
            return await self._finish(await self._process(stored.id) if stored.processing_status in PENDING else stored)
        file_id = check_file_id(answer.headers.get("x-together-file-id", ""))
        with retry_when_gone():
            await self._client.put_file(answer.headers.get("location", ""), file.path, size=file.bytes)
        return await self._finish(await self._process(file_id))

    async def _finish(self, stored: RemoteFile) -> RemoteFile:
        """Wait until the file is checked."""
        stored = await self._wait(stored, UNFINISHED, seconds=self._seconds)
        if stored.processing_status in UNFINISHED:
            raise Unreachable("the provider is still processing the uploaded file")
        return stored

    async def _wait(self, stored: RemoteFile, statuses: Collection[str], *, seconds: float) -> RemoteFile:
        """The file once it has another status than these, or as it is after so many seconds."""
        pause = PAUSE_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while stored.processing_status in statuses:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                    stored = await self._read(stored.id)
        return stored

    async def _process(self, file_id: str) -> RemoteFile:
        return await self._ask("POST", f"/files/{file_id}/preprocess")

    async def _read(self, file_id: str) -> RemoteFile:
        return await self._ask("GET", f"/files/{file_id}")

    async def _ask(self, method: str, path: str) -> RemoteFile:
        with retry_when_gone():
            return decode((await self._client.send(method, path)).content, RemoteFile)


@contextmanager
def retry_when_gone() -> Iterator[None]:
    """Another worker may have deleted the file, and a signed address holds for a while only: both begin anew."""
    try:
        yield
    except Refused as refused:
        if refused.provider_status not in GONE:
            raise
        raise Unreachable(refused.detail, provider_status=refused.provider_status) from None


def check_file_id(file_id: str) -> str:
    """An id goes into paths, so it has to look like one."""
    if not FILE_ID.fullmatch(file_id):
        raise Unreachable("the provider's response has no usable file id", because="unreadable")
    return file_id


def check_report(stored: RemoteFile) -> None:
    if stored.processing_status in READY:
        return
    report = stored.validation_report if isinstance(stored.validation_report, dict) else {}
    reason = report.get("error") or f"the provider's check of it ended as {stored.processing_status}"
    code = report.get("error_type") or stored.processing_status
    raise Refused(f"The training file was refused: {reason}", provider_code=str(code))
