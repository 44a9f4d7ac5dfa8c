"""The second wall between tenants: whatever a request sends to the database is bound to its caller's workspace.

Every test whose client is of tests/http_client.py checks it, at its end. tests/tenant_bounds.py says what is bound.
"""

import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlglot.errors import SqlglotError

from tests.tenant_bounds import find_bounds

# What may ask beyond one workspace, by a piece of its SQL that no other statement has, and why.
EXCEPTIONS = {
    "ledger.secrets.value =": "The workspace is found by the key that came.",
    "INSERT INTO workspaces ": "A new workspace is written under its own id, not its operator's.",
    "FROM workspaces ORDER BY ": "Operators list all workspaces; tokens of an issuer lead to the oldest.",
    "count(*) from ledger.heads": "Metrics count all events,",
    "(select distinct name from ledger.readers)": "show how far each reader is behind,",
    "from ledger.leases group by kind": "and how much work waits.",
}

_REQUEST: ContextVar[Scope | None] = ContextVar("request", default=None)
HOLES: list[str] = []


class Watched:
    """An application whose statements are checked while it answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = _REQUEST.set(scope)
        try:
            await self._app(scope, receive, send)
        finally:
            _REQUEST.reset(token)


@sa.event.listens_for(sa.engine.Engine, "before_cursor_execute")
def _check(_: Any, __: Any, statement: str, parameters: Any, ___: Any, executemany: bool) -> None:
    scope = _REQUEST.get()
    if scope is not None:
        rows = parameters if executemany else [parameters]
        HOLES.extend(find_holes(statement, rows, workspaces=_list_workspaces(scope)))


def _list_workspaces(scope: Scope) -> set[str]:
    """The caller's workspace, once that is known; and the one that an operator ends."""
    caller = scope.get("state", {}).get("caller")
    ended = re.fullmatch(r"/v1/workspaces/([0-9a-f-]{36})", scope["path"])
    return {str(caller.workspace_id), *(ended.groups() if ended else ())} if caller else set()


def find_holes(statement: str, rows: Sequence[Sequence[Any]], *, workspaces: set[str]) -> Iterator[str]:
    """Say which tables of tenants the statement does not bind, or binds to none of these workspaces."""
    if any(piece in statement for piece in EXCEPTIONS):
        return
    try:
        bounds = find_bounds(statement)
    except SqlglotError as error:
        yield f"sqlglot cannot read it: {error} in\n{statement}"
        return
    if bounds.unbound:
        yield f"{', '.join(bounds.unbound)}: not bound to a workspace in\n{statement}"
    for number in bounds.parameters:
        values = {value for row in rows for value in _as_list(row[number - 1])}
        if workspaces and values - workspaces:
            yield f"${number} is {values}, not the caller's workspace {workspaces} in\n{statement}"


def _as_list(value: Any) -> set[str]:
    return {str(each) for each in value} if isinstance(value, (list, tuple)) else {str(value)}


@pytest.fixture(autouse=True)
def _tenant_wall() -> Iterator[None]:
    HOLES.clear()
    yield
    found = list(dict.fromkeys(HOLES))
    HOLES.clear()
    assert not found, "\n\n".join(found)
