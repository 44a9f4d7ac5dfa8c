"""The audit tree: hashes of its complete subtrees, and the signed heads."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
create table ledger.subtrees (
  workspace_id uuid not null, level smallint not null, number bigint not null, hash bytea not null,
  constraint pk_subtrees primary key (workspace_id, level, number)
);
create table ledger.tiles (
  workspace_id uuid not null, number bigint not null, hashes bytea not null,
  constraint pk_tiles primary key (workspace_id, number)
);
create table ledger.checkpoints (
  workspace_id uuid not null, size bigint not null, edge bytea not null, note text not null,
  sealed_at timestamptz not null default clock_timestamp(),
  constraint pk_checkpoints primary key (workspace_id, size)
);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("drop table ledger.subtrees, ledger.tiles, ledger.checkpoints")
