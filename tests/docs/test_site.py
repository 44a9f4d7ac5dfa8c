"""The documentation as a site: it builds, leads nowhere that is not there, and fetches nothing from elsewhere."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from openapi.pages import main as write_api
from service.__main__ import openapi_text
from service.processes import ROOT
from tests.docs.blocks import DOCS

CONFIG = ROOT / "mkdocs.yml"
UNLISTED = {"decisions/template.md"}  # to be copied, not to be read
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PLACE = re.compile(r"<h2 id=[\"']?([\w-]+)")
FETCHED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages in `docs` and the site in `.site`, built as `make docs` builds it."""
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, place / "docs")
    (place / "openapi.json").write_text(openapi_text())  # of the routes there are, whatever was exported last
    write_api(place / "docs" / "api", place / "openapi.json")
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
    made = {page.replace("README.md", "index.md").replace(".md", ".html") for page in pages(site)}
    assert {page for page in made if not (site / ".site" / page).is_file()} == set()


def test_every_page_is_in_the_navigation_once(site: Path) -> None:
    named = list(listed(yaml.safe_load(CONFIG.read_text())["nav"]))
    assert pages(site) - UNLISTED - set(named) == set()
    assert set(named) - pages(site) == set()
    assert len(named) == len(set(named))


def test_every_operation_and_every_shape_of_the_api_has_its_place(site: Path) -> None:
    document = json.loads((site / "openapi.json").read_text())
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    wanted = {f"{operation['tags'][0]}.html#{operation['operationId']}" for operation in operations}
    wanted |= {f"shapes.html#{name}" for name in document["components"]["schemas"]}
    api = site / ".site" / "api"
    there = {f"{page.name}#{place}" for page in api.glob("*.html") for place in PLACE.findall(page.read_text())}
    assert wanted - there == set()


def test_a_field_is_told_with_its_type_its_bounds_and_its_default(site: Path) -> None:
    told = (site / "docs" / "api" / "imports.md").read_text()
    assert '| `on_error` | query | `"abort"` or `"skip"` | What one bad row means. default `"abort"` |' in told
    assert "**Body** (text/csv)" in told


def test_no_link_leads_out_of_the_documentation(site: Path) -> None:
    gone = []
    for name in sorted(pages(site)):
        text = re.sub(r"```.*?```|`[^`\n]*`", "", (site / "docs" / name).read_text(), flags=re.DOTALL)
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:|#", target):
                continue
            found = (site / "docs" / name).parent / target.partition("#")[0]
            if not found.is_file() or not found.resolve().is_relative_to(site / "docs"):
                gone.append(f"{name}: {target}")
    assert gone == []


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    assert {found for page in (site / ".site").rglob("*.html") for found in FETCHED.findall(page.read_text())} == set()
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
