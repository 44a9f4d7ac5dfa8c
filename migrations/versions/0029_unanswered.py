"""Examples that wait for an answer."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table example_revisions add column unanswered boolean not null default false")


def downgrade() -> None:
    op.execute("alter table example_revisions drop column unanswered")
