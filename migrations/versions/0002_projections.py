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

CREATE TABLE operations (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT,
  unit TEXT NOT NULL,
  result JSONB,
  error JSONB,
  resource TEXT,
  cancel_requested BOOLEAN NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  finished_at TIMESTAMP WITH TIME ZONE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_operations PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_operations_kind ON operations (workspace_id, kind, id);
CREATE INDEX ix_operations_state ON operations (workspace_id, state, id);

CREATE TABLE tasks (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  instruction TEXT NOT NULL,
  description TEXT,
  thinking_instruction TEXT,
  requirements JSONB NOT NULL,
  input_schema TEXT,
  output_schema TEXT,
  categories TEXT[] NOT NULL,
  fallback_category TEXT,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_tasks PRIMARY KEY (workspace_id, id),
  CONSTRAINT uq_tasks_name UNIQUE (workspace_id, name)
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
  tasks,
  operations,
  api_keys;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROPPED)
