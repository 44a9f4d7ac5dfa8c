"""The documentation as a site: it builds, leads nowhere that is not there, and fetches nothing from elsewhere."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from clients.generate import resources
from clients.generate.document import read
from clients.generate_typescript.package import files
from clients.generate_typescript.resources import WAITING
from clients.generate_typescript.words import pascal
from openapi.__main__ import main as write_reference
from service.cli.openapi import openapi_text
from service.server.supervisor import ROOT
from tests.docs.blocks import DOCS
from tuneledger._async import _waiters
from tuneledger.cli.commands import main
from tuneledger.cli.exits import MEANINGS, Exit
from tuneledger.cli.lazy_command import LazyCommand

CONFIG = ROOT / "mkdocs.yml"
UNLISTED = {"decisions/template.md"}  # to be copied, not to be read
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PLACE = re.compile(r"<h2 id=[\"']?([\w-]+)")
METHOD = re.compile(r"<h3 id=[\"']?(client\.[\w.]+)(.*?)(?=<h[23] |</article>)", re.DOTALL)
OPERATION = re.compile(r"<h2 id=[\"']?([\w-]+)(.*?)(?=<h2 |</article>)", re.DOTALL)
INTO_API = re.compile(r"href=[\"']?\.\./\.\./api/([\w.#-]+)")
INTO_CLIENTS = re.compile(r"href=[\"']?\.\./sdk/(\w+/[\w.#-]+)")
LANGUAGES = ("python", "typescript")
FETCHED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages in `docs` and the site in `.site`, built as `make docs` builds it."""
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, place / "docs")
    (place / "openapi.json").write_text(openapi_text())  # of the routes there are, whatever was exported last
    write_reference(place / "docs", place / "openapi.json")
    (place / "mkdocs.yml").write_text(CONFIG.read_text())
    built = build(place)
    assert built.returncode == 0, built.stdout + built.stderr
    return place


def build(place: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "zensical"), "build", "--strict"]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


def pages(site: Path) -> set[str]:
    return {str(page.relative_to(site / "docs")) for page in (site / "docs").rglob("*.md")}


def listed(entry: Any) -> Iterator[str]:
    """Every page of the navigation, however deep."""
    if isinstance(entry, str):
        yield entry
    else:
        for below in entry.values() if isinstance(entry, dict) else entry:
            yield from listed(below)


def test_every_page_became_one_of_the_site(site: Path) -> None:
    built = {page.replace("README.md", "index.md").replace(".md", ".html") for page in pages(site)}
    assert {page for page in built if not (site / ".site" / page).is_file()} == set()


def test_every_page_is_in_the_navigation_once(site: Path) -> None:
    named = list(listed(yaml.safe_load(CONFIG.read_text())["nav"]))
    assert pages(site) - UNLISTED - set(named) == set()
    assert set(named) - pages(site) == set()
    assert len(named) == len(set(named))


def document(site: Path) -> Any:
    return json.loads((site / "openapi.json").read_text())


def operations(site: Path, beginning: str = "/") -> set[str]:
    """Where each operation whose path begins so has to be told."""
    items = [item for path, item in document(site)["paths"].items() if path.startswith(beginning)]
    return {f"{each['tags'][0]}.html#{each['operationId']}" for item in items for each in item.values()}


def places(site: Path) -> set[str]:
    api = site / ".site" / "api"
    return {f"{page.name}#{place}" for page in api.glob("*.html") for place in PLACE.findall(page.read_text())}


def methods(site: Path, language: str) -> dict[str, str]:
    """What the site says of each method of a client, by its place."""
    pages = (site / ".site" / "sdk" / language).glob("*.html")
    return {f"{page.name}#{path}": text for page in pages for path, text in METHOD.findall(page.read_text())}


def test_every_operation_and_every_shape_of_the_api_has_its_place(site: Path) -> None:
    shapes = {f"shapes.html#{name}" for name in document(site)["components"]["schemas"]}
    assert (operations(site) | shapes) - places(site) == set()


def of_python(raw: Any) -> Iterator[str]:
    """Every method that the generator writes, and those that it lets resources inherit."""
    for text in resources.modules(read(raw)).values():
        for each in ast.parse(text).body:
            if isinstance(each, ast.ClassDef):
                path = re.match(r"`(client\.[\w.]+)`", ast.get_docstring(each) or "")
                yield from (f"{path[1] if path else 'client'}.{name}" for name in public(each))
    for resource, base in resources.BASES.items():
        yield from (f"client.{'.'.join(resource)}.{name}" for name in vars(getattr(_waiters, base)) if name[0] != "_")


def public(written: ast.ClassDef) -> list[str]:
    functions = [each for each in written.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [each.name for each in functions if not each.name.startswith("_")]


def of_typescript(raw: Any) -> Iterator[str]:
    """The same for the other client, by the names of its classes."""
    for text in files(raw).values():
        for name, body in re.findall(r"^export class (\w+) extends \w+ {\n(.*?)^}", text, re.MULTILINE | re.DOTALL):
            yield from (f"{name}.{method}" for method in re.findall(r"^  (\w+)\(", body, re.MULTILINE))
    yield from (f"{pascal(*resource)}Resource.wait" for resource in WAITING)


def test_every_command_and_every_exit_code_has_its_place(site: Path) -> None:
    page = (site / ".site" / "sdk" / "cli.html").read_text()
    assert set(re.findall(r"<h3 id=[\"']?([\w-]+)", page)) == {"-".join(path) for path in commands(main)}
    assert set(MEANINGS) == set(Exit)
    assert [code for code, meaning in MEANINGS.items() if meaning.partition(":")[0] not in page] == []


def commands(group: click.Group) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        listed = group.get_command(context, name)
        command = listed.load() if isinstance(listed, LazyCommand) else listed
        if isinstance(command, click.Group):
            yield from ((name, *below) for below in commands(command))
        else:
            yield (name,)


def test_every_method_of_the_python_client_has_its_place(site: Path) -> None:
    documented = [place.partition("#")[2] for place in methods(site, "python")]
    assert sorted(documented) == sorted(of_python(document(site)))


def test_every_method_of_the_typescript_client_has_its_place(site: Path) -> None:
    documented = [place.partition("#client.")[2].split(".") for place in methods(site, "typescript")]
    classes = {f"{pascal(*path)}Resource.{name}" if path else f"Root.{name}" for *path, name in documented}
    assert len(classes) == len(documented)
    assert classes == set(of_typescript(document(site)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_method_leads_to_operations_and_shapes_that_are_there(site: Path, language: str) -> None:
    led = {place: INTO_API.findall(text) for place, text in methods(site, language).items()}
    there, all_operations = places(site), operations(site)
    assert {place: links for place, links in led.items() if not set(links) <= there} == {}
    assert {place for place, links in led.items() if links[-1] not in all_operations} == set()
    assert {links[-1] for links in led.values()} == operations(site, "/v1/")


def test_every_operation_shows_how_it_is_called_in_both_languages(site: Path) -> None:
    there = {f"{language}/{place}" for language in LANGUAGES for place in methods(site, language)}
    shown = {
        f"{page.name}#{name}": INTO_CLIENTS.findall(text)
        for page in (site / ".site" / "api").glob("*.html")
        for name, text in OPERATION.findall(page.read_text())
    }
    examples = {place: shown[place] for place in operations(site, "/v1/")}
    assert {place for place, links in examples.items() if not set(links) <= there} == set()
    assert {
        place for place, links in examples.items() if {link.split("/")[0] for link in links} != set(LANGUAGES)
    } == set()


def test_a_method_is_told_with_its_signature_and_its_call(site: Path) -> None:
    page = (site / "docs" / "sdk" / "python" / "datasets.md").read_text()
    assert "```python\nget(dataset_id: str, *, as_of: str | UnsetType = UNSET) -> Dataset\n```" in page
    assert "update(\n    dataset_id: str,\n    *,\n" in page
    called = (site / "docs" / "api" / "tunes.md").read_text()
    assert "[`client.tunes.create(dataset_id=..., dataset_version=..., targets=...)`]" in called
    assert "[`client.tunes.create({ dataset_id, dataset_version, targets })`]" in called


def test_a_type_of_the_client_is_not_taken_for_a_shape_of_its_name(site: Path) -> None:
    assert "Call" in document(site)["components"]["schemas"]
    page = (site / "docs" / "sdk" / "typescript" / "operations.md").read_text()
    assert "**Returns** Call&lt;[Operation](../../api/shapes.md#Operation)&gt;" in page
    assert "[Call](../../api/shapes.md#Call)&gt;" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_told_of_with_its_readme_first(site: Path, language: str) -> None:
    readme = (ROOT / "clients" / language / "README.md").read_text()
    assert (site / "docs" / "sdk" / language / "index.md").read_text().startswith(readme)


def test_a_field_is_told_with_its_type_its_bounds_and_its_default(site: Path) -> None:
    page = (site / "docs" / "api" / "imports.md").read_text()
    meaning = "What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows."
    assert f'| `on_error` | query | `"abort"` or `"skip"` | {meaning} default `"abort"` |' in page
    assert "**Body** (text/csv)" in page


def test_no_link_leads_out_of_the_documentation(site: Path) -> None:
    gone = []
    for name in sorted(pages(site)):
        text = re.sub(r"```.*?```|`[^`\n]*`", "", (site / "docs" / name).read_text(), flags=re.DOTALL)
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:|#", target):
                continue
            target_path = (site / "docs" / name).parent / target.partition("#")[0]
            if not target_path.is_file() or not target_path.resolve().is_relative_to(site / "docs"):
                gone.append(f"{name}: {target}")
    assert gone == []


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    assert {links for page in (site / ".site").rglob("*.html") for links in FETCHED.findall(page.read_text())} == set()
    styles = "".join(style.read_text() for style in (site / ".site").rglob("*.css"))
    assert styles != ""
    assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)", styles) == []


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Home\n\n[Gone](gone.md)\n")
    (tmp_path / "mkdocs.yml").write_text(CONFIG.read_text().partition("nav:")[0])
    assert "page does not exist" in build(tmp_path).stderr
    (tmp_path / "docs" / "index.md").write_text("# Home\n")
    assert build(tmp_path).returncode == 0
