"""Rows of a workspace can be deleted only once its end is recorded in another workspace's log."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The API may call this function. Without the record, whoever speaks for the API could delete a tenant's log and leave
# no trace; the record stands in the operator's log, which is append-only and sealed.
UPGRADE = """
create or replace function ledger.delete_workspace_rows(ws uuid, target regclass, most int)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  deleted bigint;
begin
  if not exists (
    select from ledger.heads h join ledger.events e on e.workspace_id = h.workspace_id and e.stream_id = ws
    where h.workspace_id <> ws and e.version = 1 and e.type = 'WorkspaceEnded')
  then
    raise exception 'the end of workspace % is not recorded', ws using errcode = '42501';
  end if;
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
create or replace function ledger.delete_workspace_rows(ws uuid, target regclass, most int)
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


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
