"""Who is asked, and as whom; and what is said when it does not work."""

import json
import signal
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.clients.living import Living
from tests.clients.terminal import CommandLine
from tuneledger.cli.commands import main
from tuneledger.cli.exits import Exit


@pytest.fixture
def nobody(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_a_key_is_kept_for_its_owner_alone_after_the_server_has_taken_it(
    nobody: CommandLine, server: Living, key: str, tmp_path: Path
) -> None:
    signed = nobody.run("login", "--url", server.url, "--with-key", stdin=f"{key}\n")
    assert (signed.exit_code, signed.stdout) == (0, "")
    assert "Signed in" in signed.stderr
    [config] = tmp_path.rglob("config.toml")
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert nobody.line("whoami")["scopes"] == ["admin"]
    assert key not in nobody.run("profiles").output


def test_a_key_that_the_server_does_not_take_is_not_kept(nobody: CommandLine, server: Living, tmp_path: Path) -> None:
    refused = nobody.run("login", "--url", server.url, "--with-key", stdin="tl_nobody_has_this_key_000\n")
    assert refused.exit_code == Exit.NO_ACCESS
    assert "(unauthenticated, request " in refused.stderr
    assert list(tmp_path.rglob("config.toml")) == []
    assert nobody.run("login", "--url", server.url, "--with-key", stdin="\n").exit_code == Exit.NO_ACCESS


def test_a_key_is_asked_for_and_not_shown(nobody: CommandLine, server: Living, key: str) -> None:
    code, shown = nobody.on_terminal("login", "--url", server.url, answer="API key", typed=f"{key}\n")
    assert (code, key in shown) == (0, False), shown
    assert "Signed in" in shown


def test_profiles_are_chosen_by_name_and_forgotten(nobody: CommandLine, server: Living, key: str) -> None:
    for name in ("one", "two"):
        nobody.run("login", "--profile", name, "--url", f"{server.url}/", "--with-key", stdin=key)
    assert [(each["name"], each["current"]) for each in nobody.lines("profiles")] == [("one", False), ("two", True)]
    assert nobody.run("profiles", "use", "one").exit_code == 0
    assert [each["current"] for each in nobody.lines("profiles")] == [True, False]
    assert nobody.line("whoami", "--profile", "two")["name"] == nobody.line("whoami")["name"]
    assert nobody.run("logout").exit_code == 0
    assert [(each["name"], each["current"]) for each in nobody.lines("profiles")] == [("two", True)]
    assert nobody.run("whoami", "--profile", "one").exit_code == Exit.NO_ACCESS
    for command in (("logout", "--profile", "one"), ("profiles", "use", "one")):
        assert nobody.run(*command).exit_code == Exit.NOT_FOUND


def test_the_environment_goes_before_a_profile_and_a_named_profile_before_it(
    tmp_path: Path, server: Living, key: str
) -> None:
    CommandLine(tmp_path).run("login", "--profile", "kept", "--url", server.url, "--with-key", stdin=key)
    wrong = CommandLine(tmp_path, TUNELEDGER_API_KEY="tl_wrong_key_00000000000", TUNELEDGER_BASE_URL=server.url)
    assert wrong.run("whoami").exit_code == Exit.NO_ACCESS
    assert wrong.run("whoami", "--profile", "kept").exit_code == 0
    assert CommandLine(tmp_path, TUNELEDGER_PROFILE="kept").run("whoami").exit_code == 0


@pytest.mark.parametrize("text", ["[profiles", "profiles = 3", '[profiles.a]\nurl = "x"', "\0"])
def test_a_file_of_profiles_that_is_none_is_said_to_be_so(nobody: CommandLine, tmp_path: Path, text: str) -> None:
    (tmp_path / "tuneledger").mkdir()
    (tmp_path / "tuneledger" / "config.toml").write_text(text)
    refused = nobody.run("datasets")
    assert (refused.exit_code, "config.toml cannot be read" in refused.stderr) == (Exit.NO_ACCESS, True)


def test_without_a_key_it_says_how_to_get_one(nobody: CommandLine) -> None:
    refused = nobody.run("datasets")
    assert (refused.exit_code, "tuneledger login" in refused.stderr) == (Exit.NO_ACCESS, True)


def test_a_server_that_is_not_there_is_told_apart_from_one_that_refuses(tmp_path: Path) -> None:
    nowhere = CommandLine(tmp_path, TUNELEDGER_API_KEY="tl_x", TUNELEDGER_BASE_URL="http://127.0.0.1:1")
    refused = nowhere.run("datasets")
    assert (refused.exit_code, "did not answer" in refused.stderr) == (Exit.NO_ANSWER, True)


def test_a_key_that_lacks_a_scope_is_told_which(server: Living, key: str, tmp_path: Path) -> None:
    admin = CommandLine(tmp_path, TUNELEDGER_API_KEY=key, TUNELEDGER_BASE_URL=server.url)
    api_key = admin.line("api", "POST", "/v1/api-keys", "-d", '{"name": "narrow", "scopes": ["tasks:read"]}')
    narrow = CommandLine(tmp_path, TUNELEDGER_API_KEY=api_key["secret"], TUNELEDGER_BASE_URL=server.url)
    refused = narrow.run("datasets")
    assert (refused.exit_code, "datasets:read" in refused.stderr) == (Exit.NO_ACCESS, True)


@pytest.mark.parametrize("wrong", [["nonsense"], ["examples"], ["datasets", "--limit", "0"], ["api", "SHOUT", "/"]])
def test_what_is_no_command_ends_with_2_and_says_how_it_goes(nobody: CommandLine, wrong: list[str]) -> None:
    refused = nobody.run(*wrong)
    assert (refused.exit_code, "Usage: tuneledger" in refused.stderr) == (Exit.USAGE, True)


def test_an_interrupt_ends_with_130(server: Living, key: str, tmp_path: Path) -> None:
    person = CommandLine(tmp_path, TUNELEDGER_API_KEY=key, TUNELEDGER_BASE_URL=server.url)
    following = person.started("events", "--follow", "--after", "0", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert following.stdout is not None
    assert json.loads(following.stdout.readline())["seq"] == 1
    following.send_signal(signal.SIGINT)
    _, output = following.communicate(timeout=30)
    assert (following.returncode, output.decode().strip()) == (Exit.INTERRUPTED, "Interrupted.")


def test_a_shell_completes_commands_options_and_words() -> None:
    def completed(words: str) -> list[str]:
        environment = {
            "_TUNELEDGER_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        output = CliRunner().invoke(main, [], env=environment, prog_name="tuneledger").stdout
        return [line.partition(",")[2] for line in output.splitlines()]

    assert completed("tuneledger ex") == ["examples", "export"]
    assert completed("tuneledger datasets --js") == ["--json"]
    assert completed("tuneledger examples rate x p") == ["pass"]
    for shell in ("bash", "zsh", "fish"):
        script = CliRunner().invoke(main, ["completion", shell]).stdout
        assert "_TUNELEDGER_COMPLETE" in script
    checked = CliRunner().invoke(main, ["completion", "bash"]).stdout
    assert subprocess.run(["bash", "-n"], input=checked, text=True, check=False).returncode == 0
