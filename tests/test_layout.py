"""Hold the layout of `service/`: folders are nouns, files are roles or nouns, and both stay small."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROLES = {
    *("api", "commands", "decisions", "domain", "events", "projection", "queries", "schemas", "worker"),
    *("__init__", "__main__"),
}
NOUNS = {"feed"}  # they look like participles and are none
MAX_FILES, MAX_LINES = 12, 400
OUTSIDE_WORLD = {"litestar", "sqlalchemy", "httpx", "openai"}
FILES = sorted((ROOT / "service").rglob("*.py"))


def is_role(path: Path) -> bool:
    return path.stem in ROLES or path.stem.endswith("_api")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Dotted names of everything that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_a_file_that_is_no_role_is_a_noun() -> None:
    names = {path.stem for path in FILES if not is_role(path)} - NOUNS
    assert {stem for stem in names if stem.endswith(("ing", "ed"))} == set()


def test_a_file_that_is_no_role_has_a_name_of_its_own() -> None:
    counts = Counter(path.stem for path in FILES if not is_role(path))
    assert [stem for stem, count in counts.items() if count > 1] == []


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    counts = Counter(path.parent for path in FILES if path.stem != "__init__")
    assert {name(folder): count for folder, count in counts.items() if count > MAX_FILES} == {}


def test_a_file_can_be_read_in_one_sitting() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in FILES}
    assert {file: lines for file, lines in lengths.items() if lines > MAX_LINES} == {}


def test_the_formatter_formats_everything() -> None:
    assert [name(path) for path in FILES if "# fmt: " in path.read_text()] == []


def test_routes_are_imported_by_the_application_alone() -> None:
    # The import contract cannot say `*_api`, so the other half of it stands here.
    importers = [path for path in FILES if any(module.endswith("_api") for module in imports(path))]
    assert {name(path) for path in importers} == {"service/app.py", "service/sandbox/server.py"}


@pytest.mark.parametrize(
    "path", [path for path in FILES if "Pure." in path.read_text().partition('"""\n')[0]], ids=name
)
def test_a_file_that_says_it_is_pure_knows_nothing_outside(path: Path) -> None:
    assert {module.partition(".")[0] for module in imports(path)} & OUTSIDE_WORLD == set()


def test_every_decider_stands_in_a_file_of_that_role() -> None:
    deciders = {path for path in FILES if "= Decider(" in path.read_text()}
    elsewhere = {name(path) for path in deciders if path.stem not in {"domain", "events"}}
    assert elsewhere == set()
