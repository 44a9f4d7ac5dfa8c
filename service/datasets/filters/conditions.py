"""Filters in SQL: conditions on the read tables of examples, with every value as a bound parameter."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.datasets.counts.counted_state import is_invalid
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.filters.expression import All, AnyOf, Condition, Node, Not, Operator
from service.datasets.filters.filter_fields import FIELDS, Value
from service.ledger.tables import contents

Sql = sa.ColumnElement[bool]

COLUMNS: dict[str, sa.ColumnElement[Any]] = {
    "id": examples.c.id,
    "external_id": examples.c.external_id,
    "split": current_split,
    "rating": revisions.c.score,
    "task_version": revisions.c.task_version,
    "created_at": examples.c.created_at,
    "created_by": examples.c.created_by,
    "updated_at": revisions.c.changed_at,
    "updated_by": revisions.c.changed_by,
}


def build_condition(node: Node) -> Sql:
    """Build the condition on `revisions` joined to `examples`."""
    match node:
        case All():
            return sa.and_(sa.true(), *map(build_condition, node.terms))
        case AnyOf():
            return sa.or_(*map(build_condition, node.terms))
        case Not():  # what is absent does not match, so its opposite does
            return build_condition(node.term).is_not(sa.true())
        case Condition():
            return _build(node)


def is_text(table: Any, digest: sa.ColumnElement[Any]) -> Sql:
    """Whether a row of `contents` is the text that the revision names by `digest`."""
    return sa.and_(
        table.c.workspace_id == revisions.c.workspace_id,
        table.c.subject == revisions.c.example_id,
        table.c.digest == digest,
    )


def _build(condition: Condition) -> Sql:  # noqa: PLR0911 - one return a kind
    operator, values = condition.operator, condition.values
    match FIELDS[condition.field].kind:
        case "flag":
            return _flag(condition.field) == sa.literal(values[0])
        case "time":
            return _compare_times(COLUMNS[condition.field], operator, values[0])
        case "json":
            return _compare_json(_metadata(condition.path), operator, values)
        case "set":
            return sa.or_(*[_has(condition, value) for value in values])
        case "finding":
            return sa.or_(*[_has_finding(str(value)) for value in values])
        case "search":
            return _contains_text(str(values[0])) if condition.field == "text" else _has_output(str(values[0]))
        case _:
            return _compare(_column(condition), operator, values)


def _column(condition: Condition) -> sa.ColumnElement[Any]:
    if condition.field == "source":
        part: sa.ColumnElement[str] = examples.c.source[condition.path[0] if condition.path else "type"].astext
        return part
    return COLUMNS[condition.field]


def _compare(column: sa.ColumnElement[Any], operator: Operator, values: tuple[Value, ...]) -> Sql:
    value = values[0]
    match operator:
        case "in":
            is_null = column.is_(None) if None in values else sa.false()
            return sa.or_(is_null, column.in_([each for each in values if each is not None]))
        case ":":
            return column.icontains(str(value), autoescape=True)
        case _ if value is None:
            return column.is_(None)
        case _:
            return column.bool_op(operator)(sa.literal(value))


def _compare_times(column: sa.ColumnElement[Any], operator: Operator, value: Value) -> Sql:
    """Compare with a moment, or with a day, which in UTC begins at 0 o'clock and has 24 hours."""
    if isinstance(value, datetime) or not isinstance(value, date):
        return _compare(column, operator, (value,))
    begin = datetime.combine(value, time(), UTC)
    end = begin + timedelta(days=1)
    match operator:
        case "=":
            return sa.and_(column >= begin, column < end)
        case ">" | "<=":
            return column >= end if operator == ">" else column < end
        case _:
            return _compare(column, operator, (begin,))


def _flag(field: str) -> Sql:
    match field:
        case "rated":
            return revisions.c.score.is_not(None)
        case "repaired":
            return revisions.c.replaced.is_not(None)
        case "labelled":
            return revisions.c.label.is_not(None)
        case "valid":
            return sa.not_(is_invalid(revisions))
        case _:
            return revisions.c.unanswered


def _has(condition: Condition, value: Value) -> Sql:
    """Whether a set has the value; None: whether it is empty."""
    match condition.field:
        case "tag":
            tags = revisions.c.tags
            return sa.func.cardinality(tags) == 0 if value is None else tags.contains([value])
        case "rater":
            ratings = revisions.c.ratings
            return ratings == sa.cast("{}", JSONB) if value is None else ratings.has_key(value)
        case _:
            return _has_label(condition.path, value)


def _has_label(question: tuple[str, ...], value: Value) -> Sql:
    """Whether the question, or any of the label, is answered with this category; None: whether it has no answer."""
    answers: sa.ColumnElement[Any]
    if question:
        answers = revisions.c.label.op("#>")(sa.cast(["answers", ".".join(question)], ARRAY(sa.Text)))
    elif value is None:
        return revisions.c.label.is_(None)
    else:
        answers = sa.func.jsonb_path_query_array(revisions.c.label, sa.literal_column("'$.answers.*[*]'::jsonpath"))
    if value is None:
        return answers.is_(None)
    return sa.cast(answers, JSONB).contains(sa.func.jsonb_build_array(sa.cast(value, sa.Text)))


# Of a record of 33 bytes, the first 16 are the example's id. Equalities alone tie it to the row outside, so that
# Postgres reads each body once and looks examples up by hash.
_FINDINGS = """
dataset_checks c
cross join lateral jsonb_array_elements(c.findings) finding
cross join lateral jsonb_array_elements_text(finding -> 'records') body_digest
join ledger.contents t on t.workspace_id = c.workspace_id and t.subject = c.id and t.digest = decode(body_digest, 'hex')
cross join lateral regexp_matches(encode(t.body, 'hex'), '.{66}', 'g') record
"""
_IS_FOUND = """
c.id = :check_id and finding ->> 'code' = :code
and c.workspace_id = example_revisions.workspace_id and left(record[1], 32)::uuid = example_revisions.example_id
"""


def _has_finding(value: str) -> Sql:
    """Whether the check found it in this example."""
    check_id, _, code = value.partition("/")
    check = sa.bindparam("check_id", UUID(check_id), sa.Uuid, unique=True)
    is_found = sa.text(_IS_FOUND).bindparams(check, sa.bindparam("code", code, sa.Text, unique=True))
    return sa.exists(sa.select(sa.literal_column("1")).select_from(sa.text(_FINDINGS)).where(is_found))


def _json_of(digest: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The text as JSON; null when it was erased."""
    body = sa.cast(sa.func.convert_from(contents.c.body, "UTF8"), JSONB)
    return sa.select(body).where(is_text(contents, digest)).correlate(revisions).scalar_subquery()


def _metadata(path: tuple[str, ...]) -> sa.ColumnElement[Any]:
    return _json_of(revisions.c.metadata).op("#>", return_type=JSONB())(sa.cast(list(path), ARRAY(sa.Text)))


def _compare_json(found: sa.ColumnElement[Any], operator: Operator, values: tuple[Value, ...]) -> Sql:
    """Compare numbers with numbers and texts with texts; `:` also asks whether a list has the value."""
    value = values[0]
    text = found.op("#>>", return_type=sa.Text())(sa.cast([], ARRAY(sa.Text)))
    match operator:
        case "=" | "in":
            is_null = found.is_(None) if None in values else sa.false()
            return sa.or_(is_null, found.in_([_as_json(each) for each in values]))
        case ":":
            is_in_text = sa.and_(sa.func.jsonb_typeof(found) == "string", text.icontains(str(value), autoescape=True))
            return sa.or_(found.contains(_as_json(value)), is_in_text)
        case _ if isinstance(value, int | float) and not isinstance(value, bool):
            number = sa.case((sa.func.jsonb_typeof(found) == "number", sa.cast(text, sa.Numeric)))
            return number.bool_op(operator)(sa.cast(sa.cast(str(value), sa.Text), sa.Numeric))
        case _:
            words = sa.case((sa.func.jsonb_typeof(found) == "string", text)).collate("C")
            return words.bool_op(operator)(sa.cast(str(value), sa.Text))


def _as_json(value: Value) -> sa.ColumnElement[Any]:
    return sa.cast(sa.cast(json.dumps(value), sa.Text), JSONB)


def _contains_text(text: str) -> Sql:
    """Whether the content contains this text, ignoring case. The content is JSON, so the text is escaped as JSON."""
    as_json = msgspec.json.encode(text).decode()[1:-1]
    contains = sa.func.convert_from(contents.c.body, "UTF8").icontains(as_json, autoescape=True)
    # As a value: of what EXISTS finds Postgres expects next to nothing, so it reads all and sorts them for a page.
    found = sa.select(contains).where(is_text(contents, revisions.c.content)).correlate(revisions).scalar_subquery()
    return sa.func.coalesce(found, sa.false())


def _last_message(part: str) -> sa.ColumnElement[str]:
    content = _json_of(revisions.c.content)
    return content.op("#>>", return_type=sa.Text())(sa.cast(["messages", "-1", part], ARRAY(sa.Text)))


def _has_output(text: str) -> Sql:
    """Whether the answer, or the chosen one of a preference, contains this text, ignoring case."""
    read_text = _json_of(revisions.c.content).op("#>>", return_type=sa.Text())
    chosen = read_text(sa.cast(["chosen", "content"], ARRAY(sa.Text)))
    answer = sa.case((_last_message("role") == "assistant", _last_message("content")))
    return sa.cast(sa.func.coalesce(chosen, answer), sa.Text).icontains(text, autoescape=True)
