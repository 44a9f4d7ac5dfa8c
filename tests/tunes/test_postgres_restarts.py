"""Postgres that is restarted at once, again and again, under a worker: exactly one job runs for each tune."""

import asyncio
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from service.access.commands import create_first_workspace
from service.app import create_app
from service.composition import open_ledger
from service.database.embedded_postgres import embedded
from service.database.engine import API_ROLE, create_engine
from service.database.migrate import migrate
from tests.database.test_embedded_postgres import running
from tests.emulators.openai import emulate
from tests.http_client import OPERATOR_KEY, client
from tests.tunes.conftest import SETTINGS, Desk, worker_process
from tests.tunes.test_doubts import asked

RESTARTS = 4


@pytest.fixture
def server() -> Iterator[tuple[str, Callable[[], None]]]:
    """A server of the test's own: its URL, and what ends it without a checkpoint and starts it anew."""
    directory = Path(tempfile.mkdtemp(prefix="tl-"))  # not tmp_path: Postgres runs with another account

    def restart() -> None:
        postmaster = running(directory)
        assert postmaster is not None
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)
        uses.enter_context(embedded(directory))

    with ExitStack() as uses:
        yield uses.enter_context(embedded(directory)), restart
    shutil.rmtree(directory)


async def test_postgres_restarted_at_once_makes_no_second_job(server: tuple[str, Callable[[], None]]) -> None:
    url, restart = server
    await migrate(url)
    engine = create_engine(url, role=API_ROLE, pool_size=4, application_name="test")
    try:
        await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
        async with emulate(seconds=1.0) as emulator, client(create_app(SETTINGS, engine), OPERATOR_KEY) as api:
            emulator.create_delay = 0.4
            desk = Desk(api)
            ids = [await asked(desk, emulator) for _ in range(3)]
            async with worker_process(url):
                for _ in range(RESTARTS):
                    await asyncio.sleep(0.6)
                    await asyncio.to_thread(restart)
                await desk.happens(lambda: _is_ready(desk))
                tunes = [await desk.until(tune_id) for tune_id in ids]
        assert [tune["state"] for tune in tunes] == ["succeeded"] * len(ids)
        jobs = [[job.id for job in emulator.running_with(tune_id)] for tune_id in ids]
        assert jobs == [[tune["job_id"]] for tune in tunes]
    finally:
        await engine.dispose()


async def _is_ready(desk: Desk) -> bool:
    """Whether the API's connections, which broke too, were replaced."""
    answers = [(await desk.api.get("/v1/tunes")).status_code for _ in range(5)]
    return set(answers) == {200}
