"""Ending a workspace: the one way to delete events, for all of a workspace at once."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The trigger gives way inside the function alone. Whoever may not call it and may not delete events gains nothing by
# the setting, and whoever owns the table could switch the trigger off anyway.
UPGRADE = """
create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('tuneledger.ends_workspace', true) = 'yes' then
    return null;
  end if;
  raise exception 'ledger.events is append-only: % refused', tg_op using errcode = '42501';
end $$;

create function ledger.delete_workspace_rows(ws uuid, target regclass, most int)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  deleted bigint;
begin
  perform set_config('tuneledger.ends_workspace', 'yes', true);
  execute format(
    'delete from %s where workspace_id = $1 and ctid = any(array(select ctid from %s where workspace_id = $1 limit $2))',
    target, target) using ws, most;
  get diagnostics deleted = row_count;
  perform set_config('tuneledger.ends_workspace', 'no', true);
  return deleted;
end $$;
"""
DOWNGRADE = """
drop function ledger.delete_workspace_rows(uuid, regclass, int);
create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.events is append-only: % refused', tg_op using errcode = '42501';
end $$;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
