"""What the exit code says, and how a refusal is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import IO, Any

import rich_click as click

from tuneledger.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    InternalServerError,
    NotFoundError,
    OperationFailedError,
    PermissionDeniedError,
    RateLimitError,
    TuneFailedError,
    TuneledgerError,
)


class Exit(IntEnum):
    """Exit codes. They are stable, for scripts."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    NO_ACCESS = 5
    NO_ANSWER = 6
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "Success.",
    Exit.FAILED: "The awaited work failed or was cancelled, or a check found a difference.",
    Exit.USAGE: "Unknown command or wrong options.",
    Exit.REFUSED: "The server refused the request; the message says why.",
    Exit.NOT_FOUND: "Not found in this workspace.",
    Exit.NO_ACCESS: "No API key, or the key is invalid or lacks a scope.",
    Exit.NO_ANSWER: "No answer, or the server failed, even after retries. Try again later.",
    Exit.INTERRUPTED: "Ctrl-C. Work on the server continues.",
}
_KINDS: tuple[tuple[tuple[type[TuneledgerError], ...], Exit], ...] = (
    ((AuthenticationError, PermissionDeniedError), Exit.NO_ACCESS),
    ((NotFoundError,), Exit.NOT_FOUND),
    ((APIConnectionError, InternalServerError, RateLimitError), Exit.NO_ANSWER),
    ((OperationFailedError, TuneFailedError), Exit.FAILED),
)


class Refused(click.ClickException):
    """A command failed: the message, and its exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc] # click's own errors differ by class, ours by case

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Error: {self.message}", file=file, err=file is None)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn the client's errors into a message and an exit code."""
    try:
        yield
    except TuneledgerError as error:
        code = next((code for kinds, code in _KINDS if isinstance(error, kinds)), Exit.REFUSED)
        raise Refused(_message(error), code) from error


def _message(error: TuneledgerError) -> str:
    if isinstance(error, APIConnectionError):
        return f"The server did not answer. {error}"
    if not isinstance(error, APIStatusError):
        return str(error)
    alike = [fault.pointer for fault in error.errors if fault.pointer and fault.detail == error.detail]
    where = f"{alike[0]}: " if alike else ""
    faults = [f"\n  {fault.pointer}: {fault.detail}" for fault in error.errors if fault.detail != error.detail]
    request = f", request {error.request_id}" if error.request_id else ""
    return f"{where}{error.detail or error.title} ({error.code or error.status_code}{request}){''.join(faults)}"
