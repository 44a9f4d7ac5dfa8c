"""The roles of the API and the worker: `migrate` makes them and gives them the least they need, each time it runs.

A new table needs nothing here: rows of it may be read and written. What may be less is in LESS.
"""

import msgspec
import structlog
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.database.engine import API_ROLE, WORKER_ROLE

ALL = "select, insert, update, delete"
# (schema, table) to what the API and the worker may do with its rows. The schema None is the one of the read tables.
LESS: dict[tuple[str | None, str], tuple[str, str]] = {
    (None, "alembic_version"): ("select", "select"),
    ("ledger", "heads"): ("select, insert, update", "select, insert, update"),
    ("ledger", "events"): ("select, insert", "select, insert"),
    ("ledger", "contents"): ("select, insert, delete", "select, insert, delete"),
    ("ledger", "checkpoints"): ("select", "select, insert"),
    ("ledger", "tiles"): ("select", "select, insert"),
    ("ledger", "subtrees"): ("select", "select, insert"),
    ("ledger", "signers"): ("select", ALL),
}
FUNCTIONS = {
    "telemetry.create_month(timestamptz)": (API_ROLE, WORKER_ROLE),
    "telemetry.drop_month(timestamptz)": (WORKER_ROLE,),
    "ledger.delete_workspace_rows(uuid,regclass,int)": (API_ROLE, WORKER_ROLE),
    "ledger.empty_staged(uuid,uuid)": (WORKER_ROLE,),
}
OWNS = (
    "select exists (select from pg_namespace where nspname = 'ledger' and pg_has_role(current_user, nspowner, 'USAGE'))"
)
# They have no password, so nobody logs in as them by one until the operator gives them some.
CREATE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then
    create role {role} login;
  end if;
exception when duplicate_object or unique_violation then null; -- another database's migration was first
end $$;
"""
# The owner takes the roles on while it serves. A superuser may do so anyway.
JOIN = """
do $$ begin
  if not pg_has_role(current_user, '{role}',
      case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) then
    execute format('grant {role} to %I', current_user);
  end if;
end $$;
"""
MISSING = "select count(*) < 2 from pg_roles where rolname = any($1)"
SCHEMAS = """
select quote_ident(nspname) from pg_namespace where nspname in ('ledger', 'telemetry', current_schema()) order by 1
"""
# Ours are the tables of the log's owner: the schema of the read tables may be shared with others.
TABLES = """
select n.nspname, n.nspname = current_schema() as of_reads, c.relname,
  format('%I.%I', n.nspname, c.relname) as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname in ('ledger', 'telemetry', current_schema())
  and c.relowner = (select nspowner from pg_namespace where nspname = 'ledger')
order by 1, 3
"""
log = structlog.get_logger(__name__)


class DatabaseUrls(msgspec.Struct, frozen=True, kw_only=True):
    """URLs of one database: `owner` may change its tables, `api` and `worker` need no more than their roles may."""

    owner: str
    api: str
    worker: str


async def grant_rights(connection: AsyncConnection) -> None:
    """Make the roles, and give them their rights on what there is now and on tables that come later.

    Does nothing for a login that does not own the log. Where it may not create roles, all is served with its rights.
    """
    if not (await connection.exec_driver_sql(OWNS)).scalar_one():
        await connection.rollback()
        return
    for step in (CREATE, JOIN):
        for role in (API_ROLE, WORKER_ROLE):
            await _try(connection, step.format(role=role))
    if (await connection.exec_driver_sql(MISSING, ([API_ROLE, WORKER_ROLE],))).scalar_one():
        log.warning("no_roles", why="the login may not create roles: API and worker keep the owner's rights")
        await connection.rollback()
        return
    for statement in await _build_grants(connection):
        await connection.exec_driver_sql(statement)
    await connection.commit()


async def _try(connection: AsyncConnection, statement: str) -> None:
    try:
        async with connection.begin_nested():
            await connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        log.warning("role_not_set_up", error=str(error.orig)[:300])


async def _build_grants(connection: AsyncConnection) -> list[str]:
    both = f"{API_ROLE}, {WORKER_ROLE}"
    statements = []
    for schema in (await connection.exec_driver_sql(SCHEMAS)).scalars():
        statements += [
            f"grant usage on schema {schema} to {both}",
            f"alter default privileges in schema {schema} grant {ALL} on tables to {both}",
        ]
    for row in (await connection.exec_driver_sql(TABLES)).all():
        rights = LESS.get((None if row.of_reads else row.nspname, row.relname), (ALL, ALL))
        statements.append(f"revoke all on {row.name} from {both}")
        statements += [
            f"grant {may} on {row.name} to {role}" for role, may in zip((API_ROLE, WORKER_ROLE), rights, strict=True)
        ]
    for name, roles in FUNCTIONS.items():
        if (await connection.exec_driver_sql("select to_regprocedure($1) is not null", (name,))).scalar_one():
            statements.append(f"grant execute on function {name} to {', '.join(roles)}")
    return statements
