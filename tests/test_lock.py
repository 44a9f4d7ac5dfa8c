"""What may be installed is near to what is tested: no floor of pyproject.toml is a major version below the lock."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = {"tuneledger", "tuneledger-client"}
UNHASHED = {"torch"}  # its version is in the Makefile
LOCK_NAMES = ("requirements.lock", "requirements-local.lock", "requirements-ray.lock", "requirements-trackers.lock")
LOCKS = "".join((ROOT / name).read_text() for name in LOCK_NAMES)
REQUIREMENTS = [
    *PROJECT["project"]["dependencies"],
    *[line for lines in PROJECT["project"]["optional-dependencies"].values() for line in lines],
    *PROJECT["dependency-groups"]["dev"],
]


def locked(name: str) -> Version:
    """The version in the lock; the oldest, where it depends on Python's."""
    pins = re.findall(rf"^{re.escape(name)}(?:\[[^]]*\])?==(\S+)", LOCKS, re.MULTILINE)
    if name in UNHASHED:
        pins = re.findall(rf"^{name.upper()} := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return min(map(Version, pins))


@pytest.mark.parametrize("requirement", sorted(set(REQUIREMENTS)))
def test_the_oldest_allowed_version_is_near_the_locked_one(requirement: str) -> None:
    wanted = Requirement(requirement)
    if wanted.name in OURS:
        return
    floors = [Version(clause.version) for clause in wanted.specifier if clause.operator == ">="]
    assert floors, f"{requirement} has no floor"
    here = locked(wanted.name)
    assert floors[0] <= here
    assert floors[0].major == here.major


def test_what_both_locks_have_is_the_same_in_both() -> None:
    ours, local = (
        set(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-local.lock")
    )
    names = {name for name, _ in ours}
    assert {pin for pin in local if pin[0] in names} <= ours


def test_the_installer_is_pinned() -> None:
    assert re.search(r"pip install .*\buv==\d", (ROOT / "Makefile").read_text())
