"""Why a training ends, in sentences."""

import errno
from typing import Protocol

from service.providers.local.job import FailureCode

NO_MEMORY = ("can't allocate memory", "CUDA out of memory", "std::bad_alloc")
# Torch says no more than that it could not write.
NO_SPACE = (
    "No space left on device",
    "os error 28",
    "Disk quota exceeded",
    "PytorchStreamWriter failed",
    "unexpected pos",
)
MAX_CHARACTERS = 1000


class TrainerFailure(Exception):  # noqa: N818 - the end of a training, as its event is called
    """The training cannot go on, and would end so again."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code: FailureCode = code
        self.message = message


class MemoryAdvice(Protocol):
    """Knows what was used and what would fit."""

    def describe_memory(self) -> str:
        """A sentence for who ran out of memory."""


def explain(error: Exception, memory: MemoryAdvice) -> tuple[FailureCode, str]:
    """Name what a library raised."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError) or any(sign in text for sign in NO_MEMORY):
        return "out_of_memory", memory.describe_memory()
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or any(sign in text for sign in NO_SPACE):
        return "out_of_disk", "The disk of the job's folder is full. Free some space, then send the tune again."
    return "error", text[:MAX_CHARACTERS]
