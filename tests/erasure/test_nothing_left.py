"""The proof of erasure: after it, no byte of a person's texts is left in any file, and the log still verifies."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.app import create_app
from service.audit.worker import load_signer, seal_all
from service.composition import REGISTRY, open_ledger
from service.database.dump import _environment, _find_tool
from service.database.embedded_postgres import embedded
from service.database.engine import API_ROLE, WORKER_ROLE, metadata
from service.database.migrate import migrate
from service.datasets.imports import worker as imports_worker
from service.ledger.rebuild import rebuild
from tests.conftest import as_owner, connect, fast_directory, opened
from tests.datasets.example_bodies import Json, ok
from tests.erasure.erasing import count, erase
from tests.erasure.planted_texts import MARK, PERSON, Planter
from tests.http_client import OPERATOR_KEY, client
from tests.inference.run_world import wait_for_end
from tests.tunes.conftest import SETTINGS, working
from tests.tunes.sandbox import sandbox_in
from tuneledger.audit.verifier import verify

EXAMPLES = 200
KINDS = ("examples", "labels", "calls", "documents", "candidates", "requests", "prompts", "import_rows", "answers")


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, Path]]:
    """A Postgres of its own: its files are read as they are on the disk."""
    directory = fast_directory() / f"tuneledger-erasure-{id(object()):x}"
    try:
        with embedded(directory) as url:
            yield url, directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def own_engine(cluster: tuple[str, Path]) -> AsyncIterator[AsyncEngine]:
    url, _ = cluster
    await migrate(url)
    async with opened(url, role=API_ROLE) as engine:
        yield engine


@pytest.fixture
async def own_worker_engine(cluster: tuple[str, Path], own_engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    url, _ = cluster
    async with opened(url, role=WORKER_ROLE) as engine:
        yield engine


async def flush(url: str) -> None:
    """As the owner, rewrite every table and let old write-ahead log go, as time does on a busy server."""
    async with connect(url) as owner:
        for setting in ("wal_recycle = off", "min_wal_size = '32MB'", "wal_keep_size = 0"):
            await owner.execute(f"alter system set {setting}")
        await owner.execute("select pg_reload_conf()")
        await owner.execute("vacuum full")
        for _ in range(3):
            await owner.execute("checkpoint")
            await owner.execute("select pg_switch_wal()")
        await owner.execute("checkpoint")


def files_with(mark: str, directory: Path) -> list[str]:
    result = subprocess.run(["grep", "-rlaF", mark, str(directory)], capture_output=True, text=True, check=False)
    return result.stdout.splitlines()


async def tables_of(engine: AsyncEngine, files: list[str]) -> list[str]:
    """The files by the table they are of, where they are of one."""
    async with engine.connect() as connection:
        rows = await connection.execute(sa.text("select pg_relation_filepath(oid), relname from pg_class"))
        names = {path.rpartition("/")[2]: str(name) for path, name in rows if path}
    return [names.get(Path(file).name.partition(".")[0], file) for file in files]


async def test_no_byte_of_a_person_is_left(
    cluster: tuple[str, Path],
    own_engine: AsyncEngine,
    own_worker_engine: AsyncEngine,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    url, directory = cluster
    await create_first_workspace(open_ledger(own_engine), OPERATOR_KEY)
    app = create_app(SETTINGS, own_engine)
    provider = tmp_path / "provider"
    provider.mkdir()
    async with sandbox_in(provider, pace=0.05) as sandbox, client(app, OPERATOR_KEY) as api:
        planter = Planter(api, own_worker_engine, sandbox, count=EXAMPLES)
        await planter.plant()
        assert files_with(MARK, directory)
        assert files_with(MARK, provider)
        receipt = await receive_receipt(api, own_worker_engine, planter)
        assert {kind: count(receipt, kind) > 0 for kind in KINDS} == dict.fromkeys(KINDS, True)
        assert [version["name"] for version in receipt["held_by"]["dataset_versions"]] == ["v1"]
        assert len(receipt["held_by"]["evaluations"]) == 1
        await flush(url)
        assert await tables_of(own_engine, files_with(MARK, directory)) == []
        assert files_with(MARK, provider) == []
        await dump(url, own_engine, tmp_path / "dump.sql")
        assert files_with(MARK, tmp_path) == []
        written = capfd.readouterr()
        assert MARK not in written.out + written.err
        await still_verifies(api, own_engine)
        with pytest.raises(AssertionError, match="410"):
            await planter.plant_labels()


async def receive_receipt(api: httpx.AsyncClient, engine: AsyncEngine, planter: Planter) -> Json:
    """Erase while an import is unfinished; it ends without the person's rows."""
    preview = await api.post(f"/v1/subjects/{PERSON}/erase", json={"reason": "asked", "dry_run": True})
    would = (await ok(preview))["would_erase"]
    assert (would["examples"], would["import_rows"]) == (EXAMPLES + 3, 2)
    async with working(engine, resume_imports):
        receipt = await erase(api, engine, f"/v1/subjects/{PERSON}/erase")
        ended = await wait_for_end(api, planter.unfinished)
    assert (ended["state"], ended["result"]["added"]) == ("succeeded", 0)
    return receipt


async def resume_imports(context: object, stop: asyncio.Event) -> None:
    """The import's worker comes back only when the first pass is over."""
    await asyncio.sleep(3)
    await imports_worker.run(context, stop)  # type: ignore[arg-type]


async def dump(url: str, engine: AsyncEngine, file: Path) -> None:
    async with engine.connect() as connection:
        major = int(await connection.scalar(sa.text("show server_version_num")) or 0) // 10_000

    def run() -> str:
        tool = _find_tool("pg_dump", major)
        subprocess.run([str(tool), f"--file={file}"], env=dict(_environment(url)), check=True, capture_output=True)
        return file.read_text()

    assert "ledger.events" in await asyncio.to_thread(run)


async def still_verifies(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    async with as_owner(engine) as owner:
        await seal_all(owner, load_signer(SETTINGS))
        report = await rebuild(owner, REGISTRY, metadata, verify=True)
        assert report.clean, report
    export = (await api.get("/v1/events/export")).content.splitlines(keepends=True)
    verified = verify(export, trusted=load_signer(SETTINGS).verifiers)
    assert (verified.findings, verified.size > EXAMPLES) == ([], True)
