"""Upload training files: written from the frozen version, counted and hashed on the way."""

import asyncio
import hashlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID
from weakref import WeakValueDictionary

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.projection import DatasetVersionRow, load_version
from service.datasets.splits import Split
from service.datasets.versions.export import stream_jsonl
from service.errors import ProviderRefused
from service.providers.abilities import Provider, TrainingFile
from service.providers.kinds import TRAITS
from service.providers.training_rows.row_formats import convert_lines
from service.providers.training_rows.row_parts import RowUnfit
from service.providers.traits import Format
from service.tunes import queries
from service.tunes.events import TuneRequested
from service.tunes.tune_files import SentFile


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
        self, workspace_id: UUID, request: TuneRequested, provider: Provider
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

    async def _upload(self, workspace_id: UUID, request: TuneRequested, split: Split, provider: Provider) -> SentFile:
        """Upload one split, unless the provider has it already, as after an upload whose response was lost."""
        version = await load_version(self.engine, workspace_id, request.dataset_id, request.dataset_version)
        format_ = TRAITS[request.connection_kind].formats.get(request.method, "openai_chat")
        # A retry sends its files anew: those of the first tune may be why it failed.
        name = f"{split}-{request.retries}" if request.retries else split
        async with open_training_file(self.engine, workspace_id, version, split, format_=format_, name=name) as written:
            file, losses = written.file, written.losses
            file_id = await provider.find_file(file) or await provider.upload(file)
        return SentFile(file_id=file_id, digest=file.digest, bytes=file.bytes, rows=file.rows, losses=losses)


class WrittenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A training file on disk. `losses`: what its format cannot carry, and in how many rows."""

    file: TrainingFile
    losses: dict[str, int]


@asynccontextmanager
async def open_training_file(
    engine: AsyncEngine,
    workspace_id: UUID,
    version: DatasetVersionRow,
    split: Split,
    *,
    format_: Format,
    name: str | None = None,
) -> AsyncIterator[WrittenFile]:
    """Write a split of a frozen version to a file that is gone at the end. Raises ProviderRefused for an empty one."""
    lines = stream_jsonl(engine, workspace_id, version.selection(split))
    losses: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="tuneledger-") as directory:
        file = await write_file(Path(directory) / "lines", lines, name=name or split, format_=format_, losses=losses)
        if file.rows == 0:
            raise ProviderRefused(f"The split {split} of the version has no examples any more.")
        yield WrittenFile(file=file, losses=dict(losses))


async def write_file(
    path: Path, pieces: AsyncIterator[bytes], *, name: str, format_: Format, losses: Counter[str]
) -> TrainingFile:
    """Write pieces of whole lines to a file in the provider's format, counted and hashed on the way.

    `losses` counts what the format cannot carry. Raises ProviderRefused for a row that has no place in such a file.
    """
    sha256, size, rows = hashlib.sha256(), 0, 0
    with path.open("wb") as target:
        async for piece in pieces:
            try:
                converted = await asyncio.to_thread(convert_lines, piece, format_, losses, first_line=rows + 1)
            except RowUnfit as unfit:
                raise ProviderRefused(str(unfit)) from None
            await asyncio.to_thread(target.write, converted)
            sha256.update(converted)
            size, rows = size + len(converted), rows + converted.count(b"\n")
    digest = sha256.hexdigest()
    return TrainingFile(name=f"{name}-{digest}.jsonl", path=path, digest=digest, bytes=size, rows=rows, format=format_)
