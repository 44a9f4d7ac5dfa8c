"""The lock of a job's folder: who holds it trains, and the kernel frees it whenever that process dies."""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from service.providers.local.job import LOCK_FILE


def hold_lock(folder: Path) -> TextIO | None:
    """Take the lock and write the process's id into it. None while another process has it; keep the file open."""
    file = (folder / LOCK_FILE).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def find_holder(folder: Path) -> int | None:
    """The id of the process that trains in this folder; None without one."""
    try:
        file = (folder / LOCK_FILE).open("r")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = file.read()
            return int(text) if text.isdigit() else 0
        return None
