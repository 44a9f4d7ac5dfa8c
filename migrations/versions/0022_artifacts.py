"""Artifacts: files in the artifact store, and downloads of weights."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = """
create table artifacts (
  workspace_id uuid not null,
  id uuid not null,
  kind text not null,
  name text not null,
  digest text not null,
  bytes bigint not null,
  media_type text not null,
  of_kind text not null,
  of_id uuid not null,
  created_at timestamptz not null,
  created_by text not null,
  deleted_at timestamptz,
  constraint pk_artifacts primary key (workspace_id, id)
);
create index ix_artifacts_of on artifacts (workspace_id, of_id, id);
create index ix_artifacts_digest on artifacts (workspace_id, digest);
create index ix_operations_weights on operations (workspace_id, id) where kind = 'weights' and finished_at is null;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("drop index ix_operations_weights")
    op.execute("drop table artifacts")
