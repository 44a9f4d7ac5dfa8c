"""Examples as they are and were: who they are in `examples`, each state they have been in in `example_revisions`."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.datasets.counts.counted_state import select_first_states, select_later_states
from service.datasets.counts.projection import update_counts
from service.datasets.examples.domain import (
    ExampleAdded,
    ExampleDeleted,
    ExampleEdited,
    ExampleErased,
    ExampleLabelled,
    ExampleMerged,
    ExampleMoved,
    ExampleRated,
    ExampleRepaired,
    ExampleRestored,
    ExampleWithdrawn,
)
from service.ledger.projections import OF_READS, EventBatch

# The logged request that an example was made from, also where it came as a row of an export; and the example it was.
REQUEST_ID = "coalesce(source ->> 'request_id', source #>> '{origin,source,request_id}')"
ORIGIN_ID = "source #>> '{origin,id}'"


def _index_present(name: str, *parts: str, unique: bool = False) -> sa.Index:
    """An index of the rows whose last part is not null."""
    columns = [sa.text(f"({part})") if " " in part else part for part in parts]
    return sa.Index(name, "workspace_id", *columns, unique=unique, postgresql_where=sa.text(f"{parts[-1]} is not null"))


# Written once an example, which is what makes external_id unique at all times; contents of imports without one are
# known again by their fingerprint.
examples = sa.Table(
    "examples",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("external_id", sa.Text),
    sa.Column("fingerprint", BYTEA),
    sa.Column("root_id", sa.Uuid),  # of a copy, the first of the row of copies
    sa.Column("split", sa.Text, nullable=False),
    sa.Column("source", JSONB, nullable=False),
    sa.Column("original", BYTEA),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("erased_at", sa.DateTime(timezone=True)),
    _index_present("ix_examples_request", REQUEST_ID),
    _index_present("ix_examples_origin", ORIGIN_ID),
    _index_present("ix_examples_root", "root_id"),
    _index_present("uq_examples_external_id", "dataset_id", "external_id", unique=True),
    _index_present("uq_examples_fingerprint", "dataset_id", "fingerprint", unique=True),
    sa.Index(
        "ix_examples_source",
        "workspace_id",
        "dataset_id",
        sa.text("(source ->> 'type')"),
        "id",
        postgresql_where=sa.text("source ->> 'type' <> 'import'"),
    ),
    sa.Index("ix_examples_erased", "workspace_id", "dataset_id", postgresql_where=sa.text("erased_at is not null")),
)
# A row a state, valid in [seq_from, seq_to); the present one has no seq_to. A deleted example has no row that is open.
revisions = sa.Table(
    "example_revisions",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, primary_key=True),
    sa.Column("example_id", sa.Uuid, primary_key=True),
    sa.Column("seq_from", sa.BigInteger, primary_key=True),
    sa.Column("seq_to", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("content", BYTEA, nullable=False),
    sa.Column("metadata", BYTEA),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("ratings", JSONB, nullable=False),
    sa.Column("score", sa.Double),
    sa.Column("replaced", BYTEA),
    sa.Column("instruction", BYTEA),
    sa.Column("invalid", JSONB),
    sa.Column("label", JSONB),
    sa.Column("votes", JSONB),
    sa.Column("split", sa.Text),  # where it was moved to; an example that never was has the split of its adding
    sa.Column("task_version", sa.Integer),
    sa.Column("unanswered", sa.Boolean, server_default=sa.text("false"), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    # A change looks for the present state by the example alone: with the dataset beside it, the planner takes the index
    # below as long as the table has no statistics, and reads the whole dataset for each example.
    sa.Index("ix_example_revisions_present", "example_id", postgresql_where=sa.text("seq_to is null")),
    sa.Index("ix_example_revisions_from", "workspace_id", "dataset_id", "seq_from"),
    sa.Index(
        "ix_example_revisions_to",
        "workspace_id",
        "dataset_id",
        "seq_to",
        postgresql_where=sa.text("seq_to is not null"),
    ),
    sa.Index("ix_example_revisions_tags", "tags", postgresql_using="gin"),
    sa.Index(
        "ix_example_revisions_marked",
        "workspace_id",
        "dataset_id",
        "example_id",
        postgresql_where=sa.text(
            "score is not null or replaced is not null or label is not null or invalid is not null or unanswered"
        ),
    ),
)
for _index in (*examples.indexes, *revisions.indexes):
    _index.info[OF_READS] = _index.name != "ix_example_revisions_present"
indexed_fingerprint = sa.func.substr(examples.c.fingerprint, *[sa.literal_column(number) for number in ("1", "16")])
current_split = sa.func.coalesce(revisions.c.split, examples.c.split, type_=sa.Text)
UNIQUE_FIELDS = {"uq_examples_external_id": "external_id", "uq_examples_fingerprint": "content"}

FOLLOWING = (ExampleEdited, ExampleRated, ExampleRepaired, ExampleLabelled, ExampleMoved)
REPLACING = (ExampleRestored, ExampleMerged)
CHANGES = (*FOLLOWING, *REPLACING, ExampleDeleted, ExampleWithdrawn, ExampleErased)
NO_RATINGS = sa.cast(sa.literal_column("'{}'"), JSONB)
NO_TAGS = sa.cast(sa.literal_column("'{}'"), ARRAY(sa.Text))


def project(log: EventBatch) -> Iterable[UpdateBase | sa.CTE]:
    counted: list[sa.Select[Any]] = []
    if log.has(ExampleAdded):
        new = sa.select(_select_added(log)).cte("added_examples")  # their JSON is read once
        counted.append(select_first_states(new))
        yield from (_insert_identity(new, log.contents), _insert_first_revision(new))
    if log.has(*CHANGES):
        ended = _ended(log).returning(revisions).cte("ended_revisions")
        counted.append(select_later_states(ended, examples, times=-1))
        yield ended
    for has_next, build_next in ((log.has(*FOLLOWING), _changed), (log.has(*REPLACING), _restored)):
        if has_next:
            begun = build_next(log).returning(revisions).cte(f"begun_revisions{build_next.__name__}")
            counted.append(select_later_states(begun, examples, times=1))
            yield begun
    if counted:
        yield update_counts(sa.union_all(*counted).subquery("counted_states"))
    if log.has(ExampleWithdrawn):
        yield _freed(log)
    if log.has(ExampleErased):
        yield _erased(log)


def _select_added(log: EventBatch) -> sa.Subquery:
    return log.rows(
        ExampleAdded,
        dataset_id=sa.Uuid,
        content=sa.Text,
        split=sa.Text,
        source=JSONB,
        tags=ARRAY(sa.Text),
        external_id=sa.Text,
        metadata=sa.Text,
        original=sa.Text,
        rater=sa.Text,
        rating=JSONB,
        score=sa.Double,
        invalid=JSONB,
        task_version=sa.Integer,
        ratings=JSONB,
        label=JSONB,
        votes=JSONB,
        replaced=sa.Text,
        instruction=sa.Text,
        unanswered=sa.Boolean,
        first=sa.Text,
    )


def _insert_identity(new: sa.CTE, texts: Any) -> sa.Insert:
    # The text's own hash, not the event's salted one: an import knows a text again by it, and it goes when that goes.
    # A copy is known again by what its origin was.
    is_known_again = sa.case(
        (_path(new, "copy", "root_id").is_(None), sa.and_(new.c.external_id.is_(None), _is_import(new))),
        else_=new.c.first.is_not(None),
    )
    fingerprint = sa.case((is_known_again, sa.func.sha256(texts.c.body)))
    example: dict[str, Any] = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "dataset_id": new.c.dataset_id,
        "external_id": new.c.external_id,
        "fingerprint": fingerprint,
        "root_id": sa.cast(_path(new, "copy", "root_id"), sa.Uuid),
        "split": new.c.split,
        "source": new.c.source,
        "original": _bytes(new.c.original),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
    }
    same_text = sa.and_(
        texts.c.subject == new.c.stream_id, texts.c.digest == _bytes(sa.func.coalesce(new.c.first, new.c.content))
    )
    return sa.insert(examples).from_select(
        list(example), sa.select(*example.values()).outerjoin_from(new, texts, same_text)
    )


def _insert_first_revision(new: sa.CTE) -> sa.Insert:
    ratings = sa.case(
        (new.c.rating.is_not(None), sa.func.jsonb_build_object(new.c.rater, new.c.rating)),
        else_=sa.func.coalesce(new.c.ratings, NO_RATINGS),
    )
    first: dict[str, Any] = {
        "workspace_id": new.c.workspace_id,
        "dataset_id": new.c.dataset_id,
        "example_id": new.c.stream_id,
        "seq_from": new.c.seq,
        "version": new.c.version,
        "content": _bytes(new.c.content),
        "metadata": _bytes(new.c.metadata),
        "tags": sa.func.coalesce(new.c.tags, NO_TAGS),
        "ratings": ratings,
        "score": new.c.score,
        "replaced": _bytes(new.c.replaced),
        "instruction": _bytes(new.c.instruction),
        "invalid": new.c.invalid,
        "label": new.c.label,
        "votes": new.c.votes,
        "task_version": new.c.task_version,
        "unanswered": sa.func.coalesce(new.c.unanswered, sa.false()),
        "changed_at": new.c.recorded_at,
        "changed_by": new.c.actor,
    }
    return sa.insert(revisions).from_select(list(first), sa.select(*first.values()))


def _ended(log: EventBatch) -> sa.Update:
    """Close the present state of each example that changes."""
    change = log.rows(*CHANGES)
    return (
        sa.update(revisions)
        .where(
            revisions.c.workspace_id == change.c.workspace_id,
            revisions.c.example_id == change.c.stream_id,
            revisions.c.seq_to.is_(None),
        )
        .values(seq_to=change.c.seq)
    )


def _changed(log: EventBatch) -> sa.Insert:
    """Open the state that follows from the one before. It reads that as it was when the statement began."""
    change = log.rows(
        *FOLLOWING,
        content=sa.Text,
        tags=ARRAY(sa.Text),
        metadata=sa.Text,
        rater=sa.Text,
        rating=JSONB,
        score=sa.Double,
        replaced=sa.Text,
        instruction=sa.Text,
        invalid=JSONB,
        task_version=sa.Integer,
        label=JSONB,
        votes=JSONB,
        split=sa.Text,
        unanswered=sa.Boolean,
    )
    before = revisions
    values = _following(before, change)
    return sa.insert(revisions).from_select(
        list(values),
        sa.select(*values.values())
        .select_from(change)
        .join(
            before,
            sa.and_(
                before.c.workspace_id == change.c.workspace_id,
                before.c.example_id == change.c.stream_id,
                before.c.seq_to.is_(None),
                before.c.version == change.c.version - 1,
            ),
        ),
    )


def _following(before: sa.Table, change: sa.Subquery) -> dict[str, Any]:
    """The state after a change, by column: what it says, else what was. A new answer ends ratings and repair."""
    new_answer = change.c.content.is_not(None)
    rated = change.c.rating.is_not(None)
    merged = before.c.ratings.op("||")(sa.func.jsonb_build_object(change.c.rater, change.c.rating))
    taken_away = change.c.metadata == ""
    return {
        "workspace_id": before.c.workspace_id,
        "dataset_id": before.c.dataset_id,
        "example_id": before.c.example_id,
        "seq_from": change.c.seq,
        "version": change.c.version,
        "content": sa.func.coalesce(_bytes(change.c.content), before.c.content),
        "metadata": sa.case(
            (change.c.metadata.is_(None), before.c.metadata), (taken_away, None), else_=_bytes(change.c.metadata)
        ),
        "tags": sa.func.coalesce(change.c.tags, before.c.tags),
        "ratings": sa.case((rated, merged), (new_answer, NO_RATINGS), else_=before.c.ratings),
        "score": sa.case((sa.or_(rated, new_answer), change.c.score), else_=before.c.score),
        "replaced": sa.case((new_answer, _bytes(change.c.replaced)), else_=before.c.replaced),
        "instruction": sa.case((new_answer, _bytes(change.c.instruction)), else_=before.c.instruction),
        "invalid": sa.case((new_answer, change.c.invalid), else_=before.c.invalid),
        "task_version": sa.case((new_answer, change.c.task_version), else_=before.c.task_version),
        "unanswered": sa.case(
            (new_answer, sa.func.coalesce(change.c.unanswered, sa.false())), else_=before.c.unanswered
        ),
        "label": sa.func.coalesce(change.c.label, before.c.label),
        "votes": sa.case((change.c.label.is_not(None), change.c.votes), else_=before.c.votes),
        "split": sa.func.coalesce(change.c.split, before.c.split),
        "changed_at": change.c.recorded_at,
        "changed_by": change.c.actor,
    }


def _restored(log: EventBatch) -> sa.Insert:
    then = log.rows(
        *REPLACING,
        content=sa.Text,
        tags=ARRAY(sa.Text),
        metadata=sa.Text,
        ratings=JSONB,
        score=sa.Double,
        replaced=sa.Text,
        instruction=sa.Text,
        invalid=JSONB,
        label=JSONB,
        votes=JSONB,
        task_version=sa.Integer,
        split=sa.Text,
        unanswered=sa.Boolean,
    )
    state: dict[str, Any] = {
        "workspace_id": then.c.workspace_id,
        "dataset_id": examples.c.dataset_id,
        "example_id": then.c.stream_id,
        "seq_from": then.c.seq,
        "version": then.c.version,
        "content": _bytes(then.c.content),
        "metadata": _bytes(then.c.metadata),
        "tags": sa.func.coalesce(then.c.tags, NO_TAGS),
        "ratings": sa.func.coalesce(then.c.ratings, NO_RATINGS),
        "score": then.c.score,
        "replaced": _bytes(then.c.replaced),
        "instruction": _bytes(then.c.instruction),
        "invalid": then.c.invalid,
        "task_version": then.c.task_version,
        "unanswered": sa.func.coalesce(then.c.unanswered, sa.false()),
        "changed_at": then.c.recorded_at,
        "changed_by": then.c.actor,
        "label": then.c.label,
        "votes": then.c.votes,
        "split": then.c.split,
    }
    same_example = sa.and_(examples.c.workspace_id == then.c.workspace_id, examples.c.id == then.c.stream_id)
    return sa.insert(revisions).from_select(
        list(state), sa.select(*state.values()).join_from(then, examples, same_example)
    )


def _freed(log: EventBatch) -> UpdateBase:
    back = log.rows(ExampleWithdrawn)
    return (
        sa.update(examples)
        .where(examples.c.workspace_id == back.c.workspace_id, examples.c.id == back.c.stream_id)
        .values(external_id=None, fingerprint=None)
    )


def _erased(log: EventBatch) -> UpdateBase:
    """Note the erasure, and forget the fingerprint, by which the text could be guessed."""
    erased = log.rows(ExampleErased)
    return (
        sa.update(examples)
        .where(examples.c.workspace_id == erased.c.workspace_id, examples.c.id == erased.c.stream_id)
        .values(erased_at=erased.c.recorded_at, fingerprint=None)
    )


def _bytes(digest: sa.ColumnElement[str]) -> sa.ColumnElement[bytes]:
    """A digest's hex digits as the bytes that `contents` is keyed by; null stays null."""
    return sa.func.decode(digest, sa.literal_column("'hex'"), type_=BYTEA)


def _is_import(new: sa.CTE) -> sa.ColumnElement[bool]:
    """Whether a file was imported. A row that kept its id is known again by that."""
    import_id, origin_id = _path(new, "import_id"), _path(new, "origin", "id")
    return sa.and_(import_id.is_not(None), origin_id.is_distinct_from(sa.cast(new.c.stream_id, sa.Text)))


def _path(new: sa.FromClause, *names: str) -> sa.ColumnElement[str | None]:
    path: list[Any] = [sa.literal_column(f"'{name}'") for name in names]
    return sa.func.jsonb_extract_path_text(new.c.source, *path, type_=sa.Text)
