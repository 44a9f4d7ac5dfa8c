"""End a page of a list by its bytes: a thousand rows of 15 MB each would fill the memory of the process."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

MAX_PAGE_BYTES = 16_000_000


def limit_page_bytes(query: sa.Select[Any], *texts: str) -> sa.Select[Any]:
    """Cut a page's query before the row at which the columns `texts` reach MAX_PAGE_BYTES; the first row always stays.

    Postgres takes the lengths from the rows' heads, so the texts of rows that are cut off are not read.
    """
    page = query.subquery("page")
    lengths = [sa.func.coalesce(sa.func.octet_length(page.c[name]), 0) for name in texts]
    size = sum(lengths[1:], lengths[0])
    before = sa.func.sum(size).over(rows=(None, 0)) - size
    numbered = sa.select(
        page,
        before.label("bytes_before"),
        sa.func.row_number().over().label("row_number"),
        sa.func.count().over().label("queried_rows"),
    ).subquery("numbered")
    return sa.select(numbered).where(numbered.c.bytes_before < MAX_PAGE_BYTES).order_by(numbered.c.row_number)


def is_cut(rows: Sequence[Any]) -> bool:
    """Whether a page of `limit_page_bytes` ended by its bytes, so that more rows follow."""
    return bool(rows) and rows[0].queried_rows > len(rows)
