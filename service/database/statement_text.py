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
    result = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}, **options)
    names, constants = tuple(result.positiontup or ()), result.construct_params(_check=False)
    return Composed(str(result), names, {name: constants[name] for name in names})
