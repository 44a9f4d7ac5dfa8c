"""The commands of the data: in, out, changed, frozen, compared, and what the record says of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from service.server.supervisor import ROOT
from tests.clients.living import Living
from tests.clients.terminal import CommandLine
from tuneledger.cli.conversations import describe_changes
from tuneledger.cli.exits import Exit
from tuneledger.types import Change

HEADLINES = ROOT / "service" / "demo" / "headlines.jsonl"


@pytest.fixture
def person(server: Living, key: str, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, TUNELEDGER_API_KEY=key, TUNELEDGER_BASE_URL=server.url)


@pytest.fixture
def news(person: CommandLine) -> list[Any]:
    """The examples of the dataset `news`."""
    person.lines("import", "news", str(HEADLINES), "--create")
    return person.lines("examples", "news")


def test_a_change_is_shown_with_what_was_and_what_is() -> None:
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "old"}]
    newer = [messages[0], {"role": "assistant", "content": "new"}]
    changes = {
        "content": Change(before={"messages": messages}, after={"messages": newer}),
        "rating": Change(before=2.0, after=None),
        "erased": Change(before=None, after=False),
    }
    shown = describe_changes(changes)
    assert shown.plain == "content old → new\nrating 2.0 → -"
    colours = [(span.style, shown.plain[span.start : span.end]) for span in shown.spans]
    assert colours[:2] == [("red", "old"), ("green", "new")]


def row(question: str, answer: str = "Yes.") -> str:
    return json.dumps({"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]})


def test_files_are_imported_one_after_the_other_and_once(person: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("input,output\nIs it?,Yes.\n")
    assert person.run("import", "news", str(HEADLINES)).exit_code == Exit.NOT_FOUND
    done = person.lines("import", "news", str(HEADLINES), str(tmp_path / "more.csv"), "--create")
    assert [(each["name"], each["added"], each["format"]) for each in done] == [
        ("headlines.jsonl", 264, "openai-chat"),
        ("more.csv", 1, "csv"),
    ]
    assert person.line("import", "news", str(HEADLINES))["duplicates"] == 264
    assert person.line("import", "news", "-", stdin=row("From a pipe?"))["added"] == 1
    assert person.line("datasets", "stats", "news")["examples"] == 266


def test_bad_rows_are_named_and_nothing_of_their_file_is_added(person: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(f'{{"messages": []}}\n{row("Good?")}\nrubbish\n')
    refused = person.run("import", "news", str(file), "--create")
    assert (refused.exit_code, refused.stdout) == (Exit.FAILED, "")
    assert "line 1: /messages" in refused.stderr
    assert "line 3: This is not JSON" in refused.stderr
    assert person.lines("examples", "news") == []
    skipped = person.run("import", "news", str(file), "--on-error", "skip")
    assert (skipped.exit_code, json.loads(skipped.stdout)["added"]) == (0, 1)
    assert "line 3: This is not JSON" in skipped.stderr


def test_what_is_no_file_is_refused_before_anything_is_sent(person: CommandLine, tmp_path: Path) -> None:
    refused = person.run("import", "news", str(HEADLINES), str(tmp_path / "gone.jsonl"), "--create")
    assert (refused.exit_code, "gone.jsonl" in refused.stderr) == (Exit.USAGE, True)
    assert person.lines("datasets") == []


def test_progress_is_shown_on_a_terminal(person: CommandLine) -> None:
    code, shown = person.on_terminal("import", "news", str(HEADLINES), "--create")
    assert code == 0, shown
    assert "headlines.jsonl added" in shown
    assert "264 rows" in shown


def test_a_list_goes_into_a_pipe_whole_and_onto_a_screen_in_part(person: CommandLine, news: list[Any]) -> None:
    assert len(news) == 264
    assert json.loads(person.run("examples", "news", "--json").stdout) == news
    assert len(person.lines("examples", "news", "--limit", "7")) == 7
    code, shown = person.on_terminal("examples", "news")
    assert (code, shown.count("\n01")) == (0, 50), shown
    assert "Only the first 50 rows; use --limit for more." in shown
    assert news[0]["id"] in shown


def test_json_has_every_field_that_the_api_has(person: CommandLine, news: list[Any]) -> None:
    [page] = person.lines("api", "GET", f"/v1/datasets/{news[0]['dataset_id']}/examples", "-q", "limit=1")
    assert {name for name, value in page["data"][0].items() if value is not None} <= set(news[0])
    assert news[0]["content"]["messages"][0]["role"] == "system"


def test_an_empty_list_is_an_empty_document(person: CommandLine) -> None:
    assert (person.run("datasets", "--json").stdout, person.run("datasets").stdout) == ("[]\n", "")


def test_filters_narrow_a_list(person: CommandLine, news: list[Any]) -> None:
    assert len(person.lines("examples", "news", "--split", "test")) == sum(each["split"] == "test" for each in news)
    assert [each["external_id"] for each in person.lines("examples", "news", "--external-id", "headline-025")] == [
        "headline-025"
    ]
    assert person.lines("examples", "news", "--rated") == []
    assert len(person.lines("examples", "news", "--unrated")) == 264


def test_an_example_is_rated_repaired_and_its_history_told(person: CommandLine, news: list[Any]) -> None:
    example = news[0]["id"]
    assert person.line("examples", "rate", example, "2", "--reason", "bait")["rating"]["average"] == 2
    repaired = person.line(
        "examples", "repair", example, "--output", "-", "--instruction", "Say it.", stdin="A new one"
    )
    assert repaired["content"]["messages"][-1]["content"] == "A new one"
    assert [entry["type"] for entry in person.lines("examples", "history", example)] == [
        "ExampleAdded",
        "ExampleRated",
        "ExampleRepaired",
    ]
    history = person.lines("history", f"example:{example}")
    assert ["because bait" in line["sentence"] for line in history] == [False, True, False]
    before = person.line("examples", "show", example, "--as-of", str(history[1]["seq"]))
    assert before["content"] == news[0]["content"]
    assert person.run("examples", "rate", example, "6").exit_code == Exit.USAGE


def test_what_a_text_holds_does_not_steer_the_terminal(person: CommandLine) -> None:
    person.line("import", "odd", "-", "--create", stdin=row("\x1b[31mred\x07 [bold]loud[/bold]"))
    _, shown = person.on_terminal("examples", "odd")
    assert "\ufffd[31mred\ufffd [bold]loud[/bold]" in shown


def test_a_frozen_version_exports_the_same_bytes_and_differs_from_now(
    person: CommandLine, news: list[Any], tmp_path: Path
) -> None:
    frozen = person.line("freeze", "news", "v1", "--notes", "First.")
    assert (frozen["examples"], frozen["notes"]) == (264, "First.")
    before = person.run("export", "news", "--version", "v1").stdout_bytes
    person.line("examples", "repair", news[5]["id"], "--output", "Better.", "--instruction", "Say it.")
    assert person.run("api", "DELETE", f"/v1/examples/{news[6]['id']}").stdout == ""
    person.line("import", "news", "-", stdin=row("New?"))
    own = person.run("export", "news", "--version", "v1", "--format", "tuneledger", "--include", "history")
    assert all({"id", "content", "history"} <= json.loads(line).keys() for line in own.stdout.splitlines())
    assert person.run("export", "news", "--version", "v1", "-o", str(tmp_path / "v1.jsonl")).exit_code == 0
    again = (tmp_path / "v1.jsonl").read_bytes()
    assert hashlib.sha256(again).digest() == hashlib.sha256(before).digest()
    assert again.count(b"\n") == 264
    changes = {each["example_id"]: each["change"] for each in person.lines("diff", "news", "v1")}
    assert sorted(changes.values()) == ["added", "edited", "removed"]
    assert (changes[news[5]["id"]], changes[news[6]["id"]]) == ("edited", "removed")
    code, shown = person.on_terminal("diff", "news", "v1")
    assert (code, "1 added, 1 edited, 1 removed." in shown, "Better." in shown) == (0, True, True), shown
    assert [each["name"] for each in person.lines("versions", "news")] == ["v1"]


def test_a_version_may_be_of_what_filters_let_through(person: CommandLine, news: list[Any]) -> None:
    person.line("examples", "rate", news[0]["id"], "5")
    frozen = person.line("freeze", "news", "good", "--rating-gte", "4")
    assert (frozen["examples"], frozen["filter"]["rating_gte"]) == (1, 4)


def test_the_log_is_read_and_followed(person: CommandLine, news: list[Any]) -> None:
    listed = person.lines("events", "--type", "ImportSucceeded")
    assert [each["type"] for each in listed] == ["ImportSucceeded"]
    followed = person.lines("events", "--follow", "--after", "0", "--limit", "5")
    assert [each["seq"] for each in followed] == [1, 2, 3, 4, 5]
    of_dataset = person.lines("events", "dataset:news")
    assert [each["type"] for each in of_dataset] == ["DatasetCreated"]
    assert person.run("events", "dataset:olds").exit_code == Exit.NOT_FOUND
    assert person.run("events", "--follow", "--from", "2026-01-01T00:00:00Z").exit_code == Exit.USAGE


def test_operations_are_listed_and_waited_for(person: CommandLine, news: list[Any]) -> None:
    [done] = person.lines("operations", "--state", "succeeded")
    assert person.line("operations", "wait", done["id"])["result"]["added"] == 264
    assert person.line("operations", "show", done["id"]) == done


@pytest.mark.parametrize("data", ["rubbish", "[1]", ""])
def test_a_body_that_is_none_is_refused_here(person: CommandLine, data: str) -> None:
    refused = person.run("api", "POST", "/v1/datasets", "-d", data)
    assert (refused.exit_code, "--data" in refused.stderr) == (Exit.USAGE, True)


def test_a_fault_is_told_with_the_field_it_is_in(person: CommandLine) -> None:
    refused = person.run("api", "POST", "v1/datasets", "-d", '{"name": 1}')
    assert refused.exit_code == Exit.REFUSED
    assert refused.stderr.startswith("Error: /name: ")
    assert "(invalid_request, request " in refused.stderr


def test_headers_and_parameters_reach_any_path(person: CommandLine, news: list[Any]) -> None:
    path = f"/v1/examples/{news[0]['id']}"
    stale = person.run("api", "PATCH", path, "-d", '{"tags": ["a"]}', "-H", 'If-Match: "7"')
    assert (stale.exit_code, "(stale, request " in stale.stderr) == (Exit.REFUSED, True)
    assert person.line("api", "PATCH", path, "-d", '{"tags": ["a"]}', "-H", 'If-Match: "1"')["tags"] == ["a"]
