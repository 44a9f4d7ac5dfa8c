"""The ledger: events, their one way in, and what is kept beside them."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
create schema ledger;

create table ledger.heads (
  workspace_id uuid primary key, seq bigint not null, recorded_at timestamptz not null
) with (fillfactor = 50);

create table ledger.events (
  workspace_id uuid not null, seq bigint not null, stream text not null, stream_id uuid not null, version int not null,
  type text not null, data json not null, actor text not null, request_id text not null,
  recorded_at timestamptz not null, leaf bytea not null,
  constraint pk_events primary key (workspace_id, seq),
  constraint uq_events_stream_version unique (workspace_id, stream_id, version)
);

-- What people wrote, beside the log and not in it: deleting rows here is how a person's text is erased.
create table ledger.contents (
  workspace_id uuid not null, subject uuid not null, digest bytea not null, salt bytea not null, body bytea not null,
  constraint pk_contents primary key (workspace_id, subject, digest)
);

create table ledger.secrets (
  workspace_id uuid not null, id uuid not null, value bytea not null,
  constraint pk_secrets primary key (workspace_id, id)
);
create index ix_secrets_value on ledger.secrets using hash (value);

create table ledger.answers (
  workspace_id uuid not null, route text not null, key text not null, fingerprint bytea not null, token uuid not null,
  claimed_at timestamptz not null default clock_timestamp(), status smallint, headers json, body bytea,
  constraint pk_answers primary key (workspace_id, route, key)
);
create index ix_answers_claimed_at on ledger.answers (claimed_at);

create table ledger.readers (
  name text not null, workspace_id uuid not null, seq bigint not null, stopped_because text,
  updated_at timestamptz not null default clock_timestamp(),
  constraint pk_readers primary key (name, workspace_id)
);

-- Who works on what at the moment. A lease that runs out is how a killed worker's work is found again.
create table ledger.leases (
  workspace_id uuid not null, kind text not null, id uuid not null, owner uuid, leased_until timestamptz not null,
  due_at timestamptz not null, attempts int not null default 0, last_error text,
  constraint pk_leases primary key (workspace_id, kind, id)
);

-- Rows of an import on their way in. Unlogged: a crash of Postgres empties it, and the import then fails cleanly.
create unlogged table ledger.staged (
  workspace_id uuid not null, batch uuid not null, n bigint not null, stream_id uuid not null, data text not null,
  key text, salt bytea not null, digests bytea[] not null, bodies bytea[] not null,
  constraint pk_staged primary key (workspace_id, batch, n)
);
"""

APPEND = """
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

-- Completes the idempotency record of a request inside the statement that makes its change.
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

-- The last seq recorded at or before a moment; 0 when there was none. recorded_at never falls, so halving finds it.
create function ledger.seq_at(ws uuid, moment timestamptz) returns bigint language plpgsql stable as $$
declare
  low bigint := 0;
  high bigint := coalesce((select h.seq from ledger.heads h where h.workspace_id = ws), 0);
  middle bigint;
begin
  while low < high loop
    middle := (low + high + 1) / 2;
    if (select e.recorded_at from ledger.events e where e.workspace_id = ws and e.seq = middle) <= moment then
      low := middle;
    else
      high := middle - 1;
    end if;
  end loop;
  return low;
end $$;

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.events is append-only: % refused', tg_op using errcode = '42501';
end $$;
create trigger events_append_only before update or delete or truncate on ledger.events
  for each statement execute function ledger.refuse_change();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(APPEND)


def downgrade() -> None:
    op.execute("drop schema ledger cascade")
