"""Topic trees: what a generation writes about, from the broad to the narrow. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping
from uuid import UUID, uuid5

import msgspec

MAX_TOPICS = 2_000  # of one tree; its stream is folded whole
MAX_DEPTH = 8
MAX_NAME_LENGTH = 200

Tree = Mapping[UUID, "Topic"]


class Topic(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`run_id` is the run in which a model named it; without one a person did."""

    id: UUID
    name: str
    parent: UUID | None = None
    run_id: UUID | None = None


class TopicFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a model named no topics below this one, or below the root where it has no `topic_id`."""

    code: str
    """Machine-readable reason."""
    detail: str
    """The reason as a sentence."""
    topic_id: UUID | None = None
    """The topic that got no subtopics; null for the root."""
    call_id: UUID | None = None
    """The model call that failed."""


class TopicPath(msgspec.Struct, frozen=True, kw_only=True):
    """A topic with the names above it and its own, outermost first. The root has neither."""

    id: UUID | None = None
    path: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return "root" if self.id is None else str(self.id)


def normalize_name(name: str) -> str:
    """What makes two names the same: case, blanks and forms of letters make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def topic_id(run_id: UUID, parent: UUID | None, name: str) -> UUID:
    """The same for the same name a run finds again."""
    return uuid5(run_id, f"topic/{parent or 'root'}/{normalize_name(name)}")


def list_children(tree: Tree, parent: UUID | None) -> list[Topic]:
    return [topic for topic in tree.values() if topic.parent == parent]


def path_to(tree: Tree, id_: UUID | None) -> TopicPath:
    names: list[str] = []
    here = id_
    while here is not None:
        names.append(tree[here].name)
        here = tree[here].parent
    return TopicPath(id=id_, path=tuple(reversed(names)))


def find_leaves(tree: Tree) -> list[TopicPath]:
    """The topics that have none below them, by path; the root where there is no tree."""
    parents = {topic.parent for topic in tree.values()}
    found = [path_to(tree, id_) for id_ in tree if id_ not in parents]
    return sorted(found, key=lambda leaf: leaf.path) or [TopicPath()]


def list_subtree(tree: Tree, id_: UUID) -> Iterator[UUID]:
    """The topic and all below it."""
    below: dict[UUID | None, list[UUID]] = {}
    for topic in tree.values():
        below.setdefault(topic.parent, []).append(topic.id)
    waiting = [id_]
    while waiting:
        here = waiting.pop()
        yield here
        waiting += below.get(here, [])
