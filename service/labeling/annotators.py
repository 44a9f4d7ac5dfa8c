"""Annotators: people by name, and models as annotators of another kind; and the ids that follow from names."""

from uuid import UUID, uuid5

import msgspec

from service.datasets.examples.domain import AnnotatorKind


class Annotator(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Who labels. A person and a model of the same name are two."""

    name: str
    """The name of the person or model."""
    kind: AnnotatorKind = "person"
    """Person or model."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


def item_id(queue_id: UUID, example_id: UUID) -> UUID:
    """An example is in a queue once. The id is as good as random, so its order is that of a shuffled pack."""
    return uuid5(queue_id, str(example_id))


def assignment_id(item: UUID, annotator: Annotator) -> UUID:
    return uuid5(item, annotator.key)


def label_id(example_id: UUID, task_id: UUID, annotator: Annotator) -> UUID:
    """An annotator has one label of an example for a task; a new one takes the place of the old."""
    return uuid5(example_id, f"{task_id} {annotator.key}")
