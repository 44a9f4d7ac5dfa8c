"""Monthly budgets for tunes, of a workspace and of its models."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
create table budgets (
  workspace_id uuid not null,
  id uuid not null,
  model text,
  amount numeric not null,
  currency text not null,
  updated_at timestamptz not null,
  updated_by text not null,
  version integer not null,
  constraint pk_budgets primary key (workspace_id, id)
)""")


def downgrade() -> None:
    op.execute("drop table budgets")
