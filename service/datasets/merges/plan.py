"""Plan a merge in one statement: the event of each example that it adds, changes or deletes, with its texts."""

import time
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, array
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.examples.domain import ExampleAdded, ExampleDeleted, ExampleMerged
from service.datasets.merges.three_way import GROUPS, MergeSides, ThreeWay
from service.ledger.tables import events, planned

EVENTS = {"add": ExampleAdded, "change": ExampleMerged, "delete": ExampleDeleted}
TEXTS = ("content", "metadata", "instruction", "replaced", "original", "first")
EMPTY: dict[str, Any] = {
    "ratings": sa.cast(sa.literal_column("'{}'"), JSONB),
    "invalid": sa.cast(sa.literal_column("'[]'"), JSONB),
    "votes": sa.cast(sa.literal_column("'[]'"), JSONB),
}
_TIMEOUT = sa.text("set local statement_timeout = '10min'")  # a plan is one statement, and reads both datasets
_HASH_JOINS = sa.text("set local enable_nestloop = off")  # statistics lag behind a fork, and both sides are large
Columns = dict[str, sa.ColumnElement[Any]]


class PlanCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many examples are added, changed, deleted; were changed on both sides; or are erased on one."""

    added: int
    changed: int
    deleted: int
    conflicts: int
    erased: int


async def store_plan(
    engine: AsyncEngine, sides: MergeSides, merge_id: UUID, *, reason: str | None, dry_run: bool
) -> PlanCounts:
    """Count what the merge does, and unless it is a dry run store its events in `ledger.planned`."""
    plan = _select_plan(ThreeWay(sides), merge_id, reason).cte("plan")
    is_event = plan.c.type.is_not(None)
    names = [column.name for column in planned.c]
    stored = sa.insert(planned).from_select(names, sa.select(*[plan.c[name] for name in names]).where(is_event))
    counts = sa.select(plan.c.action, sa.func.count()).group_by(plan.c.action)
    async with engine.begin() as connection:
        await connection.execute(_TIMEOUT)
        await connection.execute(_HASH_JOINS)
        await connection.execute(sa.delete(planned).where(planned.c.batch == merge_id, _is_in(sides.workspace_id)))
        query = counts if dry_run else counts.add_cte(stored.cte("stored"))
        by_action = {row.action: int(row[1]) for row in await connection.execute(query)}
    return PlanCounts(
        added=by_action.get("add", 0),
        changed=by_action.get("change", 0),
        deleted=by_action.get("delete", 0),
        conflicts=by_action.get("conflict", 0),
        erased=by_action.get("erased", 0),
    )


def _is_in(workspace_id: UUID) -> sa.ColumnElement[bool]:
    return planned.c.workspace_id == workspace_id


def _select_plan(three_way: ThreeWay, merge_id: UUID, reason: str | None) -> sa.Select[Any]:
    """A row for each example that is not left alone, numbered in the order of the source's examples."""
    action = three_way.action
    found = sa.select(
        action.label("action"),
        three_way.rows.c.own_id.label("own_id"),
        three_way.rows.c.their_id.label("their_id"),
        _find_version(three_way).label("before"),
        _build_added(three_way).label("added"),
        _build_merged(three_way, merge_id, reason).label("merged"),
        _list_added_texts(three_way).label("added_texts"),
        _list_merged_texts(three_way).label("merged_texts"),
    )
    rows = found.select_from(three_way.rows).where(action != "none").subquery("found")
    types = {name: kind.__name__ for name, kind in EVENTS.items()}
    type_ = sa.case(types, value=rows.c.action, else_=None)
    number = sa.func.row_number().over(partition_by=type_.is_not(None), order_by=rows.c.their_id)
    numbered = sa.select(rows, type_.label("type"), number.label("n")).subquery("numbered")
    deleted = sa.func.json_build_object("merge_id", sa.literal(merge_id, sa.Uuid), "reason", sa.cast(reason, sa.Text))
    data = sa.case({"add": numbered.c.added, "change": numbered.c.merged}, value=numbered.c.action, else_=deleted)
    no_texts = sa.cast(sa.literal_column("'{}'"), ARRAY(BYTEA))
    texts = sa.case(
        {"add": numbered.c.added_texts, "change": numbered.c.merged_texts}, value=numbered.c.action, else_=no_texts
    )
    is_added = numbered.c.action == "add"
    return sa.select(
        numbered.c.action,
        sa.literal(three_way.sides.workspace_id, sa.Uuid).label("workspace_id"),
        sa.literal(merge_id, sa.Uuid).label("batch"),
        numbered.c.n,
        sa.case((is_added, _build_id(numbered.c.n)), else_=numbered.c.own_id).label("stream_id"),
        sa.case((is_added, 1), else_=numbered.c.before + 1).label("version"),
        numbered.c.type,
        sa.cast(data, sa.Text).label("data"),
        numbered.c.their_id.label("texts_of"),
        texts.label("digests"),
    )


def _find_version(three_way: ThreeWay) -> sa.ColumnElement[int]:
    """The version of our example; a deleted one has no state that says it."""
    last = (
        sa.select(sa.func.max(events.c.version))
        .where(events.c.workspace_id == three_way.sides.workspace_id, events.c.stream_id == three_way.rows.c.own_id)
        .scalar_subquery()
    )
    return sa.case((three_way.ours.is_there, three_way.ours["version"]), else_=last)


def _build_added(three_way: ThreeWay) -> sa.ColumnElement[Any]:
    theirs, sides = three_way.theirs, three_way.sides
    origin = sa.func.jsonb_build_object(
        *("dataset_id", sa.literal(sides.theirs.dataset_id, sa.Uuid), "example_id", theirs["example_id"]),
        *("version", theirs["version"], "root_id", three_way.rows.c.root),
    )
    columns: Columns = {
        "dataset_id": sa.literal(sides.ours.dataset_id, sa.Uuid),
        "source": theirs["source"].op("||")(sa.func.jsonb_build_object("copy", origin)),
        "external_id": theirs["external_id"],
        "original": _hex(theirs["original"]),
        "first": _find_first_text(three_way),
    }
    columns |= {name: _as_json(name, theirs[name]) for names in GROUPS.values() for name in names}
    return _build_object(columns)


def _find_first_text(three_way: ThreeWay) -> sa.ColumnElement[str | None]:
    """The digest of the text by which an import knows the row again: that which it first had."""
    added = events.c.data
    first = (
        sa.select(
            sa.func.coalesce(
                *[added.op("->>")(sa.literal_column(f"'{name}'")) for name in ("first", "content")], type_=sa.Text
            )
        )
        .where(
            events.c.workspace_id == three_way.sides.workspace_id,
            events.c.stream_id == three_way.theirs["example_id"],
            events.c.version == 1,
        )
        .scalar_subquery()
    )
    return sa.case((three_way.theirs["fingerprint"].is_not(None), first))


def _build_merged(three_way: ThreeWay, merge_id: UUID, reason: str | None) -> sa.ColumnElement[Any]:
    columns: Columns = {
        "merge_id": sa.literal(merge_id, sa.Uuid),
        "source_id": three_way.rows.c.their_id,
        "source_version": sa.func.coalesce(three_way.theirs["version"], 0),
        "reason": sa.cast(reason, sa.Text),
    }
    row = three_way.rows.c
    is_given = sa.func.coalesce(three_way.take == "content", sa.false())
    given: Columns = {"content": row.given_content, "ratings": EMPTY["ratings"]}
    given |= {name: sa.null() for name in ("score", "replaced", "instruction")}
    given |= {name: row[f"given_{name}"] for name in ("invalid", "task_version", "unanswered")}
    for group, names in GROUPS.items():
        for name in names:
            merged = sa.case((three_way.comes_over(group), three_way.theirs[name]), else_=three_way.ours[name])
            columns[name] = _as_json(name, merged)
            if name in given:
                columns[name] = sa.case((is_given, given[name]), else_=columns[name])
    return _build_object(columns)


def _list_added_texts(three_way: ThreeWay) -> sa.ColumnElement[Any]:
    first = sa.func.decode(_find_first_text(three_way), sa.literal_column("'hex'"), type_=BYTEA)
    digests = [first if name == "first" else three_way.theirs[name] for name in TEXTS]
    return _build_array(digests)


def _list_merged_texts(three_way: ThreeWay) -> sa.ColumnElement[Any]:
    digests = [
        sa.case((three_way.comes_over(group), three_way.theirs[name]))
        for group, names in GROUPS.items()
        for name in names
        if name in TEXTS
    ]
    return _build_array(digests)


def _build_array(digests: list[Any]) -> sa.ColumnElement[Any]:
    return sa.func.array_remove(array(digests, type_=BYTEA), sa.null(), type_=ARRAY(BYTEA))


def _as_json(name: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column of a state as it stands in an event: digests in hex, and no null for what is empty."""
    if name in ("content", "metadata", "instruction", "replaced"):
        return _hex(column)
    return sa.func.coalesce(column, EMPTY[name]) if name in EMPTY else column


def _hex(digest: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.func.encode(digest, sa.literal_column("'hex'"), type_=sa.Text)


def _build_object(columns: Columns) -> sa.ColumnElement[Any]:
    return sa.func.json_build_object(*[part for name, column in columns.items() for part in (name, column)])


def _build_id(number: sa.ColumnElement[int]) -> sa.ColumnElement[Any]:
    """A UUIDv7 for each number, in their order: 4,096 of them have the same millisecond."""
    now = sa.cast(time.time_ns() // 1_000_000, sa.BigInteger)
    random = sa.func.replace(sa.cast(sa.func.gen_random_uuid(), sa.Text), "-", "")
    text = sa.func.concat(
        sa.func.lpad(sa.func.to_hex(now + number.op("/")(4096)), 12, "0"),
        "7",
        sa.func.lpad(sa.func.to_hex(number % 4096), 3, "0"),
        sa.func.substr(random, 17),  # the variant, and 62 random bits less 2
    )
    return sa.cast(text, sa.Uuid)
