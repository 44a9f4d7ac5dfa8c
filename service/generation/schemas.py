"""HTTP schemas of generations and their topics."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.generation.domain import GenerationState, Guidance, OrderedRun, PromptChoice, Template
from service.generation.duplicates import DEFAULT_SIMILARITY
from service.generation.runs.spec import Mode
from service.generation.topics import domain as topics
from service.generation.topics.domain import MAX_DEPTH, MAX_NAME_LENGTH, Topic, TopicFinding
from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.inference.targets import ModelChoice
from service.ledger.decider import StreamState
from service.prompts.domain import PromptTarget

MAX_ROWS = 10_000
TopicName = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, pattern=r"^[^\x00]*\S[^\x00]*$")]
Temperature = Annotated[float, Meta(ge=0, le=2)]
Stars = Annotated[float, Meta(ge=1, le=5)]


class NewGeneration(Body):
    """What to generate for a dataset, and with which model."""

    dataset_id: UUID
    """The dataset that accepted candidates go into."""
    target: ModelChoice
    """The model to use."""
    name: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] = ""
    """A name for people to read."""
    task_id: UUID | None = None
    """The task to generate examples for. Default: the dataset's task."""
    guidance: Guidance = Guidance()
    """Instructions added to each step, after those of the template."""
    template: Template = "general"
    """Built-in instructions to start from."""
    prompt: PromptChoice | None = None
    """The prompt that writes outputs, in place of the task's instruction."""


class GenerationChanges(Body):
    """The fields to change; absent ones stay. Runs that have started keep the old values."""

    name: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] | UnsetType = UNSET
    """The new name."""
    target: ModelChoice | UnsetType = UNSET
    """The new model."""
    guidance: Guidance | UnsetType = UNSET
    """The new instructions; they replace all old ones."""
    template: Template | UnsetType = UNSET
    """The new template."""
    prompt: PromptChoice | UnsetType | None = UNSET
    """The new prompt for outputs; null removes it."""
    reason: Reason | None = None
    """Why it is changed; the history shows it."""


class NewTopics(Body):
    """Name `count` subtopics of each topic, `depth` levels down from `parent` or the root."""

    count: Annotated[int, Meta(ge=1, le=50)] = 5
    """How many subtopics of each topic, 1 to 50."""
    depth: Annotated[int, Meta(ge=1, le=MAX_DEPTH)] = 1
    """How many levels to add below `parent`."""
    parent: UUID | None = None
    """The topic to start below. Default: the root."""


class NewTopic(Body):
    name: TopicName
    """The topic's name; unique among its siblings."""
    parent: UUID | None = None
    """The topic above it. Default: the root."""


class TopicRename(Body):
    id: UUID
    """The topic to rename."""
    name: TopicName
    """Its new name."""


class TopicChanges(Body):
    """Changes to the topic tree; all are made, or none."""

    add: Annotated[list[NewTopic], Meta(max_length=1_000)] = []
    """Topics to add; up to 1,000."""
    rename: Annotated[list[TopicRename], Meta(max_length=1_000)] = []
    """Topics to rename; up to 1,000."""
    remove: Annotated[list[UUID], Meta(max_length=1_000)] = []
    """Topics to remove with everything below them; up to 1,000."""
    reason: Reason | None = None
    """Why the tree is changed; the history shows it."""


class TemperatureSpread(Body):
    """Temperatures from `min` to `max`, in equal steps over the rows."""

    min: Temperature = 0.7
    """Temperature of the first row, 0 to 2."""
    max: Temperature = 1.0
    """Temperature of the last row, 0 to 2."""


class NewJudge(Body):
    """A model that scores each candidate from 1 to 5 by the task's requirements."""

    minimum: Stars = 3.0
    """Drop candidates that score below this, 1 to 5."""
    target: ModelChoice | None = None
    """The model that judges. Default: the generation's own model."""


Rows = Annotated[int, Meta(ge=1, le=MAX_ROWS)]


class NewGenerationRun(Body):
    """How many candidates to generate, and how: give one of `inputs_per_topic`, `total` and `categories`.

    An input that repeats one of the dataset, the generation or the run is dropped. `near_duplicates` is the Jaccard
    similarity from which two inputs count as repeats.
    """

    inputs_per_topic: Rows | None = None
    """Inputs to write for each topic, 1 to 10,000. Give this, `total` or `categories`."""
    total: Rows | None = None
    """Inputs to write in total, 1 to 10,000, spread over the topics."""
    categories: Annotated[dict[Name, Rows], Meta(min_length=1, max_length=1_000)] | None = None
    """Inputs to write for each category of the task."""
    temperature: TemperatureSpread = TemperatureSpread()
    """The range of sampling temperatures."""
    judge: NewJudge | None = None
    """Score each candidate and drop the low ones. Default: no judge."""
    near_duplicates: Annotated[float, Meta(ge=0.5, le=1)] | None = DEFAULT_SIMILARITY
    """Drop inputs this similar to another, 0.5 to 1; null drops only identical ones."""
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """Token limit of each output. Default: the provider's limit."""


class NewPairs(Body):
    """How to write candidates from documents: split into chunks, then ask a model about each chunk.

    An answer is dropped when none of its content words occur in the chunk.
    """

    document_ids: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
    """The documents to use; up to 100."""
    mode: Mode = "pairs"
    """`pairs` writes questions that a chunk answers; `style` writes a prompt that leads to the chunk."""
    pairs_per_chunk: Annotated[int, Meta(ge=1, le=20)] = 3
    """Pairs per chunk, 1 to 20; only for mode `pairs`."""
    chunk_words: Annotated[int, Meta(ge=20, le=5_000)] = 300
    """Approximate words per chunk, 20 to 5,000."""
    grounding: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """Drop answers with a smaller share of content words from the chunk, 0 to 1."""
    instruction: Text | None = None
    """Instructions for the model."""
    temperature: Temperature | None = None
    """Sampling temperature, 0 to 2. Default: the provider's."""


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """What to generate for a dataset, and its runs."""

    id: UUID
    """The generation's id."""
    dataset_id: UUID
    """The dataset that accepted candidates go into."""
    task_id: UUID | None
    """The task it generates examples for; null if there is none."""
    name: str
    """A name for people to read."""
    target: PromptTarget
    """The model to use."""
    guidance: Guidance
    """Instructions added to each step, after those of the template."""
    template: Template
    """Built-in instructions to start from."""
    prompt: PromptChoice | None
    """The prompt that writes outputs; null if the task's instruction does."""
    topics: int
    """Number of topics in the tree."""
    runs: list[OrderedRun]
    """Its runs, oldest first."""
    version: int
    """Grows by 1 with every change; for If-Match."""
    created_at: datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    updated_at: datetime
    """When it last changed."""
    updated_by: str
    """Who last changed it."""


class GenerationPage(Page[Generation], frozen=True, kw_only=True):
    """One page of generations, newest first."""


class TopicNode(msgspec.Struct, frozen=True, kw_only=True):
    """A topic and the topics below it."""

    id: UUID
    """The topic's id."""
    name: str
    """The topic's name."""
    run_id: UUID | None
    """The run in which a model named it; null if a person did."""
    finding: TopicFinding | None
    """Why a model named no topics below it; null if nothing went wrong."""
    children: "list[TopicNode]"
    """The topics below it."""


class TopicTree(msgspec.Struct, frozen=True, kw_only=True):
    """The topics of a generation."""

    generation_id: UUID
    """The generation the tree belongs to."""
    version: int
    """The generation's version; for If-Match."""
    count: int
    """Number of topics in the tree."""
    finding: TopicFinding | None
    """Why a model named no topics below the root; null if nothing went wrong."""
    topics: list[TopicNode]
    """The topics of the first level."""


def generation_from_state(stored: StreamState[GenerationState]) -> Generation:
    state = stored.state
    same = ("dataset_id", "task_id", "name", "target", "guidance", "template", "prompt")
    envelope = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")
    return Generation(
        topics=len(state.topics),
        runs=list(state.runs),
        **{name: getattr(state, name) for name in same},
        **{name: getattr(stored, name) for name in envelope},
    )


def build_tree(stored: StreamState[GenerationState]) -> TopicTree:
    findings = {finding.topic_id: finding for finding in stored.state.findings}
    topics_below: dict[UUID | None, list[Topic]] = {}
    for topic in stored.state.topics.values():
        topics_below.setdefault(topic.parent, []).append(topic)

    def build_nodes(parent: UUID | None) -> list[TopicNode]:
        return [
            TopicNode(id=t.id, name=t.name, run_id=t.run_id, finding=findings.get(t.id), children=build_nodes(t.id))
            for t in topics_below.get(parent, ())
        ]

    return TopicTree(
        generation_id=stored.id,
        version=stored.version,
        count=len(stored.state.topics),
        finding=findings.get(None),
        topics=build_nodes(None),
    )


def history_fields(state: GenerationState) -> dict[str, Any]:
    """The fields that a history shows; topics are shown as paths."""
    names = {str(id_): " > ".join(topics.find_path(state.topics, id_).path) for id_ in state.topics}
    fields: dict[str, Any] = msgspec.to_builtins(
        {name: getattr(state, name) for name in state.__struct_fields__ if name not in ("topics", "removed")}
    )
    return fields | {"topics": names}
