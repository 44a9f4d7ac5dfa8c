"""Connections: which secret signs the provider's webhooks."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table connections add column hook_secret_id uuid")


def downgrade() -> None:
    op.execute("alter table connections drop column hook_secret_id")
