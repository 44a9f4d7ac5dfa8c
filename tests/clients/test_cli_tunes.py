"""The commands of tunes and models: ask for a sweep, watch it, promote what came of it."""

import asyncio
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.server.supervisor import ROOT
from tests.clients.door import Door
from tests.clients.living import Living
from tests.clients.terminal import CommandLine
from tuneledger.cli.exits import Exit
from tuneledger.cli.watch import sparkline

HEADLINES = ROOT / "service" / "demo" / "headlines.jsonl"
NANO, MINI = "gpt-4.1-nano-2025-04-14", "gpt-4.1-mini-2025-04-14"


@pytest.fixture
def person(server: Living, key: str, tmp_path: Path) -> CommandLine:
    """Somebody with a frozen version and a connection."""
    command_line = CommandLine(tmp_path, TUNELEDGER_API_KEY=key, TUNELEDGER_BASE_URL=server.url)
    command_line.lines("import", "news", str(HEADLINES), "--create")
    command_line.line("freeze", "news", "v1")
    adding = ["connections", "add", "trial", "--kind", "sandbox", "--base-url", f"{server.sandbox}/v1", "--with-secret"]
    command_line.line(*adding, stdin="any\n")
    return command_line


def until(holds: Callable[[], Any]) -> Any:
    ends = time.monotonic() + 60
    while not (value := holds()):
        assert time.monotonic() < ends
        time.sleep(0.1)
    return value


def test_a_sweep_is_watched_to_its_end_and_its_versions_promoted(person: CommandLine) -> None:
    assert person.line("connections", "check", "trial")["ok"] is True
    targets = ["-t", "trial", NANO, "-t", "trial", MINI]
    tunes = person.lines("tune", "news", "v1", *targets, "-p", "n_epochs=1", "--model", "titles")
    assert [(each["base_model"], each["hyperparameters"]) for each in tunes] == [
        (NANO, {"n_epochs": 1}),
        (MINI, {"n_epochs": 1}),
    ]
    sweep = tunes[0]["sweep_id"]
    watching = ["watch", "--sweep", sweep, "--interval", "0.2", "--until", "registered"]
    code, shown = person.on_terminal(*watching, width=160)
    assert code == 0, shown
    last = shown[shown.rindex("base model") :]
    assert (last.count("succeeded"), "▁" in last) == (2, True), last
    assert [each["state"] for each in person.lines("tunes", "--sweep", sweep)] == ["succeeded"] * 2
    assert person.lines("tunes", "log", tunes[0]["id"]) != []
    assert person.line("tunes", "show", tunes[0]["id"])["trained_tokens"] > 0
    assert len(person.lines("models", "versions", "titles")) == 2
    assert person.line("promote", "titles", "v1.0", "--reason", "First.")["aliases"] == {"production": "v1.0"}
    person.line("promote", "titles", "v1.1")
    assert person.line("rollback", "titles", "--reason", "Worse.")["aliases"] == {"production": "v1.0"}
    moves = person.lines("models", "moves", "titles", "production")
    assert [(move["version"], move["rollback"], move["reason"]) for move in moves] == [
        ("v1.0", True, "Worse."),
        ("v1.1", False, None),
        ("v1.0", False, "First."),
    ]
    shown_version = person.line("models", "show", "titles", "production")
    assert (shown_version["version"], shown_version["dataset_version"]) == ("v1.0", "v1")
    used = person.lines("models", "lineage", "titles", "v1.0", "--limit", "3")
    [frozen] = person.lines("examples", "lineage", used[0]["example_id"])
    assert {(each["model"], each["version"]) for each in frozen["model_versions"]} == {
        ("titles", "v1.0"),
        ("titles", "v1.1"),
    }
    assert person.run("promote", "titles", "v9.0").exit_code == Exit.REFUSED
    assert person.run("promote", "nothing", "v1.0").exit_code == Exit.NOT_FOUND


def test_what_changes_goes_into_a_pipe_line_by_line(person: CommandLine) -> None:
    [tune] = person.lines("tune", "news", "v1", "-t", "trial", NANO, "-p", "n_epochs=1")
    watching = person.started("watch", tune["id"], "--interval", "0.1", stdout=subprocess.PIPE)
    output, _ = watching.communicate(timeout=60)
    states = [json.loads(line)["state"] for line in output.splitlines()]
    assert (watching.returncode, states[-1]) == (0, "succeeded")
    assert len(states) > 1
    assert person.run("watch").stderr == "No tune is running.\n"
    assert person.run("watch", "--sweep", tune["id"]).exit_code == Exit.NOT_FOUND


async def test_watching_goes_on_when_the_server_was_away(person: CommandLine, server: Living) -> None:
    [tune] = person.lines("tune", "news", "v1", "-t", "trial", NANO, "-p", "n_epochs=1")
    door = Door(server.url)
    await door.open()
    through = person.through(door.url)
    watching = through.started("watch", tune["id"], "--interval", "0.1", stdout=subprocess.PIPE)
    assert watching.stdout is not None
    first = await asyncio.to_thread(watching.stdout.readline)
    await door.shut()
    await asyncio.sleep(4)  # longer than the client tries again by itself
    assert watching.poll() is None
    await door.open()
    output, _ = await asyncio.to_thread(watching.communicate, timeout=60)
    await door.shut()
    assert json.loads(first)["id"] == tune["id"]
    assert (watching.returncode, json.loads(output.splitlines()[-1])["state"]) == (0, "succeeded")


def test_a_tune_that_is_cancelled_ends_the_watching_with_1_and_can_be_tried_again(person: CommandLine) -> None:
    [tune] = person.lines("tune", "news", "v1", "-t", "trial", NANO, "-p", "n_epochs=50")
    watching = person.started("watch", tune["id"], "--json", "--interval", "0.1", stdout=subprocess.PIPE)
    person.line("tunes", "cancel", tune["id"], "--reason", "Too long.")
    output, _ = watching.communicate(timeout=60)
    assert (watching.returncode, json.loads(output)[0]["state"]) == (Exit.FAILED, "cancelled")
    again = person.line("tunes", "retry", tune["id"])
    assert again["retries"] == tune["id"]
    person.line("tunes", "cancel", again["id"])


@pytest.mark.parametrize("wrong", [["-p", "n_epochs"], ["-p", "=3"], []])
def test_a_tune_that_makes_no_sense_is_refused_here(person: CommandLine, wrong: list[str]) -> None:
    target = ["-t", "trial", NANO] if wrong else []
    assert person.run("tune", "news", "v1", *target, *wrong).exit_code == Exit.USAGE
    assert person.lines("tunes") == []


def test_an_unknown_connection_costs_nothing(person: CommandLine) -> None:
    assert person.run("tune", "news", "v1", "-t", "nobody", NANO).exit_code == Exit.NOT_FOUND
    assert person.lines("tunes") == []


def test_a_curve_has_a_place_for_each_share_and_a_gap_for_what_was_no_number() -> None:
    assert sparkline([]) == ""
    assert sparkline([3.0, 2.0, 1.0]) == "█▄▁"
    assert sparkline([3.0, None, 1.0]) == "█ ▁"
    falling = sparkline([float(1_000 - step) for step in range(1_000)], width=10)
    assert (len(falling), falling[0], falling[-1]) == (10, "█", "▁")
    assert list(falling) == sorted(falling, reverse=True)
    assert sparkline([None, None]) == ""
