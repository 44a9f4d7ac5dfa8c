"""Upload training files: streamed from the frozen version, counted and hashed on the way."""

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
    """Uploads of this process. The tunes of one sweep and connection share their files."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._locks: WeakValueDictionary[tuple[UUID, UUID], asyncio.Lock] = WeakValueDictionary()

    def lock(self, request: TuneRequested) -> asyncio.Lock:
        """Held until an upload is recorded, so that the next tune finds it. Another process may upload again."""
        key = (request.sweep_id, request.connection_id)
        return self._locks.setdefault(key, asyncio.Lock())

    async def upload_files(
        self, workspace_id: UUID, request: TuneRequested, provider: TuningProvider
    ) -> tuple[SentFile, SentFile | None]:
        """Upload the training and validation file, or reuse those of the sweep."""
        sent = None
        if request.retries is None:  # the files may be why the first tune failed
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
            raise ProviderRefused(f"The split {split} of the version has no examples any more.")
        return SentFile(file_id=file_id, digest=stream.sha256.hexdigest(), bytes=stream.bytes, rows=stream.rows)


class CountedStream:
    """Counts and hashes a stream of lines."""

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
