"""The response with a stored content, or a range of it, as the request's conditions say (RFC 9110)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import HeaderParameter
from litestar.response import Stream

from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.byte_range import parse_range
from service.artifacts.domain import ArtifactStored

RangeHeader = Annotated[
    str | None, HeaderParameter(name="Range", description="One range of bytes, such as `bytes=0-1023`.")
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="304 when the ETag is this one.")]
IfRange = Annotated[
    str | None, HeaderParameter(name="If-Range", description="The range counts only when the ETag is this one.")
]

PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+")


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What the request says of the part it wants and of the content it has."""

    range: str | None = None
    if_none_match: str | None = None
    if_range: str | None = None


async def open_content(
    store: ArtifactStore,
    workspace_id: UUID,
    content: ArtifactStored,
    conditions: Conditions,
    more: Mapping[str, str] | None = None,
) -> Response[Any]:
    """The content with its sha256 as the ETag, and `more` headers. Raises RangeUnsatisfiable, ContentGone."""
    etag = f'"{content.digest}"'
    headers = {"ETag": etag, "Accept-Ranges": "bytes", **(more or {})}
    if etag in (conditions.if_none_match or ""):
        return Response(b"", status_code=304, headers=headers)
    part = parse_range(conditions.range, size=content.bytes) if conditions.if_range in (None, etag) else None
    first, end = part or (0, content.bytes)
    headers |= {
        "Content-Length": str(end - first),
        "Content-Type": content.media_type,  # else it is the route's
        "Content-Disposition": f"attachment; {_name_file(content.name)}",
    }
    if part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{content.bytes}"
    pieces = await store.read(workspace_id, content.digest, first=first, end=end)
    return Stream(pieces, status_code=206 if part else 200, headers=headers)


def _name_file(name: str) -> str:
    """The file's name as a header carries it: plain where it can be."""
    return f'filename="{name}"' if PLAIN_NAME.fullmatch(name) else f"filename*=UTF-8''{quote(name, safe='')}"
