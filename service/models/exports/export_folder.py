"""The folder of one export while it is made: the weights as they came, and what is made of them."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import msgspec

from service.artifacts import queries as artifact_queries
from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.commands import store_artifact
from service.artifacts.domain import ArtifactOwner, ArtifactStored
from service.ledger.store import Caller, Ledger
from service.models.exports.domain import ModelExportRequested, build_artifact_id
from service.weights.conversions.conversion import Conversion
from service.weights.conversions.conversion_process import run_conversion
from service.weights.conversions.weight_names import is_archive
from service.weights.refusal import NotConvertible

MEDIA_TYPES = {".json": "application/json", ".md": "text/markdown", ".sig": "application/json", ".jinja": "text/plain"}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The weights as the provider gave them, unpacked: an adapter, a whole model, or both."""

    adapter: Path | None = None
    model: Path | None = None


class ExportFolder:
    """`out` is what is exported. Both folders are of this export alone, and gone after it."""

    def __init__(self, root: Path, export_id: UUID, ledger: Ledger, store: ArtifactStore, caller: Caller) -> None:
        self.path = root / str(export_id)
        self.out = self.path / "out"
        self._source = self.path / "source"
        self._ledger = ledger
        self._store = store
        self._caller = caller

    def begin(self) -> None:
        """Begin with empty folders: what a killed worker left may be half of a file."""
        self.remove()
        self.out.mkdir(parents=True)
        self._source.mkdir()

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    async def lay_out(self, artifact_ids: list[UUID]) -> Source:
        """Copy the downloaded weights here and unpack them. Raises NotConvertible, ContentGone."""
        for number, artifact_id in enumerate(artifact_ids):
            row = await artifact_queries.get_artifact(self._ledger.engine, self._caller.workspace_id, artifact_id)
            if is_archive(row.name):
                archive = self.path / f"archive-{number}"
                await self._fetch(row, archive)
                job = Conversion(
                    form="unpack", source=str(archive), out=str(self._source / f"part-{number}"), name=row.name
                )
                await run_conversion(job)
                archive.unlink()
            else:
                await self._fetch(row, self._source / clean_path(row.name))
        return await asyncio.to_thread(find_source, self._source)

    async def restore(self, artifact_ids: list[UUID], *, version: str) -> None:
        """Copy what an earlier attempt made here, from the artifact store."""
        for artifact_id in artifact_ids:
            row = await artifact_queries.get_artifact(self._ledger.engine, self._caller.workspace_id, artifact_id)
            await self._fetch(row, self.out / clean_path(row.name.removeprefix(f"{version}/")))

    async def keep(self, asked: ModelExportRequested, files: list[str]) -> tuple[list[UUID], int]:
        """Store files of `out`, named by their paths, as artifacts. Returns their ids and their size."""
        stored = [await self._keep(asked, file) for file in files]
        return [each for each, _ in stored], sum(size for _, size in stored)

    async def _keep(self, asked: ModelExportRequested, file: str) -> tuple[UUID, int]:
        artifact_id = build_artifact_id(asked.model_id, asked.model_version, file)
        path = self.out / file
        digest, size = await asyncio.to_thread(_measure, path)
        content = ArtifactStored(
            kind="model",
            name=f"{asked.model_version}/{file}",
            digest=digest,
            bytes=size,
            media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
            of=ArtifactOwner(kind="model", id=asked.model_id),
        )
        with self._store.receive(artifact_id) as incoming:
            await asyncio.to_thread(_link, path, incoming)
            await store_artifact(self._ledger, self._store, self._caller, artifact_id, content=content, file=incoming)
        return artifact_id, size

    async def _fetch(self, row: Any, target: Path) -> None:
        await self._store.fetch(self._caller.workspace_id, row.digest, target, size=row.bytes)


def clean_path(name: str) -> Path:
    """A path below the folder, whatever a provider called its file."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..", ".")]
    return Path(*[part.replace("\0", "")[:200] for part in parts] or ["file"])


def find_source(folder: Path) -> Source:
    """Find an adapter and a whole model below the folder. Raises NotConvertible where there is neither."""
    adapter = next((path.parent for path in sorted(folder.rglob("adapter_config.json"))), None)
    models = (path.parent for path in sorted(folder.rglob("config.json")) if any(path.parent.glob("*.safetensors")))
    model = next((path for path in models if not (path / "adapter_config.json").exists()), None)
    if adapter is None and model is None:
        names = ", ".join(sorted(path.name for path in folder.rglob("*") if path.is_file())[:10])
        raise NotConvertible(
            "The provider gave neither an adapter (adapter_config.json) nor a model in safetensors (config.json), but "
            f"{names or 'nothing'}. The files as they came are artifacts of the tune: GET /v1/tunes/{{id}}/weights."
        )
    return Source(adapter=adapter, model=model)


def list_files(folder: Path, below: str = "") -> Iterator[str]:
    """List the files below a folder of `folder`, by their paths from `folder`."""
    for path in sorted((folder / below).rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _measure(path: Path) -> tuple[str, int]:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest(), path.stat().st_size


def _link(path: Path, target: Path) -> None:
    """A second name of the same content, or a copy on a disk that has no such names."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
