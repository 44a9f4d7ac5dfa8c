"""The log by type, by actor and by request: each in the log's order."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = """
create index ix_events_type on ledger.events (workspace_id, type, seq);
create index ix_events_actor on ledger.events (workspace_id, actor, seq);
create index ix_events_request on ledger.events (workspace_id, request_id, seq);
"""


def upgrade() -> None:
    op.execute(INDEXES)


def downgrade() -> None:
    op.execute("drop index ledger.ix_events_type, ledger.ix_events_actor, ledger.ix_events_request")
