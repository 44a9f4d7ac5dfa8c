"""The read tables of prompts, runs, labels, generation, evaluations and production. All but the logged requests follow from the ledger."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHANGED = """
ALTER TABLE tasks ADD COLUMN ontology JSONB DEFAULT '[]' NOT NULL; ALTER TABLE example_revisions ADD COLUMN label JSONB, ADD COLUMN votes JSONB;
ALTER TABLE model_alias_moves ADD COLUMN ruling JSONB, ADD COLUMN overridden BOOLEAN DEFAULT false NOT NULL; ALTER TABLE model_alias_moves ALTER COLUMN overridden DROP DEFAULT;
"""

TABLES = """
CREATE TABLE calls (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  run_id UUID NOT NULL,
  key TEXT NOT NULL,
  connection_id UUID NOT NULL,
  provider_model TEXT NOT NULL,
  model_id UUID,
  model_version TEXT,
  state TEXT NOT NULL,
  subject UUID NOT NULL,
  content TEXT,
  finish_reason TEXT,
  input_tokens BIGINT,
  output_tokens BIGINT,
  cost NUMERIC,
  currency TEXT NOT NULL,
  latency_ms BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  in_doubt BOOLEAN NOT NULL,
  repeats UUID,
  reuse TEXT,
  error_code TEXT,
  error_detail TEXT,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seq BIGINT NOT NULL,
  CONSTRAINT pk_calls PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_calls_reuse ON calls (workspace_id, reuse, seq) WHERE reuse is not null;
CREATE INDEX ix_calls_run ON calls (workspace_id, run_id, seq);

CREATE TABLE prompt_label_moves (
  workspace_id UUID NOT NULL,
  prompt_id UUID NOT NULL,
  label TEXT NOT NULL,
  seq BIGINT NOT NULL,
  weights JSONB NOT NULL,
  previous JSONB,
  reason TEXT,
  moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
  moved_by TEXT NOT NULL,
  CONSTRAINT pk_prompt_label_moves PRIMARY KEY (workspace_id, prompt_id, label, seq)
);

CREATE TABLE prompt_versions (
  workspace_id UUID NOT NULL,
  prompt_id UUID NOT NULL,
  number INTEGER NOT NULL,
  texts BYTEA NOT NULL,
  parameters TEXT,
  target TEXT,
  examples TEXT,
  inputs TEXT,
  built TEXT,
  notes TEXT,
  task_version INTEGER,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk_prompt_versions PRIMARY KEY (workspace_id, prompt_id, number)
);

CREATE TABLE prompts (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  task_id UUID,
  latest_version INTEGER,
  labels JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_prompts PRIMARY KEY (workspace_id, id),
  CONSTRAINT uq_prompts_name UNIQUE (workspace_id, name)
);

CREATE TABLE runs (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  cancel_requested BOOLEAN NOT NULL,
  CONSTRAINT pk_runs PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_runs_open ON runs (workspace_id, id) WHERE state in ('queued', 'running');
"""

RESTORED = """
ALTER TABLE tasks DROP COLUMN ontology; ALTER TABLE example_revisions DROP COLUMN label, DROP COLUMN votes;
ALTER TABLE model_alias_moves DROP COLUMN ruling, DROP COLUMN overridden;
"""

DROPPED = """
drop table
  runs,
  prompts,
  prompt_versions,
  prompt_label_moves,
  calls;
"""


def upgrade() -> None:
    op.execute(CHANGED)
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROPPED)
    op.execute(RESTORED)
