"""Exports of models: the index by which workers find those that have not ended."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "create index ix_operations_model_exports on operations (workspace_id, id)"
        " where kind = 'model_export' and finished_at is null"
    )


def downgrade() -> None:
    op.execute("drop index ix_operations_model_exports")
