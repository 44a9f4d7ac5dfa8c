"""A server that a test reaches over HTTP, as the demo starts it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.demo.stage import Stage, open_stage
from service.settings import Settings

DOOR = "tl_the_door_of_these_tests"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def staged(tmp_path: Path, database_url: str) -> Iterator[Stage]:
    chosen = Settings(data_directory=tmp_path, database_url=database_url)
    with open_stage(chosen, sandbox_port=0, bootstrap_key=DOOR) as up:
        yield up
