"""Selections: which examples of a dataset are meant, at one moment. Lists, exports, versions, tunes say it so. Pure."""

from typing import Annotated
from uuid import UUID

import msgspec

from service.datasets.examples.sources import SourceType
from service.datasets.filters.expression import (
    MAX_LENGTH,
    All,
    AnyOf,
    Condition,
    Node,
    Not,
    Operator,
    check_expression,
    parse,
)
from service.datasets.filters.filter_fields import READS_TEXTS
from service.datasets.splits import Split

# Postgres has no NUL in a text, so nothing can be asked for that has one.
Words = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00]*$")]
Expression = Annotated[
    str,
    msgspec.Meta(
        max_length=MAX_LENGTH, description="A filter expression, such as `tag = gold and rating >= 4`; see Filters."
    ),
]


class Filter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Conditions that all must hold; absent ones ask for nothing. `rating_gte` compares the mean in stars."""

    tag: Words | None = None
    """Examples that have this tag."""
    source: SourceType | None = None
    """Examples from this type of source."""
    split: Split | None = None
    """Examples of this split."""
    rating_gte: Annotated[float, msgspec.Meta(ge=1, le=5)] | None = None
    """Examples with a mean rating of at least this many stars."""
    rated: bool | None = None
    """Whether the example has a rating."""
    repaired: bool | None = None
    """Whether the example was repaired."""
    valid: bool | None = None
    """Whether the example matches its task's schema."""
    external_id: Words | None = None
    """The example with this external id."""
    labelled: bool | None = None
    """Whether the example has a label."""
    label: Words | None = None
    """Examples labelled with this category."""
    q: Words | None = None
    """Examples whose text contains this."""
    expression: Expression | None = None
    """Examples that match this filter expression."""

    def build_tree(self) -> Node:
        """The conditions as those of an expression; none hold for every example."""
        given = [
            Condition(field, (), operator, (value,))
            for name, (field, operator) in _CONDITIONS.items()
            if (value := getattr(self, name)) is not None
        ]
        return All((*given, *([parse(self.expression)] if self.expression else [])))

    @property
    def reads_texts(self) -> bool:
        """Whether it looks into the texts of each example, which takes time."""
        return _reads_texts(self.build_tree())


# Each field of a filter as a field and an operator of the expression.
_CONDITIONS: dict[str, tuple[str, Operator]] = {
    "tag": ("tag", "="),
    "source": ("source", "="),
    "split": ("split", "="),
    "rating_gte": ("rating", ">="),
    "rated": ("rated", "="),
    "repaired": ("repaired", "="),
    "valid": ("valid", "="),
    "external_id": ("external_id", "="),
    "labelled": ("labelled", "="),
    "label": ("label", "="),
    "q": ("text", ":"),
}
FilterIn = Filter | Expression


def to_filter(given: FilterIn | None, *, pointer: str = "/filter") -> Filter:
    """The filter of a request, given as an expression or as fields; None is every example. Raises Invalid."""
    if given is None:
        return Filter()
    if isinstance(given, str):
        return Filter(expression=check_expression(given, pointer=pointer)) if given.strip() else Filter()
    if given.expression is not None:
        check_expression(given.expression, pointer=f"{pointer}/expression")
    return given


def _reads_texts(node: Node) -> bool:
    match node:
        case Condition():
            return node.field in READS_TEXTS
        case Not():
            return _reads_texts(node.term)
        case All() | AnyOf():
            return any(_reads_texts(term) for term in node.terms)


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The examples of a dataset that were there at `seq` and match; `also` is a second filter, as on a version's.

    `answered`: without those that wait for an answer.
    """

    dataset_id: UUID
    seq: int
    filter: Filter = Filter()
    also: Filter = Filter()
    split: Split | None = None
    answered: bool = False

    @property
    def reads_texts(self) -> bool:
        return self.filter.reads_texts or self.also.reads_texts
