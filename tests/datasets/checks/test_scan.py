"""Planted faults are found, what is right is left alone, and the same rows give the same report."""

import time
from pathlib import Path

import pytest

from benchmarks.checks import compare, run_scan, write_input
from benchmarks.planted_faults import Planted
from service.datasets.checks.rows.answer_shapes import read_shape
from service.datasets.checks.rows.personal_details import find_personal_data
from service.datasets.checks.rows.row_structure import find_structure_faults
from service.datasets.checks.rows.secret_patterns import find_secrets
from service.providers.training_rows.row_parts import Row

CALL = {"id": "c1", "type": "function", "function": {"name": "get_temp", "arguments": '{"city":"Oslo"}'}}
TOOL = {"type": "function", "function": {"name": "get_temp"}}
ASKED = {"role": "user", "content": "Temp in Oslo?"}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "4"}
SAID = {"role": "assistant", "content": "It is 4 degrees."}


def test_planted_faults_are_found_and_the_report_is_the_same_again(tmp_path: Path) -> None:
    planted = Planted(1_500, share=0.008)
    write_input(planted, tmp_path / "rows.jsonl")
    result, _, _ = run_scan(tmp_path / "rows.jsonl")
    figures = compare(planted, result)
    assert {fault: each.found for fault, each in figures.items() if each.found < 0.98} == {}
    assert {fault: each.false_alarms for fault, each in figures.items() if each.false_alarms > 0.02} == {}
    assert set(planted.planted) <= {finding.code for finding in result.findings}
    assert run_scan(tmp_path / "rows.jsonl")[0] == result


def calling(**function: str) -> Row:
    return {"role": "assistant", "content": None, "tool_calls": [CALL | {"function": CALL["function"] | function}]}  # type: ignore[operator]


# The rows of reports 28 to 30, which only the provider refused, by a line number of its own.
@pytest.mark.parametrize(
    ("messages", "codes"),
    [
        ([ASKED, SAID], []),
        ([ASKED, calling(), RESULT, SAID], []),
        ([ASKED, calling()], []),
        ([ASKED, calling(arguments="{city: Oslo}"), RESULT, SAID], ["bad_tool_arguments"]),
        ([ASKED, calling(name="get_wind"), RESULT, SAID], ["undeclared_tool"]),
        ([ASKED, calling(), SAID], ["missing_tool_result"]),
        ([ASKED], ["unanswered"]),
        ([ASKED, SAID | {"content": "   \n"}], ["blank_answer"]),
        ([ASKED, SAID | {"weight": 0}], ["untrainable"]),
        ([ASKED, SAID | {"weight": 0}, ASKED, SAID | {"weight": 1}], []),
        ([ASKED | {"content": " "}, SAID], ["blank_message"]),
        ([ASKED | {"content": [{"type": "image_url", "image_url": {"url": "data:"}}]}, SAID], []),
    ],
)
def test_rows_that_no_provider_trains_on(messages: list[Row], codes: list[str]) -> None:
    assert list(find_structure_faults({"messages": messages, "tools": [TOOL]})) == codes


def test_a_preference_has_two_answers() -> None:
    row = {"messages": [ASKED], "chosen": SAID, "rejected": SAID | {"content": "No idea."}}
    assert list(find_structure_faults(row)) == []
    assert list(find_structure_faults(row | {"rejected": SAID})) == ["same_answers"]
    assert list(find_structure_faults(row | {"rejected": SAID | {"content": ""}})) == ["blank_answer"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to jo.doe@acme.co.uk or x@example.com.", ["email"]),
        ("Call +49 30 901820 or (415) 867-5309.", ["phone", "phone"]),
        ("Card 4111 1111 1111 1111, not 4111 1111 1111 1112.", ["card"]),
        ("SSN 536-22-8726, never 000-22-8726.", ["ssn"]),
        ("Pay to DE89 3704 0044 0532 0130 00.", ["iban"]),
        ("8.8.8.8 is theirs, 10.0.0.1 and version 8.8.8.8 are not.", ["ip_address"]),
        ("Order 20240115-1234 of 2024-01-15 12:30:00, 1,200,000 of 4155550123.", []),
    ],
)
def test_personal_data_is_found_by_its_form(text: str, found: list[str]) -> None:
    assert [datum.kind for datum in find_personal_data(text, language="en")] == found


def test_secrets_are_found_by_their_form() -> None:
    texts = {
        "aws_key": "AKIAIOSFODNN7EXAMPLE",
        "github_token": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
        "private_key": "-----BEGIN RSA PRIVATE KEY-----",
        "password_in_url": "postgres://user:hunter2@db.internal/x",
        "openai_key": "sk-proj-abcdefghijklmnopqrstuvwx",
        "anthropic_key": "sk-ant-api03-abcdefghijklmnopqrstuvwx",
    }
    for kind, text in texts.items():
        assert [secret.kind for secret in find_secrets(f"Use {text} for now.")] == [kind]
    assert list(find_secrets("Use a key, as in postgres://host/db, and never say which.")) == []


def test_a_megabyte_without_a_break_is_searched_in_no_time() -> None:
    began = time.process_time()
    for piece in ("a", "1", "eyJ", "a.", "sk-", "://", "+1", "AKIA", "-----BEGIN ", "@", "1.", "xoxb-1-", "AIza"):
        text = piece * (1_000_000 // len(piece)) + " @ "
        assert find_personal_data(text, language="en") == []
        list(find_secrets(text))
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("answer", "is_cut"),
    [
        ("Short answers need no period", False),
        (f"{'This one says a lot and is long enough to be prose. ' * 2}It ends well", False),
        (f"{'This one says a lot and is long enough to be prose. ' * 2}It ends with the", True),
        ("```python\nprint(1)", True),
        ('{"a": [1, 2', True),
        ('{"a": [1, 2]}', False),
    ],
)
def test_answers_that_were_cut_off(answer: str, *, is_cut: bool) -> None:
    assert read_shape(answer, calls_tools=False).cut == is_cut
