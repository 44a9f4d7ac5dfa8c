"""The command line, run as people run it: processes, signals, and what is said."""

import asyncio
import base64
import inspect
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path

import click
import httpx
import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.__main__ import COMMANDS
from service.audit.worker import load_signer
from service.server.supervisor import ROOT
from service.settings import Settings
from tests.live_server import free_port
from tuneledger.audit.notes import checkpoint_of, opened
from tuneledger.cli.commands import OTHERS, PANELS

PATIENCE = 60.0
SHOWN = ["serve", "worker", "sandbox", "migrate", "keys", "rebuild", "reencrypt", "openapi", "demo"]
BOOTSTRAP_KEY = "tl_bootstrap_key_for_these_tests"


class Cli:
    """`tuneledger` on a database of the test's own."""

    def __init__(self, directory: Path, database_url: str | None) -> None:
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")},
            "TUNELEDGER_DATA_DIRECTORY": str(directory),
            "TUNELEDGER_PORT": "0",
            "TUNELEDGER_PROCESSES": "1",
            "PYTHONPATH": str(ROOT),
        }
        self.environment.pop("DATABASE_URL", None)
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        self.started: list[subprocess.Popen[str]] = []

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=self.environment, timeout=PATIENCE, check=False
        )

    def start(self, *arguments: str) -> "Serving":
        process = subprocess.Popen(
            [sys.executable, "-m", "service", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            start_new_session=True,
        )
        self.started.append(process)
        return Serving(process)


class Serving:
    """A `serve` that has said it is ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("  curl") and "/v1/events" in line:
                break
        self.said = "".join(said)
        found = re.search(r"ready on (http://\S+)", self.said)
        assert found, self.said
        self.url = found[1]
        file = re.search(r"first API key is in (\S+);", self.said)
        self.key = Path(file[1]).read_text().strip() if file else None
        self.family = psutil.Process(process.pid).children(recursive=True)

    def child(self, name: str) -> psutil.Process:
        return next(child for child in self.family if child.cmdline()[-1] == name)

    def stop(self) -> float:
        """SIGTERM; the seconds it took."""
        began = time.monotonic()
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        return time.monotonic() - began


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").is_success
    except httpx.TransportError:
        return False


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gone(family: Sequence[psutil.Process]) -> bool:
    return not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in family)


def lines_to_try(text: str) -> list[httpx.Request]:
    """What the printed curl lines would send."""
    requests = []
    for line in re.findall(r"^  curl [^\n\\]*(?:\\\n[^\n\\]*)*", text, re.MULTILINE):
        words = shlex.split(line.replace("\\\n", " "))
        headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
        data = next((words[n + 1] for n, word in enumerate(words) if word == "-d"), None)
        url = next(word for word in words if word.startswith("http"))
        requests.append(httpx.Request("POST" if data else "GET", url, headers=headers, content=data))
    return requests


@pytest.fixture
def cli(tmp_path: Path, database_url: str) -> Iterator[Cli]:
    yield from _cli(tmp_path, database_url)


@pytest.fixture
def cli_without_database(tmp_path: Path) -> Iterator[Cli]:
    yield from _cli(tmp_path, None)


@pytest.fixture
def cli_on_empty(tmp_path: Path, empty_url: str) -> Iterator[Cli]:
    yield from _cli(tmp_path, empty_url)


def _cli(directory: Path, url: str | None) -> Iterator[Cli]:
    opened = Cli(directory, url)
    yield opened
    for process in opened.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_every_command_says_what_it_does(cli_without_database: Cli) -> None:
    shown = cli_without_database.run("--help")
    assert shown.returncode == 0
    for name in SHOWN:
        assert re.search(rf"^  {name} +\S", shown.stdout, re.MULTILINE)
        command = COMMANDS[name].load()
        help_text = command.get_help(click.Context(command, info_name=name))
        assert f"Usage: {name}" in help_text
        assert "--help" in help_text


def test_a_fresh_machine_needs_nothing_and_the_printed_lines_work(cli_without_database: Cli) -> None:
    cli = cli_without_database
    first = cli.start("serve", "--sandbox", "--sandbox-port", "0")
    assert first.key is not None
    assert first.key not in first.said  # it is no terminal
    file = Path(cli.environment["TUNELEDGER_DATA_DIRECTORY"]) / "first.key"
    assert file.stat().st_mode & 0o777 == 0o600
    requests = lines_to_try(first.said.replace(f"$(cat {file})", first.key))
    assert [request.url.path for request in requests] == ["/v1/me", "/v1/tasks", "/v1/events"]
    with httpx.Client() as client:
        answers = [client.send(request) for request in requests]
        assert [answer.status_code for answer in answers] == [200, 201, 200]
        assert client.get(f"{first.url}/docs").status_code == 200
        assert client.get(f"{first.url}/openapi.json").json()["info"]["title"] == "Tuneledger"
        assert 'route="/v1/tasks",status="201"} 1.0' in client.get(f"{first.url}/metrics").text
    assert first.stop() < 20
    assert first.process.returncode == 0
    assert gone(first.family)
    assert not (Path(cli.environment["TUNELEDGER_DATA_DIRECTORY"]) / "postgres" / "postmaster.pid").exists()

    second = cli.start("serve")
    assert second.key is None
    assert first.key not in second.said
    tasks = httpx.get(f"{second.url}/v1/tasks", headers={"Authorization": f"Bearer {first.key}"})
    assert [task["name"] for task in tasks.json()["data"]] == ["headlines"]


def test_a_killed_parent_takes_its_children_along(cli: Cli) -> None:
    serving = cli.start("serve")
    assert len(serving.family) == 3
    serving.process.kill()
    until(lambda: gone(serving.family))


def test_a_killed_child_is_replaced_and_the_rest_serves_on(cli: Cli) -> None:
    serving = cli.start("serve")
    worker, api = serving.child("worker"), serving.child("api")
    worker.kill()
    api.children()[0].kill()
    me = psutil.Process(serving.process.pid)
    until(lambda: any(c.cmdline()[-1:] == ["worker"] for c in me.children() if c.pid != worker.pid))
    until(lambda: answers(serving.url))
    assert api.is_running()
    assert serving.stop() < 20
    assert serving.process.returncode == 0


def test_only_the_worker_has_the_keys_that_sign(cli: Cli) -> None:
    seed = base64.b64encode(bytes(range(32))).decode()
    cli.environment |= {"TUNELEDGER_SIGNING_KEYS": seed, "TUNELEDGER_BOOTSTRAP_KEY": BOOTSTRAP_KEY}
    serving = cli.start("serve")
    holders = [child for child in serving.family if seed in child.environ().values()]
    assert holders == [serving.child("worker")]
    known = load_signer(Settings(signing_keys=seed)).verifiers
    with httpx.Client(base_url=serving.url, headers={"Authorization": f"Bearer {BOOTSTRAP_KEY}"}) as client:
        until(lambda: client.get("/v1/ledger/checkpoint").is_success)
        head = client.get("/v1/ledger/checkpoint").json()
    assert head["keys"] == [str(verifier) for verifier in known]
    assert checkpoint_of(opened(head["note"], known)).size == head["size"]


def test_a_key_from_the_environment_is_never_said(cli: Cli) -> None:
    cli.environment["TUNELEDGER_BOOTSTRAP_KEY"] = BOOTSTRAP_KEY
    serving = cli.start("serve", "--no-worker")
    assert BOOTSTRAP_KEY not in serving.said
    assert "$TUNELEDGER_BOOTSTRAP_KEY" in serving.said
    me = httpx.get(f"{serving.url}/v1/me", headers={"Authorization": f"Bearer {BOOTSTRAP_KEY}"})
    assert me.json()["scopes"] == ["admin", "operator"]
    assert [child.cmdline()[-1] for child in serving.family] == ["api", "api"]


def test_metrics_have_a_port_of_their_own(cli: Cli) -> None:
    port = cli.environment["TUNELEDGER_METRICS_PORT"] = str(free_port())
    cli.environment["TUNELEDGER_METRICS_TOKEN"] = "a token for prometheus"
    serving = cli.start("serve", "--no-worker")
    httpx.get(f"{serving.url}/v1/me")
    assert httpx.get(f"{serving.url}/metrics").status_code == 404
    own = f"http://127.0.0.1:{port}"
    until(lambda: is_open(int(port)))
    assert httpx.get(f"{own}/metrics").status_code == 401
    text = httpx.get(f"{own}/metrics", headers={"Authorization": "Bearer a token for prometheus"}).text
    assert 'route="/v1/me",status="401"} 1.0' in text
    assert "tuneledger_database_up 1.0" in text
    assert httpx.get(f"{own}/v1/me").status_code == 404
    again = cli.run("serve")
    assert f"Error: Port {port} (metrics) is taken: set TUNELEDGER_METRICS_PORT\n" in again.stderr
    assert serving.stop() < 20
    assert gone(serving.family)


def test_two_parts_on_one_port_are_refused(cli: Cli) -> None:
    port = str(free_port())
    cli.environment |= {"TUNELEDGER_PORT": port, "TUNELEDGER_METRICS_PORT": port}
    refused = cli.run("serve")
    assert f"Error: Port {port} (metrics) is taken: set TUNELEDGER_METRICS_PORT\n" in refused.stderr


def test_a_taken_port_is_refused_before_anything_is_made(cli: Cli) -> None:
    cli.environment["TUNELEDGER_PORT"] = cli.start("serve", "--no-worker").url.rsplit(":", 1)[1]
    refused = cli.run("serve")
    assert refused.returncode == 1
    port = cli.environment["TUNELEDGER_PORT"]
    assert f"Error: Port {port} (API) is taken: set TUNELEDGER_PORT\n" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_of_the_sandbox_is_refused_before_postgres_starts(cli_without_database: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = cli_without_database.environment["TUNELEDGER_SANDBOX_PORT"] = str(taken.getsockname()[1])
        refused = cli_without_database.run("serve", "--sandbox")
    assert f"Error: Port {port} (sandbox) is taken: set TUNELEDGER_SANDBOX_PORT\n" in refused.stderr
    assert not (Path(cli_without_database.environment["TUNELEDGER_DATA_DIRECTORY"]) / "postgres").exists()


def test_the_sandbox_stays_on_this_machine_and_its_files_are_its_owners_alone(cli: Cli) -> None:
    port = cli.environment["TUNELEDGER_SANDBOX_PORT"] = str(free_port())
    cli.environment["TUNELEDGER_HOST"] = "0.0.0.0"
    serving = cli.start("serve", "--sandbox", "--no-worker")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"api-key": "any"}) as client:
        until(lambda: is_open(int(port)))
        file = {"file": ("texts.jsonl", b'{"messages": []}')}
        client.post("/v1/files", data={"purpose": "fine-tune"}, files=file).raise_for_status()
    addresses = {
        connection.laddr.ip
        for process in psutil.Process(serving.process.pid).children(recursive=True)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == int(port)
    }
    assert addresses == {"127.0.0.1"}
    directory = Path(cli.environment["TUNELEDGER_DATA_DIRECTORY"]) / "sandbox"
    paths = [directory, *directory.rglob("*")]
    assert len(paths) > 1
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_does_not_exist_is_one_line_with_its_remedy(cli: Cli, command: str) -> None:
    url = sa.make_url(cli.environment["DATABASE_URL"]).set(database="not_there")
    cli.environment["DATABASE_URL"] = url.render_as_string(hide_password=False)
    refused = cli.run(command)
    [line] = refused.stderr.splitlines()
    assert line.startswith("Error: The database that DATABASE_URL names does not exist; create it: createdb not_there")


def test_a_server_that_does_not_answer_is_named_with_its_variable(cli: Cli) -> None:
    cli.environment["DATABASE_URL"] = "postgresql://me:secret@127.0.0.1:9/tuneledger"
    [line] = cli.run("migrate").stderr.splitlines()
    assert line.startswith("Error: No Postgres answers at 127.0.0.1:9, which DATABASE_URL names")


def test_serving_waits_for_no_migration_it_may_not_make(cli_on_empty: Cli) -> None:
    refused = cli_on_empty.run("serve", "--no-migrate")
    assert (refused.returncode, "tuneledger migrate" in refused.stderr) == (1, True)
    assert cli_on_empty.run("migrate").returncode == 0
    assert cli_on_empty.start("serve", "--no-migrate", "--no-worker").key is not None


def test_a_setting_that_is_not_valid_is_named(cli_without_database: Cli) -> None:
    cli_without_database.environment["TUNELEDGER_PORT"] = "many"
    refused = cli_without_database.run("worker")
    assert refused.returncode == 1
    assert "TUNELEDGER_PORT='many'" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_keys_are_made_listed_and_revoked_at_the_command_line(cli: Cli) -> None:
    secret = cli.run("keys", "create", "--name", "ci", "--scope", "datasets:read", "--scope", "audit:read").stdout
    assert re.fullmatch(r"tl_\S+\n", secret)
    again = cli.run("keys", "create", "--name", "ci")
    assert (again.returncode, "taken" in again.stderr) == (1, True)
    shown = cli.run("keys", "list")
    assert shown.stderr == ""
    listed = shown.stdout
    assert "ci  owner  audit:read,datasets:read  never used" in listed
    assert secret.strip() not in listed
    rotated = cli.run("keys", "rotate", listed.split()[0], "--grace-hours", "1")
    assert re.fullmatch(r"tl_\S+\n", rotated.stdout)
    old, new = cli.run("keys", "list").stdout.splitlines()
    assert ("expires" in old, "expires" in new) == (True, False)
    revoked = cli.run("keys", "revoke", new.split()[0], "--reason", "leaked")
    assert revoked.returncode == 0
    assert "revoked" in cli.run("keys", "list").stdout
    cli.run("keys", "create", "--name", "admin")
    [admin] = [line for line in cli.run("keys", "list").stdout.splitlines() if "admin  owner" in line]
    refused = cli.run("keys", "revoke", admin.split()[0])
    assert (refused.returncode, "without an owner or admin who can come in" in refused.stderr) == (1, True)


def test_a_rebuild_finds_nothing_to_mend(cli: Cli) -> None:
    cli.run("keys", "create", "--name", "ci")
    verified = cli.run("rebuild", "--verify")
    assert verified.returncode == 0
    assert "3 events" in verified.stdout
    assert "Nothing differs." in verified.stdout


async def test_a_text_that_was_altered_is_named_and_no_rebuild_mends_it(cli: Cli, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        text = (
            "insert into ledger.contents values (gen_random_uuid(), gen_random_uuid(), sha256('one'), 'salt', 'other')"
        )
        await connection.execute(sa.text(text))
    for arguments in (["--verify"], []):
        result = await asyncio.to_thread(cli.run, "rebuild", *arguments)
        assert result.returncode == 1
        assert f"not the one that the log has the hash of: {sha256(b'one').hexdigest()} of " in result.stdout


async def test_a_worker_stops_when_asked(cli: Cli) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service", "worker", env=cli.environment, stderr=asyncio.subprocess.PIPE
    )
    assert worker.stderr is not None
    async with asyncio.timeout(PATIENCE):
        assert b"worker_started" in await worker.stderr.readline()
        worker.send_signal(signal.SIGTERM)
        assert b"worker_stopped" in await worker.stderr.read()
        assert await worker.wait() == 0


def test_the_clients_command_line_has_every_command_of_the_server() -> None:
    commands = {entry.name: entry.load() for entry in entry_points(group=OTHERS)}
    assert commands == {name: command for name, command in COMMANDS.items() if not command.hidden}


def test_a_list_of_commands_says_of_each_what_it_says_of_itself() -> None:
    own = [command for commands in PANELS.values() for command in commands]
    for command in [*own, *COMMANDS.values()]:
        loaded = command.load()
        assert (command.help, command.hidden) == (inspect.cleandoc(loaded.help or "").split("\n\n")[0], loaded.hidden)


@pytest.mark.parametrize("program", ["service", "tuneledger"])
def test_a_list_of_commands_imports_nothing_that_only_a_command_needs(program: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", program, "--help"], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert imported & {"sqlalchemy", "asyncpg", "litestar", "granian", "httpx", "cryptography", "asyncio"} == set()
    assert {name for name in imported if name.startswith("service.")} <= {"service.cli", "service.cli.commands"}
