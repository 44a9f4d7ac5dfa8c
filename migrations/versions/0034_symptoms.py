"""Tunes remember which symptoms of their curves were recorded."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table tunes add column symptoms jsonb not null default '[]'")
    op.execute("alter table tunes alter column symptoms drop default")


def downgrade() -> None:
    op.execute("alter table tunes drop column symptoms")
