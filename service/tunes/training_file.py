"""The training file on its way to the provider: streamed from the frozen version, weighed and hashed as it passes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.projection import version_named
from service.datasets.splits import Split
from service.datasets.versions.export import jsonl
from service.errors import ProviderRefused
from service.providers.provider import TuningProvider
from service.tunes import queries
from service.tunes.events import SentFile, TuneRequested


class Uploads:
    """Uploads for this process's tunes: those of one sweep through one connection share the files of the first."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._turns: WeakValueDictionary[tuple[UUID, UUID], asyncio.Lock] = WeakValueDictionary()

    def turn(self, order: TuneRequested) -> asyncio.Lock:
        """Held while a tune uploads and says so, for the next one to find it. A second process may upload once more."""
        key = (order.sweep_id, order.connection_id)
        return self._turns.setdefault(key, asyncio.Lock())

    async def files(
        self, workspace_id: UUID, order: TuneRequested, provider: TuningProvider
    ) -> tuple[SentFile, SentFile | None]:
        """The training file and the validation file, at the provider."""
        sent = None
        if order.retries is None:  # what was uploaded for a tune that failed may be what it failed of
            sent = await queries.sent_files(self.engine, workspace_id, order.sweep_id, order.connection_id)
        if sent:
            return sent
        training = await self._upload(workspace_id, order, order.train_split, provider)
        if order.validation_split is None:
            return training, None
        return training, await self._upload(workspace_id, order, order.validation_split, provider)

    async def _upload(
        self, workspace_id: UUID, order: TuneRequested, split: Split, provider: TuningProvider
    ) -> SentFile:
        version = await version_named(self.engine, workspace_id, order.dataset_id, order.dataset_version)
        weighed = Weighed(jsonl(self.engine, workspace_id, version.selection(split)))
        file_id = await provider.upload(f"{order.dataset_version}-{split}.jsonl", weighed.chunks())
        if weighed.rows == 0:
            raise ProviderRefused(f"The version has no examples in {split} any more.")
        return SentFile(file_id=file_id, digest=weighed.sha256.hexdigest(), bytes=weighed.bytes, rows=weighed.rows)


class Weighed:
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
