"""Run by Alembic, on the connection that `service.database.migrate` opened and guards with a lock."""

from alembic import context

from service.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
