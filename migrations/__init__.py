"""The schema's versions, in the order they were made. Part of the wheel, so an installed Tuneledger can migrate."""

from typing import Any

from alembic import op
from sqlalchemy.util import await_only


def run_script(sql: str) -> None:
    """Run several statements at once, in the migration's transaction: `op.execute` takes only one on asyncpg."""
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT 1")  # the driver begins its transaction with the first statement it sees itself
    driver: Any = connection.connection.driver_connection
    await_only(driver.execute(sql))
