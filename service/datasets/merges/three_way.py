"""Compare both sides of a merge with what they had in common: what comes over, and what both sides changed."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Selection
from service.datasets.merges.domain import Decision, Side
from service.ledger.tables import contents

Group = Literal["answer", "tags", "metadata", "split"]
# Fields that are taken together: ratings and labels are about the answer that they stand beside.
GROUPS: dict[Group, tuple[str, ...]] = {
    "answer": (
        "content",
        "ratings",
        "score",
        "replaced",
        "instruction",
        "invalid",
        "label",
        "votes",
        "task_version",
        "unanswered",
    ),
    "tags": ("tags",),
    "metadata": ("metadata",),
    "split": ("split",),
}
COMPARED: dict[Group, tuple[str, ...]] = {**GROUPS, "answer": ("content", "ratings", "replaced", "label")}
NOTHING = UUID(int=0)  # no dataset
GIVEN = ("content", "invalid", "task_version", "unanswered")
Bool = sa.ColumnElement[bool]
root = sa.func.coalesce(examples.c.root_id, examples.c.id)


class MergeSides(msgspec.Struct, frozen=True, kw_only=True):
    """What is merged: `theirs` into `ours`, which once were `base`.

    `excluded` is the state of the source that a fork was made from: what it left out does not come over later.
    """

    workspace_id: UUID
    theirs: Selection
    ours: Selection
    base: Selection | None = None
    excluded: Selection | None = None
    decisions: Sequence[Decision] = ()
    others: Side | None = None


class ThreeWay:
    """The expressions about one row of `rows`: `theirs`, `ours` and `base` are its states, null where it is not."""

    def __init__(self, sides: MergeSides) -> None:
        self.sides = sides
        self.rows = _select_rows(sides)
        self.theirs, self.ours, self.base = [_State(self.rows, prefix) for prefix in ("theirs", "ours", "base")]
        self.take: sa.ColumnElement[str] = self.rows.c.take

    @property
    def is_added(self) -> Bool:
        row = self.rows.c
        is_new = sa.and_(self.theirs.is_there, row.own_id.is_(None), sa.not_(self.base.is_there))
        return sa.and_(is_new, sa.not_(row.was_left_out))

    @property
    def is_deleted(self) -> Bool:
        """They deleted what we left as it was."""
        return sa.and_(self._is_gone_there, sa.not_(self._has_own_change))

    @property
    def _is_gone_there(self) -> Bool:
        return sa.and_(sa.not_(self.theirs.is_there), self.rows.c.was_there, self.ours.is_there)

    @property
    def _is_gone_here(self) -> Bool:
        return sa.and_(self.theirs.is_there, self.rows.c.own_id.is_not(None), sa.not_(self.ours.is_there))

    @property
    def _has_own_change(self) -> Bool:
        return sa.or_(*[self.rows.c[f"own_{group}"] for group in GROUPS])

    @property
    def is_deletion_conflict(self) -> Bool:
        """One side deleted what the other changed."""
        return sa.or_(sa.and_(self._is_gone_there, self._has_own_change), self._is_gone_here)

    def is_conflict(self, group: Group) -> Bool:
        """Both sides changed these fields, and not to the same."""
        row = self.rows.c
        changed = (row[f"their_{group}"], row[f"own_{group}"], row[f"apart_{group}"])
        return sa.and_(self.theirs.is_there, self.ours.is_there, *changed)

    @property
    def has_conflict(self) -> Bool:
        conflicts = (self.is_deletion_conflict, *[self.is_conflict(group) for group in GROUPS])
        return sa.and_(sa.not_(self.rows.c.is_erased), sa.or_(*conflicts))

    def comes_over(self, group: Group) -> Bool:
        """They alone changed these fields, or it was decided so; all fields come back of what we deleted."""
        row = self.rows.c
        theirs_alone = sa.and_(self.theirs.is_there, row[f"their_{group}"], sa.not_(row[f"own_{group}"]))
        decided = sa.and_(self.is_conflict(group), self.take == "theirs")
        return sa.or_(theirs_alone, decided, sa.not_(self.ours.is_there))

    @property
    def action(self) -> sa.ColumnElement[str]:
        """What the merge does: add, change, delete, none; or why it does nothing: erased, conflict."""
        changes = sa.or_(
            *[sa.and_(self.ours.is_there, self.comes_over(group)) for group in GROUPS],
            sa.and_(self.has_conflict, self.take == "content"),
            sa.and_(self._is_gone_here, self.take == "theirs"),
        )
        deletes = sa.or_(self.is_deleted, sa.and_(self._is_gone_there, self.take == "theirs"))
        cases = {
            "erased": self.rows.c.is_erased,
            "add": self.is_added,
            "conflict": sa.and_(self.has_conflict, self.take.is_(None)),
            "delete": deletes,
            "change": changes,
        }
        return sa.case(
            *[(condition, sa.literal_column(f"'{name}'", sa.Text)) for name, condition in cases.items()],
            else_=sa.literal_column("'none'", sa.Text),
        )


def _select_rows(sides: MergeSides) -> sa.CTE:
    """The examples that are not as in the base, with what each side changed of them.

    Materialized twice: else Postgres would compare again wherever a plan asks what a comparison said.
    """
    pairs = _select_pairs(sides)
    theirs, ours, base = [_State(pairs, prefix) for prefix in ("theirs", "ours", "base")]
    changes: list[Any] = []
    for group in GROUPS:
        changes += [
            _differ(theirs, base, group).label(f"their_{group}"),
            _differ(ours, base, group).label(f"own_{group}"),
            _are_apart(sides.workspace_id, pairs, group).label(f"apart_{group}"),
        ]
    return _materialize(sa.select(pairs, *changes), "rows_compared")


def _select_pairs(sides: MergeSides) -> sa.CTE:
    """The examples that are not as in the base, beside ours as they are, and the decision about each."""
    known = _select_counterparts(sides)
    ours = _select_state(sides.workspace_id, sides.ours).subquery("ours")
    decisions = _list_decisions(sides.decisions)
    source = known.outerjoin(ours, ours.c.example_id == known.c.own_id)
    source = source.outerjoin(decisions, decisions.c.example_id == known.c.own_id)
    is_current = sa.or_(ours.c.seq_from.is_(None), decisions.c.seq >= ours.c.seq_from)
    is_there = sa.or_(ours.c.example_id.is_not(None), _State(known, "theirs").is_there)
    columns = [
        *known.c,
        *[column.label(f"ours_{column.name}") for column in ours.c],
        sa.and_(known.c.has_erased, is_there).label("is_erased"),
        sa.func.coalesce(sa.case((is_current, decisions.c.take)), sa.cast(sides.others, sa.Text)).label("take"),
        *[decisions.c[name].label(f"given_{name}") for name in GIVEN],
    ]
    return _materialize(sa.select(*columns).select_from(source), "pairs")


def _select_counterparts(sides: MergeSides) -> sa.CTE:
    """The examples that are not as in the base, with the counterpart of each in both datasets."""
    changed = _select_changed(sides)
    theirs, base = _State(changed, "theirs"), _State(changed, "base")
    own = [_select_by(sides, sides.ours.dataset_id, column) for column in ("id", "root_id")]
    their = [_select_by(sides, sides.theirs.dataset_id, column) for column in ("id", "root_id")]
    own_copy, their_copy = [sa.func.coalesce(*[each.c.id for each in copies]) for copies in (own, their)]
    is_unknown = sa.and_(own_copy.is_(None), sa.not_(base.is_there))
    # The example of ours with the same external id, or imported from the same text.
    same = {name: _select_by(sides, sides.ours.dataset_id, name) for name in ("external_id", "fingerprint")}
    same_row = sa.case((is_unknown, sa.func.coalesce(*[each.c.id for each in same.values()])))
    source: Any = changed
    for name, each in same.items():
        source = source.outerjoin(each, each.c.key == theirs[name])
    for each in (*own, *their):
        source = source.outerjoin(each, each.c.key == changed.c.root)
    columns = [
        *changed.c,
        sa.func.coalesce(own_copy, same_row).label("own_id"),
        is_unknown.label("is_same_row"),
        sa.func.coalesce(theirs["example_id"], their_copy).label("their_id"),
        their_copy.is_not(None).label("was_there"),
        sa.func.coalesce(*[each.c.erased_at for each in (*own, *their)]).is_not(None).label("has_erased"),
        _was_left_out(sides, theirs).label("was_left_out"),
    ]
    return _materialize(sa.select(*columns).select_from(source), "counterparts")


def _select_by(sides: MergeSides, dataset_id: UUID, column: str) -> Any:
    """The examples of a dataset, present or not, by a column."""
    return (
        sa.select(examples.c[column].label("key"), examples.c.id, examples.c.erased_at)
        .where(examples.c.workspace_id == sides.workspace_id, examples.c.dataset_id == dataset_id)
        .subquery()
    )


def _was_left_out(sides: MergeSides, theirs: "_State") -> Bool:
    if sides.excluded is None:
        return sa.false()
    excluded = _select_state(sides.workspace_id, sides.excluded).subquery()
    return sa.exists().where(excluded.c.example_id == theirs["example_id"])


def _are_apart(workspace_id: UUID, pairs: sa.CTE, group: Group) -> Bool:
    """Digests of one text are the same in all copies. The texts of other rows have to be compared.

    Each dataset has put a row that both added into a split of its own choice; it stays there.
    """
    theirs, ours = _State(pairs, "theirs"), _State(pairs, "ours")
    if group == "split":
        return sa.and_(sa.not_(pairs.c.is_same_row), _differ(theirs, ours, group))
    if group == "tags":
        return _differ(theirs, ours, group)
    name = COMPARED[group][0]
    # Two lookups, for the few rows that need them; Postgres would rather join all texts for an EXISTS.
    bodies = [
        sa.select(contents.c.body)
        .where(contents.c.workspace_id == workspace_id, contents.c.subject == subject, contents.c.digest == state[name])
        .scalar_subquery()
        for subject, state in ((pairs.c.their_id, theirs), (pairs.c.own_id, ours))
    ]
    return sa.case((pairs.c.is_same_row, bodies[0].is_distinct_from(bodies[1])), else_=_differ(theirs, ours, group))


def _materialize(query: sa.Select[Any], name: str) -> sa.CTE:
    cte: sa.CTE = query.cte(name).prefix_with("materialized")
    return cte


class _State:
    """One of the three states of an example, as columns of a table with a prefix."""

    def __init__(self, table: Any, prefix: str) -> None:
        self._table, self._prefix = table, f"{prefix}_" if prefix else ""

    def __getitem__(self, name: str) -> sa.ColumnElement[Any]:
        column: sa.ColumnElement[Any] = self._table.c[f"{self._prefix}{name}"]
        return column

    @property
    def is_there(self) -> Bool:
        return self["example_id"].is_not(None)


def _differ(one: _State, other: _State, group: Group) -> Bool:
    return sa.or_(*[one[name].is_distinct_from(other[name]) for name in COMPARED[group]])


def _select_changed(sides: MergeSides) -> sa.Subquery:
    """Their states that are not as in the base, side by side with these."""
    theirs = _select_state(sides.workspace_id, sides.theirs).subquery()
    nothing = Selection(dataset_id=NOTHING, seq=0)
    base = _select_state(sides.workspace_id, sides.base or nothing).subquery()
    columns = [sa.func.coalesce(theirs.c.root, base.c.root).label("root")]
    columns += [column.label(f"theirs_{column.name}") for column in theirs.c]
    columns += [column.label(f"base_{column.name}") for column in base.c]
    compared = [name for names in COMPARED.values() for name in names]
    return (
        sa.select(*columns)
        .select_from(theirs.join(base, theirs.c.root == base.c.root, full=True))
        .where(sa.or_(*[theirs.c[name].is_distinct_from(base.c[name]) for name in compared]))
        .subquery("changed")
    )


def _select_state(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    of_example = [examples.c[name] for name in ("external_id", "fingerprint", "source", "original")]
    columns = [revisions.c[name] for names in GROUPS.values() for name in names if name != "split"]
    return select_revisions(workspace_id, selection).with_only_columns(
        root.label("root"),
        revisions.c.example_id,
        revisions.c.version,
        revisions.c.seq_from,
        current_split.label("split"),
        *columns,
        *of_example,
        maintain_column_froms=True,
    )


def _list_decisions(decisions: Sequence[Decision]) -> Any:
    """The decisions as rows."""
    columns: dict[str, Any] = {"example_id": sa.Uuid, "take": sa.Text, "seq": sa.BigInteger, "content": sa.Text}
    columns |= {"invalid": JSONB, "task_version": sa.Integer, "unanswered": sa.Boolean}
    arrays = [
        sa.cast([msgspec.to_builtins(getattr(each, name), builtin_types=(UUID,)) for each in decisions], ARRAY(kind))
        for name, kind in columns.items()
    ]
    return (
        sa.func.unnest(*arrays)
        .table_valued(*[sa.column(name, kind) for name, kind in columns.items()], name="decisions")
        .render_derived()
    )
