"""What callers send and see of generations and their topics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.generation.domain import Generation as State
from service.generation.domain import Guidance, OrderedRun, PromptChoice, Template
from service.generation.duplicates import NEAR
from service.generation.runs.spec import Mode
from service.generation.topics import domain as topics
from service.generation.topics.domain import DEEPEST, LONGEST_NAME, Topic, TopicFinding
from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.inference.targets import ModelChoice
from service.ledger.decider import StreamState
from service.prompts.domain import PromptTarget

MOST_ROWS = 10_000
TopicName = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00]*\S[^\x00]*$")]
Temperature = Annotated[float, Meta(ge=0, le=2)]
Stars = Annotated[float, Meta(ge=1, le=5)]


class NewGeneration(Body):
    """What is to be made for a dataset, and by which model. Without `task_id` it is for the dataset's task.

    `guidance` is told to the model at each step, after what the `template` says. `prompt` asks for outputs in place of
    the task's instruction.
    """

    dataset_id: UUID
    target: ModelChoice
    name: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] = ""
    task_id: UUID | None = None
    guidance: Guidance = Guidance()
    template: Template = "general"
    prompt: PromptChoice | None = None


class GenerationChanges(Body):
    """What is to be different: an absent field stays as it is. Runs that are under way go on as they were asked for."""

    name: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] | UnsetType = UNSET
    target: ModelChoice | UnsetType = UNSET
    guidance: Guidance | UnsetType = UNSET
    template: Template | UnsetType = UNSET
    prompt: PromptChoice | UnsetType | None = UNSET
    reason: Reason | None = None


class NewTopics(Body):
    """So many subtopics of each topic, `depth` levels down from `parent`, or from the root."""

    count: Annotated[int, Meta(ge=1, le=50)] = 5
    depth: Annotated[int, Meta(ge=1, le=DEEPEST)] = 1
    parent: UUID | None = None


class NewTopic(Body):
    name: TopicName
    parent: UUID | None = None


class TopicRename(Body):
    id: UUID
    name: TopicName


class TopicChanges(Body):
    """What a person changes of the tree, all of it or nothing. With a topic, all below it is removed."""

    add: Annotated[list[NewTopic], Meta(max_length=1_000)] = []
    rename: Annotated[list[TopicRename], Meta(max_length=1_000)] = []
    remove: Annotated[list[UUID], Meta(max_length=1_000)] = []
    reason: Reason | None = None


class TemperatureSpread(Body):
    """From `min` to `max` in equal steps over the rows."""

    min: Temperature = 0.7
    max: Temperature = 1.0


class NewJudge(Body):
    """A model that marks each candidate 1 to 5 by the task's requirements; those under `minimum` are dropped.

    Without a `target` the generation's own model judges.
    """

    minimum: Stars = 3.0
    target: ModelChoice | None = None


Rows = Annotated[int, Meta(ge=1, le=MOST_ROWS)]


class NewGenerationRun(Body):
    """How many inputs are written: so many a topic, in `total`, or by the category they are to be answered with.

    An input that repeats one of the dataset, of the generation or of the run is dropped: the same text always, others
    from a Jaccard similarity of `near_duplicates` on (null looks for the same texts only).
    """

    inputs_per_topic: Rows | None = None
    total: Rows | None = None
    categories: Annotated[dict[Name, Rows], Meta(min_length=1, max_length=1_000)] | None = None
    temperature: TemperatureSpread = TemperatureSpread()
    judge: NewJudge | None = None
    near_duplicates: Annotated[float, Meta(ge=0.5, le=1)] | None = NEAR
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class NewPairs(Body):
    """Documents to examples: questions that a chunk answers (`pairs`), or the prompt that leads to it (`style`).

    A chunk has about `chunk_words` words. Of its answer, at least the share `grounding` of the telling words has to
    stand in the chunk, and always one.
    """

    document_ids: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
    mode: Mode = "pairs"
    pairs_per_chunk: Annotated[int, Meta(ge=1, le=20)] = 3
    chunk_words: Annotated[int, Meta(ge=20, le=5_000)] = 300
    grounding: Annotated[float, Meta(ge=0, le=1)] = 0.0
    instruction: Text | None = None
    temperature: Temperature | None = None


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """What is made for a dataset. `topics` counts those of its tree; `runs` are its operations, the oldest first."""

    id: UUID
    dataset_id: UUID
    task_id: UUID | None
    name: str
    target: PromptTarget
    guidance: Guidance
    template: Template
    prompt: PromptChoice | None
    topics: int
    runs: list[OrderedRun]
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str


class GenerationPage(Page[Generation], frozen=True, kw_only=True):
    """One page of generations, the newest first."""


class TopicNode(msgspec.Struct, frozen=True, kw_only=True):
    """A topic and what is below it. `run_id` is the run in which a model named it, null where a person did."""

    id: UUID
    name: str
    run_id: UUID | None
    finding: TopicFinding | None
    children: "list[TopicNode]"


class TopicTree(msgspec.Struct, frozen=True, kw_only=True):
    """The topics of a generation. A `finding` says why a model named none there; the root's own is here."""

    generation_id: UUID
    version: int
    count: int
    finding: TopicFinding | None
    topics: list[TopicNode]


def shown(stored: StreamState[State]) -> Generation:
    state = stored.state
    same = ("dataset_id", "task_id", "name", "target", "guidance", "template", "prompt")
    envelope = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")
    return Generation(
        topics=len(state.topics),
        runs=list(state.runs),
        **{name: getattr(state, name) for name in same},
        **{name: getattr(stored, name) for name in envelope},
    )


def tree_of(stored: StreamState[State]) -> TopicTree:
    findings = {finding.topic_id: finding for finding in stored.state.findings}
    below: dict[UUID | None, list[Topic]] = {}
    for topic in stored.state.topics.values():
        below.setdefault(topic.parent, []).append(topic)

    def nodes(parent: UUID | None) -> list[TopicNode]:
        here: Sequence[Topic] = below.get(parent, ())
        return [
            TopicNode(id=t.id, name=t.name, run_id=t.run_id, finding=findings.get(t.id), children=nodes(t.id))
            for t in here
        ]

    return TopicTree(
        generation_id=stored.id,
        version=stored.version,
        count=len(stored.state.topics),
        finding=findings.get(None),
        topics=nodes(None),
    )


def in_words(state: State) -> dict[str, Any]:
    """What a history tells: the tree by path, and the rest as it is."""
    names = {str(id_): " > ".join(topics.place(state.topics, id_).path) for id_ in state.topics}
    told: dict[str, Any] = msgspec.to_builtins(
        {name: getattr(state, name) for name in state.__struct_fields__ if name not in ("topics", "removed")}
    )
    return told | {"topics": names}
