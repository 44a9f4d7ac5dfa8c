"""Generations: what to generate for a dataset, with which model, about which topics."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from service.errors import Fault, NotFound, Unprocessable
from service.generation.topics import domain as topics
from service.generation.topics.domain import MAX_DEPTH, MAX_TOPICS, Topic, TopicFinding, normalize_name
from service.ledger.decider import Decider, Event, require_state
from service.prompts.domain import PromptTarget

Template = Literal["general", "safety", "edge_cases", "bugs_seen"]
RunKind = Literal["topics", "generation", "documents"]
GuidanceText = Annotated[str, Meta(max_length=20_000, pattern=r"^[^\x00]*$")]


class Guidance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Instructions for a model, added to those of the task, for each step."""

    topics: GuidanceText | None = None
    """Instructions for naming topics."""
    inputs: GuidanceText | None = None
    """Instructions for writing inputs."""
    outputs: GuidanceText | None = None
    """Instructions for writing outputs."""


class PromptChoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The prompt that writes outputs: a version by number, a label's versions by weight, or the latest."""

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
    """Only the fields named in `changed` count; one of them without a value was cleared."""

    changed: tuple[str, ...]
    target: PromptTarget | None = None
    name: str = ""
    guidance: Guidance = Guidance()
    template: Template = "general"
    prompt: PromptChoice | None = None
    reason: str | None = None


class TopicsEdited(Event):
    """A person changed the tree. Removing a topic removed everything below it."""

    added: tuple[Topic, ...] = ()
    renamed: dict[UUID, str] = {}
    removed: tuple[UUID, ...] = ()
    reason: str | None = None


class TopicsSuggested(Event):
    """A model named topics on one level of the tree. `findings` say where it named none."""

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
    generation = require_state(generation)
    match event:
        case GenerationEdited():
            return replace(generation, **{name: getattr(event, name) for name in event.changed})
        case TopicsEdited():
            return _apply_topic_edit(generation, event)
        case TopicsSuggested(added=added, findings=findings):
            replaced = {finding.topic_id for finding in findings}
            remaining = [finding for finding in generation.findings if finding.topic_id not in replaced]
            tree = generation.topics | {topic.id: topic for topic in added}
            return replace(generation, topics=tree, findings=(*remaining, *findings))
        case GenerationRunOrdered(run_id=run_id, kind=kind):
            return replace(generation, runs=(*generation.runs, OrderedRun(run_id=run_id, kind=kind)))
        case _:
            assert_never(event)


def _apply_topic_edit(generation: GenerationState, event: TopicsEdited) -> GenerationState:
    tree = dict(generation.topics)
    for id_, name in event.renamed.items():
        tree[id_] = replace(tree[id_], name=name)
    tree |= {topic.id: topic for topic in event.added}
    removed = {id_ for topic_id in event.removed for id_ in topics.list_subtree(tree, topic_id)}
    return replace(
        generation,
        topics={id_: topic for id_, topic in tree.items() if id_ not in removed},
        removed=generation.removed | removed,
        findings=tuple(finding for finding in generation.findings if finding.topic_id not in removed),
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
    """Set the fields in `changes` (of EDITABLE). Values that change nothing record nothing."""
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
    """Change the tree. A change without effect records nothing; raises Unprocessable with every fault."""
    generation = require_generation(generation)
    tree, renamed = generation.topics, rename or {}
    faults = [
        Fault(pointer=f"/{field}/{number}", detail="No such topic.", code="no_such_topic")
        for field, ids in (("rename", list(renamed)), ("remove", remove))
        for number, id_ in enumerate(ids)
        if id_ not in tree
    ]
    faults += _find_addition_faults(generation, add)
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)
    changed_names = {id_: name for id_, name in renamed.items() if tree[id_].name != name}
    if not (add or changed_names or remove):
        return []
    event = TopicsEdited(added=tuple(add), renamed=changed_names, removed=tuple(dict.fromkeys(remove)), reason=reason)
    _check_unique_names(_apply_topic_edit(generation, event))
    return [event]


def _find_addition_faults(generation: GenerationState, add: Sequence[Topic]) -> list[Fault]:
    faults = []
    for number, topic in enumerate(add):
        if topic.parent is not None and topic.parent not in generation.topics:
            faults.append(Fault(pointer=f"/add/{number}/parent", detail="No such topic.", code="no_such_topic"))
        elif topic.parent is not None and len(topics.find_path(generation.topics, topic.parent).path) >= MAX_DEPTH:
            detail = f"A tree has at most {MAX_DEPTH} levels."
            faults.append(Fault(pointer=f"/add/{number}/parent", detail=detail, code="too_deep"))
    if len(generation.topics) + len(add) > MAX_TOPICS:
        detail = f"A tree has at most {MAX_TOPICS:,} topics."
        faults.append(Fault(pointer="/add", detail=detail, code="too_many"))
    return faults


def _check_unique_names(generation: GenerationState) -> None:
    keys: set[tuple[UUID | None, str]] = set()
    for topic in generation.topics.values():
        key = (topic.parent, normalize_name(topic.name))
        if key in keys:
            detail = f"Duplicate topic {topic.name[:100]!r} below the same parent."
            raise Unprocessable(detail, errors=[Fault(pointer="/add", detail=detail, code="duplicate")])
        keys.add(key)


def add_suggestions(
    generation: GenerationState | None, *, run_id: UUID, named: Sequence[Topic], findings: Sequence[TopicFinding]
) -> list[GenerationEvent]:
    """Add topics that a model named. Skip those that exist, were removed, or whose parent was removed meanwhile."""
    generation = require_generation(generation)
    tree = generation.topics
    known = {(topic.parent, normalize_name(topic.name)) for topic in tree.values()}
    added: list[Topic] = []
    for topic in named:
        key = (topic.parent, normalize_name(topic.name))
        is_orphan = topic.parent is not None and topic.parent not in tree
        is_full = len(tree) + len(added) >= MAX_TOPICS
        if topic.id in tree or topic.id in generation.removed or key in known or is_orphan or is_full:
            continue
        known.add(key)
        added.append(topic)
    new_findings = [
        finding
        for finding in findings
        if finding not in generation.findings and finding.topic_id not in generation.removed
    ]
    if not (added or new_findings):
        return []
    return [TopicsSuggested(run_id=run_id, added=tuple(added), findings=tuple(new_findings))]


def order_run(generation: GenerationState | None, *, run_id: UUID, kind: RunKind) -> list[GenerationEvent]:
    require_generation(generation)
    return [GenerationRunOrdered(run_id=run_id, kind=kind)]
