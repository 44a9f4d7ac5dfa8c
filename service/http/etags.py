"""ETags are stream versions; If-Match says which version a change was made for."""

import re
from typing import Annotated

from litestar.params import HeaderParameter

from service.errors import Fault, Invalid

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", description='The ETag the change was made for, such as `"3"`; 412 when it is stale.'
    ),
]
_TAG = re.compile(r'^\s*(?:W/)?"?(\d{1,9})"?\s*$')


def expected(if_match: str | None) -> int | None:
    """The version that If-Match names; None when it is absent or `*`."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _TAG.match(if_match)
    if match is None:
        detail = 'If-Match takes one ETag of this API, such as "3", or *.'
        raise Invalid(detail, errors=[Fault(pointer="If-Match", detail=detail)])
    return int(match[1])
