"""The pages for people: they need no internet, run no script but ours, and can be switched off."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import create_engine
from service.settings import Settings
from tests.http_client import SECRET_KEY, SHARED, client


@pytest.fixture
async def engine() -> AsyncIterator[AsyncEngine]:
    """Of no database: no page asks one."""
    engine = create_engine("postgresql://nowhere/none")
    yield engine
    await engine.dispose()


@pytest.fixture(scope="module")
def built_guides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory, so that one application serves every test that has these settings."""
    directory = tmp_path_factory.mktemp("guides")
    (directory / "index.html").write_text("<h1>Guides</h1>")
    return directory


def pages(engine: AsyncEngine, *, docs: bool = True, guides: Path | None = None) -> httpx.AsyncClient:
    settings = Settings(secret_key=SECRET_KEY, docs=docs, guides_directory=guides)
    return client(SHARED.over(engine, settings), None)


async def test_the_bare_address_leads_to_the_page(engine: AsyncEngine, tmp_path: Path) -> None:
    async with pages(engine, guides=tmp_path) as browser:
        answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/docs")


async def test_everything_the_page_loads_comes_from_this_server(engine: AsyncEngine, tmp_path: Path) -> None:
    async with pages(engine, guides=tmp_path) as browser:
        page = await browser.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        loaded = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page.text)
        assert len(loaded) == 3
        for path in loaded:
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"].startswith(("text/css", "text/javascript")), path
        start = (await browser.get("/docs/files/start.js")).text
        [document] = re.findall(r'url: "([^"]+)"', start)
        assert (await browser.get(document)).json()["openapi"].startswith("3.1")


async def test_a_browser_is_told_to_run_no_other_script(engine: AsyncEngine, tmp_path: Path) -> None:
    async with pages(engine, guides=tmp_path) as browser:
        page = await browser.get("/docs")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert "<script>" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/docs/files/start.js", "/docs/files/swagger-ui.css", "/guides/index.html"])
async def test_the_pages_can_be_switched_off_and_the_document_stays(
    engine: AsyncEngine, built_guides: Path, path: str
) -> None:
    async with pages(engine, docs=False, guides=built_guides) as browser:
        assert (await browser.get(path)).status_code == 404
        assert (await browser.get("/openapi.json")).status_code == 200


async def test_built_guides_are_served_and_linked(engine: AsyncEngine, built_guides: Path) -> None:
    async with pages(engine, guides=built_guides) as browser:
        assert "/guides/index.html" in (await browser.get("/docs")).text
        guides = await browser.get("/guides/index.html")
        assert guides.text == "<h1>Guides</h1>"
        assert "frame-ancestors 'none'" in guides.headers["content-security-policy"]
        assert (await browser.get("/guides/../settings.py")).status_code == 404


async def test_without_guides_nothing_leads_to_them(engine: AsyncEngine, tmp_path: Path) -> None:
    async with pages(engine, guides=tmp_path) as browser:
        assert "/guides" not in (await browser.get("/docs")).text
        assert (await browser.get("/guides/index.html")).status_code == 404


async def test_a_file_that_is_no_part_of_the_page_is_not_found(engine: AsyncEngine, tmp_path: Path) -> None:
    async with pages(engine, guides=tmp_path) as browser:
        assert (await browser.get("/docs/files/swagger-ui-bundle.js.map")).status_code == 404
        assert (await browser.get("/docs/files/..%2F..%2Fsettings.py")).status_code == 404
