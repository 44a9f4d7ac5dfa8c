"""Find the tables of tenants that a statement reads or writes without binding them to a workspace.

Sound, not complete: what it cannot follow counts as unbound. A column is bound when it must equal a value that came
with the statement: by equality in a condition, by what a subquery gives, or by the rows that an INSERT takes.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlglot
from sqlglot import exp

import service.composition  # noqa: F401 - defines all tables
from service.database.engine import metadata

WORKSPACE = "workspace_id"
# Their columns, by name as statements write it.
COLUMNS = {
    (table.schema or "", table.name): frozenset(column.name for column in table.columns)
    for table in metadata.tables.values()
}
TENANT_TABLES = frozenset(name for name, columns in COLUMNS.items() if WORKSPACE in columns)
# The function gives rows of the workspace that is its first argument.
ROWS_OF_FIRST_ARGUMENT = {"ledger.append"}

PARAMETER = re.compile(r"\$(\d+)")  # read as the quote $1,$ otherwise

Node = int
Columns = dict[str, Node]
Selected = list[tuple[str, Node | None]]  # what a query selects: each name, and its node where one is known


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The tables that nothing bounds, and the parameters ($1 is 1) that bound the others."""

    unbound: tuple[str, ...]
    parameters: frozenset[int]


class Source(msgspec.Struct, frozen=True):
    """What a FROM names: its columns, or None where every name is one of its columns."""

    alias: str
    columns: Columns
    names: frozenset[str] | None
    make: Callable[[], Node]

    def find(self, name: str) -> Node | None:
        if name not in self.columns:
            if self.names is not None and name not in self.names:
                return None
            self.columns[name] = self.make()
        return self.columns[name]


class Scope(msgspec.Struct):
    """What a query's columns may name: its sources, then those of the query around it; and its CTEs."""

    ctes: dict[str, tuple[Columns, frozenset[str]]]
    outer: "Scope | None" = None
    sources: list[Source] = []


@lru_cache(maxsize=10_000)
def find_bounds(sql: str) -> Bounds:
    """Parse a statement of Postgres and say which tables of tenants no workspace bounds. Raises SqlglotError."""
    return _Statement().check(sqlglot.parse_one(PARAMETER.sub(r":p\1", sql), dialect="postgres"))


class _Statement:
    """Which column implies which: `implied[n]` has sets of nodes; when all of one are bound, so is n."""

    def __init__(self) -> None:
        self._new = itertools.count()
        self._implied: dict[Node, list[frozenset[Node]]] = {}
        self._parameters: dict[Node, int] = {}
        self._tables: list[tuple[str, Node]] = []

    def check(self, statement: exp.Expr) -> Bounds:
        self._query(statement, Scope({}))
        bound = self._find_bound()
        return Bounds(
            unbound=tuple(sorted({name for name, node in self._tables if node not in bound})),
            parameters=frozenset().union(*(bound[node] for _, node in self._tables if node in bound)),
        )

    def _find_bound(self) -> dict[Node, frozenset[int]]:
        """Find all bound nodes, each with the parameters that it equals."""
        bound = {node: frozenset({number}) for node, number in self._parameters.items()}
        size = -1
        while size < len(bound):
            size = len(bound)
            for node, alternatives in self._implied.items():
                known = next((sources for sources in alternatives if sources and sources <= bound.keys()), None)
                if node not in bound and known is not None:
                    bound[node] = frozenset().union(*(bound[source] for source in known))
        return bound

    # Nodes

    def _node(self) -> Node:
        return next(self._new)

    def _imply(self, node: Node, *sources: Node) -> None:
        self._implied.setdefault(node, []).append(frozenset(sources))

    def _parameter(self, number: int) -> Node:
        node = self._node()
        self._parameters[node] = number
        return node

    # Queries: each gives the columns that it selects

    def _query(self, query: exp.Expr | None, scope: Scope) -> Selected:  # noqa: PLR0911 - a case for each kind
        if query is None:
            return []
        if isinstance(query, (exp.Subquery, exp.Paren)):
            inner = self._with(query, scope)
            return self._query(query.this, inner)
        inner = self._with(query, scope)
        match query:
            case exp.SetOperation():
                return self._union(query, inner)
            case exp.Select():
                return self._select(query, inner)
            case exp.Insert():
                return self._insert(query, inner)
            case exp.Update():
                return self._change(query, query.args.get("from_"), inner)
            case exp.Delete():
                return self._change(query, query.args.get("using"), inner)
            case exp.Values():
                return self._values(query, inner)
            case _:
                for nested in query.find_all(exp.Query):
                    self._query(nested, inner)
                return []

    def _with(self, query: exp.Expr, scope: Scope) -> Scope:
        inner = Scope(dict(scope.ctes), outer=scope.outer, sources=[])
        inner.outer = scope if scope.sources else scope.outer
        with_ = query.args.get("with_")
        for cte in with_.expressions if with_ else []:
            name, names = cte.alias, _list_names(cte)
            if with_ is not None and with_.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                selected = self._recursive(cte.this, name, names, inner)
            else:
                selected = self._query(cte.this, inner)
            inner.ctes[name] = self._as_columns(selected, names)
        return inner

    def _recursive(self, union: exp.SetOperation, name: str, names: Sequence[str], scope: Scope) -> Selected:
        """The rows of each step come from rows that are there: bound, when the first are and a step keeps it."""
        first = self._query(union.this, scope)
        scope.ctes[name] = self._as_columns(first, names)
        step = self._query(union.expression, scope)
        return self._both(first, step)

    def _as_columns(self, selected: Selected, names: Sequence[str]) -> tuple[Columns, frozenset[str]]:
        """What a query around it may name. That is bound by what is inside, and never the other way round."""
        columns: Columns = {}
        for at, (name, node) in enumerate(selected):
            named = names[at] if at < len(names) else name
            columns[named] = self._node()
            if node is not None:
                self._imply(columns[named], node)
        return columns, frozenset(columns)

    def _union(self, union: exp.SetOperation, scope: Scope) -> Selected:
        return self._both(self._query(union.this, scope), self._query(union.expression, scope))

    def _both(self, first: Selected, second: Selected) -> Selected:
        selected: Selected = []
        for (name, left), (_, right) in zip(first, second, strict=False):
            node = None
            if left is not None and right is not None:
                node = self._node()
                self._imply(node, left, right)
            selected.append((name, node))
        return selected

    def _select(self, select: exp.Select, scope: Scope) -> Selected:
        before = len(self._tables)
        self._from(select, select.args.get("from_"), scope)
        self._condition(select.args.get("where"), scope)
        if any(isinstance(part, exp.Boolean) and not part.this for part in _conjuncts(select.args.get("where"))):
            del self._tables[before:]  # WHERE false reads nothing
        for part in ("expressions", "group", "having", "order", "qualify", "limit", "offset", "distinct", "windows"):
            self._nested(select.args.get(part), scope)
        return self._projections(select.expressions, scope)

    def _projections(self, expressions: Iterable[exp.Expr], scope: Scope) -> Selected:
        selected: Selected = []
        for each in expressions:
            if isinstance(each, exp.Star) or (isinstance(each, exp.Column) and isinstance(each.this, exp.Star)):
                wanted = each.table if isinstance(each, exp.Column) else None
                for source in scope.sources:
                    if wanted in (None, source.alias):
                        names = source.names if source.names is not None else source.columns
                        selected += [(name, source.find(name)) for name in sorted(names)]
            else:
                selected.append((each.alias_or_name, self._value(each, scope)))
        return selected

    def _values(self, values: exp.Values, scope: Scope) -> Selected:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
        selected: Selected = []
        for at in range(len(rows[0])):
            cells = [self._value(row[at], scope) for row in rows]
            node = None
            if all(cell is not None for cell in cells):
                node = self._node()
                self._imply(node, *(cell for cell in cells if cell is not None))
            selected.append((f"column{at + 1}", node))
        return selected

    # Changes

    def _insert(self, insert: exp.Insert, scope: Scope) -> Selected:
        schema = insert.this
        table = schema.this if isinstance(schema, exp.Schema) else schema
        names = [column.name for column in schema.expressions] if isinstance(schema, exp.Schema) else []
        selected = self._query(insert.expression, scope)
        source = self._table(table, scope)
        for name, (_, node) in zip(names, selected, strict=False):
            if node is not None and (target := source.find(name)) is not None:
                self._imply(target, node)
        excluded = Source("excluded", dict(source.columns), source.names, self._node)
        scope.sources = [source, excluded]
        self._nested(insert.args.get("conflict"), scope)
        return self._returning(insert, scope)

    def _change(self, change: exp.Expr, others: Any, scope: Scope) -> Selected:
        scope.sources = [self._table(change.this, scope)]
        for other in others if isinstance(others, list) else [others] if others else []:
            self._from(change, other, scope)
        self._condition(change.args.get("where"), scope)
        self._nested(change.expressions, scope)
        return self._returning(change, scope)

    def _returning(self, change: exp.Expr, scope: Scope) -> Selected:
        returning = change.args.get("returning")
        return self._projections(returning.expressions, scope) if returning else []

    # Sources

    def _from(self, query: exp.Expr, from_: exp.Expr | None, scope: Scope) -> None:
        first = from_.this if isinstance(from_, exp.From) else from_
        if first is None:
            return
        scope.sources = [*scope.sources, self._source(first, scope)]
        joins = [
            *(first.args.get("joins") or []),
            *(query.args.get("joins") or []),
            *(first.args.get("laterals") or []),
        ]
        for join in joins:
            self._join(join, scope)
        for lateral in query.args.get("laterals") or []:
            scope.sources = [*scope.sources, self._source(lateral, scope)]

    def _join(self, join: exp.Expr, scope: Scope) -> None:
        if not isinstance(join, exp.Join):
            scope.sources = [*scope.sources, self._source(join, scope)]
            return
        before, source = list(scope.sources), self._source(join.this, scope)
        scope.sources = [*before, source]
        for nested in join.this.args.get("joins") or []:
            self._join(nested, scope)
        for column in join.args.get("using") or []:
            right = source.find(column.name)
            left = next((found for each in before if (found := each.find(column.name)) is not None), None)
            if left is not None and right is not None:
                self._imply(right, left)
                if not join.side:
                    self._imply(left, right)
        # A row of an outer join is there although nothing fits it: the condition says nothing of that side.
        only = {"LEFT": [source], "RIGHT": before, "FULL": []}.get(join.side)
        self._condition(join.args.get("on"), scope, only=only)

    def _source(self, source: exp.Expr, scope: Scope) -> Source:  # noqa: PLR0911 - a case for each kind
        names = _list_names(source)
        match source:
            case exp.Table() if isinstance(source.this, exp.Identifier):
                return self._table(source, scope)
            case exp.Subquery():
                columns, known = self._as_columns(self._query(source, scope), names)
                return Source(source.alias, columns, known, self._node)
            case exp.Lateral():
                if isinstance(source.this, exp.Subquery):
                    columns, known = self._as_columns(self._query(source.this, scope), names)
                    return Source(source.alias, columns, known, self._node)
                return self._function(source.this, source.alias, names, scope)
            case exp.Values():
                columns, known = self._as_columns(self._values(source, scope), names)
                return Source(source.alias, columns, known, self._node)
            case exp.Unnest():
                return self._unnest(source, names, scope)
            case _:
                return self._function(source, source.alias or source.name, names, scope)

    def _unnest(self, source: exp.Unnest, names: Sequence[str], scope: Scope) -> Source:
        columns: Columns = {}
        for name, argument in zip(names, source.expressions, strict=False):
            if (node := self._value(argument, scope)) is not None:
                columns[name] = node
        return Source(source.alias, columns, frozenset(names) or None, self._node)

    def _function(self, source: exp.Expr, alias: str, names: Sequence[str], scope: Scope) -> Source:
        """A function's rows. Those made of a parameter come with the statement."""
        call = source.this if isinstance(source, exp.Table) else source
        found = Source(alias or call.name, {}, frozenset(names) or None, self._node)
        self._nested(call, scope)
        arguments = call.expressions if isinstance(call, exp.Anonymous) else [call.this, *call.expressions]
        first = next((each for each in arguments if isinstance(each, exp.Expr)), None)
        is_append = f"{source.text('db')}.{call.name}" in ROWS_OF_FIRST_ARGUMENT
        if first is not None and (is_append or call.find(exp.Column, exp.Query) is None):
            argument, target = self._value(first, scope), found.find(WORKSPACE)
            if argument is not None and target is not None:
                self._imply(target, argument)
        return found

    def _table(self, table: exp.Expr, scope: Scope) -> Source:
        schema = table.args["db"].name if table.args.get("db") else ""
        if not schema and table.name in scope.ctes:
            columns, names = scope.ctes[table.name]
            given: Columns = {each: self._node() for each in columns}
            for each, inner in columns.items():
                self._imply(given[each], inner)
            return Source(table.alias_or_name, given, names, self._node)
        name = (schema, table.name)
        source = Source(table.alias_or_name, {}, COLUMNS.get(name), self._node)
        if name in TENANT_TABLES:
            node = source.find(WORKSPACE)
            assert node is not None
            self._tables.append((".".join(filter(None, name)), node))
        return source

    # Conditions

    def _condition(self, condition: exp.Expr | None, scope: Scope, *, only: Sequence[Source] | None = None) -> None:
        self._nested(condition, scope)
        for part in _conjuncts(condition):
            match part:
                case exp.EQ(this=exp.Tuple() as left, expression=exp.Tuple() as right):
                    for pair in zip(left.expressions, right.expressions, strict=False):
                        self._equal(*pair, scope, only=only)
                case exp.EQ():
                    self._equal(part.this, part.expression, scope, only=only)
                case exp.In():
                    self._among(part, scope, only=only)

    def _equal(self, left: exp.Expr, right: exp.Expr, scope: Scope, *, only: Sequence[Source] | None) -> None:
        for one, other in ((left, right), (right, left)):
            target = self._own_column(one, scope, only=only)
            source = self._value(_unwrap_any(other), scope)
            if target is not None and source is not None:
                self._imply(target, source)

    def _among(self, part: exp.In, scope: Scope, *, only: Sequence[Source] | None) -> None:
        targets = part.this.expressions if isinstance(part.this, exp.Tuple) else [part.this]
        query = part.args.get("query")
        if query is not None:
            for one, (_, source) in zip(targets, self._query(query, scope), strict=False):
                target = self._own_column(one, scope, only=only)
                if target is not None and source is not None:
                    self._imply(target, source)
        elif len(targets) == 1 and (target := self._own_column(targets[0], scope, only=only)) is not None:
            sources = [self._value(each, scope) for each in part.expressions]
            if sources and all(source is not None for source in sources):
                self._imply(target, *(source for source in sources if source is not None))

    def _own_column(self, value: exp.Expr, scope: Scope, *, only: Sequence[Source] | None) -> Node | None:
        """The node of a column of this query's own sources; a subquery's condition bounds nothing around it."""
        value = _unwrap(value)
        if not isinstance(value, exp.Column):
            return None
        found = self._find_source(value, scope)
        return found.find(value.name) if found is not None and (only is None or found in only) else None

    def _find_source(self, column: exp.Column, scope: Scope) -> Source | None:
        if column.table:
            return next((source for source in reversed(scope.sources) if source.alias == column.table), None)
        known = [source for source in scope.sources if source.names is not None and column.name in source.names]
        if known:
            return known[0] if len(known) == 1 or known[1].alias == "excluded" else None
        return scope.sources[0] if len(scope.sources) == 1 and scope.sources[0].names is None else None

    def _value(self, value: exp.Expr, scope: Scope) -> Node | None:
        """The node of a value; None for one that nothing is known of."""
        value = _unwrap(value)
        match value:
            case exp.Placeholder():
                return self._parameter(int(value.name[1:]))
            case exp.Column():
                around: Scope | None = scope
                while around is not None:
                    if (source := self._find_source(value, around)) is not None:
                        return source.find(value.name)
                    around = around.outer
                return None
            case exp.Subquery():
                selected = self._query(value, scope)
                return selected[0][1] if len(selected) == 1 else None
            case exp.Min() | exp.Max() | exp.AnyValue():
                return self._value(value.this, scope)
            case _:
                return None

    def _nested(self, part: Any, scope: Scope) -> None:
        """Check the subqueries of an expression, which may name this query's sources."""
        for each in part if isinstance(part, list) else [part]:
            if isinstance(each, exp.Expr):
                for query in _outermost_queries(each):
                    self._query(query, scope)


def _outermost_queries(part: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(part, (exp.Query, exp.DML)):
        yield part
        return
    for child in part.iter_expressions():
        yield from _outermost_queries(child)


def _conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    match condition:
        case exp.Where() | exp.Paren():
            yield from _conjuncts(condition.this)
        case exp.And():
            yield from _conjuncts(condition.this)
            yield from _conjuncts(condition.expression)
        case exp.Expr():
            yield condition


def _list_names(source: exp.Expr) -> list[str]:
    """The names that an alias gives to columns: of t(a, b), a and b."""
    alias = source.args.get("alias")
    return [column.name for column in alias.args.get("columns") or []] if alias else []


def _unwrap(value: exp.Expr) -> exp.Expr:
    while isinstance(value, (exp.Cast, exp.Paren, exp.Alias)):
        value = value.this
    return value


def _unwrap_any(value: exp.Expr) -> exp.Expr:
    return _unwrap(value.this) if isinstance(value, exp.Any) else value
