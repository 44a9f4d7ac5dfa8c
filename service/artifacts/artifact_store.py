"""The artifact store: a folder, or any object store by URL. The bytes of an artifact lie under workspace and sha256."""

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.exceptions import NotFoundError as ObjectMissing
from obstore.store import LocalStore, ObjectStore, from_url

from service.artifacts.domain import ContentGone
from service.errors import Unavailable
from service.settings import Settings

PIECE_BYTES = 1024 * 1024
ABANDONED_SECONDS = 86_400.0


class ArtifactStore:
    """A file comes whole: it is written to a local folder first, and moved or uploaded when its digest is known."""

    def __init__(self, settings: Settings) -> None:
        root = (settings.data_directory / "artifacts").expanduser().absolute()
        self._url = settings.artifacts_url
        self._folder = root / "files"
        self._incoming = root / "incoming"

    @cached_property
    def _objects(self) -> ObjectStore:
        if self._url is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return LocalStore(self._folder)
        return from_url(self._url)

    @contextmanager
    def receive(self, artifact_id: UUID) -> Iterator[Path]:
        """A path to write a file to before it is `put`. It is gone afterwards, also what a killed worker left."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        self.delete_abandoned()
        path = self._incoming / f"{artifact_id}-{os.urandom(4).hex()}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def delete_abandoned(self) -> None:
        """Delete received files that a killed worker left behind: nothing has been written to them for a day."""
        before = time.time() - ABANDONED_SECONDS
        for path in self._incoming.glob("*"):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
            except FileNotFoundError:
                continue

    async def put(self, workspace_id: UUID, digest: str, file: Path) -> None:
        """Take a received file into the store: all of it or nothing. Raises Unavailable."""
        if self._url is None:
            await asyncio.to_thread(_move, file, self._folder / build_key(workspace_id, digest))
            return
        with _translate_errors():
            await obstore.put_async(self._objects, build_key(workspace_id, digest), file)

    async def find_size(self, workspace_id: UUID, digest: str) -> int | None:
        """The size of a content; None when it is not in the store. Raises Unavailable."""
        try:
            with _translate_errors():
                return (await obstore.head_async(self._objects, build_key(workspace_id, digest)))["size"]
        except ContentGone:
            return None

    async def read(self, workspace_id: UUID, digest: str, *, first: int, end: int) -> AsyncIterator[bytes]:
        """Open the bytes from `first` up to `end` and read them in pieces. Raises ContentGone, Unavailable."""
        if first >= end:
            return _read_nothing()
        with _translate_errors():
            opened = await obstore.get_async(
                self._objects, build_key(workspace_id, digest), options={"range": (first, end)}
            )
        return _read_pieces(opened.stream(min_chunk_size=PIECE_BYTES))

    async def fetch(self, workspace_id: UUID, digest: str, target: Path, *, size: int) -> None:
        """Copy a content to a file, whose folder is made. Raises ContentGone, Unavailable."""
        target.parent.mkdir(parents=True, exist_ok=True)
        pieces = await self.read(workspace_id, digest, first=0, end=size)
        with target.open("wb") as opened:
            async for piece in pieces:
                await asyncio.to_thread(opened.write, piece)

    async def compute_digest(self, workspace_id: UUID, digest: str) -> tuple[str, int]:
        """Read a whole content. Returns its sha256 and size as they are now. Raises ContentGone, Unavailable."""
        sha, size = hashlib.sha256(), 0
        with _translate_errors():
            opened = await obstore.get_async(self._objects, build_key(workspace_id, digest))
            async for piece in opened.stream(min_chunk_size=PIECE_BYTES):
                await asyncio.to_thread(sha.update, piece)
                size += len(piece)
        return sha.hexdigest(), size

    async def delete(self, workspace_id: UUID, digest: str) -> None:
        """Delete a content; one that is gone already is fine. Raises Unavailable."""
        try:
            with _translate_errors():
                await obstore.delete_async(self._objects, build_key(workspace_id, digest))
        except ContentGone:
            pass

    async def list_digests(self, workspace_id: UUID) -> list[str]:
        """List the contents of a workspace; files of other names are not ours. Raises Unavailable."""
        with _translate_errors():
            found = await obstore.list(self._objects, prefix=str(workspace_id)).collect_async()
        paths = {each["path"]: each["path"].rpartition("/")[2] for each in found}
        return [digest for path, digest in paths.items() if path == build_key(workspace_id, digest)]

    async def delete_workspace(self, workspace_id: UUID) -> None:
        """Delete all contents of a workspace. Raises Unavailable."""
        if self._url is None:
            await asyncio.to_thread(shutil.rmtree, self._folder / str(workspace_id), ignore_errors=True)
            return
        with _translate_errors():
            async for found in obstore.list(self._objects, prefix=str(workspace_id)):
                await obstore.delete_async(self._objects, [each["path"] for each in found])


def build_key(workspace_id: UUID, digest: str) -> str:
    return f"{workspace_id}/{digest[:2]}/{digest}"


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise a missing object as ContentGone, and any other failure of the store as Unavailable."""
    try:
        yield
    except (ObjectMissing, FileNotFoundError) as error:
        raise ContentGone("The content is not in the artifact store: it is not there yet, or was removed.") from error
    except (BaseError, OSError) as error:
        raise Unavailable("The artifact store does not answer as it should. Try again, or see the log.") from error


async def _read_pieces(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield bytes(piece)


async def _read_nothing() -> AsyncIterator[bytes]:
    yield b""


def _move(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
    file.replace(target)
