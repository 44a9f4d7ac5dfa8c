"""Texts of people stay out of logs and answers, also when a statement fails."""

import traceback

import pytest
import sqlalchemy as sa
import structlog
from litestar import Litestar, get
from litestar.di import NamedDependency, Provide
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from service.database.rows import execute
from service.http.problems import HANDLERS
from tests.http_client import client

PLANTED = "PATIENT Jane Roe"


@pytest.mark.parametrize(
    "statement",
    [
        sa.text("insert into planted values (:text), (:text)"),
        sa.text("insert into planted values (:text || repeat('x', 99))"),
        sa.text("select cast(:text as text)::int"),
        sa.text("select cast(:text as text)::jsonb"),
        sa.text("do $$ begin raise exception 'no'; end $$; select :text"),
    ],
)
async def test_a_failed_statement_does_not_show_its_values(engine: AsyncEngine, statement: sa.TextClause) -> None:
    @get("/fail")
    async def fail(failing: NamedDependency[AsyncEngine]) -> str:
        async with failing.begin() as connection:
            await connection.execute(sa.text("create temp table planted (text varchar(40) primary key)"))
            await connection.execute(statement, {"text": PLANTED})
        return "unreached"

    app = Litestar(
        [fail], dependencies={"failing": Provide(lambda: engine, sync_to_thread=False)}, exception_handlers=HANDLERS
    )
    structlog.reset_defaults()
    with capture_logs(processors=[structlog.processors.format_exc_info]) as lines:
        async with client(app, None) as opened:
            failed = await opened.get("/fail")
    assert failed.status_code in {400, 500}
    assert PLANTED not in failed.text + str(lines)


async def test_a_statement_of_the_driver_does_not_show_its_values(engine: AsyncEngine) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        await execute(engine, "select $1::uuid", (PLANTED,))
    assert PLANTED not in "".join(traceback.format_exception(caught.value))
