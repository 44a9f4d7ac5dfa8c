"""Members who sign in by OpenID Connect: the issuer and subject whose tokens are theirs."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UPGRADE = """
alter table members add column issuer text, add column subject text;
alter table members add constraint uq_members_identity unique (workspace_id, issuer, subject);
"""
DOWNGRADE = """
alter table members drop constraint uq_members_identity;
alter table members drop column issuer, drop column subject;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
