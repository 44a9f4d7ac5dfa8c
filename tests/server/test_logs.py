import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from service.server.logs import configure_logs

KEY = "tl_" + "k" * 30


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def read_log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_carries_who_asked_for_what(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json")
    structlog.contextvars.bind_contextvars(request_id="r1", actor="key:ci", workspace="w1")
    structlog.get_logger().info("example added", example_id="e1")
    [line] = read_log_lines(capsys)
    wanted = {"event": "example added", "level": "info", "request_id": "r1", "actor": "key:ci", "workspace": "w1"}
    assert line.items() >= (wanted | {"example_id": "e1"}).items()


def test_the_standard_librarys_lines_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json")
    structlog.contextvars.bind_contextvars(request_id="r1")
    logging.getLogger("alembic").warning("running %s", "0001")
    [line] = read_log_lines(capsys)
    wanted = {"event": "running 0001", "level": "warning", "logger": "alembic", "request_id": "r1"}
    assert line.items() >= wanted.items()


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_secret_is_written_at_any_depth(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure_logs(log_format)  # type: ignore[arg-type]
    log = structlog.get_logger()
    log.info(
        "one", secret="hush-1", api_key="hush-2", headers={"Authorization": "hush-3", "deeper": [{"token": "hush-4"}]}
    )
    log.info("called with %s", f"Authorization: Bearer {KEY}")
    logging.getLogger("elsewhere").warning("refused the key %s", KEY)
    try:
        int(KEY)
    except ValueError:
        log.exception("failed")
    text = capsys.readouterr().err
    assert "ValueError" in text
    assert "hush" not in text
    assert KEY not in text


def test_counts_of_tokens_are_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json")
    structlog.get_logger().info("answered", prompt_tokens=12)
    assert read_log_lines(capsys)[0]["prompt_tokens"] == 12


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in read_log_lines(capsys)] == ["loud"]


def test_a_terminal_obeys_nothing_that_a_provider_said(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("console")
    hostile = "\x1b]0;owned\x07\x9b2J\x7f\u202eforged\u2028"

    def fail() -> None:
        raise ValueError(hostile)

    log = structlog.get_logger()
    log.warning(hostile, error=hostile, deeper={"error": hostile}, **{hostile: 1})
    logging.getLogger("elsewhere").warning("it said\r\n%s", hostile)
    try:
        fail()
    except ValueError:
        log.exception("failed")
    text = capsys.readouterr().err
    assert not set(text) & set("\x1b\x07\x9b\x7f\r\u202e\u2028")
    assert "owned" in text
    assert len(text.splitlines()) > 3  # a traceback keeps its lines
