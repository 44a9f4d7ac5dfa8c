"""Logging to stderr, as JSON or for a console, with request id, actor and workspace, without secrets."""

import logging
import re
import sys
from typing import Any, Literal

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET_NAMES = frozenset(
    {
        "authorization",
        "api_key",
        "apikey",
        "x-api-key",
        "api-key",
        "password",
        "secret",
        "token",
        "database_url",
        "cookie",
    }
)
SECRET_ENDINGS = ("_secret", "_password", "_token", "_api_key", "secret_key", "bootstrap_key")
# Our keys, keys of OpenAI-compatible providers, and anything after "Bearer".
SECRET_TEXT = re.compile(r"\b(tl_|sk-|Bearer\s+)[A-Za-z0-9_\-.=+/]{8,}")
# Also marks of direction and ends of line, with which a text could pass for another one.
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
MULTILINE_FIELDS = frozenset({"exception", "stack"})
# These log a line per request, with query strings.
QUIET_LOGGERS = ("httpx", "httpcore", "httpx2", "httpcore2", "openai", "alembic.runtime", "service.database.fair_pool")


def configure_logs(log_format: Literal["console", "json"] = "console", log_level: str = "info") -> None:
    """Configure structlog and the standard library's logging; a second call replaces the first."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        redact,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _name], processors=_rendering(log_format))
    )
    logging.basicConfig(handlers=[handler], level=log_level.upper(), force=True)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _rendering(log_format: str) -> list[Processor]:
    # Tracebacks become text before the last redaction, and never with local variables, which hold the secrets.
    renderer: Processor = structlog.processors.JSONRenderer(serializer=_json)
    if log_format == "console":
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    tidy = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    tail = [escape_control_characters, renderer] if log_format == "console" else [renderer]
    return [tidy, structlog.processors.format_exc_info, redact, *tail]


def escape_control_characters(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Escape what a terminal would obey, such as a provider's escape sequences. JSON does so by itself."""
    return {_escape(name): _escape_value(name, value) for name, value in line.items()}


def _escape_value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value  # the renderer takes its repr, which escapes
    if name in MULTILINE_FIELDS:
        return "\n".join(_escape(part) for part in value.split("\n"))
    return _escape(value)


def _escape(text: str) -> str:
    return CONTROL_CHARACTERS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _json(line: Any, **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def _name(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    line["logger"] = line["_record"].name
    return line


def redact(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Remove secrets from a line: values of secret names at any depth, and anything in a text that looks like a key."""
    return {name: value if name.startswith("_") else _clean(name, value) for name, value in line.items()}


def _clean(name: str, value: Any) -> Any:
    if is_secret(name) and value is not None:
        return "…"
    match value:
        case str():
            return SECRET_TEXT.sub(r"\1…", value)
        case dict():
            return {str(key): _clean(str(key), inner) for key, inner in value.items()}
        case list() | tuple():
            return [_clean("", inner) for inner in value]
        case _:
            return value


def is_secret(name: str) -> bool:
    """Whether the value of a field with this name must not be logged."""
    name = name.lower()
    return name in SECRET_NAMES or name.endswith(SECRET_ENDINGS)
