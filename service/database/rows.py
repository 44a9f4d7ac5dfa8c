"""Run one statement on a connection of its own and read its rows. A `str` goes to the driver as it is, with $1, $2."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.database.engine import autocommit

Statement = sa.Executable | str
Values = Mapping[str, Any] | tuple[Any, ...] | None


async def fetch_all(engine: AsyncEngine, statement: Statement, values: Values = None) -> Sequence[Any]:
    async with autocommit(engine).connect() as connection:
        return (await _run(connection, statement, values)).all()


async def fetch_one(engine: AsyncEngine, statement: Statement, values: Values = None) -> Any:
    """The only row. Raises sqlalchemy.exc.NoResultFound or MultipleResultsFound."""
    async with autocommit(engine).connect() as connection:
        return (await _run(connection, statement, values)).one()


async def find_one(engine: AsyncEngine, statement: Statement, values: Values = None) -> Any:
    """The only row, or None. Raises sqlalchemy.exc.MultipleResultsFound."""
    async with autocommit(engine).connect() as connection:
        return (await _run(connection, statement, values)).one_or_none()


async def fetch_column(engine: AsyncEngine, statement: Statement, values: Values = None) -> Sequence[Any]:
    """The first column of all rows."""
    async with autocommit(engine).connect() as connection:
        return (await _run(connection, statement, values)).scalars().all()


async def fetch_value(engine: AsyncEngine, statement: Statement, values: Values = None) -> Any:
    """The first column of the first row, or None without a row."""
    async with autocommit(engine).connect() as connection:
        return (await _run(connection, statement, values)).scalar()


async def fetch_dicts(engine: AsyncEngine, statement: Statement, values: Values = None) -> Sequence[Mapping[str, Any]]:
    """All rows, each by column name."""
    async with autocommit(engine).connect() as connection:
        return [dict(row) for row in (await _run(connection, statement, values)).mappings()]


async def execute(engine: AsyncEngine, statement: Statement, values: Values = None) -> int:
    """Run a statement whose rows nobody reads; the number of rows it changed."""
    async with autocommit(engine).connect() as connection:
        return (await _run(connection, statement, values)).rowcount


async def _run(connection: AsyncConnection, statement: Statement, values: Any) -> sa.CursorResult[Any]:
    if isinstance(statement, str):
        return await connection.exec_driver_sql(statement, values)
    return cast("sa.CursorResult[Any]", await connection.execute(statement, values))
