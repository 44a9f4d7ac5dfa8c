"""Exports of datasets that have not ended."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEX = """
create index ix_operations_exports on operations (workspace_id, id)
where kind = 'dataset_export' and finished_at is null
"""


def upgrade() -> None:
    op.execute(INDEX)


def downgrade() -> None:
    op.execute("drop index ix_operations_exports")
