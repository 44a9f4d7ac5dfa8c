"""A tune says which check of its examples it had to pass."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table tunes add column check_id uuid")


def downgrade() -> None:
    op.execute("alter table tunes drop column check_id")
