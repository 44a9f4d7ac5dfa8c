"""Hide values in errors of Postgres: they are people's texts, and errors end up in logs."""

import re
from collections.abc import Iterator

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

# 'invalid input syntax for type uuid: "…"', or what the driver says of an argument that it cannot encode.
_QUOTED = re.compile(r'".*"', re.DOTALL)
_ARGUMENT = re.compile(r"(query argument \$\d+(?: in element #\d+ of executemany\(\) sequence)?: ).*", re.DOTALL)


def hide_values(engine: AsyncEngine) -> None:
    """Remove values from the errors of this engine before anybody sees them, for ever."""
    sa.event.listen(engine.sync_engine, "handle_error", _hide)


def _hide(context: sa.ExceptionContext) -> None:
    errors = [*_walk(context.original_exception), *_walk(context.sqlalchemy_exception)]
    texts = {str(error): _clean(error) for error in errors if type(error).__module__.startswith("asyncpg.")}
    for error in errors:
        if isinstance(error, asyncpg.PostgresError):
            error.detail = None
        if isinstance(error, asyncpg.DataError):
            error.__cause__, error.__suppress_context__ = None, True  # the encoder's error shows the value
        error.args = tuple(_replace(argument, texts) for argument in error.args)


def _walk(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _clean(error: BaseException) -> str:
    message = str(error.args[0]) if error.args else ""
    message = _ARGUMENT.sub(r"\1…", message)
    is_about_a_value = isinstance(error, asyncpg.DataError)
    return _QUOTED.sub('"…"', message) if is_about_a_value else message


def _replace(argument: object, texts: dict[str, str]) -> object:
    if not isinstance(argument, str):
        return argument
    for text, cleaned in texts.items():
        argument = cleaned if text.startswith(argument) else argument.replace(text, cleaned)
    return argument
