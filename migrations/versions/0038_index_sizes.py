"""Indexes of half the size: events with one type, actor or request stand together in blocks of 256."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# Without the exact seq, entries of a block are equal, and Postgres stores equal entries as a list. The indexes are built
# anew, which reads the tables and locks them meanwhile: some minutes for a hundred million events.
UPGRADE = """
drop index ledger.ix_events_type, ledger.ix_events_actor, ledger.ix_events_request;
create index ix_events_type on ledger.events (workspace_id, type, (seq >> 8));
create index ix_events_actor on ledger.events (workspace_id, actor, (seq >> 8));
create index ix_events_request on ledger.events (workspace_id, request_id, (seq >> 8));
drop index uq_examples_fingerprint;
create unique index uq_examples_fingerprint on examples (dataset_id, substr(fingerprint, 1, 16))
  where fingerprint is not null;
drop index ix_example_revisions_present;
create index ix_example_revisions_present on example_revisions (example_id) where seq_to is null;
"""
DOWNGRADE = """
drop index ledger.ix_events_type, ledger.ix_events_actor, ledger.ix_events_request;
create index ix_events_type on ledger.events (workspace_id, type, seq);
create index ix_events_actor on ledger.events (workspace_id, actor, seq);
create index ix_events_request on ledger.events (workspace_id, request_id, seq);
drop index uq_examples_fingerprint;
create unique index uq_examples_fingerprint on examples (workspace_id, dataset_id, fingerprint)
  where fingerprint is not null;
drop index ix_example_revisions_present;
create index ix_example_revisions_present on example_revisions (workspace_id, example_id) where seq_to is null;
"""
# All events of a request have its key, so any of the first block will do.
BY_SEQ, BY_BLOCK = "order by e.seq limit 1", "order by e.seq >> 8 limit 1"
REPLACE = """
do $$ begin
  execute replace(pg_get_functiondef('ledger.{name}'::regproc), '{before}', '{after}');
end $$
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    _replace_in_functions(BY_SEQ, BY_BLOCK)


def downgrade() -> None:
    op.execute(DOWNGRADE)
    _replace_in_functions(BY_BLOCK, BY_SEQ)


def _replace_in_functions(before: str, after: str) -> None:
    for name in ("append", "append_each"):
        op.execute(REPLACE.format(name=name, before=before, after=after))
