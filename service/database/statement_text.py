"""Statements built from SQLAlchemy's expressions once: to build one anew costs more than to send it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import Dialect

DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]


class Composed(msgspec.Struct, frozen=True):
    """SQL with $1, $2, …, the names of their values in order, and the values that never change."""

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]

    def arguments(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(values[name] if name in values else self.constants[name] for name in self.names)


def value(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind, required=True)


def compile_statement(query: Any, dialect: Dialect = DIALECT, **options: Any) -> Composed:
    result = query.compile(dialect=dialect, **options)
    names = tuple(result.positiontup or ())
    return Composed(str(result), names, {name: result.binds[name].value for name in names})
