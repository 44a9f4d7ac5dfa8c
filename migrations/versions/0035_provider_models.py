"""Model versions: what became of deleting their models at the provider, and an index to find a model by its name there."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

UPGRADE = """
alter table model_versions
  add column deletion text, add column deletion_refusal text, add column deleted_at timestamptz;
create index ix_model_versions_provider_model on model_versions (workspace_id, connection_id, provider_model);
create index ix_model_versions_to_delete on model_versions (workspace_id, model_id) where deletion = 'requested';
"""
DOWNGRADE = """
drop index ix_model_versions_to_delete;
drop index ix_model_versions_provider_model;
alter table model_versions drop column deletion, drop column deletion_refusal, drop column deleted_at;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
