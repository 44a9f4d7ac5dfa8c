"""Empty the staging area when the last import in it has ended: deleted rows would keep their room on the disk."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# Whoever copies rows into it at that moment, or has some in it, keeps it from being emptied. A small one is not worth it.
UPGRADE = """
create function ledger.empty_staged(ws uuid, ended uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if pg_total_relation_size('ledger.staged') < 16 * 1024 * 1024 then
    return false;
  end if;
  lock table ledger.staged in access exclusive mode nowait;
  if exists (select from ledger.staged where (workspace_id, batch) < (ws, ended))
    or exists (select from ledger.staged where (workspace_id, batch) > (ws, ended)) then
    return false;
  end if;
  truncate ledger.staged;
  return true;
exception when lock_not_available then
  return false;
end $$;
revoke execute on function ledger.empty_staged(uuid, uuid) from public;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("drop function ledger.empty_staged(uuid, uuid)")
