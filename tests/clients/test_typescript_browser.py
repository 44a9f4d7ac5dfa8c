"""The TypeScript client in a real browser: a page of one origin, unbundled modules, and a server at another origin."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.clients.site import BROWSER, NAMES, Said, Site, opened, published
from tests.live_server import KEY, free_port, fresh, running
from tuneledger import Tuneledger

pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no browser on this machine: none of {', '.join(NAMES)}")
PATIENCE = 120.0
ROWS = 20_000
KINDS = ["text", "bytes", "blob", "stream", "iterable", "opener"]


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with published(tmp_path_factory.mktemp("site")) as site:
        yield site


async def next_message(site: Site, path: str) -> Said:
    """What the page says next; it waits for the answer."""
    message = await asyncio.wait_for(site.said.get(), PATIENCE)
    assert message.path == path, message.value
    return message


async def result(site: Site) -> Any:
    message = await next_message(site, "/seen")
    message.answer.set_result(None)
    return message.value


@pytest.fixture(scope="module")
async def seen(
    clones: asyncpg.Connection, postgres_url: str, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the page saw, step by step. The server is ended and started again when the page asks for it."""
    directory: Path = tmp_path_factory.mktemp("browser")
    settings = {"port": str(free_port()), "cors_origins": site.origin, "import_body_limit": "10000000"}
    settings["requests_per_minute"] = "60000"  # so that a page is told of its limit
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(fresh(clones, postgres_url))
        async with running(database_url, directory, **settings) as url:
            await stack.enter_async_context(opened(f"{site.origin}/walk.html", directory, url=url, key=KEY))
            restart = await next_message(site, "/restart")
        async with running(database_url, directory, **settings):
            restart.answer.set_result(None)
            return dict(await result(site))


def test_a_page_makes_things_and_reads_the_headers_of_the_answer(seen: dict[str, Any]) -> None:
    assert seen["makes"].pop("request_id") != ""
    assert seen["makes"] == {"status": 201, "etag": '"1"', "policy": '"default";q=60000;w=60', "location": True}
    assert seen["repeats"] == [True, "true"]


def test_a_page_uploads_a_blob_with_progress_and_waits_for_its_import(seen: dict[str, Any]) -> None:
    progress = seen["imports"]["told"]
    assert progress == sorted(progress)
    assert progress[-1] == [seen["imports"]["size"]] * 2
    assert seen["imports"]["states"][-1] == "succeeded"
    assert seen["imports"]["result"]["added"] == ROWS


def test_whatever_can_be_uploaded_arrives_whole_also_by_a_fetch_of_the_pages_own(seen: dict[str, Any]) -> None:
    size = seen["uploads_all_kinds"]["size"]
    arrived = [[3, None], [3, size], [3, size]]
    assert seen["uploads_all_kinds"]["sent"] == [[kind, *arrived] for kind in KINDS]


def test_a_page_goes_through_a_list(seen: dict[str, Any]) -> None:
    assert seen["pages"] == {"sizes": [1_000] * 5, "ids": 5_000, "count": ROWS + 3}


def test_a_page_gets_typed_errors(seen: dict[str, Any]) -> None:
    assert seen["conflicts"] == ["PreconditionFailedError", 412, "stale", [], True]
    assert seen["is_refused"] == [
        ["AuthenticationError", 401, "unauthenticated", [], True],
        ["NotFoundError", 404, "not_found", [], True],
        ["ConflictError", 409, "conflict", ["/name"], True],
        ["UnprocessableEntityError", 422, "unprocessable", ["/content/messages"], True],
        ["PayloadTooLargeError", 413, "too_large", [], True],
        ["PayloadTooLargeError", 413, "too_large", [], True],
    ]


def test_an_upload_ends_with_its_signal_its_time_and_its_connection(seen: dict[str, Any]) -> None:
    aborted, late, nobody = "APIUserAbortError", "APITimeoutError", "APIConnectionError"
    assert seen["gives_up"] == [aborted, aborted, late, nobody, nobody]


def test_a_page_downloads_an_export(seen: dict[str, Any]) -> None:
    name = seen["exports"].pop("name")
    assert re.fullmatch(r'attachment; filename="[0-9a-f-]{36}-v1\.jsonl"', name)
    size = seen["exports"].pop("size")
    assert size > seen["imports"]["size"]
    assert seen["exports"] == {"examples": ROWS + 3, "messages": 2 * (ROWS + 3), "told": size}


def test_a_stream_is_taken_up_after_a_restart_without_loss_or_repeat(seen: dict[str, Any]) -> None:
    assert seen["follows_over_a_restart"] == ["before", "after", "later", "last"]


def test_a_page_verifies_the_log_and_names_what_was_altered(seen: dict[str, Any]) -> None:
    [good, forged] = seen["verifies_the_log"]
    assert good["events"] > ROWS
    assert good["kinds"] == []
    assert {"altered", "root", "earlier_head"} <= set(forged["kinds"])


def test_a_worker_of_a_page_does_the_same(seen: dict[str, Any]) -> None:
    size, name = seen["works_in_a_worker"]
    assert (size > 0, name) == (True, "headlines")


async def test_a_page_that_is_not_named_gets_no_answer_and_makes_nothing(
    database_url: str, site: Site, tmp_path: Path
) -> None:
    async with running(database_url, tmp_path, cors_origins=site.origin) as url:
        async with opened(f"{site.elsewhere}/walk.html", tmp_path, url=url, key=KEY, stranger="yes"):
            assert await result(site) == ["APIConnectionError", "APIConnectionError"]
        with Tuneledger(KEY, base_url=url) as client:
            assert list(client.datasets.list()) == []
