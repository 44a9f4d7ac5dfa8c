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
    """Exit codes; they are part of the contract."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    NO_ACCESS = 5
    NO_ANSWER = 6
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "It is done.",
    Exit.FAILED: "What was waited for failed or was cancelled, or what was checked is not as it should be.",
    Exit.USAGE: "The command is not one, or not with these options.",
    Exit.REFUSED: "The server refused: the message says why.",
    Exit.NOT_FOUND: "There is no such thing in this workspace.",
    Exit.NO_ACCESS: "There is no API key, it is not accepted, or it lacks a scope.",
    Exit.NO_ANSWER: "Nobody answered, or the server failed, also after the retries. Try again later.",
    Exit.INTERRUPTED: "Ctrl-C. What the server has begun goes on.",
}
_KINDS: tuple[tuple[tuple[type[TuneledgerError], ...], Exit], ...] = (
    ((AuthenticationError, PermissionDeniedError), Exit.NO_ACCESS),
    ((NotFoundError,), Exit.NOT_FOUND),
    ((APIConnectionError, InternalServerError, RateLimitError), Exit.NO_ANSWER),
    ((OperationFailedError, TuneFailedError), Exit.FAILED),
)


class Refused(click.ClickException):
    """Why it was not done, and the exit code that goes with it."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc] # click's own errors differ by class, ours by case

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Error: {self.message}", file=file, err=file is None)


@contextmanager
def telling() -> Iterator[None]:
    """Turns what the client raises into a sentence and an exit code."""
    try:
        yield
    except TuneledgerError as error:
        code = next((code for kinds, code in _KINDS if isinstance(error, kinds)), Exit.REFUSED)
        raise Refused(_said(error), code) from error


def _said(error: TuneledgerError) -> str:
    if isinstance(error, APIConnectionError):
        return f"The server did not answer. {error}"
    if not isinstance(error, APIStatusError):
        return str(error)
    alike = [fault.pointer for fault in error.errors if fault.pointer and fault.detail == error.detail]
    where = f"{alike[0]}: " if alike else ""
    faults = [f"\n  {fault.pointer}: {fault.detail}" for fault in error.errors if fault.detail != error.detail]
    request = f", request {error.request_id}" if error.request_id else ""
    return f"{where}{error.detail or error.title} ({error.code or error.status_code}{request}){''.join(faults)}"
