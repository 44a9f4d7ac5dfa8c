"""Archiving over HTTP: the body of its routes, and which items a list shows."""

from typing import Annotated, Literal

from litestar.params import QueryParameter

from service.http.bodies import Body, Reason

ArchivedItems = Annotated[
    Literal["true", "false", "all"],
    QueryParameter(description="Archived items alone (`true`), only the others (`false`, the default), or `all`."),
]
ARCHIVED: dict[str, bool | None] = {"true": True, "false": False, "all": None}


class ArchiveChange(Body):
    """Archive an item, or bring it back."""

    reason: Reason | None = None
    """Why; the history shows it."""
