"""Bulk changes, and the split that an example was moved to."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table example_revisions add column split text")
    op.execute(
        "create index ix_example_revisions_present on example_revisions (workspace_id, example_id) where seq_to is null"
    )
    op.execute("""
create table bulk_changes (
  workspace_id uuid not null,
  id uuid not null,
  dataset_id uuid not null,
  state text not null,
  constraint pk_bulk_changes primary key (workspace_id, id)
)""")
    op.execute("create index ix_bulk_changes_dataset on bulk_changes (workspace_id, dataset_id, id)")
    op.execute(
        "create index ix_bulk_changes_open on bulk_changes (workspace_id, id) where state in ('queued', 'running')"
    )


def downgrade() -> None:
    op.execute("drop table bulk_changes")
    op.execute("drop index ix_example_revisions_present")
    op.execute("alter table example_revisions drop column split")
