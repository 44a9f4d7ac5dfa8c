"""Members: each API key of before becomes a member of its name, so that ratings and labels go on as theirs."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from service.access.actors import fold_name, is_reserved
from service.access.roles import find_smallest_role
from service.database.engine import new_id

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
create table members (
  workspace_id uuid not null, id uuid not null, name text not null, compared_as text not null, kind text not null,
  email text, role text not null, suspended_at timestamptz, created_at timestamptz not null,
  created_by text not null, updated_at timestamptz not null, version int not null,
  constraint pk_members primary key (workspace_id, id),
  constraint uq_members_name unique (workspace_id, compared_as)
);
create table ledger.key_uses (
  workspace_id uuid not null, key_id uuid not null, last_used_at timestamptz not null,
  constraint pk_key_uses primary key (workspace_id, key_id)
);
alter table api_keys drop constraint uq_api_keys_name;
alter table api_keys add column member_id uuid;
alter table api_keys add column open_name text;
alter table api_keys add column successor_id uuid;
update api_keys set open_name = name where revoked_at is null;
alter table api_keys add constraint uq_api_keys_name unique (workspace_id, member_id, open_name) deferrable;
"""

# After a downgrade the members of before are in the log; then `tuneledger rebuild` fills the tables.
KEYS = """
select k.workspace_id, k.id, k.name, k.scopes, k.version,
  rank() over (partition by k.workspace_id order by k.created_at, k.id) as place
from api_keys k
where not exists (
  select from ledger.events e where e.workspace_id = k.workspace_id and e.stream_id = k.id
    and (e.type = 'ApiKeyAssigned' or e.data->>'member_id' is not null))
order by k.workspace_id, k.created_at, k.id
"""
ASSIGN = """
with appended as (
  select * from ledger.append(
    cast(:workspace_id as uuid), 'tuneledger', 'migration of members', array['member', 'api_key'],
    cast(:ids as uuid[]), cast(:versions as int[]), array['MemberInvited', 'ApiKeyAssigned'], cast(:datas as text[]))
), invited as (
  insert into members
  select a.workspace_id, a.stream_id, d.name, d.compared_as, d.kind, null, d.role, null,
    a.recorded_at, a.actor, a.recorded_at, a.version
  from appended a, json_to_record(a.data) as d(name text, compared_as text, kind text, role text)
  where a.stream = 'member'
)
update api_keys k set member_id = (a.data->>'member_id')::uuid, version = a.version
from appended a where a.stream = 'api_key' and a.workspace_id = k.workspace_id and a.stream_id = k.id
"""
DOWNGRADE = """
drop table members;
drop table ledger.key_uses;
alter table api_keys drop constraint uq_api_keys_name;
alter table api_keys drop column member_id, drop column open_name, drop column successor_id;
update api_keys k set name = name || ' ' || id where exists (
  select from api_keys o where o.workspace_id = k.workspace_id and o.name = k.name and o.id < k.id);
alter table api_keys add constraint uq_api_keys_name unique (workspace_id, name);
"""


def upgrade() -> None:
    op.execute(TABLES)
    connection = op.get_bind()
    taken: set[tuple[Any, str]] = set()
    for key in connection.execute(sa.text(KEYS)).all():
        member_id = new_id()
        invited = {"name": key.name, "compared_as": _compare(key, taken), "kind": "machine", "role": _choose_role(key)}
        datas = [msgspec.json.encode(data).decode() for data in (invited, {"member_id": member_id})]
        values = {"workspace_id": key.workspace_id, "ids": [member_id, key.id], "versions": [1, key.version + 1]}
        connection.execute(sa.text(ASSIGN), {**values, "datas": datas})


def _compare(key: Any, taken: set[tuple[Any, str]]) -> str:
    """The name as it is compared. Names that only now count as the same, or as the server's, keep apart by the id."""
    folded = fold_name(key.name)
    if is_reserved(key.name) or (key.workspace_id, folded) in taken:
        folded = f"{folded} {key.id}"
    taken.add((key.workspace_id, folded))
    return folded


def _choose_role(key: Any) -> str:
    """The least role that covers the key. Who came with the workspace owns it."""
    scopes: Iterable[Any] = key.scopes
    return "owner" if key.place == 1 and "admin" in key.scopes else find_smallest_role(scopes)


def downgrade() -> None:
    op.execute(DOWNGRADE)
