"""Collected by `make test-ray` alone, where Ray and the extra `local` are installed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.tiny_model import write_tiny_model
from tests.ray.ray_head import RayHead, ray_head

collect_ignore_glob = [] if os.environ.get("TUNELEDGER_TEST_RAY") else ["test_*.py"]


@pytest.fixture(scope="session")
def head() -> Iterator[RayHead]:
    with ray_head() as running:
        yield running


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of 120,000 weights, with a tokenizer and a chat template."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_model(folder)
    return folder
