"""Sorted digests of large datasets, from which the digest of the next version follows."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# Unlogged: what a crash takes away is made anew. Digests do not compress.
UPGRADE = """
create unlogged table ledger.digest_pieces (
  workspace_id uuid not null,
  dataset_id uuid not null,
  seq bigint not null,
  prefix smallint not null,
  digests bytea not null,
  splits jsonb not null,
  constraint pk_digest_pieces primary key (workspace_id, dataset_id, seq, prefix)
);
alter table ledger.digest_pieces alter column digests set storage external;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("drop table ledger.digest_pieces")
