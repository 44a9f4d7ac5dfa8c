"""Tunes: what the provider is to be asked, to pause or to go on, and why it did not do so."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table tunes add column pause_request text, add column pause_refusal text")


def downgrade() -> None:
    op.execute("alter table tunes drop column pause_request, drop column pause_refusal")
