"""Health and metrics: what a load balancer and Prometheus ask for."""

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.database.engine import create_engine
from service.database.migrate import migrate, unmigrate
from service.server.metrics import METRICS_TEXT, MeasuredApp
from service.settings import Settings
from tests.conftest import as_owner
from tests.http_client import OPERATOR_KEY, client

SETTINGS = Settings(secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
NOBODY = ["postgresql://postgres@127.0.0.1:9/none", "postgresql://postgres@/none?host=/nonexistent"]


async def test_it_is_ready_on_a_migrated_database(api: httpx.AsyncClient) -> None:
    ready = await api.get("/readyz", headers={"Authorization": ""})
    assert (ready.status_code, ready.text) == (200, "ok")


@pytest.mark.parametrize("revision", ["base", "0001"])
async def test_it_is_not_ready_while_migrations_are_behind(
    app: Litestar, engine: AsyncEngine, database_url: str, revision: str
) -> None:
    await unmigrate(database_url, revision)
    async with client(app, None) as opened:
        behind = await opened.get("/readyz")
        assert (behind.status_code, behind.json()["code"]) == (503, "not_migrated")
        await migrate(database_url)
        assert (await opened.get("/readyz")).status_code == 200


async def test_a_database_that_is_ahead_still_serves(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    async with as_owner(engine) as owner, owner.begin() as connection:
        await connection.execute(sa.text("update alembic_version set version_num = 'of_tomorrow'"))
    assert (await api.get("/readyz")).status_code == 200


@pytest.mark.parametrize("url", NOBODY)
async def test_without_postgres_it_lives_but_is_not_ready(url: str) -> None:
    engine = create_engine(url)
    async with client(create_app(SETTINGS, engine), OPERATOR_KEY) as opened:
        assert (await opened.get("/livez")).status_code == 200
        assert (await opened.get("/readyz")).status_code == 503
        refused = await opened.get("/v1/me")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert "Retry-After" in refused.headers
        assert "tuneledger_database_up 0.0" in (await opened.get("/metrics")).text
    await engine.dispose()


async def test_a_database_that_went_away_is_unavailable_and_comes_back(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    async with as_owner(engine) as owner, owner.connect() as connection:
        await connection.execute(
            sa.text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    assert (await api.get("/v1/workspaces")).status_code in {200, 503}
    assert (await api.get("/v1/workspaces")).status_code == 200


@pytest.mark.parametrize(
    ("statement_timeout", "lock_timeout", "code"), [(0.05, 5.0, "too_slow"), (5.0, 0.05, "unavailable")]
)
async def test_a_statement_that_takes_too_long_is_unavailable(
    database_url: str, app: Litestar, statement_timeout: float, lock_timeout: float, code: str
) -> None:
    hasty = create_engine(database_url, statement_timeout=statement_timeout, lock_timeout=lock_timeout)
    patient = create_engine(database_url)
    async with patient.begin() as holding, client(create_app(SETTINGS, hasty), OPERATOR_KEY) as opened:
        await holding.execute(sa.text("lock table api_keys in access exclusive mode"))
        refused = await opened.get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (503, code)
    await hasty.dispose()
    await patient.dispose()


async def test_requests_are_counted_by_route_and_not_by_id(
    app: Litestar, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(METRICS_TEXT, "seconds", 0)
    transport = httpx.ASGITransport(MeasuredApp(app))  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers) as opened:
        before = _count((await opened.get("/metrics")).text, "/v1/events/{seq}", 404)
        for seq in (77, 78):
            await opened.get(f"/v1/events/{seq}")
        await opened.get("/nowhere/at/all")
        text = (await opened.get("/metrics")).text
    assert _count(text, "/v1/events/{seq}", 404) == before + 2
    assert _count(text, "none", 404) >= 1
    assert "/v1/events/77" not in text
    assert "nowhere" not in text


async def test_the_log_is_counted_over_all_workspaces(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    text = (await api.get("/metrics")).text
    assert "tuneledger_workspaces 2.0" in text
    assert "tuneledger_events_appended_total 6.0" in text


def _count(text: str, route: str, status: int) -> float:
    lines = [line for line in text.splitlines() if line.startswith("tuneledger_requests_total")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if f'route="{route}",status="{status}"' in line)
