"""The check that all statements of a request are bound to its caller's workspace, on holes made on purpose."""

from uuid import UUID

import httpx
import pytest
from litestar import Litestar, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.database.rows import fetch_all
from tests.http_client import client
from tests.tenant_bounds import find_bounds
from tests.tenant_wall import HOLES, find_holes

BOUND = """
select * from examples where workspace_id = $1;
select * from examples where $1::uuid = workspace_id and (id = $2 or id = $3);
select * from examples e join datasets d on (d.workspace_id, d.id) = (e.workspace_id, e.dataset_id)
    where d.workspace_id = $1::uuid;
select * from examples e left join datasets d using (workspace_id) where e.workspace_id = $1;
select exists (select from examples e where e.workspace_id = d.workspace_id) from datasets d where workspace_id = $1;
select * from datasets d cross join lateral (select from examples e where e.workspace_id = d.workspace_id) x
    where d.workspace_id = $1;
select * from unnest($1::uuid[], $2::uuid[]) u(ws, id) join examples e on e.workspace_id = u.ws and e.id = u.id;
update examples set tags = $2 where workspace_id = $1 and id in (select id from datasets where workspace_id = $1);
delete from examples using datasets d where examples.workspace_id = d.workspace_id and d.workspace_id = $1;
insert into examples (workspace_id, id) values ($1, $2), ($1, $3) on conflict (workspace_id, id) do nothing;
with a as (select workspace_id from ledger.append($1,$2) as t(workspace_id uuid)),
    p as (insert into datasets (workspace_id, id) select a.workspace_id, $3 from a returning workspace_id)
    select count(*) from a join p using (workspace_id) join models m on m.workspace_id = p.workspace_id;
with recursive r as (select workspace_id, id from models where workspace_id = $1
    union all select m.workspace_id, m.id from models m join r on m.workspace_id = r.workspace_id) select * from r;
select * from datasets d left join (select id from examples where false) e on e.id = d.id where d.workspace_id = $1;
select * from pg_class
"""
# Each begins with the table that it leaves open.
OPEN = """
examples: select * from examples where id = $1;
examples: select * from examples where workspace_id = $1 or id = $2;
examples: select * from examples where workspace_id <> $1;
examples: select * from examples where not workspace_id = $1;
examples: select * from examples where workspace_id = workspace_id;
examples: select * from examples where workspace_id = '01a22c7b-850f-7053-984d-a4e6b2b5e447';
examples: select * from examples e join datasets d on d.id = e.dataset_id where d.workspace_id = $1;
examples: select * from examples e, datasets d where d.workspace_id = $1;
datasets: select * from datasets d left join examples e on d.workspace_id = $1 and e.workspace_id = $1;
examples: select * from examples a join examples b on a.workspace_id = b.workspace_id;
examples: select * from datasets where workspace_id = $1 and exists (select from examples where id = $2);
datasets: select * from datasets d where not exists (
    select from models m where m.workspace_id = $1 and m.workspace_id = d.workspace_id);
examples: select (select count(*) from examples) from datasets where workspace_id = $1;
examples: select id from datasets where workspace_id = $1 union select id from examples;
examples: with a as (select * from examples) select * from a where workspace_id = $1;
ledger.events: select * from datasets where workspace_id = $1 order by (select max(seq) from ledger.events);
examples: update examples set tags = $2 where id = $1;
examples: update examples set tags = $2 from datasets d where d.id = dataset_id and d.workspace_id = $1;
examples: delete from examples using datasets d where d.id = dataset_id and d.workspace_id = $1;
examples: insert into examples (id) values ($1);
examples: insert into datasets (workspace_id, id) select $1, id from examples;
examples: with d as (delete from examples where id = $1 returning id) select * from d;
models: with recursive r as (select workspace_id, id from models where workspace_id = $1
    union all select m.workspace_id, m.id from models m join r on m.id = r.id) select * from r
"""


@pytest.mark.parametrize("statement", BOUND.split(";"))
def test_what_is_bound_is_let_through(statement: str) -> None:
    bounds = find_bounds(statement)
    assert (bounds.unbound, bounds.parameters <= {1}) == ((), True)


@pytest.mark.parametrize("line", OPEN.split(";"))
def test_a_hole_is_found(line: str) -> None:
    table, _, statement = line.strip().partition(": ")
    assert find_bounds(statement).unbound == (table,)


def test_a_statement_bound_to_another_workspace_is_found() -> None:
    mine, other = new_id(), new_id()
    statement = "select * from examples where id = $1 and workspace_id = $2"
    assert list(find_holes(statement, [(new_id(), mine)], workspaces={str(mine)})) == []
    [hole] = find_holes(statement, [(new_id(), other)], workspaces={str(mine)})
    assert str(other) in hole
    many = "select e.id from unnest($1::uuid[]) u(ws) join examples e on e.workspace_id = u.ws"
    assert list(find_holes(many, [([mine, other],)], workspaces={str(mine)}))


def test_a_statement_that_cannot_be_read_is_told() -> None:
    [hole] = find_holes("select from where (", [()], workspaces=set())
    assert hole.startswith("sqlglot cannot read it")


async def test_a_request_that_reads_over_the_wall_is_caught(engine: AsyncEngine, api: httpx.AsyncClient) -> None:
    @get("/leak/{example_id:uuid}")
    async def leak(example_id: FromPath[UUID]) -> int:
        return len(await fetch_all(engine, "select id from examples where id = $1", (example_id,)))

    async with client(Litestar([leak]), None) as anyone:
        assert (await anyone.get(f"/leak/{new_id()}")).json() == 0
    found = list(HOLES)
    HOLES.clear()  # or this very test would fail
    assert [hole.splitlines()[0] for hole in found] == ["examples: not bound to a workspace in"]
    assert (await api.get("/v1/datasets")).status_code == 200
    assert HOLES == []
