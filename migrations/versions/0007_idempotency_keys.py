"""Stored responses belong to the API key that asked; refusals and the keys of new workspaces are no longer stored."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Up to now the response of POST /workspaces was stored with the admin key in it. A response without a status belongs
# to a process that has ended. The responses of before stay repeatable until they expire: they belong to no key.
UPGRADE = """
delete from ledger.answers where route = 'POST /v1/workspaces' or status is null or status >= 400;
alter table ledger.answers add column key_id uuid not null default '00000000-0000-0000-0000-000000000000';
alter table ledger.answers drop constraint pk_answers;
alter table ledger.answers add constraint pk_answers primary key (workspace_id, key_id, route, key);

drop function ledger.settle(uuid, text, text, uuid, int, json, bytea, bytea, timestamptz);
create function ledger.settle(
  ws uuid, holder uuid, which text, named text, claim uuid, print bytea, code int, head json, answer bytea,
  marker bytea, at timestamptz)
returns boolean language plpgsql volatile as $$
declare
  moment text := to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
begin
  update ledger.answers set status = code, headers = head, fingerprint = print,
    body = convert_to(replace(convert_from(answer, 'UTF8'), convert_from(marker, 'UTF8'), moment), 'UTF8')
  where workspace_id = ws and key_id = holder and route = which and key = named and token = claim and status is null;
  if not found then
    raise exception 'another request holds this idempotency key' using errcode = '40001', constraint = 'pk_answers';
  end if;
  return true;
end $$;
"""

DOWNGRADE = """
delete from ledger.answers a using ledger.answers b
where a.workspace_id = b.workspace_id and a.route = b.route and a.key = b.key and a.key_id < b.key_id;
alter table ledger.answers drop constraint pk_answers;
alter table ledger.answers add constraint pk_answers primary key (workspace_id, route, key);
alter table ledger.answers drop column key_id;

drop function ledger.settle(uuid, uuid, text, text, uuid, bytea, int, json, bytea, bytea, timestamptz);
create function ledger.settle(
  ws uuid, which text, named text, claim uuid, code int, head json, answer bytea, marker bytea, at timestamptz)
returns boolean language plpgsql volatile as $$
declare
  moment text := to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
begin
  update ledger.answers set status = code, headers = head,
    body = convert_to(replace(convert_from(answer, 'UTF8'), convert_from(marker, 'UTF8'), moment), 'UTF8')
  where workspace_id = ws and route = which and key = named and token = claim and status is null;
  if not found then
    raise exception 'another request holds this idempotency key' using errcode = '40001', constraint = 'pk_answers';
  end if;
  return true;
end $$;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
