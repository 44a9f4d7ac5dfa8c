"""Take from this process whatever the reading of a file does not need, as far as the system lets it."""

import ctypes
import os
import pwd
import resource
import sys
from contextlib import suppress
from pathlib import Path

MEMORY_BYTES = 512 * 2**20
MAX_FILES = 64  # open at once: Python's own modules
PROCESSES = 0  # more than this one
NOBODY = "nobody"
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def confine(*, cpu_seconds: int) -> None:
    """Give up the user, the network, files and processes for good. The libraries may still be read."""
    _become_nobody()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        # Without a network, and without a right to other processes, whose environment holds secrets. Where the kernel
        # or a container refuses namespaces, this does nothing.
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    os.nice(10)
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_FILES,
        resource.RLIMIT_NPROC: PROCESSES,
    }
    for limit, value in limits.items():
        with suppress(ValueError, OSError):  # a lower limit holds already
            resource.setrlimit(limit, (value, value))


def _become_nobody() -> None:
    """Started as root: become a user without rights, if that one may read Python and our libraries."""
    if os.geteuid() != 0:
        return
    with suppress(KeyError, OSError):
        nobody = pwd.getpwnam(NOBODY)
        os.setegid(nobody.pw_gid)
        os.seteuid(nobody.pw_uid)
        is_readable = all(os.access(file, os.R_OK, effective_ids=True) for file in (os.__file__, __file__, *_library()))
        os.seteuid(0)
        os.setegid(0)
        if is_readable:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)


def _library() -> list[str]:
    return [str(path) for path in map(Path, sys.path) if path.is_absolute() and path.is_dir()]
