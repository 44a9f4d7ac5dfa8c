"""Annotators (people and models), and the ids computed from their names."""

from uuid import UUID, uuid5

import msgspec

from service.datasets.examples.ratings import AnnotatorKind


class Annotator(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Who labels. A person and a model with the same name are two annotators."""

    name: str
    """The name of the person or model."""
    kind: AnnotatorKind = "person"
    """Person or model."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


def build_item_id(queue_id: UUID, example_id: UUID) -> UUID:
    """Compute the id of an example in a queue; it is in a queue once. Ordering by this id shuffles the examples."""
    return uuid5(queue_id, str(example_id))


def build_assignment_id(item: UUID, annotator: Annotator) -> UUID:
    return uuid5(item, annotator.key)


def build_label_id(example_id: UUID, task_id: UUID, annotator: Annotator) -> UUID:
    """Compute the id of an annotator's label of an example; a new label for the same task replaces the old one."""
    return uuid5(example_id, f"{task_id} {annotator.key}")
