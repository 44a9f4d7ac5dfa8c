"""What a tune was estimated to cost, and what it did cost."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table tunes add column estimate jsonb, add column cost numeric, add column currency text")


def downgrade() -> None:
    op.execute("alter table tunes drop column estimate, drop column cost, drop column currency")
