"""A file at an address."""

from urllib.parse import unquote, urlsplit

from service.datasets.imports.domain import ImportSource
from service.network.address_policy import AddressPolicy
from service.sources.opened_source import OpenedSource
from service.sources.schemas import FromUrl
from service.sources.web_client import open_url


async def open_web_source(source: FromUrl, policy: AddressPolicy) -> OpenedSource:
    """Open the file. Raises SourceFailed."""
    file = await open_url(source.url, policy, headers=source.headers, pointer="/source/url")
    parts = urlsplit(source.url)
    record = ImportSource(
        type="url",
        location=f"{parts.scheme}://{parts.netloc}{parts.path}",
        revision=(file.headers.get("etag") or file.headers.get("last-modified") or "")[:500] or None,
    )
    return OpenedSource(
        record=record,
        pieces=file.read(),
        name=unquote(parts.path.rpartition("/")[2])[:500] or None,
        content_type=file.headers.get("content-type"),
    )
