"""What an example looks like to a caller, and what a caller sends to make or change one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from service.datasets.examples.chat_content import Content, OnUnanswered
from service.datasets.examples.domain import ExampleState as State
from service.datasets.examples.domain import Mismatch
from service.datasets.examples.ratings import ExampleLabel, Rating, Vote
from service.datasets.examples.sources import Source, SourceType
from service.datasets.filters.expression import MAX_LENGTH
from service.datasets.filters.selection import Filter, to_filter
from service.datasets.splits import Split
from service.errors import Fault, Invalid
from service.http.bodies import NO_NUL, Body, Name, Reason
from service.http.pagination import Page
from service.ledger.decider import StreamState

MOST_AT_ONCE = 1_000
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=NO_NUL)]
Tags = Annotated[list[Tag], msgspec.Meta(max_length=50)]
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]
OnInvalid = Annotated[
    Literal["refuse", "mark"],
    msgspec.Meta(
        description="What happens to an output that fails its task's schema: 422, or kept and marked invalid."
    ),
]


class SourceIn(Body):
    """Where an example is from."""

    type: SourceType = "human"
    """The kind of source."""
    name: Name | None = None
    """A name for the source, such as a file or a tool."""


class NewExample(Body):
    """An example to add. Without a `split`, the dataset's policy assigns one for good."""

    content: Content
    """The messages."""
    tags: Tags = []
    """Tags to find it by."""
    source: SourceIn = SourceIn()
    """Where it comes from."""
    external_id: ExternalId | None = None
    """Your own id of it, unique in the dataset."""
    split: Split | None = None
    """Its split; without one the dataset's policy decides."""
    metadata: dict[str, Any] | None = None
    """Free-form JSON of yours."""
    rating: Rating | None = None
    """Your rating of it."""


class CreateExamples(Body):
    """One example, or up to 1,000 under `examples`; either all are added or none."""

    content: Content | None = None
    """The messages."""
    tags: Tags = []
    """Tags to find it by."""
    source: SourceIn = SourceIn()
    """Where it comes from."""
    external_id: ExternalId | None = None
    """Your own id of it, unique in the dataset."""
    split: Split | None = None
    """Its split; without one the dataset's policy decides."""
    metadata: dict[str, Any] | None = None
    """Free-form JSON of yours."""
    rating: Rating | None = None
    """Your rating of it."""
    examples: Annotated[list[NewExample], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)] | None = None
    """Several examples, instead of one."""
    on_invalid: OnInvalid = "refuse"
    """What happens if an output fails its task's schema."""
    on_unanswered: OnUnanswered = "refuse"
    """What happens to a conversation that ends without an answer: `keep` lets it wait for a repair or a label."""

    def several(self) -> list[NewExample]:
        """What is to be added, as a list. Raises Invalid unless it is one example or a list of them."""
        if self.examples is not None:
            single_fields = [
                name for name in NewExample.__struct_fields__ if getattr(self, name) != getattr(NOTHING_GIVEN, name)
            ]
            if single_fields:
                detail = "Give one example, or a list under examples, not both."
                raise Invalid(detail, errors=[Fault(pointer=f"/{name}", detail=detail) for name in single_fields])
            return self.examples
        if self.content is None:
            fault = Fault(pointer="/content", detail="An example needs content.", code="required")
            raise Invalid(fault.detail, errors=[fault])
        one = {name: getattr(self, name) for name in NewExample.__struct_fields__ if name != "content"}
        return [NewExample(content=self.content, **one)]


NOTHING_GIVEN = CreateExamples()


class EditExample(Body):
    """What is to change; absent fields stay. A new content ends the old one's ratings. Null metadata removes it."""

    content: Content | msgspec.UnsetType = msgspec.UNSET
    """The new messages."""
    tags: Tags | msgspec.UnsetType = msgspec.UNSET
    """The new tags, in place of all old ones."""
    metadata: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    """The new metadata; null removes it."""
    on_invalid: OnInvalid = "refuse"
    """What happens if the output fails its task's schema."""
    on_unanswered: OnUnanswered = "refuse"
    """What happens if the new content ends without an answer."""
    reason: Reason | None = None
    """Why; shown in the history."""


class RateExample(Rating, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The caller's rating, in place of an earlier one: an overall mark, marks by requirement name, or both."""

    reason: Reason | None = None
    """Why; shown in the history."""


class RepairExample(Body):
    """A better output, and the instruction that says what was wrong with the old one."""

    instruction: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    """What was wrong with the old output."""
    output: Annotated[str, msgspec.Meta(description="Takes the place of the last assistant message's text.")]
    on_invalid: OnInvalid = "refuse"
    """What happens if the output fails its task's schema."""
    reason: Reason | None = None
    """Why; shown in the history."""


class RestoreExample(Body):
    """The version (ETag) to go back to."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    """The version (ETag) to restore."""
    reason: Reason | None = None
    """Why; shown in the history."""


class RatingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`average` is in stars, over the raters (pass counts 5, fail 2, critical 1); null when nobody has rated."""

    average: float | None
    """Mean over the raters, in stars; null without a rating."""
    raters: dict[str, Rating]
    """The latest rating of each rater."""


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """What the repair was asked to do; null once erased. What it replaced is in the example's history."""

    instruction: str | None
    """What was wrong with the old output; null once erased."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """An example at one revision. `content` is null once erased; `mismatches` says where it fails its task's schema.

    `task_version` is that of the task it was checked against. `label` is what its annotators came to, by the rule and
    the `votes` beside it.
    """

    id: UUID
    """The example's id."""
    dataset_id: UUID
    """The dataset it belongs to."""
    version: int
    """Number of changes so far; also the ETag."""
    external_id: str | None
    """Your own id of it, unique in the dataset."""
    content: Content | None
    """The messages; null once erased."""
    erased: bool
    """Whether its texts were erased. An erased example is in no list of the present, and takes no change."""
    tags: list[str]
    """Its tags."""
    source: Source
    """Where it comes from."""
    split: Split
    """Its split, assigned once."""
    rating: RatingSummary
    """The average and each rater's rating."""
    unanswered: bool
    """Whether it waits for an answer. Until then it is in no version, and in no training."""
    repaired: bool
    """Whether its output is a repair."""
    repair: Repair | None
    """The repair's instruction; null unless repaired."""
    valid: bool
    """Whether the output matches its task's schema."""
    mismatches: list[Mismatch]
    """Where the output fails its task's schema."""
    task_version: int | None
    """The version of the task it was checked against."""
    label: ExampleLabel | None
    """The label its annotators agreed on; null without one."""
    votes: list[Vote]
    """What each annotator answered."""
    metadata: dict[str, Any] | None
    """Free-form JSON of yours."""
    created_at: datetime
    """When it was added."""
    created_by: str
    """Who added it."""
    updated_at: datetime
    """When it last changed."""
    updated_by: str
    """Who changed it last."""


class ExampleOriginal(msgspec.Struct, frozen=True, kw_only=True):
    """The row that an example was added from."""

    row: Any
    """The row as it was sent."""


class ExampleBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The examples that were added, in the order they were sent."""

    data: list[Example]
    """The examples, in the order they were sent."""


class ExamplePage(Page[Example], frozen=True, kw_only=True):
    """One page of examples, in the order they were added; all pages show the moment of the first."""


def from_row(row: Any) -> Example:
    """A row of `examples_queries.shown`. What is JSON already goes out as it is."""
    return Example(
        id=row.id,
        dataset_id=row.dataset_id,
        version=row.version,
        external_id=row.external_id,
        content=_raw(row.content),
        erased=row.content is None,
        tags=row.tags,
        source=_raw(row.source),
        split=row.split,
        rating=RatingSummary(average=row.score, raters=_raw(row.ratings)),
        unanswered=row.unanswered,
        repaired=row.replaced is not None,
        repair=Repair(instruction=_decode_text(row.instruction)) if row.replaced is not None else None,
        valid=row.invalid in (None, "[]"),
        mismatches=_raw(row.invalid or "[]"),
        task_version=row.task_version,
        label=_raw(row.label),
        votes=_raw(row.votes or "[]"),
        metadata=_raw(row.metadata),
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.changed_at,
        updated_by=row.changed_by,
    )


def from_state(stored: StreamState[State], texts: Mapping[str, bytes]) -> Example:
    """The example after a change; `texts` are the bodies by digest."""
    state = stored.state
    return Example(
        id=stored.id,
        dataset_id=state.dataset_id,
        version=stored.version,
        external_id=state.external_id,
        content=_raw(texts.get(state.content)),
        erased=state.content not in texts,
        tags=list(state.tags),
        source=state.source,
        split=state.split,
        rating=RatingSummary(average=state.score, raters=state.ratings),
        unanswered=state.unanswered,
        repaired=state.replaced is not None,
        repair=Repair(instruction=_decode_text(texts.get(state.instruction or "")))
        if state.replaced is not None
        else None,
        valid=not state.invalid,
        mismatches=list(state.invalid),
        task_version=state.task_version,
        label=state.label,
        votes=list(state.votes),
        metadata=_raw(texts.get(state.metadata or "")),
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        updated_by=stored.updated_by,
    )


def in_words(state: State, texts: Mapping[str, bytes]) -> dict[str, Any]:
    """The fields that a history tells of, with texts for digests; null for what was erased or never was."""
    return {
        "content": _parsed(texts.get(state.content)),
        "tags": list(state.tags),
        "metadata": _parsed(texts.get(state.metadata or "")),
        "ratings": msgspec.to_builtins(state.ratings),
        "rating": state.score,
        "repaired": state.replaced is not None,
        "instruction": _decode_text(texts.get(state.instruction or "")),
        "mismatches": msgspec.to_builtins(state.invalid),
        "label": msgspec.to_builtins(state.label),
        "votes": msgspec.to_builtins(state.votes),
        "deleted": state.deleted,
        "erased": state.erased,
    }


def _parsed(text: bytes | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


def _raw(text: bytes | str | None) -> Any:
    return None if text is None else msgspec.Raw(text if isinstance(text, (bytes, str)) else bytes(text))


def _decode_text(text: bytes | None) -> str | None:
    return None if text is None else bytes(text).decode()


FilterQuery = Annotated[
    str | None,
    QueryParameter(
        name="filter",
        max_length=MAX_LENGTH,
        description="A filter expression, such as `tag = gold and rating >= 4`; see the page Filters.",
    ),
]


def provide_filter(
    expression: FilterQuery = None,
    tag: Annotated[str | None, QueryParameter(max_length=100, pattern=NO_NUL, description="Has this tag.")] = None,
    source: Annotated[SourceType | None, QueryParameter(description="Is from this kind of source.")] = None,
    split: Annotated[Split | None, QueryParameter(description="Is in this split.")] = None,
    rating_gte: Annotated[float | None, QueryParameter(ge=1, le=5, description="Mean rating in stars.")] = None,
    rated: Annotated[bool | None, QueryParameter(description="Has a rating, or has none.")] = None,
    repaired: Annotated[bool | None, QueryParameter(description="Was repaired, or was not.")] = None,
    valid: Annotated[bool | None, QueryParameter(description="Matches its task's schema, or does not.")] = None,
    external_id: Annotated[str | None, QueryParameter(max_length=500, pattern=NO_NUL)] = None,
    labelled: Annotated[bool | None, QueryParameter(description="Has a label, or has none.")] = None,
    label: Annotated[
        str | None, QueryParameter(max_length=500, pattern=NO_NUL, description="Was labelled with this category.")
    ] = None,
    q: Annotated[
        str | None,
        QueryParameter(
            max_length=500,
            pattern=NO_NUL,
            description="Has this text. A page looks at 20,000 examples: it may be empty and have a next_cursor.",
        ),
    ] = None,
) -> Filter:
    filter_ = to_filter(expression, pointer="?filter")
    return msgspec.structs.replace(
        filter_,
        tag=tag,
        source=source,
        split=split,
        rating_gte=rating_gte,
        rated=rated,
        repaired=repaired,
        valid=valid,
        external_id=external_id,
        labelled=labelled,
        label=label,
        q=q,
    )
