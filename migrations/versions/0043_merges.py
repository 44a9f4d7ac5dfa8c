"""Forks and merges: where datasets and examples were copied from, and the events that a merge is about to append."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table datasets add column forked_from jsonb")
    op.execute("alter table examples add column root_id uuid")
    op.execute("create index ix_examples_root on examples (workspace_id, root_id) where root_id is not null")
    op.execute("""
create table merges (
  workspace_id uuid not null,
  id uuid not null,
  kind text not null,
  dataset_id uuid not null,
  source_id uuid not null,
  moment bigint not null,
  dry_run boolean not null,
  state text not null,
  constraint pk_merges primary key (workspace_id, id)
)""")
    op.execute("create index ix_merges_dataset on merges (workspace_id, dataset_id, id)")
    op.execute("create index ix_merges_open on merges (workspace_id, id) where state in ('queued', 'running')")
    op.execute("""
create unlogged table ledger.planned (
  workspace_id uuid not null,
  batch uuid not null,
  n bigint not null,
  stream_id uuid not null,
  version integer not null,
  type text not null,
  data text not null,
  texts_of uuid not null,
  digests bytea[] not null,
  constraint pk_planned primary key (workspace_id, batch, n)
)""")


def downgrade() -> None:
    op.execute("drop table ledger.planned")
    op.execute("drop table merges")
    op.execute("drop index ix_examples_root")
    op.execute("alter table examples drop column root_id")
    op.execute("alter table datasets drop column forked_from")
