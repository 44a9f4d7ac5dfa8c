"""The read tables. All of them follow from the ledger and can be rebuilt from it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE api_keys (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT[] NOT NULL,
  hint TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_api_keys PRIMARY KEY (workspace_id, id),
  CONSTRAINT uq_api_keys_name UNIQUE (workspace_id, name)
);

CREATE TABLE workspaces (
  workspace_id UUID NOT NULL,
  name TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk_workspaces PRIMARY KEY (workspace_id)
);
"""

DROPPED = """
drop table
  workspaces,
  api_keys;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROPPED)
