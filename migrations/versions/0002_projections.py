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

CREATE TABLE connections (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  settings JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_connections PRIMARY KEY (workspace_id, id),
  CONSTRAINT uq_connections_name UNIQUE (workspace_id, name) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE dataset_versions (
  workspace_id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  name TEXT NOT NULL,
  seq BIGINT NOT NULL,
  filter JSONB NOT NULL,
  digest BYTEA NOT NULL,
  examples INTEGER NOT NULL,
  splits JSONB NOT NULL,
  notes TEXT NOT NULL,
  number INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk_dataset_versions PRIMARY KEY (workspace_id, dataset_id, name),
  CONSTRAINT uq_dataset_versions_number UNIQUE (workspace_id, dataset_id, number)
);

CREATE TABLE datasets (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  task_id UUID,
  split_policy JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_datasets PRIMARY KEY (workspace_id, id),
  CONSTRAINT uq_datasets_name UNIQUE (workspace_id, name)
);

CREATE TABLE example_revisions (
  workspace_id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  example_id UUID NOT NULL,
  seq_from BIGINT NOT NULL,
  seq_to BIGINT,
  version INTEGER NOT NULL,
  content BYTEA NOT NULL,
  metadata BYTEA,
  tags TEXT[] NOT NULL,
  ratings JSONB NOT NULL,
  score DOUBLE PRECISION,
  replaced BYTEA,
  instruction BYTEA,
  invalid JSONB,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  changed_by TEXT NOT NULL,
  CONSTRAINT pk_example_revisions PRIMARY KEY (workspace_id, dataset_id, example_id, seq_from)
);
CREATE INDEX ix_example_revisions_from ON example_revisions (workspace_id, dataset_id, seq_from);
CREATE INDEX ix_example_revisions_to ON example_revisions (workspace_id, dataset_id, seq_to) WHERE seq_to is not null;

CREATE TABLE examples (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  external_id TEXT,
  fingerprint BYTEA,
  split TEXT NOT NULL,
  source JSONB NOT NULL,
  original BYTEA,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk_examples PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX uq_examples_external_id ON examples (workspace_id, dataset_id, external_id) WHERE external_id is not null;
CREATE UNIQUE INDEX uq_examples_fingerprint ON examples (workspace_id, dataset_id, fingerprint) WHERE fingerprint is not null;

CREATE TABLE imports (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  state TEXT NOT NULL,
  CONSTRAINT pk_imports PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_imports_dataset ON imports (workspace_id, dataset_id, id);
CREATE INDEX ix_imports_open ON imports (workspace_id, id) WHERE state in ('uploading', 'staged', 'adding', 'withdrawing');

CREATE TABLE model_alias_moves (
  workspace_id UUID NOT NULL,
  model_id UUID NOT NULL,
  alias TEXT NOT NULL,
  seq BIGINT NOT NULL,
  version TEXT NOT NULL,
  previous TEXT,
  reason TEXT,
  rollback BOOLEAN NOT NULL,
  moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
  moved_by TEXT NOT NULL,
  CONSTRAINT pk_model_alias_moves PRIMARY KEY (workspace_id, model_id, alias, seq)
);

CREATE TABLE model_versions (
  workspace_id UUID NOT NULL,
  model_id UUID NOT NULL,
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  connection_id UUID NOT NULL,
  base_model TEXT NOT NULL,
  provider_model TEXT NOT NULL,
  tune_id UUID,
  dataset_id UUID,
  dataset_version TEXT,
  dataset_seq BIGINT,
  dataset_digest TEXT,
  train_split TEXT,
  validation_split TEXT,
  notes TEXT,
  previous TEXT,
  changes JSONB,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk_model_versions PRIMARY KEY (workspace_id, model_id, name),
  CONSTRAINT uq_model_versions_tune_id UNIQUE (workspace_id, tune_id)
);
CREATE INDEX ix_model_versions_dataset ON model_versions (workspace_id, dataset_id, dataset_version);
CREATE INDEX ix_model_versions_number ON model_versions (workspace_id, model_id, number);

CREATE TABLE models (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  task_id UUID,
  latest_version TEXT,
  aliases JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_models PRIMARY KEY (workspace_id, id),
  CONSTRAINT uq_models_name UNIQUE (workspace_id, name)
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

CREATE TABLE tune_checkpoints (
  workspace_id UUID NOT NULL,
  tune_id UUID NOT NULL,
  id TEXT NOT NULL,
  step BIGINT NOT NULL,
  model TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE,
  metrics JSONB NOT NULL,
  CONSTRAINT pk_tune_checkpoints PRIMARY KEY (workspace_id, tune_id, id)
);

CREATE TABLE tune_events (
  workspace_id UUID NOT NULL,
  tune_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  position BIGINT NOT NULL,
  id TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE,
  level TEXT NOT NULL,
  message TEXT NOT NULL,
  CONSTRAINT pk_tune_events PRIMARY KEY (workspace_id, tune_id, seq, position)
);

CREATE TABLE tune_metrics (
  workspace_id UUID NOT NULL,
  tune_id UUID NOT NULL,
  step BIGINT NOT NULL,
  train_loss DOUBLE PRECISION,
  valid_loss DOUBLE PRECISION,
  train_accuracy DOUBLE PRECISION,
  valid_accuracy DOUBLE PRECISION,
  full_valid_loss DOUBLE PRECISION,
  full_valid_accuracy DOUBLE PRECISION,
  not_finite JSONB NOT NULL,
  CONSTRAINT pk_tune_metrics PRIMARY KEY (workspace_id, tune_id, step)
);

CREATE TABLE tunes (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  sweep_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  connection_kind TEXT NOT NULL,
  base_model TEXT NOT NULL,
  dataset_id UUID NOT NULL,
  dataset_version TEXT NOT NULL,
  dataset_seq BIGINT NOT NULL,
  dataset_digest TEXT NOT NULL,
  train_split TEXT NOT NULL,
  train_examples BIGINT NOT NULL,
  validation_split TEXT,
  validation_examples BIGINT NOT NULL,
  model TEXT,
  bump TEXT NOT NULL,
  method TEXT NOT NULL,
  hyperparameters JSONB NOT NULL,
  suffix TEXT,
  seed BIGINT,
  notes TEXT,
  retries UUID,
  state TEXT NOT NULL,
  raw_status TEXT,
  training_file JSONB,
  validation_file JSONB,
  job_id TEXT,
  provider_model TEXT,
  trained_tokens BIGINT,
  error JSONB,
  cancel TEXT,
  submitted_at TIMESTAMP WITH TIME ZONE,
  estimated_finish TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_tunes PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_tunes_dataset_id ON tunes (workspace_id, dataset_id, id);
CREATE INDEX ix_tunes_model ON tunes (workspace_id, model, id);
CREATE INDEX ix_tunes_sweep_id ON tunes (workspace_id, sweep_id, id);
CREATE INDEX ix_tunes_unfinished ON tunes (workspace_id, id) WHERE finished_at IS NULL;

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
  tunes,
  tune_metrics,
  tune_events,
  tune_checkpoints,
  tasks,
  operations,
  models,
  model_versions,
  model_alias_moves,
  imports,
  examples,
  example_revisions,
  datasets,
  dataset_versions,
  connections,
  api_keys;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROPPED)
