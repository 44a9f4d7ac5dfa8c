"""Examples: events, state and decisions. Texts appear here only as digests."""

from typing import Any, assert_never, get_args
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.examples.ratings import ExampleLabel, Rating, Vote, average
from service.datasets.examples.sources import Source
from service.datasets.splits import Split
from service.errors import Conflict, Erased, Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Digest, Event, StreamState, require_state

CLEARED: Digest = ""  # in an edit: the metadata was removed


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """Where an output does not match the task's schema. No value is given, since events hold no content."""

    pointer: str
    """JSON pointer to the value that fails."""
    code: str
    """The kind of fault, for programs."""


class ExampleChange(Event, kw_only=True):
    """`bulk_id` is the bulk change that it is part of."""

    bulk_id: UUID | None = None


class ExampleLabelled(Event):
    """The example was labelled. A later repair changes the text and keeps the label."""

    label: ExampleLabel
    votes: tuple[Vote, ...] = ()
    reason: str | None = None


class ExampleAdded(Event):
    dataset_id: UUID
    content: Digest
    split: Split
    source: Source
    tags: tuple[str, ...] = ()
    external_id: str | None = None
    metadata: Digest | None = None
    original: Digest | None = None
    rater: str | None = None
    rating: Rating | None = None
    score: float | None = None
    invalid: tuple[Mismatch, ...] = ()
    task_version: int | None = None
    # What an example brings along that was rated, labelled or repaired where it was exported.
    ratings: dict[str, Rating] = {}
    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()
    replaced: Digest | None = None
    instruction: Digest | None = None
    unanswered: bool = False
    # Of a copy: the text by which an import knows the row again, if it is another than the content.
    first: Digest | None = None


class ExampleEdited(ExampleChange, kw_only=True):
    """Absent fields are unchanged. A new content ends the old one's ratings and repair. `import_id`: a file said so."""

    content: Digest | None = None
    tags: tuple[str, ...] | None = None
    metadata: Digest | None = None
    invalid: tuple[Mismatch, ...] | None = None
    task_version: int | None = None
    reason: str | None = None
    import_id: UUID | None = None
    unanswered: bool = False


class ExampleRated(ExampleChange, kw_only=True):
    """`score` is the mean over all raters after this rating."""

    rater: str
    rating: Rating
    score: float
    reason: str | None = None
    import_id: UUID | None = None


class ExampleRepaired(ExampleChange, kw_only=True):
    """The output was replaced, as `instruction` says, or was there for the first time. Ratings of the replaced one end.

    With a `label`, it is the answer that follows from the label, which the example got by this.
    """

    content: Digest
    replaced: Digest
    instruction: Digest | None = None
    invalid: tuple[Mismatch, ...] = ()
    task_version: int | None = None
    reason: str | None = None
    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()


class ExampleMoved(ExampleChange, kw_only=True):
    """A person moved it to another split; nothing else does."""

    split: Split
    reason: str | None = None


class ExampleReplaced(ExampleChange, kw_only=True):
    """All that an example is, at once; a base of events, no event itself."""

    content: Digest
    tags: tuple[str, ...] = ()
    metadata: Digest | None = None
    ratings: dict[str, Rating] = {}
    score: float | None = None
    replaced: Digest | None = None
    instruction: Digest | None = None
    invalid: tuple[Mismatch, ...] = ()
    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()
    task_version: int | None = None
    unanswered: bool = False
    reason: str | None = None


class ExampleRestored(ExampleReplaced, kw_only=True):
    """The example was set back to `revision`. `split` is that which it has then; absent, the one it was added to."""

    revision: int
    split: Split | None = None
    import_id: UUID | None = None


class ExampleMerged(ExampleReplaced, kw_only=True):
    """The example is now what a merge made of it and of `source_id`, its counterpart in the other dataset."""

    merge_id: UUID
    source_id: UUID
    source_version: int
    split: Split


class ExampleDeleted(ExampleChange, kw_only=True):
    reason: str | None = None
    merge_id: UUID | None = None


class ExampleWithdrawn(Event):
    """Removed with its cancelled import. The external id can be used again."""

    import_id: UUID


class ExampleErased(Event):
    """Its texts of all revisions are gone, and it has left its dataset. `erasure_id` is the order, with its receipt."""

    erasure_id: UUID


ExampleEvent = (
    ExampleAdded
    | ExampleEdited
    | ExampleRated
    | ExampleRepaired
    | ExampleLabelled
    | ExampleMoved
    | ExampleRestored
    | ExampleMerged
    | ExampleDeleted
    | ExampleWithdrawn
    | ExampleErased
)


class ExampleState(msgspec.Struct, frozen=True, kw_only=True):
    dataset_id: UUID
    content: Digest
    split: Split
    source: Source
    external_id: str | None
    original: Digest | None
    tags: tuple[str, ...] = ()
    metadata: Digest | None = None
    ratings: dict[str, Rating] = {}
    score: float | None = None
    replaced: Digest | None = None
    instruction: Digest | None = None
    invalid: tuple[Mismatch, ...] = ()
    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()
    task_version: int | None = None
    unanswered: bool = False
    deleted: bool = False
    withdrawn: bool = False
    erased: bool = False

    @property
    def texts(self) -> set[Digest]:
        """The digests of the texts that a response shows."""
        return {digest for digest in (self.content, self.metadata, self.instruction) if digest}


def evolve(example: ExampleState | None, event: ExampleEvent) -> ExampleState:  # noqa: C901, PLR0911 - one return an event
    if isinstance(event, ExampleAdded):
        return _from_added(event)
    example = require_state(example)
    match event:
        case ExampleEdited():
            return _with_edit(example, event)
        case ExampleRated():
            ratings = {**example.ratings, event.rater: event.rating}
            return replace(example, ratings=ratings, score=event.score)
        case ExampleRepaired():
            return replace(
                example,
                content=event.content,
                replaced=event.replaced,
                instruction=event.instruction,
                invalid=event.invalid,
                task_version=event.task_version,
                ratings={},
                score=None,
                unanswered=False,
                label=event.label or example.label,
                votes=event.votes if event.label else example.votes,
            )
        case ExampleLabelled():
            return replace(example, label=event.label, votes=event.votes)
        case ExampleMoved():
            return replace(example, split=event.split)
        case ExampleRestored() | ExampleMerged():
            restored = {name: getattr(event, name) for name in RESTORED_FIELDS}
            return replace(example, **restored, split=event.split or example.split, deleted=False)
        case ExampleDeleted():
            return replace(example, deleted=True)
        case ExampleWithdrawn():
            return replace(example, deleted=True, withdrawn=True, external_id=None)
        case ExampleErased():
            return replace(example, deleted=True, erased=True)
        case _:
            assert_never(event)


FIXED_FIELDS = ("dataset_id", "source", "split", "external_id", "original")
CONTENT_FIELDS = ("content", "tags", "metadata", "score", "invalid", "task_version", "unanswered")
BROUGHT_FIELDS = ("replaced", "instruction", "label", "votes")
RESTORED_FIELDS = (*CONTENT_FIELDS, "ratings", *BROUGHT_FIELDS)


def _from_added(event: ExampleAdded) -> ExampleState:
    ratings = {event.rater: event.rating} if event.rater and event.rating else event.ratings
    fields = {name: getattr(event, name) for name in (*FIXED_FIELDS, *CONTENT_FIELDS, *BROUGHT_FIELDS)}
    return ExampleState(**fields, ratings=ratings)


def _with_edit(example: ExampleState, event: ExampleEdited) -> ExampleState:
    changes: dict[str, Any] = {}
    if event.content is not None:
        changes |= {"content": event.content, "ratings": {}, "score": None, "replaced": None, "instruction": None}
        changes |= {"task_version": event.task_version, "unanswered": event.unanswered}
    if event.tags is not None:
        changes["tags"] = event.tags
    if event.metadata is not None:
        changes["metadata"] = None if event.metadata == CLEARED else event.metadata
    if event.invalid is not None:
        changes["invalid"] = event.invalid
    return replace(example, **changes)


EXAMPLE: Decider[ExampleState, ExampleEvent] = Decider("example", events=get_args(ExampleEvent), evolve=evolve)


def require_example(example: ExampleState | None) -> ExampleState:
    """Raises Erased, or NotFound when there is no such example, or it was deleted."""
    if example is not None and example.erased:
        raise Erased("The example was erased; it can no longer be changed. Add a new one.")
    if example is None or example.deleted:
        raise NotFound("No such example, or it was deleted.")
    return example


def edit(
    example: ExampleState | None,
    *,
    content: Digest | None = None,
    tags: tuple[str, ...] | None = None,
    metadata: Digest | None = None,
    invalid: tuple[Mismatch, ...] = (),
    task_version: int | None = None,
    unanswered: bool = False,
    reason: str | None = None,
) -> list[ExampleEvent]:
    """Change the given fields; None keeps a field, CLEARED removes the metadata. Repeating it records nothing."""
    before = require_example(example)
    event = ExampleEdited(
        content=content if content != before.content else None,
        tags=tags if tags != before.tags else None,
        metadata=metadata if metadata != (before.metadata or CLEARED) else None,
        invalid=invalid if content is not None and content != before.content else None,
        task_version=task_version if content is not None and content != before.content else None,
        unanswered=unanswered and content is not None and content != before.content,
        reason=reason,
    )
    unchanged = event.content is None and event.tags is None and event.metadata is None
    return [] if unchanged else [event]


def rate(example: ExampleState | None, *, rating: Rating, rater: str, reason: str | None = None) -> list[ExampleEvent]:
    """Set the rater's rating, replacing an earlier one. Raises Unprocessable for a rating without a mark."""
    before = require_example(example)
    if before.unanswered:
        raise Conflict("The example has no answer yet; there is nothing to rate.")
    if rating.overall is None and not rating.requirements:
        detail = "A rating needs an overall mark or one for a requirement."
        raise Unprocessable(detail, errors=[Fault(pointer="/overall", detail=detail, code="required")])
    if before.ratings.get(rater) == rating:
        return []
    score = average({**before.ratings, rater: rating})
    if score is None:
        raise ValueError("a rating with a mark has a score")
    return [ExampleRated(rater=rater, rating=rating, score=score, reason=reason)]


def repair(
    example: ExampleState | None,
    *,
    content: Digest,
    replacing: Digest,
    instruction: Digest | None,
    invalid: tuple[Mismatch, ...] = (),
    task_version: int | None = None,
    reason: str | None = None,
) -> list[ExampleEvent]:
    """Replace the output. Repeating the same repair records nothing.

    `content` was built from `replacing`. Raises Conflict when that is no longer the example's content.
    """
    before = require_example(example)
    if content == before.content:
        return []
    if replacing != before.content:
        raise Conflict("The example was edited meanwhile; read it and repair it again.")
    return [
        ExampleRepaired(
            content=content,
            replaced=replacing,
            instruction=instruction,
            invalid=invalid,
            task_version=task_version,
            reason=reason,
        )
    ]


def delete(example: ExampleState | None, *, reason: str | None = None) -> list[ExampleEvent]:
    """Remove the example from its dataset and keep its history. Deleting it again records nothing."""
    if example is None:
        raise NotFound("No such example.")
    return [] if example.deleted else [ExampleDeleted(reason=reason)]


def at_revision(stored: StreamState[ExampleState] | None, revision: int) -> ExampleState:
    """The state at that revision, from a fold that ended there. Raises NotFound, or Unprocessable if there is none."""
    if stored is None:
        raise NotFound("No such example.")
    if stored.version != revision:
        fault = Fault(pointer="/version", detail=f"The example has {stored.version} versions so far.")
        raise Unprocessable(fault.detail, errors=[fault])
    return stored.state


def restore(
    example: ExampleState | None, *, then: ExampleState, revision: int, reason: str | None = None
) -> list[ExampleEvent]:
    """Set the example back to `then`, its state at `revision`; a deleted one too. Raises Conflict when withdrawn."""
    if example is None:
        raise NotFound("No such example.")
    if example.erased:
        raise Erased("The example was erased; none of its revisions can be restored.")
    if example.withdrawn:
        raise Conflict("This example was removed with its cancelled import; import it again.")
    if then.deleted:
        detail = f"Revision {revision} is a deletion; restore an earlier one."
        raise Unprocessable(detail, errors=[Fault(pointer="/version", detail=detail, code="deleted")])
    restored = {name: getattr(then, name) for name in RESTORED_FIELDS}
    if not example.deleted and all(getattr(example, name) == value for name, value in restored.items()):
        return []
    return [ExampleRestored(revision=revision, reason=reason, split=example.split, **restored)]


def erase(example: ExampleState | None, *, erasure_id: UUID) -> list[ExampleEvent]:
    """Give up its texts for good. Erasing it again records nothing."""
    if example is None:
        raise NotFound("No such example.")
    return [] if example.erased else [ExampleErased(erasure_id=erasure_id)]
