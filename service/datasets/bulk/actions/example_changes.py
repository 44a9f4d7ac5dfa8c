"""Decide what a bulk change does to one example. Pure."""

from uuid import UUID

from msgspec.structs import replace

from service.datasets.bulk.actions.bulk_order import (
    AnyAction,
    DeleteExamples,
    DropDuplicates,
    MoveExamples,
    RateExamples,
    RestoreExamples,
    TagExamples,
    UntagExamples,
)
from service.datasets.bulk.domain import SkipReason
from service.datasets.examples import domain
from service.datasets.examples.domain import (
    RESTORED_FIELDS,
    ExampleDeleted,
    ExampleEvent,
    ExampleMoved,
    ExampleRestored,
    ExampleState,
)
from service.ledger.decider import StreamState

MAX_TAGS = 50


class Skipped(Exception):  # noqa: N818 - it names a state
    """The example is left as it is"""

    def __init__(self, reason: SkipReason) -> None:
        super().__init__(reason)
        self.reason: SkipReason = reason


def check_present(example: ExampleState, *, dataset_id: UUID) -> None:
    """Raises Skipped unless the example is there to be changed."""
    if example.dataset_id != dataset_id:
        raise Skipped("not_found")
    if example.erased:
        raise Skipped("erased")
    if example.withdrawn:
        raise Skipped("withdrawn")


def decide(
    stored: StreamState[ExampleState], action: AnyAction, *, actor: str, reason: str | None
) -> list[ExampleEvent]:
    """Decide an action that needs no texts. Raises Skipped."""
    example = stored.state
    match action:
        case RestoreExamples():
            return _restore(stored, reason=reason)
        case DeleteExamples() | DropDuplicates():
            return domain.delete(example, reason=reason)
    if example.deleted:
        raise Skipped("deleted")
    match action:
        case TagExamples() | UntagExamples():
            return domain.edit(example, tags=_change_tags(example.tags, action), reason=reason)
        case MoveExamples():
            return [] if action.split == example.split else [ExampleMoved(split=action.split, reason=reason)]
        case RateExamples():
            return domain.rate(example, rating=action.rating, rater=actor, reason=reason)
    raise ValueError(f"{type(action).__name__} needs texts")


def _change_tags(tags: tuple[str, ...], action: TagExamples | UntagExamples) -> tuple[str, ...]:
    if isinstance(action, UntagExamples):
        return tuple(tag for tag in tags if tag not in action.tags)
    more = tuple(dict.fromkeys((*tags, *action.tags)))
    if len(more) > MAX_TAGS:
        raise Skipped("too_many_tags")
    return more


def _restore(stored: StreamState[ExampleState], *, reason: str | None) -> list[ExampleEvent]:
    if not stored.state.deleted:
        return []
    then = replace(stored.state, deleted=False)
    return domain.restore(stored.state, then=then, revision=stored.version - 1, reason=reason)


def revert(
    stored: StreamState[ExampleState], then: StreamState[ExampleState] | None, *, reason: str | None
) -> list[ExampleEvent]:
    """Return an example to what it was `then`; None is before it was added."""
    example = stored.state
    if then is None or then.state.deleted:
        return domain.delete(example, reason=reason)
    same = all(getattr(example, name) == getattr(then.state, name) for name in (*RESTORED_FIELDS, "split"))
    return [] if same and not example.deleted else undo(then.state, revision=then.version, reason=reason)


def undo(then: ExampleState, *, revision: int, reason: str | None) -> list[ExampleEvent]:
    """Return an example to `then`, its state at `revision`, with its split; or delete it again."""
    if then.deleted:
        return [ExampleDeleted(reason=reason)]
    restored = {name: getattr(then, name) for name in RESTORED_FIELDS}
    return [ExampleRestored(revision=revision, split=then.split, reason=reason, **restored)]
