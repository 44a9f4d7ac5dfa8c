"""What prompts look like over HTTP: bodies in, answers out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import PathParameter
from msgspec import UNSET, Meta, UnsetType

from service.http.bodies import Body, Name, Reason, Text
from service.http.pagination import Page
from service.inference.targets import ModelChoice
from service.ledger.decider import StreamState
from service.prompts import domain as prompts
from service.prompts.domain import EDITABLE, BuiltFrom, ExampleDraw, PromptParameters, PromptVersionAdded
from service.prompts.versions.definitions import PromptTurn, PromptVariable, Texts

PromptName = Annotated[Name, Meta(description="Unique in the workspace.")]
Number = Annotated[int, PathParameter(ge=1, lt=2**31, description="The version's number.")]
LabelName = Annotated[
    str, PathParameter(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")
]
LabelText = Annotated[str, Meta(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")]
VersionNumber = Annotated[int, Meta(ge=1, lt=2**31)]
Weight = Annotated[float, Meta(ge=0)]
Inputs = Annotated[
    dict[str, str],
    Meta(
        max_length=100,
        description="From where in an example each variable is filled: a JSON pointer into `input` (the last question,"
        " also into its JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.",
    ),
]


class NewPrompt(Body):
    name: PromptName
    description: Text | None = None
    task_id: UUID | None = None


class PromptPatch(Body):
    """What is left out stays, null empties it."""

    name: PromptName | UnsetType = UNSET
    description: Text | UnsetType | None = UNSET
    task_id: UUID | UnsetType | None = UNSET
    reason: Reason | None = None


class NewPromptVersion(Body):
    """Messages with variables, what fills them, and what is to answer.

    `use_task_schema`: answers are to follow the output schema that the prompt's task has now. `examples` are drawn when
    the prompt is rendered. `built` is what `GET /tasks/{task_id}/prompt` said, where the version came from there.
    """

    messages: Annotated[list[PromptTurn], Meta(min_length=1, max_length=200)]
    variables: Annotated[list[PromptVariable], Meta(max_length=100)] = []
    parameters: PromptParameters = PromptParameters()
    use_task_schema: bool = False
    target: ModelChoice | None = None
    examples: ExampleDraw | None = None
    inputs: Inputs = {}
    built: BuiltFrom | None = None
    notes: Text | None = None

    @property
    def texts(self) -> Texts:
        return Texts(messages=tuple(self.messages), variables=tuple(self.variables))


class MovePromptLabel(Body):
    """One `version`, or several by weight: `{"3": 0.9, "4": 0.1}`."""

    version: VersionNumber | None = None
    weights: Annotated[dict[str, Weight], Meta(min_length=1, max_length=50)] | None = None
    reason: Reason | None = None


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """A line of numbered versions. `labels` says at which versions each stands, and with what weight."""

    id: UUID
    name: str
    description: str | None
    task_id: UUID | None
    latest_version: int | None
    labels: dict[str, dict[str, float]]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str


class PromptPage(Page[Prompt], frozen=True, kw_only=True):
    """One page of prompts, the oldest first."""


class PromptVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version, which never changes. `messages` and `variables` are null once erased.

    `task_version` is that of the task whose schema it took over.
    """

    prompt_id: UUID
    number: int
    messages: list[PromptTurn] | None
    variables: list[PromptVariable] | None
    parameters: PromptParameters
    target: ModelChoice | None
    examples: ExampleDraw | None
    inputs: dict[str, str]
    built: BuiltFrom | None
    task_version: int | None
    notes: str | None
    created_at: datetime
    created_by: str


class PromptVersionPage(Page[PromptVersion], frozen=True, kw_only=True):
    """One page of versions, the newest first."""


class PromptDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What differs: `fields` names what does, `text` shows it line by line, as `diff -u` would."""

    prompt_id: UUID
    before: int
    after: int
    fields: list[str]
    text: str


class PromptLabelMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move of a label; `seq` is its event in the workspace's log."""

    seq: int
    label: str
    weights: dict[str, float]
    previous: dict[str, float] | None
    reason: str | None
    moved_at: datetime
    moved_by: str


class PromptLabelMovePage(Page[PromptLabelMove], frozen=True, kw_only=True):
    """One page of a label's moves, the newest first."""


def from_stored(stored: StreamState[prompts.Prompt]) -> Prompt:
    prompt = stored.state
    own = {name: getattr(prompt, name) for name in EDITABLE}
    envelope = {name: getattr(stored, name) for name in ENVELOPE}
    labels = {label: _by_text(weights) for label, weights in sorted(prompt.labels.items())}
    return Prompt(**own, **envelope, latest_version=prompt.latest, labels=labels)


def from_row(row: Any) -> Prompt:
    fields = {name: getattr(row, name) for name in Prompt.__struct_fields__}
    labels = {label: _ordered(weights) for label, weights in sorted(row.labels.items())}
    return Prompt(**fields | {"labels": labels})


def version_from_row(row: Any) -> PromptVersion:
    """A row of a version with its texts, as `queries.get_version` gives it."""
    said = None if row.body is None else msgspec.json.decode(row.body, type=Texts)
    return PromptVersion(
        prompt_id=row.prompt_id,
        number=row.number,
        messages=list(said.messages) if said else None,
        variables=list(said.variables) if said else None,
        parameters=msgspec.json.decode(row.parameters or "{}", type=PromptParameters),
        target=_decoded(row.target, ModelChoice),
        examples=_decoded(row.examples, ExampleDraw),
        inputs=_decoded(row.inputs, dict[str, str]) or {},
        built=_decoded(row.built, BuiltFrom),
        task_version=row.task_version,
        notes=row.notes,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def version_from_event(
    prompt_id: UUID, event: PromptVersionAdded, texts: Texts, *, at: datetime, by: str
) -> PromptVersion:
    """A version right after it was added."""
    return PromptVersion(
        prompt_id=prompt_id,
        number=event.number,
        messages=list(texts.messages),
        variables=list(texts.variables),
        parameters=event.parameters,
        target=choice_of(event),
        examples=event.examples,
        inputs=event.inputs,
        built=event.built,
        task_version=event.task_version,
        notes=event.notes,
        created_at=at,
        created_by=by,
    )


def choice_of(version: PromptVersionAdded) -> ModelChoice | None:
    """What answers for a version, unless something else is asked for."""
    return None if version.target is None else msgspec.convert(msgspec.structs.asdict(version.target), ModelChoice)


def move_from_row(row: Any) -> PromptLabelMove:
    fields = {name: getattr(row, name) for name in PromptLabelMove.__struct_fields__}
    previous = None if row.previous is None else _ordered(row.previous)
    return PromptLabelMove(**fields | {"weights": _ordered(row.weights), "previous": previous})


def fields_of(prompt: prompts.Prompt) -> dict[str, Any]:
    """What the history shows: each version and each label as a field of its own. Texts are read with their version."""
    versions = {f"versions.{number}": msgspec.to_builtins(event) for number, event in prompt.versions.items()}
    labels = {f"labels.{label}": _by_text(weights) for label, weights in sorted(prompt.labels.items())}
    own = {name: getattr(prompt, name) for name in EDITABLE}
    return {**msgspec.to_builtins(own), **versions, **labels}


def _by_text(weights: prompts.Shares) -> dict[str, float]:
    return {str(number): weights[number] for number in sorted(weights)}


def _ordered(weights: dict[str, float]) -> dict[str, float]:
    return {number: weights[number] for number in sorted(weights, key=int)}


def _decoded(text: str | None, kind: Any) -> Any:
    return None if text is None else msgspec.json.decode(text, type=kind)


ENVELOPE = ("id", "created_at", "created_by", "updated_at", "updated_by")
