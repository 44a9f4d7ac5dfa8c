"""A prompt: its numbered versions, which never change, and the labels that point at them."""

from datetime import datetime
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from service.datasets.filters.selection import Words
from service.datasets.splits import Split
from service.errors import Archived, NotFound
from service.ledger.decider import Decider, Digest, Event, require_state

LabelWeights = dict[int, float]  # version number → weight
Stop = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Style = Literal["basic", "few_shot", "multi_shot", "repairs", "chain_of_thought", "training"]


class StrictStruct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a version, stored as the caller wrote it."""


class PromptParameters(StrictStruct, frozen=True, kw_only=True):
    """How the model should answer. With a `response_schema` the answer is JSON."""

    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """The most tokens the answer may have."""
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    """Sampling temperature, 0 to 2."""
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    """Nucleus sampling, 0 to 1."""
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    """A seed for the provider's sampling."""
    stop: Annotated[tuple[Stop, ...], Meta(max_length=16)] = ()
    """At most 16 texts that end the answer."""
    response_schema: dict[str, Any] | None = None
    """A JSON Schema that the answer must match."""


class ExampleDraw(StrictStruct, frozen=True, kw_only=True):
    """Which examples of a dataset to show before the question, each as a question and its answer.

    The seed decides the order. Without `version` and `as_of` the dataset is read as it is when rendering.
    A repaired example without a newer rating counts as good enough.
    """

    dataset_id: UUID
    """The dataset to draw from."""
    k: Annotated[int, Meta(ge=1, le=50)]
    """How many examples to show, 1 to 50."""
    rating_gte: Annotated[float, Meta(ge=1, le=5)] | None = 4.0
    """The lowest rating in stars; null draws unrated examples too."""
    repaired_first: bool = True
    """Whether repaired examples come first."""
    tags: Annotated[tuple[Words, ...], Meta(max_length=50)] = ()
    """Only examples that have all these tags."""
    split: Split | None = "train"
    """Only examples of this split; null draws from all."""
    version: Words | None = None
    """A frozen dataset version to draw from."""
    as_of: Words | None = None
    """A past state of the dataset to draw from: a time, an event's seq, or the name of a version."""
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    """The same seed draws the same examples."""


class DrawnExample(StrictStruct, frozen=True, kw_only=True):
    """An example at one of its versions."""

    example_id: UUID
    """The example."""
    version: Annotated[int, Meta(ge=1, lt=2**31)]
    """The example's revision, from 1."""


class BuiltFrom(StrictStruct, frozen=True, kw_only=True):
    """The task and examples that a version was built from."""

    task_id: UUID
    """The task."""
    task_version: Annotated[int, Meta(ge=1, lt=2**31)]
    """The task's version, from 1."""
    style: Style
    """The style in which the prompt was built."""
    examples: Annotated[tuple[DrawnExample, ...], Meta(max_length=100)] = ()
    """The examples copied into the messages."""


class PromptTarget(msgspec.Struct, frozen=True, kw_only=True):
    """The model that answers: a connection's model by the provider's name, or one of yours by version or alias."""

    connection_id: UUID | None = None
    """The connection to ask; goes with `model`."""
    model: str | None = None
    """A model of the connection, by the provider's name."""
    model_id: UUID | None = None
    """One of your models."""
    version: str | None = None
    """A version of your model."""
    alias: str | None = None
    """An alias of your model."""


class PromptCreated(Event):
    name: str
    description: str | None = None
    task_id: UUID | None = None


class PromptEdited(Event):
    """Only the fields named in `changed` count; one of them without a value was cleared."""

    changed: tuple[str, ...]
    name: str | None = None
    description: str | None = None
    task_id: UUID | None = None
    reason: str | None = None


class PromptVersionAdded(Event):
    """`texts` are its messages and variables. `inputs` maps variables to JSON pointers into an example."""

    number: int
    texts: Digest
    parameters: PromptParameters = PromptParameters()
    target: PromptTarget | None = None
    examples: ExampleDraw | None = None
    inputs: dict[str, str] = {}
    built: BuiltFrom | None = None
    task_version: int | None = None
    notes: str | None = None


class PromptLabelMoved(Event):
    """The label now points at these versions, by weight."""

    label: str
    weights: LabelWeights
    previous: LabelWeights | None = None
    reason: str | None = None


class PromptArchived(Event):
    """Out of lists and closed to new work; its versions can still be rendered. `at` is the server's clock."""

    at: datetime
    reason: str | None = None


class PromptUnarchived(Event):
    reason: str | None = None


PromptEvent = PromptCreated | PromptEdited | PromptVersionAdded | PromptLabelMoved | PromptArchived | PromptUnarchived


class PromptState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str | None = None
    task_id: UUID | None = None
    versions: dict[int, PromptVersionAdded] = {}
    labels: dict[str, LabelWeights] = {}
    archived_at: datetime | None = None

    @property
    def latest(self) -> int | None:
        return len(self.versions) or None


EDITABLE = ("name", "description", "task_id")


def evolve(prompt: PromptState | None, event: PromptEvent) -> PromptState:
    if isinstance(event, PromptCreated):
        return PromptState(name=event.name, description=event.description, task_id=event.task_id)
    prompt = require_state(prompt)
    match event:
        case PromptEdited():
            return replace(prompt, **{name: getattr(event, name) for name in event.changed})
        case PromptVersionAdded(number=number):
            return replace(prompt, versions=prompt.versions | {number: event})
        case PromptLabelMoved(label=label, weights=weights):
            return replace(prompt, labels=prompt.labels | {label: weights})
        case PromptArchived(at=at):
            return replace(prompt, archived_at=at)
        case PromptUnarchived():
            return replace(prompt, archived_at=None)
        case _:
            assert_never(event)


PROMPT: Decider[PromptState, PromptEvent] = Decider(
    "prompt",
    events=(PromptCreated, PromptEdited, PromptVersionAdded, PromptLabelMoved, PromptArchived, PromptUnarchived),
    evolve=evolve,
)


def create(*, name: str, description: str | None = None, task_id: UUID | None = None) -> list[PromptEvent]:
    return [PromptCreated(name=name, description=description, task_id=task_id)]


def edit(prompt: PromptState | None, changes: dict[str, Any], *, reason: str | None = None) -> list[PromptEvent]:
    """Set the fields in `changes` (of EDITABLE). Values that change nothing record nothing."""
    prompt = require_active(prompt)
    changed = {name: value for name, value in changes.items() if value != getattr(prompt, name)}
    return [PromptEdited(changed=tuple(sorted(changed)), reason=reason, **changed)] if changed else []


def add_version(prompt: PromptState | None, new: PromptVersionAdded) -> list[PromptEvent]:
    """Give `new` the next number. The same content as the latest version records nothing."""
    prompt = require_active(prompt)
    if prompt.latest is not None and _is_same(replace(new, number=prompt.latest), prompt.versions[prompt.latest]):
        return []
    return [replace(new, number=(prompt.latest or 0) + 1)]


def archive(prompt: PromptState | None, *, at: datetime, reason: str | None) -> list[PromptEvent]:
    """Take the prompt out of lists and close it to new work. Repeating it records nothing."""
    return [] if require_prompt(prompt).archived_at else [PromptArchived(at=at, reason=reason)]


def unarchive(prompt: PromptState | None, *, reason: str | None) -> list[PromptEvent]:
    """Bring the prompt back. Repeating it records nothing."""
    return [PromptUnarchived(reason=reason)] if require_prompt(prompt).archived_at else []


def get_version(prompt: PromptState | None, number: int) -> PromptVersionAdded:
    """Raises NotFound."""
    prompt = require_prompt(prompt)
    if number not in prompt.versions:
        raise NotFound(f"{prompt.name} has no version {number}.")
    return prompt.versions[number]


def require_active(prompt: PromptState | None, *, pointer: str = "") -> PromptState:
    """Return the prompt to work on. Raises NotFound without one, Archived for an archived one."""
    if require_prompt(prompt).archived_at:
        raise Archived("prompt", pointer=pointer)
    return require_prompt(prompt)


def require_prompt(prompt: PromptState | None) -> PromptState:
    if prompt is None:
        raise NotFound("No such prompt.")
    return prompt


def _is_same(one: PromptVersionAdded, other: PromptVersionAdded) -> bool:
    """Compared as JSON, where 1, 1.0 and true differ."""
    return msgspec.json.encode(one) == msgspec.json.encode(other)
