"""The training file on its way to the provider: streamed from the frozen version, stream and hashed as it passes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.projection import load_version
from service.datasets.splits import Split
from service.datasets.versions.export import stream_jsonl
from service.errors import ProviderRefused
from service.providers.provider import TuningProvider
from service.tunes import queries
from service.tunes.events import SentFile, TuneRequested


class Uploads:
    """Uploads for this process's tunes: those of one sweep through one connection share the files of the first."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._locks: WeakValueDictionary[tuple[UUID, UUID], asyncio.Lock] = WeakValueDictionary()

    def lock(self, request: TuneRequested) -> asyncio.Lock:
        """Held while a tune uploads and says so, for the next one to find it. A second process may upload once more."""
        key = (request.sweep_id, request.connection_id)
        return self._locks.setdefault(key, asyncio.Lock())

    async def upload_files(
        self, workspace_id: UUID, request: TuneRequested, provider: TuningProvider
    ) -> tuple[SentFile, SentFile | None]:
        """The training file and the validation file, at the provider."""
        sent = None
        if request.retries is None:  # what was uploaded for a tune that failed may be what it failed of
            sent = await queries.find_sent_files(self.engine, workspace_id, request.sweep_id, request.connection_id)
        if sent:
            return sent
        training = await self._upload(workspace_id, request, request.train_split, provider)
        if request.validation_split is None:
            return training, None
        return training, await self._upload(workspace_id, request, request.validation_split, provider)

    async def _upload(
        self, workspace_id: UUID, request: TuneRequested, split: Split, provider: TuningProvider
    ) -> SentFile:
        version = await load_version(self.engine, workspace_id, request.dataset_id, request.dataset_version)
        stream = CountedStream(stream_jsonl(self.engine, workspace_id, version.selection(split)))
        file_id = await provider.upload(f"{request.dataset_version}-{split}.jsonl", stream.chunks())
        if stream.rows == 0:
            raise ProviderRefused(f"The version has no examples in {split} any more.")
        return SentFile(file_id=file_id, digest=stream.sha256.hexdigest(), bytes=stream.bytes, rows=stream.rows)


class CountedStream:
    """A stream of lines that counts and hashes what passes."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self.source = source
        self.sha256 = hashlib.sha256()
        self.bytes = 0
        self.rows = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self.source:
            self.sha256.update(chunk)
            self.bytes += len(chunk)
            self.rows += chunk.count(b"\n")
            yield chunk
