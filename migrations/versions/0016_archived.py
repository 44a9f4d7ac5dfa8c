"""Archived tasks, models, prompts and queues: out of lists, and their names free for others."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAMED_WITHIN = {
    "tasks": "workspace_id",
    "models": "workspace_id",
    "prompts": "workspace_id",
    "queues": "workspace_id, dataset_id",
}
UPGRADE = """
alter table {table} add column archived_at timestamptz;
alter table {table} drop constraint uq_{table}_name;
create unique index uq_{table}_name on {table} ({scope}, name) where archived_at is null;
"""
# Names that an archived item gave up are made unique by its id.
DOWNGRADE = """
update {table} set name = name || ' ' || id where archived_at is not null;
drop index uq_{table}_name;
alter table {table} add constraint uq_{table}_name unique ({scope}, name);
alter table {table} drop column archived_at;
"""


def upgrade() -> None:
    for table, scope in NAMED_WITHIN.items():
        op.execute(UPGRADE.format(table=table, scope=scope))


def downgrade() -> None:
    for table, scope in NAMED_WITHIN.items():
        op.execute(DOWNGRADE.format(table=table, scope=scope))
