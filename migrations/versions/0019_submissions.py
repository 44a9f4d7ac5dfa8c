"""What a tune's worker needs to know of its job: doubts, troubles, and where its news go on."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UPGRADE = """
alter table tunes
  add column request_id text not null default '',
  add column recorded_trouble text,
  add column trouble_since timestamptz,
  add column news_cursor text,
  add column duplicates jsonb not null default '[]',
  add column missing boolean not null default false,
  add column unconfirmed boolean not null default false,
  add column files_deleted boolean not null default false;
update tunes set request_id = coalesce(events.data->>'request_id', '')
  from ledger.events where events.workspace_id = tunes.workspace_id and events.stream = 'tune'
    and events.stream_id = tunes.id and events.version = 1;
alter table tunes alter column request_id drop default, alter column missing drop default, alter column duplicates drop default,
  alter column unconfirmed drop default, alter column files_deleted drop default;
create index ix_tunes_files on tunes (workspace_id, id)
  where finished_at is not null and training_file is not null and not files_deleted;
create unique index uq_tune_events_id on tune_events (workspace_id, tune_id, id);
delete from ledger.leases where kind = 'poll';
"""
DOWNGRADE = """
delete from ledger.leases where kind = 'poll';
drop index uq_tune_events_id;
drop index ix_tunes_files;
alter table tunes drop column request_id, drop column recorded_trouble, drop column trouble_since,
  drop column news_cursor, drop column duplicates, drop column missing, drop column unconfirmed, drop column files_deleted;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
