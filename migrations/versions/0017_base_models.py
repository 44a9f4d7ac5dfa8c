"""A workspace's own entries of the catalogue of base models."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
create table base_models (
  workspace_id uuid not null,
  id uuid not null,
  model jsonb not null,
  updated_at timestamptz not null,
  version integer not null,
  constraint pk_base_models primary key (workspace_id, id)
)""")


def downgrade() -> None:
    op.execute("drop table base_models")
