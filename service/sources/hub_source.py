"""Files of a dataset on the Hugging Face Hub: its revision is resolved to a commit first, and read as of that."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Mapping
from fnmatch import fnmatchcase
from typing import IO
from urllib.parse import quote

import msgspec

from service.datasets.imports.domain import ImportSource
from service.network.address_policy import AddressPolicy
from service.sources.opened_source import OpenedSource, SourceFailed
from service.sources.schemas import FromHub
from service.sources.web_client import open_url, read_json

DATA_FILES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".xlsx", ".gz", ".zst", ".zip")
DESCRIPTIONS = ("dataset_infos.json", "dataset_dict.json", "dataset_info.json", "state.json")
SPLITS = ("train", "validation", "valid", "test", "dev", "eval")
MAX_FILES = 1_000
PIECE_BYTES = 256 * 1024


class HubFile(msgspec.Struct, frozen=True):
    rfilename: str


class HubRevision(msgspec.Struct, frozen=True):
    """What the Hub says of a revision of a dataset."""

    sha: str
    siblings: tuple[HubFile, ...] = ()


async def open_hub_source(source: FromHub, policy: AddressPolicy) -> OpenedSource:
    """Open the files, several as one ZIP file. Raises SourceFailed."""
    endpoint = source.endpoint.rstrip("/")
    headers = {"Authorization": f"Bearer {source.token}"} if source.token else {}
    url = f"{endpoint}/api/datasets/{source.dataset}/revision/{quote(source.revision, safe='')}"
    answer = await read_json(url, policy, headers=headers, pointer="/source/dataset")
    try:
        revision = msgspec.json.decode(answer, type=HubRevision)
    except msgspec.MsgspecError as error:
        raise SourceFailed("This is not how the Hub answers.", pointer="/source/endpoint") from error
    files = choose_files(source.files, [each.rfilename for each in revision.siblings])
    record = ImportSource(
        type="hub", location=f"{endpoint}/datasets/{source.dataset}", revision=revision.sha, files=tuple(files)
    )
    base = f"{endpoint}/datasets/{source.dataset}/resolve/{quote(revision.sha, safe='')}"
    urls = {name: f"{base}/{quote(name)}" for name in files}
    if len(files) == 1:
        file = await open_url(urls[files[0]], policy, headers=headers, pointer="/source/files")
        return OpenedSource(record=record, pieces=file.read(), name=files[0].rpartition("/")[2])
    return OpenedSource(record=record, pieces=_read_all(urls, policy, headers), name=f"{source.dataset}.zip")


def choose_files(patterns: tuple[str, ...], names: list[str]) -> list[str]:
    """The files that the patterns name, or else all data files. Raises SourceFailed when they are of several splits."""
    if patterns:
        found = [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
    else:
        data = [name for name in names if name.lower().endswith(DATA_FILES)]
        found = [name for name in data if name.rpartition("/")[2] not in DESCRIPTIONS]
    shown = ", ".join(names[:50])
    if not found:
        raise SourceFailed(f"The dataset has no such file; it has {shown}.", pointer="/source/files")
    splits = {split for name in found for split in SPLITS if split in name.lower()}
    if not patterns and len(splits) > 1:
        detail = (
            f"The files are of several splits; say which in `files`, and with ?split= which split they are: {shown}."
        )
        raise SourceFailed(detail, pointer="/source/files")
    if len(found) > MAX_FILES:
        raise SourceFailed(f"More than {MAX_FILES:,} files; import some at a time.", pointer="/source/files")
    return found


async def _read_all(urls: Mapping[str, str], policy: AddressPolicy, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    with tempfile.TemporaryFile(prefix="tuneledger-import-") as file:
        await _write_archive(file, urls, policy, headers)
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece


async def _write_archive(
    file: IO[bytes], urls: Mapping[str, str], policy: AddressPolicy, headers: Mapping[str, str]
) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, url in urls.items():
            opened = await open_url(url, policy, headers=headers, pointer="/source/files")
            with archive.open(name, "w", force_zip64=True) as member:
                async for piece in opened.read():
                    await asyncio.to_thread(member.write, piece)
