import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil
import pytest

from service.database import embedded_postgres
from service.database.embedded_postgres import EmbeddedPostgresFailed, embedded
from tests.conftest import connect

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from service.database.embedded_postgres import embedded
with embedded(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """Not pytest's tmp_path: as root, pytest closes that again to the account which runs Postgres."""
    path = Path(tempfile.mkdtemp(prefix="tl-"))
    yield path
    if (server := running(path)) is not None:
        server.kill()
    shutil.rmtree(path)


def running(directory: Path) -> psutil.Process | None:
    """The postmaster of this directory, read from the process table and not from any file."""
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if str(directory / "postgres") in line and "-D" in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            return process
    return None


def guards(directory: Path) -> list[psutil.Process]:
    wanted = [embedded_postgres.__file__, str(directory)]
    return [process for process in psutil.process_iter(["cmdline"]) if (process.info["cmdline"] or [])[-2:] == wanted]


async def stopped(directory: Path) -> None:
    for _ in range(300):
        if running(directory) is None:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the server still runs")


def holding(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """Another process that uses the directory until its stdin closes, and the URL it was given."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, directory], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def sleeping() -> subprocess.Popen[str]:
    return subprocess.Popen(["sleep", "60"], text=True)


def release(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


async def ask(url: str, query: str) -> object:
    async with connect(url) as connection:
        return await connection.fetchval(query)


async def test_it_starts_answers_and_stops(directory: Path) -> None:
    with embedded(directory) as url:
        assert str(await ask(url, "show server_version")).startswith("18.")
        assert [await ask(url, f"show {name}") for name in ("fsync", "max_connections")] == ["on", "200"]
        assert running(directory) is not None
    assert running(directory) is None
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await ask(url, "select 1")


async def test_it_listens_to_no_network_and_lets_only_its_owner_in(directory: Path) -> None:
    with embedded(directory) as url:
        assert await ask(url, "show listen_addresses") == ""
        server = running(directory)
        assert server is not None
        assert server.uids().real != 0
    assert stat.S_IMODE((directory / "postgres").stat().st_mode) == 0o700


async def test_the_data_is_kept_between_runs(directory: Path) -> None:
    with embedded(directory) as url:
        await ask(url, "create table kept as select 42 as n")
    with embedded(directory) as url:
        assert await ask(url, "select n from kept") == 42


async def test_processes_share_one_server_and_the_last_one_stops_it(directory: Path) -> None:
    first, first_url = holding(directory)
    second, second_url = holding(directory)
    assert first_url == second_url != ""
    assert release(first) == 0
    assert await ask(second_url, "select 1") == 1
    assert release(second) == 0
    assert running(directory) is None


async def test_one_process_may_use_it_twice(directory: Path) -> None:
    with embedded(directory) as outer:
        with embedded(directory) as inner:
            assert inner == outer
        assert await ask(outer, "select 1") == 1
    assert running(directory) is None


async def test_starts_at_the_same_time_make_one_cluster(directory: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        held = list(threads.map(holding, [directory] * 4))
    assert len({url for _, url in held}) == 1
    assert await ask(held[0][1], "select 1") == 1
    assert [release(process) for process, _ in held] == [0] * 4
    assert running(directory) is None


async def test_the_server_ends_with_a_process_that_is_killed_and_the_data_stays(directory: Path) -> None:
    process, url = holding(directory)
    await ask(url, "create table kept as select 42 as n")
    process.kill()
    process.communicate()
    await stopped(directory)
    with embedded(directory) as again:
        assert await ask(again, "select n from kept") == 42
    assert running(directory) is None


async def test_a_killed_process_takes_nothing_from_the_others(directory: Path) -> None:
    process, _ = holding(directory)
    with embedded(directory) as url:
        process.kill()
        process.communicate()
        await asyncio.sleep(0.5)
        assert await ask(url, "select 1") == 1
    assert running(directory) is None


async def test_killed_and_started_at_once_the_data_is_there(directory: Path) -> None:
    for n in range(4):
        process, url = holding(directory)
        await ask(url, f"create table kept_{n} ()")
        process.kill()
        process.communicate()
    with embedded(directory) as url:
        assert await ask(url, "select count(*) from pg_tables where tablename ~ '^kept_'") == 4


async def test_no_guard_is_left_behind(directory: Path) -> None:
    with embedded(directory):
        assert len(guards(directory)) == 1
    for _ in range(100):
        if not guards(directory):
            break
        await asyncio.sleep(0.1)
    assert guards(directory) == []


async def test_a_killed_server_is_started_again(directory: Path) -> None:
    with embedded(directory) as url:
        await ask(url, "create table kept as select 42 as n")
        server = running(directory)
        assert server is not None
        server.send_signal(signal.SIGKILL)
    assert (directory / "postgres" / "postmaster.pid").exists()
    with embedded(directory) as url:
        assert await ask(url, "select n from kept") == 42


async def test_a_stale_pid_file_that_names_a_living_stranger_is_survived(directory: Path) -> None:
    with embedded(directory) as url:
        lines = (directory / "postgres" / "postmaster.pid").read_text().splitlines()
        await ask(url, "create table kept as select 42 as n")
    stranger = sleeping()
    lines[0] = str(stranger.pid)
    (directory / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with embedded(directory) as url:
        assert await ask(url, "select n from kept") == 42
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


async def test_a_cluster_that_was_only_half_made_is_made_anew(directory: Path) -> None:
    (directory / "postgres.new").mkdir()
    (directory / "postgres.new" / "PG_VERSION").write_text("18\n")
    with embedded(directory) as url:
        assert await ask(url, "select 1") == 1
    assert not (directory / "postgres.new").exists()


@pytest.mark.parametrize("name", ["d" * 120, "a,b", "with space and 'quote'", "ünïcode"])
async def test_any_path_will_do(directory: Path, name: str) -> None:
    with embedded(directory / name) as url:
        assert await ask(url, "select 1") == 1
    assert running(directory / name) is None


def test_a_path_that_a_shell_would_read_otherwise_is_refused(directory: Path) -> None:
    with pytest.raises(EmbeddedPostgresFailed, match="pg_ctl's shell"), embedded(directory / "$(touch made)"):
        pass
    assert running(directory) is None


def test_data_of_another_major_version_is_refused_with_both_named(directory: Path) -> None:
    (directory / "postgres").mkdir()
    (directory / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedPostgresFailed, match="made by Postgres 16, this is Postgres 18"), embedded(directory):
        pass


def test_a_directory_that_cannot_be_used_is_named(directory: Path) -> None:
    (directory / "file").write_text("")
    with pytest.raises(EmbeddedPostgresFailed, match=f"{directory}/file cannot be used"), embedded(directory / "file"):
        pass


def test_a_server_that_cannot_start_tells_its_own_words(directory: Path) -> None:
    with embedded(directory):
        pass
    with (directory / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(EmbeddedPostgresFailed, match="no_such_setting"), embedded(directory):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_plain_user_runs_it_as_themselves(directory: Path) -> None:
    program = HOLD.replace("import sys\n", "import sys, os\n", 1).replace(
        "with embedded", "os.setgroups([])\nos.setgid(65534)\nos.setuid(65534)\nwith embedded"
    )
    os.chown(directory, 65534, 65534)
    process = subprocess.Popen(
        [sys.executable, "-c", program, directory], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql+asyncpg://")
    server = running(directory)
    assert server is not None
    assert server.uids().real == 65534
    assert release(process) == 0
    assert running(directory) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_l10_a_closed_home_opens_to_the_account_of_postgres_alone(directory: Path) -> None:
    home = directory / "home"
    (home / "data").mkdir(parents=True)
    home.chmod(0o700)
    (home / "letter").write_text("mine")
    (home / "letter").chmod(0o644)
    with embedded(home / "data"):
        server = running(home / "data")
        assert server is not None
        runs_as = server.uids().real
    assert stat.S_IMODE(home.stat().st_mode) & 0o007 == 0
    assert reads(home / "letter", user=runs_as) == "mine"  # it may pass
    assert reads(home, user=runs_as) == "refused"  # but not list
    assert reads(home / "letter", user=12_345) == "refused"
    acl = os.getxattr(home, embedded_postgres.ACL)
    with embedded(home / "data"):
        pass
    assert os.getxattr(home, embedded_postgres.ACL) == acl


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_l10_an_entry_gives_nobody_else_more(directory: Path) -> None:
    home = directory / "home"
    home.mkdir()
    bob, postgres = (2, 12_345), pwd.getpwnam("nobody")
    entries = {
        (1, embedded_postgres.NOBODY): 7,
        bob: 7,
        (4, embedded_postgres.NOBODY): 7,
        (32, embedded_postgres.NOBODY): 0,
    }
    os.setxattr(home, embedded_postgres.ACL, embedded_postgres._pack_acl({**entries, embedded_postgres.ACL_MASK: 4}))
    embedded_postgres._allow(home, embedded_postgres.PASS, postgres)
    found = embedded_postgres._read_acl(home)
    assert found[bob] & found[embedded_postgres.ACL_MASK] == 4
    assert found[2, postgres.pw_uid] & found[embedded_postgres.ACL_MASK] == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_l10_where_no_entry_can_be_made_it_says_what_to_do() -> None:
    closed = Path("/proc/self/fdinfo")  # a file system without access control lists
    with pytest.raises(EmbeddedPostgresFailed, match=r"is closed to the account nobody.*TUNELEDGER_DATA_DIRECTORY"):
        embedded_postgres._allow(closed, embedded_postgres.READ | 2, pwd.getpwnam("nobody"))


def reads(path: Path, *, user: int) -> str:
    """What a program of this user reads there, or that it is refused."""
    program = "import os, sys; p = sys.argv[1]; print(os.listdir(p) if os.path.isdir(p) else open(p).read(), end='')"
    command = ["/usr/bin/env", "python3", "-c", program, str(path)]
    done = subprocess.run(
        command, user=user, group=user, extra_groups=[], capture_output=True, text=True, cwd="/", check=False
    )
    return done.stdout if done.returncode == 0 else "refused" if "Permission" in done.stderr else done.stderr
