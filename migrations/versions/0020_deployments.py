"""Deployments: models that run on machines paid by the hour."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = """
create table deployments (
  workspace_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  model text not null,
  asked jsonb not null,
  state text not null,
  raw_status text,
  deployment_id text,
  address text,
  error text,
  price_per_hour text,
  stop_requested boolean not null,
  started_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  updated_at timestamptz not null,
  version integer not null,
  constraint pk_deployments primary key (workspace_id, id)
);
create index ix_deployments_address on deployments (workspace_id, connection_id, model);
create index ix_deployments_open on deployments (workspace_id, id) where ended_at is null;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("drop table deployments")
