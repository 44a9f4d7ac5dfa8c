"""Erasures: the read table of their orders, and which examples are erased."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UPGRADE = """
create table erasures (
  workspace_id uuid not null, id uuid not null, requested_at timestamptz not null, completed_at timestamptz,
  version int not null,
  constraint pk_erasures primary key (workspace_id, id)
);
create index ix_erasures_open on erasures (workspace_id, id) where completed_at is null;

alter table examples add column erased_at timestamptz;
create index ix_examples_erased on examples (workspace_id, dataset_id) where erased_at is not null;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("alter table examples drop column erased_at; drop table erasures")
