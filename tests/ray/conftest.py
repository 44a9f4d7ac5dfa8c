"""Collected by `make test-ray` alone, where Ray and the extra `local` are installed."""

import os
from collections.abc import Iterator

import pytest

from tests.local.conftest import tiny_base
from tests.ray.ray_head import RayHead, ray_head

__all__ = ["tiny_base"]  # the fixture
collect_ignore_glob = [] if os.environ.get("TUNELEDGER_TEST_RAY") else ["test_*.py"]


@pytest.fixture(scope="session")
def head() -> Iterator[RayHead]:
    with ray_head() as running:
        yield running
