"""Checks of datasets, with their reports."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = """
create table dataset_checks (
  workspace_id uuid not null,
  id uuid not null,
  dataset_id uuid not null,
  seq bigint not null,
  version_name text,
  filter jsonb not null,
  also jsonb not null,
  split text,
  targets jsonb not null,
  state text not null,
  verdict text,
  digest text,
  figures jsonb,
  findings jsonb,
  task_version integer,
  created_at timestamptz not null,
  created_by text not null,
  finished_at timestamptz,
  version integer not null,
  constraint pk_dataset_checks primary key (workspace_id, id)
);
create index ix_dataset_checks_dataset on dataset_checks (workspace_id, dataset_id, id);
create index ix_dataset_checks_digest on dataset_checks (workspace_id, dataset_id, digest);
create index ix_operations_checks on operations (workspace_id, id) where kind = 'check' and finished_at is null;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("drop index ix_operations_checks")
    op.execute("drop table dataset_checks")
