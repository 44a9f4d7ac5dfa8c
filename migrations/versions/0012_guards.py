"""What the roles of the API and the worker may not do by themselves: months, and a workspace's end. Seals only grow."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Only the owner's `ledger.end_workspace` deletes from the log, and only a workspace whose whole log is sealed.
APPEND_ONLY = """
create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('tuneledger.ending', true) <> '' and exists (
    select from pg_class c where c.oid = tg_relid and pg_has_role(current_user, c.relowner, 'USAGE')
  ) then
    return null;
  end if;
  raise exception '%.% is append-only: % refused', tg_table_schema, tg_table_name, tg_op using errcode = '42501';
end $$;
create trigger checkpoints_append_only before update or delete or truncate on ledger.checkpoints
  for each statement execute function ledger.refuse_change();
create trigger tiles_append_only before update or delete or truncate on ledger.tiles
  for each statement execute function ledger.refuse_change();
create trigger subtrees_append_only before update or delete or truncate on ledger.subtrees
  for each statement execute function ledger.refuse_change();
"""

# The keys that sign checkpoints, without their private halves: the API shows these.
SIGNERS = """
create table ledger.signers (
  origin text not null, position smallint not null, public bytea not null,
  constraint pk_signers primary key (origin, position)
);
"""

END_WORKSPACE = """
create function ledger.end_workspace(ws uuid) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  head bigint;
  note text;
  place regclass;
begin
  perform pg_advisory_xact_lock(hashtextextended(ws::text, 0));
  select h.seq into head from ledger.heads h where h.workspace_id = ws for update;
  select c.note into note from ledger.checkpoints c where c.workspace_id = ws and c.size = head;
  if note is null then
    raise exception 'the log of workspace % is not sealed up to its last event', ws using errcode = '55000';
  end if;
  perform set_config('tuneledger.ending', ws::text, true);
  for place in
    select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'ledger'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attname = 'workspace_id' and not a.attisdropped
  loop
    execute format('delete from %s where workspace_id = $1', place) using ws;
  end loop;
  perform set_config('tuneledger.ending', '', true);
  return note;
end $$;
revoke execute on function ledger.end_workspace(uuid) from public;
"""

MONTHS = """
-- Attached, not created in place: that would lock all months against reading while it waits.
create function telemetry.create_month(month timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  low timestamptz := date_trunc('month', month);
  parent text;
  name text;
begin
  perform pg_advisory_xact_lock(1836019316);
  foreach parent in array array['requests', 'texts'] loop
    name := parent || to_char(low, '_YYYY_MM');
    continue when to_regclass(format('telemetry.%I', name)) is not null;
    execute format('create table telemetry.%I (like telemetry.%I including all)', name, parent);
    execute format('alter table telemetry.%I attach partition telemetry.%I for values from (%L) to (%L)',
      parent, name, low, low + interval '1 month');
  end loop;
end $$;
revoke execute on function telemetry.create_month(timestamptz) from public;

create function telemetry.drop_month(month timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  parent text;
begin
  perform pg_advisory_xact_lock(1836019316);
  foreach parent in array array['requests', 'texts'] loop
    execute format('drop table if exists telemetry.%I', parent || to_char(month, '_YYYY_MM'));
  end loop;
end $$;
revoke execute on function telemetry.drop_month(timestamptz) from public;
"""

DOWNGRADE = """
drop function telemetry.create_month(timestamptz), telemetry.drop_month(timestamptz), ledger.end_workspace(uuid);
drop table ledger.signers;
drop trigger checkpoints_append_only on ledger.checkpoints;
drop trigger tiles_append_only on ledger.tiles;
drop trigger subtrees_append_only on ledger.subtrees;
create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.events is append-only: % refused', tg_op using errcode = '42501';
end $$;
"""


def upgrade() -> None:
    for script in (APPEND_ONLY, SIGNERS, END_WORKSPACE, MONTHS):
        op.execute(script)


def downgrade() -> None:
    op.execute(DOWNGRADE)
