"""Hold CONTRIBUTING.md to the code: its paths exist, and each path through the code follows the imports."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
PATH = re.compile(r"`((?:service|tests|migrations|docs|openapi)/[^`\s]*|[A-Za-z]+\.(?:md|toml))`")
EXAMPLES = ROOT / "service/datasets/examples"
# The roles that a route's functions lead through, from the question to what can happen.
ROLES = ("api", "schemas", "commands", "queries", "projection", "domain")
MAX_FILES = 10
TRIPS = {
    "A provider adapter": [
        ("providers/adapters", "providers/openai/adapter"),
        ("providers/adapters", "providers/provider"),
    ],
    "An import format": [
        ("datasets/imports/shapes/conversation_rows", "datasets/imports/shapes/draft"),
        ("datasets/imports/shapes/recognition", "datasets/imports/shapes/conversation_rows"),
    ],
    "A scorer": [
        ("evaluations/scorers/text_match", "evaluations/scorers/scorer"),
        ("evaluations/scorers/scorer_registry", "evaluations/scorers/text_match"),
    ],
    "A bug in a worker": [
        ("worker/loops", "tunes/progress/poller"),
        ("tunes/progress/poller", "tunes/progress/decisions"),
        ("tunes/progress/decisions", "tunes/events"),
        ("tunes/progress/poller", "worker/leased_tasks"),
    ],
}


def files_of(trip: str) -> list[str]:
    """The files of a trip of CONTRIBUTING.md, in the order one opens them."""
    section = re.split(r"\n\*\*|\n## ", TEXT.partition(f"**{trip}**")[2])[0]
    return re.findall(r"^\d+\. `([^`]+)`", section, re.MULTILINE)


def imported_files(path: Path) -> dict[str, Path]:
    """The files of `service/` that a file imports, by the name it uses for them or for what it took from them."""
    imports: dict[str, Path] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("service"):
            folder = ROOT.joinpath(*node.module.split("."))
            for alias in node.names:
                for file in (folder / f"{alias.name}.py", folder.with_suffix(".py"), folder / "__init__.py"):
                    if file.exists():
                        imports[alias.asname or alias.name] = file
                        break
    return imports


def functions_of(path: Path) -> dict[str, ast.AST]:
    return {
        node.name: node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def uses(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Every name that a function uses: alone, or as an attribute of another."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            yield each.value.id, each.attr
        elif isinstance(each, ast.Name):
            yield each.id, each.id


def files_behind(path: Path, name: str) -> list[Path]:
    """The files of the example's folder that a function leads to, the first that is met first."""
    opened: list[Path] = []
    waiting, seen = [(path, name)], set[tuple[Path, str]]()
    while waiting:
        path, name = waiting.pop(0)
        node = functions_of(path).get(name)
        if path not in opened and path.parent == EXAMPLES:
            opened.append(path)
        if node is None or (path, name) in seen:
            continue
        seen.add((path, name))
        known = imported_files(path)
        for base, attribute in uses(node):
            target = known.get(base, path)
            if target.parent == EXAMPLES and (target, attribute) not in seen:
                waiting.append((target, attribute))
    return opened


def test_every_path_in_contributing_exists() -> None:
    paths = {path.partition("#")[0] for path in PATH.findall(TEXT)}
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_repairing_an_example_opens_ten_files_at_most_in_the_order_of_their_roles() -> None:
    opened = [path.stem for path in files_behind(EXAMPLES / "api.py", "repair_example")]
    assert opened[0] == "api"
    assert len(opened) <= MAX_FILES
    assert {"api", "schemas", "commands", "domain", "queries"} <= set(opened)
    assert opened.index("api") < opened.index("commands") < opened.index("domain")


def test_the_use_case_names_the_roles_that_a_repair_opens() -> None:
    use_case = TEXT.partition("## Adding a use case")[2].partition("\n## ")[0]
    named = {Path(path).stem for path in PATH.findall(use_case) if path.startswith("service/datasets/examples/")}
    opened = {path.stem for path in files_behind(EXAMPLES / "api.py", "repair_example")} & set(ROLES)
    assert opened <= named


@pytest.mark.parametrize("trip", TRIPS)
def test_a_trip_opens_few_files_and_all_exist(trip: str) -> None:
    files = files_of(trip)
    assert 3 <= len(files) <= MAX_FILES
    assert [file for file in files if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("trip", TRIPS)
def test_a_trip_follows_the_imports(trip: str) -> None:
    files = files_of(trip)
    for importer, imported in TRIPS[trip]:
        assert {f"service/{importer}.py", f"service/{imported}.py"} <= set(files)
        assert ROOT / f"service/{imported}.py" in imported_files(ROOT / f"service/{importer}.py").values()
