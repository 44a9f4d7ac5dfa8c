"""Seals that only grow, the public keys that sign them, and months made by functions of the owner's."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Only the owner's `ledger.delete_workspace_rows` deletes from the log.
APPEND_ONLY = """
create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('tuneledger.ends_workspace', true) = 'yes' and exists (
    select from pg_class c where c.oid = tg_relid and pg_has_role(current_user, c.relowner, 'USAGE')
  ) then
    return null;
  end if;
  raise exception '%.% is append-only: % refused', tg_table_schema, tg_table_name, tg_op using errcode = '42501';
end $$;
revoke execute on function ledger.delete_workspace_rows(uuid, regclass, int) from public;
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
drop function telemetry.create_month(timestamptz), telemetry.drop_month(timestamptz);
drop table ledger.signers;
grant execute on function ledger.delete_workspace_rows(uuid, regclass, int) to public;
drop trigger checkpoints_append_only on ledger.checkpoints;
drop trigger tiles_append_only on ledger.tiles;
drop trigger subtrees_append_only on ledger.subtrees;
create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('tuneledger.ends_workspace', true) = 'yes' then
    return null;
  end if;
  raise exception 'ledger.events is append-only: % refused', tg_op using errcode = '42501';
end $$;
"""


def upgrade() -> None:
    for script in (APPEND_ONLY, SIGNERS, MONTHS):
        op.execute(script)


def downgrade() -> None:
    op.execute(DOWNGRADE)
