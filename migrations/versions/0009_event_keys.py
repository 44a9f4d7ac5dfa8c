"""Events say by which key they were caused, beside the actor. Null for older ones, and where no key was used."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = """
create function ledger.append(
  ws uuid, who text, request text, streams text[], ids uuid[], versions int[], types text[], datas text[])
returns setof ledger.events language plpgsql volatile rows 1 as $$
declare
  head bigint;
  at timestamptz;
  many int := coalesce(array_length(ids, 1), 0);
begin
  if many = 0 then
    raise exception 'nothing to append' using errcode = '22023';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(ws::text, 0));
  if exists (
    select from unnest(ids, versions) as u(id, v)
    where u.v > 1
      and not exists (
        select from ledger.events e where e.workspace_id = ws and e.stream_id = u.id and e.version = u.v - 1)
      and not exists (select from unnest(ids, versions) as p(id, v) where p.id = u.id and p.v = u.v - 1)
  ) or exists (select from unnest(versions) as v where v < 1) then
    raise exception 'a version is not the next of its stream'
      using errcode = '40001', constraint = 'uq_events_stream_version';
  end if;
  insert into ledger.heads as h values (ws, many, clock_timestamp())
    on conflict (workspace_id) do update
      set seq = h.seq + many, recorded_at = greatest(h.recorded_at, clock_timestamp())
    returning h.seq - many, h.recorded_at into head, at;
  return query
    insert into ledger.events as e
    select ws, head + u.n, u.stream, u.id, u.version, u.type, u.data::json, who, request, at,
      sha256('\\x00'::bytea || convert_to(json_build_array(
        ws, head + u.n, u.stream, u.id, u.version, u.type, who, request,
        (extract(epoch from at) * 1000000)::bigint, u.data)::text, 'UTF8'))
    from unnest(streams, ids, versions, types, datas) with ordinality as u(stream, id, version, type, data, n)
    returning e.*;
end $$;
"""

# Work in the background takes the key of the request that asked for it, by request and actor.
# The key is not in the leaf, so that old and new logs are proven in one format: docs/decisions/0012.
AFTER = """
create function ledger.append(
  ws uuid, who text, request text, streams text[], ids uuid[], versions int[], types text[], datas text[],
  key uuid default null)
returns setof ledger.events language plpgsql volatile rows 1 as $$
declare
  head bigint;
  at timestamptz;
  many int := coalesce(array_length(ids, 1), 0);
  by_key uuid := coalesce(key, (
    select e.key_id from ledger.events e
    where e.workspace_id = ws and e.request_id = request and e.actor = who order by e.seq limit 1));
begin
  if many = 0 then
    raise exception 'nothing to append' using errcode = '22023';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(ws::text, 0));
  if exists (
    select from unnest(ids, versions) as u(id, v)
    where u.v > 1
      and not exists (
        select from ledger.events e where e.workspace_id = ws and e.stream_id = u.id and e.version = u.v - 1)
      and not exists (select from unnest(ids, versions) as p(id, v) where p.id = u.id and p.v = u.v - 1)
  ) or exists (select from unnest(versions) as v where v < 1) then
    raise exception 'a version is not the next of its stream'
      using errcode = '40001', constraint = 'uq_events_stream_version';
  end if;
  insert into ledger.heads as h values (ws, many, clock_timestamp())
    on conflict (workspace_id) do update
      set seq = h.seq + many, recorded_at = greatest(h.recorded_at, clock_timestamp())
    returning h.seq - many, h.recorded_at into head, at;
  return query
    insert into ledger.events as e
    select ws, head + u.n, u.stream, u.id, u.version, u.type, u.data::json, who, request, at,
      sha256('\\x00'::bytea || convert_to(json_build_array(
        ws, head + u.n, u.stream, u.id, u.version, u.type, who, request,
        (extract(epoch from at) * 1000000)::bigint, u.data)::text, 'UTF8')),
      by_key
    from unnest(streams, ids, versions, types, datas) with ordinality as u(stream, id, version, type, data, n)
    returning e.*;
end $$;
"""


def upgrade() -> None:
    op.execute("drop function ledger.append(uuid, text, text, text[], uuid[], int[], text[], text[])")
    op.execute("alter table ledger.events add column key_id uuid")
    op.execute(AFTER)


def downgrade() -> None:
    op.execute("drop function ledger.append(uuid, text, text, text[], uuid[], int[], text[], text[], uuid)")
    op.execute("alter table ledger.events drop column key_id")
    op.execute(BEFORE)
