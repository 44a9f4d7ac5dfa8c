"""Webhooks, and outside the ledger how far each was told and what it was sent."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE webhooks (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  settings JSONB NOT NULL,
  active BOOLEAN NOT NULL,
  disabled JSONB,
  seq BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_webhooks PRIMARY KEY (workspace_id, id)
);
CREATE TABLE telemetry.webhook_progress (
  workspace_id UUID NOT NULL,
  webhook_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  turned BIGINT NOT NULL,
  turn BIGINT NOT NULL,
  holds JSONB NOT NULL,
  held INTEGER NOT NULL,
  retry_at TIMESTAMP WITH TIME ZONE,
  failing_since TIMESTAMP WITH TIME ZONE,
  accepted_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (workspace_id, webhook_id)
);
CREATE TABLE telemetry.webhook_deliveries (
  workspace_id UUID NOT NULL,
  id UUID NOT NULL,
  webhook_id UUID NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  message_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  latency_ms INTEGER,
  status INTEGER,
  headers JSONB,
  body TEXT,
  error TEXT,
  next_attempt_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_webhook_deliveries_pending ON telemetry.webhook_deliveries (workspace_id, webhook_id) WHERE state = 'pending';
CREATE INDEX ix_webhook_deliveries_webhook ON telemetry.webhook_deliveries (workspace_id, webhook_id, id);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("drop table webhooks, telemetry.webhook_progress, telemetry.webhook_deliveries")
