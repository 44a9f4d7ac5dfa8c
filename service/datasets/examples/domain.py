"""Examples: what can happen to one. Its texts are known here by their digests alone."""

from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.examples.ratings import Rating, average
from service.datasets.examples.sources import Source
from service.datasets.splits import Split
from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Digest, Event, StreamState

GONE: Digest = ""  # in an edit: the metadata was taken away


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """Where an example fails its task's schema. Only the place: the event holds no content."""

    pointer: str
    """JSON pointer to the value that fails."""
    code: str
    """The kind of fault, for programs."""


Answers = dict[str, tuple[str, ...]]  # the chosen categories by question of the task
Rule = Literal["majority", "weighted", "adjudicated"]
AnnotatorKind = Literal["person", "model"]


class ExampleLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The categories chosen, by question, and how they were found."""

    answers: Answers
    """The chosen categories, by question."""
    rule: Rule
    """How the answers were decided."""


class Vote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one annotator said, and how much it counted."""

    annotator: str
    """Who voted: a person's actor, or a model."""
    kind: AnnotatorKind = "person"
    """Whether a person or a model voted."""
    answers: Answers
    """The categories the annotator chose, by question."""
    weight: float = 1.0
    """How much the vote counted."""


class ExampleLabelled(Event):
    """The text it was given for may change, as a repair does, and the label stays until another is given."""

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


class ExampleEdited(Event):
    """Fields that are absent stay as they were; a new content ends the ratings and the repair of the old one."""

    content: Digest | None = None
    tags: tuple[str, ...] | None = None
    metadata: Digest | None = None
    invalid: tuple[Mismatch, ...] | None = None
    task_version: int | None = None
    reason: str | None = None


class ExampleRated(Event):
    """`score` is the mean over all raters after this rating."""

    rater: str
    rating: Rating
    score: float
    reason: str | None = None


class ExampleRepaired(Event):
    """The answer was replaced by a better one, as `instruction` asked. Ratings were of the answer it replaced."""

    content: Digest
    replaced: Digest
    instruction: Digest | None = None
    invalid: tuple[Mismatch, ...] = ()
    task_version: int | None = None
    reason: str | None = None


class ExampleRestored(Event):
    """The example is again what it was at `revision`."""

    revision: int
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
    reason: str | None = None


class ExampleDeleted(Event):
    reason: str | None = None


class ExampleWithdrawn(Event):
    """Taken back with the import that was cancelled while it brought the example; its external id is free again."""

    import_id: UUID


ExampleEvent = (
    ExampleAdded
    | ExampleEdited
    | ExampleRated
    | ExampleRepaired
    | ExampleLabelled
    | ExampleRestored
    | ExampleDeleted
    | ExampleWithdrawn
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
    deleted: bool = False
    withdrawn: bool = False

    @property
    def texts(self) -> set[Digest]:
        """Those that it is shown with."""
        return {digest for digest in (self.content, self.metadata, self.instruction) if digest}


def evolve(example: ExampleState | None, event: ExampleEvent) -> ExampleState:  # noqa: PLR0911 - one return an event
    if isinstance(event, ExampleAdded):
        return _added(event)
    assert example is not None  # noqa: S101 - a stream begins with its addition
    match event:
        case ExampleEdited():
            return _edited(example, event)
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
            )
        case ExampleLabelled():
            return replace(example, label=event.label, votes=event.votes)
        case ExampleRestored():
            kept = {name: getattr(event, name) for name in RESTORED}
            return replace(example, **kept, deleted=False)
        case ExampleDeleted():
            return replace(example, deleted=True)
        case ExampleWithdrawn():
            return replace(example, deleted=True, withdrawn=True, external_id=None)
        case _:
            assert_never(event)


SAID = ("content", "tags", "metadata", "score", "invalid", "task_version")
RESTORED = (*SAID, "ratings", "replaced", "instruction", "label", "votes")


def _added(event: ExampleAdded) -> ExampleState:
    ratings = {event.rater: event.rating} if event.rater and event.rating else {}
    kept = {name: getattr(event, name) for name in ("dataset_id", "source", "split", "external_id", "original", *SAID)}
    return ExampleState(**kept, ratings=ratings)


def _edited(example: ExampleState, event: ExampleEdited) -> ExampleState:
    changes: dict[str, Any] = {}
    if event.content is not None:
        changes |= {"content": event.content, "ratings": {}, "score": None, "replaced": None, "instruction": None}
        changes["task_version"] = event.task_version
    if event.tags is not None:
        changes["tags"] = event.tags
    if event.metadata is not None:
        changes["metadata"] = None if event.metadata == GONE else event.metadata
    if event.invalid is not None:
        changes["invalid"] = event.invalid
    return replace(example, **changes)


EXAMPLE: Decider[ExampleState, ExampleEvent] = Decider(
    "example",
    events=(
        ExampleAdded,
        ExampleEdited,
        ExampleRated,
        ExampleRepaired,
        ExampleLabelled,
        ExampleRestored,
        ExampleDeleted,
        ExampleWithdrawn,
    ),
    evolve=evolve,
)


def present(example: ExampleState | None) -> ExampleState:
    """The example, if it is there to be changed. Raises NotFound otherwise."""
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
    reason: str | None = None,
) -> list[ExampleEvent]:
    """Change what is given; None leaves a field alone, GONE takes the metadata away. Repeating it records nothing."""
    before = present(example)
    event = ExampleEdited(
        content=content if content != before.content else None,
        tags=tags if tags != before.tags else None,
        metadata=metadata if metadata != (before.metadata or GONE) else None,
        invalid=invalid if content is not None and content != before.content else None,
        task_version=task_version if content is not None and content != before.content else None,
        reason=reason,
    )
    unchanged = event.content is None and event.tags is None and event.metadata is None
    return [] if unchanged else [event]


def rate(example: ExampleState | None, *, rating: Rating, rater: str, reason: str | None = None) -> list[ExampleEvent]:
    """Give the rater's one rating, in place of an earlier one. Raises Unprocessable for a rating without a mark."""
    before = present(example)
    if rating.overall is None and not rating.requirements:
        raise Unprocessable("A rating needs an overall mark or one for a requirement.")
    if before.ratings.get(rater) == rating:
        return []
    score = average({**before.ratings, rater: rating})
    assert score is not None  # noqa: S101 - there is at least this rating
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
    """Replace the answer by a better one, and keep what it replaced. Repeating the same repair records nothing.

    `content` was made of `replacing`; raises Conflict when the example says something else by now.
    """
    before = present(example)
    if content == before.content:
        return []
    if replacing != before.content:
        raise Conflict("The example was edited while this repair was on its way; read it and repair it again.")
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
    """Take the example out of its dataset; its history stays. Deleting it again records nothing."""
    if example is None:
        raise NotFound("No such example.")
    return [] if example.deleted else [ExampleDeleted(reason=reason)]


def at_revision(stored: StreamState[ExampleState] | None, revision: int) -> ExampleState:
    """The example as a fold of its first events left it. Raises NotFound, or Unprocessable when it has fewer."""
    if stored is None:
        raise NotFound("No such example.")
    if stored.version != revision:
        fault = Fault(pointer="/version", detail=f"The example has {stored.version} versions so far.")
        raise Unprocessable(fault.detail, errors=[fault])
    return stored.state


def restore(
    example: ExampleState | None, *, then: ExampleState, revision: int, reason: str | None = None
) -> list[ExampleEvent]:
    """Bring back what it was at `revision`, `then`; also after it was deleted. Raises Conflict when withdrawn."""
    if example is None:
        raise NotFound("No such example.")
    if example.withdrawn:
        raise Conflict("This example was taken back with its import; import it again.")
    if then.deleted:
        raise Unprocessable(f"Revision {revision} is a deletion; restore an earlier one.")
    kept = {name: getattr(then, name) for name in RESTORED}
    if not example.deleted and all(getattr(example, name) == value for name, value in kept.items()):
        return []
    return [ExampleRestored(revision=revision, reason=reason, **kept)]
