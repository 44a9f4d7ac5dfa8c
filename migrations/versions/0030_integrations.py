"""Integrations: accounts where models are published and tunes are shown."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLES = """
create table integrations (
  workspace_id uuid not null,
  id uuid not null,
  kind text not null,
  name text not null,
  settings jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  updated_at timestamptz not null,
  version integer not null,
  constraint pk_integrations primary key (workspace_id, id),
  constraint uq_integrations_name unique (workspace_id, name) deferrable initially deferred
);
create table tracked_runs (
  workspace_id uuid not null,
  id uuid not null,
  tune_id uuid not null,
  integration_id uuid not null,
  kind text not null,
  state text not null,
  link text,
  error text,
  created_at timestamptz not null,
  finished_at timestamptz,
  constraint pk_tracked_runs primary key (workspace_id, id)
);
create index ix_tracked_runs_tune on tracked_runs (workspace_id, tune_id, id);
create index ix_tracked_runs_open on tracked_runs (workspace_id, id) where finished_at is null;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("drop table tracked_runs")
    op.execute("drop table integrations")
