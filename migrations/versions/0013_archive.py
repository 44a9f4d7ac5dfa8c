"""Archived datasets: out of lists, and their names free for others."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UPGRADE = """
alter table datasets add column archived_at timestamptz;
alter table datasets drop constraint uq_datasets_name;
create unique index uq_datasets_name on datasets (workspace_id, name) where archived_at is null;
"""
# Names that an archived dataset gave up are made unique by its id.
DOWNGRADE = """
update datasets set name = name || ' ' || id where archived_at is not null;
drop index uq_datasets_name;
alter table datasets add constraint uq_datasets_name unique (workspace_id, name);
alter table datasets drop column archived_at;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
