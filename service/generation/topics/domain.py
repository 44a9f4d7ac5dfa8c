"""Topic trees: what a generation writes about, from broad to narrow. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping
from uuid import UUID, uuid5

import msgspec

MAX_TOPICS = 2_000  # in one tree; all of it is in memory
MAX_DEPTH = 8
MAX_NAME_LENGTH = 200

Tree = Mapping[UUID, "Topic"]


class Topic(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`run_id` is the run in which a model named it; None if a person did."""

    id: UUID
    name: str
    parent: UUID | None = None
    run_id: UUID | None = None


class TopicFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a model named no topics below this one; without a `topic_id`, below the root."""

    code: str
    """Machine-readable reason."""
    detail: str
    """The reason as a sentence."""
    topic_id: UUID | None = None
    """The topic that got no subtopics; null for the root."""
    call_id: UUID | None = None
    """The model call that failed."""


class TopicPath(msgspec.Struct, frozen=True, kw_only=True):
    """A topic with its name and those above it, outermost first. The root has no id and an empty path."""

    id: UUID | None = None
    path: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return "root" if self.id is None else str(self.id)


def normalize_name(name: str) -> str:
    """Two names are the same if they differ only in case, blanks or letter forms (NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def derive_topic_id(run_id: UUID, parent: UUID | None, name: str) -> UUID:
    """The same id when a run names the same topic again."""
    return uuid5(run_id, f"topic/{parent or 'root'}/{normalize_name(name)}")


def list_children(tree: Tree, parent: UUID | None) -> list[Topic]:
    return [topic for topic in tree.values() if topic.parent == parent]


def find_path(tree: Tree, id_: UUID | None) -> TopicPath:
    names: list[str] = []
    current = id_
    while current is not None:
        names.append(tree[current].name)
        current = tree[current].parent
    return TopicPath(id=id_, path=tuple(reversed(names)))


def find_leaves(tree: Tree) -> list[TopicPath]:
    """The topics that have none below them, ordered by path; the root if the tree is empty."""
    parents = {topic.parent for topic in tree.values()}
    leaves = [find_path(tree, id_) for id_ in tree if id_ not in parents]
    return sorted(leaves, key=lambda leaf: leaf.path) or [TopicPath()]


def list_subtree(tree: Tree, id_: UUID) -> Iterator[UUID]:
    """The topic and all below it."""
    children: dict[UUID | None, list[UUID]] = {}
    for topic in tree.values():
        children.setdefault(topic.parent, []).append(topic.id)
    pending = [id_]
    while pending:
        current = pending.pop()
        yield current
        pending += children.get(current, [])
