"""Run by Alembic, on the connection that `service.database.engine.migrate` opened and guards with a lock."""

from typing import Any

from alembic import context
from alembic.ddl.postgresql import PostgresqlImpl
from sqlalchemy import Connection
from sqlalchemy.util import await_only

from service.database.engine import metadata

connection: Connection = context.config.attributes["connection"]


class Scripts(PostgresqlImpl):
    """Lets `op.execute` take several statements at once, as SQL files hold them; asyncpg prepares only one."""

    __dialect__ = "postgresql"

    def execute(self, sql: Any, execution_options: dict[str, Any] | None = None) -> None:
        if not isinstance(sql, str):
            super().execute(sql, execution_options)
            return
        connection.exec_driver_sql("SELECT 1")  # the driver begins its transaction with a statement it sees itself
        driver: Any = connection.connection.driver_connection
        await_only(driver.execute(sql))


context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
