"""Generations: what is to be synthesized for a dataset, by which model, about which topics. Every change is kept."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from service.errors import Fault, NotFound, Unprocessable
from service.generation.topics import domain as topics
from service.generation.topics.domain import MAX_DEPTH, MAX_TOPICS, Topic, TopicFinding, normalize_name
from service.ledger.decider import Decider, Event
from service.prompts.domain import PromptTarget

Template = Literal["general", "safety", "edge_cases", "bugs_seen"]
RunKind = Literal["topics", "generation", "documents"]
GuidanceText = Annotated[str, Meta(max_length=20_000, pattern=r"^[^\x00]*$")]


class Guidance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a model is told beside the task when it names topics, and writes inputs and outputs."""

    topics: GuidanceText | None = None
    """Instructions for naming topics."""
    inputs: GuidanceText | None = None
    """Instructions for writing inputs."""
    outputs: GuidanceText | None = None
    """Instructions for writing outputs."""


class PromptChoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The prompt that outputs are asked with: a version by number, those of a label by weight, or the latest."""

    prompt_id: UUID
    """The prompt to use."""
    version: Annotated[int, Meta(ge=1, lt=2**31)] | None = None
    """Use this version of the prompt."""
    label: Annotated[str, Meta(max_length=63, pattern=r"^[^\x00]*$")] | None = None
    """Use the versions that carry this label, by their weights."""


class GenerationCreated(Event):
    dataset_id: UUID
    target: PromptTarget
    name: str = ""
    task_id: UUID | None = None
    guidance: Guidance = Guidance()
    template: Template = "general"
    prompt: PromptChoice | None = None


class GenerationEdited(Event):
    """Only the fields named in `changed` say anything: of those, an absent one was emptied."""

    changed: tuple[str, ...]
    target: PromptTarget | None = None
    name: str = ""
    guidance: Guidance = Guidance()
    template: Template = "general"
    prompt: PromptChoice | None = None
    reason: str | None = None


class TopicsEdited(Event):
    """What a person did to the tree. With a topic, all below it was removed."""

    added: tuple[Topic, ...] = ()
    renamed: dict[UUID, str] = {}
    removed: tuple[UUID, ...] = ()
    reason: str | None = None


class TopicsSuggested(Event):
    """What a model named on one level of the tree, and where it named nothing."""

    run_id: UUID
    added: tuple[Topic, ...] = ()
    findings: tuple[TopicFinding, ...] = ()


class GenerationRunOrdered(Event):
    run_id: UUID
    kind: RunKind


GenerationEvent = GenerationCreated | GenerationEdited | TopicsEdited | TopicsSuggested | GenerationRunOrdered


class OrderedRun(msgspec.Struct, frozen=True, kw_only=True):
    run_id: UUID
    """The run; read it under /operations."""
    kind: RunKind
    """What the run does: name topics, write candidates from topics, or from documents."""


class GenerationState(msgspec.Struct, frozen=True, kw_only=True):
    dataset_id: UUID
    target: PromptTarget
    name: str
    task_id: UUID | None
    guidance: Guidance
    template: Template
    prompt: PromptChoice | None
    topics: dict[UUID, Topic] = {}
    removed: frozenset[UUID] = frozenset()
    findings: tuple[TopicFinding, ...] = ()
    runs: tuple[OrderedRun, ...] = ()


CREATED_FIELDS = ("dataset_id", "target", "name", "task_id", "guidance", "template", "prompt")
EDITABLE = ("name", "target", "guidance", "template", "prompt")


def evolve(generation: GenerationState | None, event: GenerationEvent) -> GenerationState:
    if isinstance(event, GenerationCreated):
        return GenerationState(**{name: getattr(event, name) for name in CREATED_FIELDS})
    assert generation is not None  # noqa: S101 - a stream begins with its creation
    match event:
        case GenerationEdited():
            return replace(generation, **{name: getattr(event, name) for name in event.changed})
        case TopicsEdited():
            return _edited(generation, event)
        case TopicsSuggested(added=added, findings=findings):
            asked = {finding.topic_id for finding in findings}
            kept = [finding for finding in generation.findings if finding.topic_id not in asked]
            tree = generation.topics | {topic.id: topic for topic in added}
            return replace(generation, topics=tree, findings=(*kept, *findings))
        case GenerationRunOrdered(run_id=run_id, kind=kind):
            return replace(generation, runs=(*generation.runs, OrderedRun(run_id=run_id, kind=kind)))
        case _:
            assert_never(event)


def _edited(generation: GenerationState, event: TopicsEdited) -> GenerationState:
    tree = dict(generation.topics)
    for id_, name in event.renamed.items():
        tree[id_] = replace(tree[id_], name=name)
    tree |= {topic.id: topic for topic in event.added}
    gone = {id_ for each in event.removed for id_ in topics.list_subtree(tree, each)}
    return replace(
        generation,
        topics={id_: topic for id_, topic in tree.items() if id_ not in gone},
        removed=generation.removed | gone,
        findings=tuple(finding for finding in generation.findings if finding.topic_id not in gone),
    )


GENERATION: Decider[GenerationState, GenerationEvent] = Decider(
    "generation",
    events=(GenerationCreated, GenerationEdited, TopicsEdited, TopicsSuggested, GenerationRunOrdered),
    evolve=evolve,
)


def require_generation(generation: GenerationState | None) -> GenerationState:
    if generation is None:
        raise NotFound("No such generation.")
    return generation


def edit(
    generation: GenerationState | None, changes: dict[str, Any], *, reason: str | None = None
) -> list[GenerationEvent]:
    """Put the values of `changes` (of EDITABLE) in place. No difference records nothing."""
    generation = require_generation(generation)
    changed = {name: value for name, value in changes.items() if value != getattr(generation, name)}
    return [GenerationEdited(changed=tuple(sorted(changed)), reason=reason, **changed)] if changed else []


def edit_topics(
    generation: GenerationState | None,
    *,
    add: Sequence[Topic] = (),
    rename: dict[UUID, str] | None = None,
    remove: Sequence[UUID] = (),
    reason: str | None = None,
) -> list[GenerationEvent]:
    """Change the tree by hand. What makes no difference records nothing; raises Unprocessable with every fault."""
    generation = require_generation(generation)
    tree, renamed = generation.topics, rename or {}
    faults = [
        Fault(pointer=f"/{field}/{number}", detail="There is no such topic.", code="no_such_topic")
        for field, ids in (("rename", list(renamed)), ("remove", remove))
        for number, id_ in enumerate(ids)
        if id_ not in tree
    ]
    faults += _addition_faults(generation, add)
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)
    different = {id_: name for id_, name in renamed.items() if tree[id_].name != name}
    if not (add or different or remove):
        return []
    event = TopicsEdited(added=tuple(add), renamed=different, removed=tuple(dict.fromkeys(remove)), reason=reason)
    _refuse_twins(_edited(generation, event))
    return [event]


def _addition_faults(generation: GenerationState, add: Sequence[Topic]) -> list[Fault]:
    faults = []
    for number, topic in enumerate(add):
        if topic.parent is not None and topic.parent not in generation.topics:
            at = f"/add/{number}/parent"
            faults.append(Fault(pointer=at, detail="There is no such topic.", code="no_such_topic"))
        elif topic.parent is not None and len(topics.path_to(generation.topics, topic.parent).path) >= MAX_DEPTH:
            detail = f"A tree is at most {MAX_DEPTH} topics deep."
            faults.append(Fault(pointer=f"/add/{number}/parent", detail=detail, code="too_deep"))
    if len(generation.topics) + len(add) > MAX_TOPICS:
        detail = f"A tree has at most {MAX_TOPICS:,} topics."
        faults.append(Fault(pointer="/add", detail=detail, code="too_many"))
    return faults


def _refuse_twins(after: GenerationState) -> None:
    seen: set[tuple[UUID | None, str]] = set()
    for topic in after.topics.values():
        key = (topic.parent, normalize_name(topic.name))
        if key in seen:
            detail = f"There are two topics {topic.name[:100]!r} in one place."
            raise Unprocessable(detail, errors=[Fault(detail=detail, code="duplicate")])
        seen.add(key)


def add_suggestions(
    generation: GenerationState | None, *, run_id: UUID, named: Sequence[Topic], findings: Sequence[TopicFinding]
) -> list[GenerationEvent]:
    """Take in what a model named. What is there, was removed, or has lost its parent meanwhile is passed over."""
    generation = require_generation(generation)
    tree = generation.topics
    taken = {(topic.parent, normalize_name(topic.name)) for topic in tree.values()}
    added: list[Topic] = []
    for topic in named:
        key = (topic.parent, normalize_name(topic.name))
        orphaned = topic.parent is not None and topic.parent not in tree
        full = len(tree) + len(added) >= MAX_TOPICS
        if topic.id in tree or topic.id in generation.removed or key in taken or orphaned or full:
            continue
        taken.add(key)
        added.append(topic)
    new = [
        finding
        for finding in findings
        if finding not in generation.findings and finding.topic_id not in generation.removed
    ]
    return [TopicsSuggested(run_id=run_id, added=tuple(added), findings=tuple(new))] if added or new else []


def order_run(generation: GenerationState | None, *, run_id: UUID, kind: RunKind) -> list[GenerationEvent]:
    require_generation(generation)
    return [GenerationRunOrdered(run_id=run_id, kind=kind)]
