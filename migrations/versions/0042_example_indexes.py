"""Indexes for what few examples of a dataset have: a tag, another source than a file, a rating, a fault."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

UPGRADE = """
create index ix_example_revisions_tags on example_revisions using gin (tags);
create index ix_example_revisions_marked on example_revisions (workspace_id, dataset_id, example_id)
  where score is not null or replaced is not null or label is not null or invalid is not null or unanswered;
create index ix_examples_source on examples (workspace_id, dataset_id, (source ->> 'type'), id)
  where source ->> 'type' <> 'import';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("drop index ix_example_revisions_tags, ix_example_revisions_marked, ix_examples_source")
