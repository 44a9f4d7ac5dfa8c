"""Append the events of several writers in one statement, each with its own actor, request and key."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# As ledger.append, but for the envelope, which each event has of its own.
UPGRADE = """
create function ledger.append_each(
  ws uuid, whos text[], requests text[], keys uuid[],
  streams text[], ids uuid[], versions int[], types text[], datas text[])
returns setof ledger.events language plpgsql volatile rows 1 as $$
declare
  head bigint;
  at timestamptz;
  many int := coalesce(array_length(ids, 1), 0);
  by_keys uuid[] := keys;
begin
  if many = 0 then
    raise exception 'nothing to append' using errcode = '22023';
  end if;
  if array_position(keys, null) is not null then
    select array_agg(coalesce(u.key, k.key_id) order by u.n) into by_keys
    from unnest(whos, requests, keys) with ordinality as u(who, request, key, n)
    left join (
      select d.who, d.request, (
        select e.key_id from ledger.events e
        where e.workspace_id = ws and e.request_id = d.request and e.actor = d.who order by e.seq limit 1) as key_id
      from (select distinct who, request from unnest(whos, requests) as a(who, request)) d
    ) k on k.who = u.who and k.request = u.request;
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
    select ws, head + u.n, u.stream, u.id, u.version, u.type, u.data::json, u.who, u.request, at,
      sha256('\\x00'::bytea || convert_to(json_build_array(
        ws, head + u.n, u.stream, u.id, u.version, u.type, u.who, u.request,
        (extract(epoch from at) * 1000000)::bigint, u.data)::text, 'UTF8')),
      u.key
    from unnest(whos, requests, by_keys, streams, ids, versions, types, datas)
      with ordinality as u(who, request, key, stream, id, version, type, data, n)
    returning e.*;
end $$;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("drop function ledger.append_each(uuid, text[], text[], uuid[], text[], uuid[], int[], text[], text[])")
