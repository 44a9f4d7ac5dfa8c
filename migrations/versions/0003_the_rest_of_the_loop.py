"""The read tables of prompts, runs, labels, generation, evaluations and production. All but the logged requests follow from the ledger."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHANGED = """
ALTER TABLE tasks ADD COLUMN ontology JSONB DEFAULT '[]' NOT NULL; ALTER TABLE example_revisions ADD COLUMN label JSONB, ADD COLUMN votes JSONB;
ALTER TABLE model_alias_moves ADD COLUMN ruling JSONB, ADD COLUMN overridden BOOLEAN DEFAULT false NOT NULL; ALTER TABLE model_alias_moves ALTER COLUMN overridden DROP DEFAULT;
CREATE SCHEMA telemetry;
CREATE TABLE telemetry.client_ids (
  workspace_id UUID NOT NULL,
  digest UUID NOT NULL,
  id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_client_ids PRIMARY KEY (workspace_id, digest)
);
CREATE INDEX ix_client_ids_at ON telemetry.client_ids USING brin (at);
CREATE TABLE telemetry.requests (
  workspace_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  id UUID NOT NULL,
  client_id TEXT,
  model_id UUID NOT NULL,
  model_version TEXT NOT NULL,
  alias TEXT,
  latency_ms INTEGER,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost BIGINT,
  currency TEXT,
  error_code TEXT,
  valid BOOLEAN,
  user_hash TEXT,
  logged_by TEXT NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  erased_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_requests PRIMARY KEY (workspace_id, at, id)
)
 PARTITION BY RANGE (at);
CREATE INDEX ix_requests_failed ON telemetry.requests (workspace_id, model_id, at) WHERE error_code IS NOT NULL OR valid IS false;
CREATE INDEX ix_requests_model ON telemetry.requests (workspace_id, model_id, at);
CREATE TABLE telemetry.texts (
  workspace_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  id UUID NOT NULL,
  input TEXT NOT NULL,
  output TEXT,
  tool_calls TEXT,
  error TEXT,
  metadata TEXT,
  CONSTRAINT pk_texts PRIMARY KEY (workspace_id, at, id)
)
 PARTITION BY RANGE (at);
ALTER TABLE example_revisions ADD COLUMN task_version INTEGER;
"""

TABLES = """
CREATE TABLE assignments (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  item_id UUID NOT NULL,
  annotator TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  leased_until TIMESTAMP WITH TIME ZONE,
  label_id UUID,
  reason TEXT,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  changed_by TEXT NOT NULL,
  CONSTRAINT pk_assignments PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_assignments_item ON assignments (workspace_id, item_id);

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

CREATE TABLE candidates (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  generation_id UUID NOT NULL,
  origin TEXT NOT NULL,
  subject UUID NOT NULL,
  code TEXT,
  detail TEXT,
  run_id UUID,
  calls JSONB,
  served JSONB,
  prompt_id UUID,
  prompt_version INTEGER,
  topic_id UUID,
  topic_path JSONB,
  category TEXT,
  temperature DOUBLE PRECISION,
  score DOUBLE PRECISION,
  twin UUID,
  similarity DOUBLE PRECISION,
  document JSONB,
  grounding DOUBLE PRECISION,
  predicted_for UUID,
  invalid JSONB,
  task_version INTEGER,
  state TEXT NOT NULL,
  content BYTEA,
  metadata BYTEA,
  edited BOOLEAN NOT NULL,
  example_id UUID,
  reason TEXT,
  seq BIGINT NOT NULL,
  version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_by TEXT,
  CONSTRAINT pk_candidates PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_candidates_generation ON candidates (workspace_id, generation_id, seq);
CREATE INDEX ix_candidates_run ON candidates (workspace_id, run_id) WHERE run_id is not null;
CREATE INDEX ix_candidates_state ON candidates (workspace_id, generation_id, state, seq);

CREATE TABLE documents (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  generation_id UUID NOT NULL,
  name TEXT,
  declared TEXT,
  kind TEXT,
  size BIGINT NOT NULL,
  pages INTEGER,
  characters BIGINT,
  findings JSONB,
  text BYTEA,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk_documents PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_documents_generation ON documents (workspace_id, generation_id, id);

CREATE TABLE evaluation_results (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  evaluation_id UUID NOT NULL,
  target TEXT NOT NULL,
  place INTEGER NOT NULL,
  example_id UUID NOT NULL,
  example_content TEXT NOT NULL,
  calls JSONB NOT NULL,
  subject UUID,
  content TEXT,
  scores JSONB NOT NULL,
  passed BOOLEAN,
  failure JSONB,
  latency_ms BIGINT,
  input_tokens BIGINT,
  output_tokens BIGINT,
  cost NUMERIC,
  ratings JSONB NOT NULL,
  rating DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_evaluation_results PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_evaluation_results_row ON evaluation_results (workspace_id, evaluation_id, example_id, place);
CREATE INDEX ix_evaluation_results_subject ON evaluation_results (workspace_id, subject);

CREATE TABLE evaluations (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  dataset_id UUID NOT NULL,
  dataset_version TEXT NOT NULL,
  split TEXT NOT NULL,
  run_id UUID NOT NULL,
  plan JSONB NOT NULL,
  summaries TEXT,
  finished_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_evaluations PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_evaluations_dataset ON evaluations (workspace_id, dataset_id, id);

CREATE TABLE generations (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  CONSTRAINT pk_generations PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_generations_dataset ON generations (workspace_id, dataset_id, id);

CREATE TABLE label_revisions (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  seq_from BIGINT NOT NULL,
  seq_to BIGINT,
  version INTEGER NOT NULL,
  dataset_id UUID NOT NULL,
  example_id UUID NOT NULL,
  task_id UUID NOT NULL,
  annotator TEXT NOT NULL,
  kind TEXT NOT NULL,
  answers JSONB NOT NULL,
  text BYTEA,
  content BYTEA NOT NULL,
  task_version INTEGER NOT NULL,
  example_version INTEGER NOT NULL,
  queue_id UUID,
  assignment_id UUID,
  review TEXT,
  reason TEXT,
  given_at TIMESTAMP WITH TIME ZONE NOT NULL,
  given_by TEXT NOT NULL,
  CONSTRAINT pk_label_revisions PRIMARY KEY (workspace_id, id, seq_from)
);
CREATE INDEX ix_label_revisions_now ON label_revisions (workspace_id, dataset_id, example_id, id) WHERE seq_to is null;
CREATE INDEX ix_label_revisions_then ON label_revisions (workspace_id, dataset_id, example_id, id, seq_from);

CREATE TABLE predictions (
  workspace_id UUID NOT NULL,
  run_id UUID NOT NULL,
  example_id UUID NOT NULL,
  example_version INTEGER NOT NULL,
  prompt_version INTEGER NOT NULL,
  call_id UUID,
  failure JSONB,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_predictions PRIMARY KEY (workspace_id, run_id, example_id)
);
CREATE INDEX ix_predictions_example ON predictions (workspace_id, example_id);

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

CREATE TABLE prompt_runs (
  workspace_id UUID NOT NULL,
  run_id UUID NOT NULL,
  id UUID NOT NULL,
  prompt_id UUID NOT NULL,
  weights JSONB NOT NULL,
  served JSONB NOT NULL,
  dataset_id UUID NOT NULL,
  moment BIGINT NOT NULL,
  label TEXT,
  dataset_version TEXT,
  filter JSONB,
  split TEXT,
  "limit" INTEGER,
  inputs JSONB,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk_prompt_runs PRIMARY KEY (workspace_id, run_id)
);
CREATE INDEX ix_prompt_runs_prompt ON prompt_runs (workspace_id, prompt_id, run_id);

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

CREATE TABLE queue_items (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  queue_id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  example_id UUID NOT NULL,
  overlap INTEGER,
  known JSONB,
  labelled INTEGER NOT NULL,
  CONSTRAINT pk_queue_items PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_queue_items_open ON queue_items (workspace_id, queue_id, id) WHERE overlap is null or labelled < overlap;
CREATE INDEX ix_queue_items_queue ON queue_items (workspace_id, queue_id, id);

CREATE TABLE queues (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  task_id UUID NOT NULL,
  name TEXT NOT NULL,
  overlap INTEGER NOT NULL,
  lease_seconds INTEGER NOT NULL,
  blind BOOLEAN NOT NULL,
  shows TEXT NOT NULL,
  annotators TEXT[] NOT NULL,
  closed BOOLEAN NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_queues PRIMARY KEY (workspace_id, id),
  CONSTRAINT uq_queues_name UNIQUE (workspace_id, dataset_id, name)
);

CREATE TABLE request_feedback (
  workspace_id UUID NOT NULL,
  request_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  model_id UUID NOT NULL,
  model_version TEXT NOT NULL,
  stars INTEGER,
  thumbs TEXT,
  rating DOUBLE PRECISION,
  comment BYTEA,
  correction BYTEA,
  given_at TIMESTAMP WITH TIME ZONE NOT NULL,
  given_by TEXT NOT NULL,
  CONSTRAINT pk_request_feedback PRIMARY KEY (workspace_id, request_id)
);
CREATE INDEX ix_request_feedback_at ON request_feedback (workspace_id, at);
CREATE INDEX ix_request_feedback_model ON request_feedback (workspace_id, model_id, at);

CREATE TABLE request_promotions (
  workspace_id UUID NOT NULL,
  request_id UUID NOT NULL,
  dataset_id UUID NOT NULL,
  example_id UUID NOT NULL,
  promoted_at TIMESTAMP WITH TIME ZONE NOT NULL,
  promoted_by TEXT NOT NULL,
  CONSTRAINT pk_request_promotions PRIMARY KEY (workspace_id, request_id, dataset_id)
);

CREATE TABLE request_retention (
  workspace_id UUID NOT NULL,
  days INTEGER,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  changed_by TEXT NOT NULL,
  CONSTRAINT pk_request_retention PRIMARY KEY (workspace_id)
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
DROP SCHEMA telemetry CASCADE;
ALTER TABLE example_revisions DROP COLUMN task_version;
"""

DROPPED = """
drop table
  runs,
  request_retention,
  request_promotions,
  request_feedback,
  queues,
  queue_items,
  prompts,
  prompt_versions,
  prompt_runs,
  prompt_label_moves,
  predictions,
  label_revisions,
  generations,
  evaluations,
  evaluation_results,
  documents,
  candidates,
  calls,
  assignments;
"""


def upgrade() -> None:
    op.execute(CHANGED)
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DROPPED)
    op.execute(RESTORED)
