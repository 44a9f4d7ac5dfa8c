"""Collected by `make test-local` alone, where the extra is installed."""

import os
from pathlib import Path

import pytest

from tests.local.tiny_model import write_tiny_model

collect_ignore_glob = [] if os.environ.get("TUNELEDGER_TEST_LOCAL") else ["test_*.py"]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of 120,000 weights, with a tokenizer and a chat template."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_model(folder)
    return folder
