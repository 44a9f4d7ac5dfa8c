"""HTTP schemas of prompts, their versions and labels."""

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
from service.prompts.versions.definitions import PromptTexts, PromptTurn, PromptVariable

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
        description="Where in an example each variable's value is: a JSON pointer into `input` (the last question and"
        " its JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.",
    ),
]


class NewPrompt(Body):
    name: PromptName
    description: Text | None = None
    """What the prompt is for."""
    task_id: UUID | None = None
    """The task the prompt solves."""


class PromptPatch(Body):
    """The fields to change; absent ones stay."""

    name: PromptName | UnsetType = UNSET
    description: Text | UnsetType | None = UNSET
    """What the prompt is for; null clears it."""
    task_id: UUID | UnsetType | None = UNSET
    """The task the prompt solves; null clears it."""
    reason: Reason | None = None
    """Why, for the history."""


class NewPromptVersion(Body):
    """A new version: messages with variables, how to fill them, and the model that answers."""

    messages: Annotated[list[PromptTurn], Meta(min_length=1, max_length=200)]
    """1 to 200 messages, the last one the user's."""
    variables: Annotated[list[PromptVariable], Meta(max_length=100)] = []
    """The variables that the messages use."""
    parameters: PromptParameters = PromptParameters()
    """How the model should answer."""
    use_task_schema: bool = False
    """Whether answers must match the task's current output schema."""
    target: ModelChoice | None = None
    """The model to ask by default."""
    examples: ExampleDraw | None = None
    """Examples to draw and show each time the prompt is rendered."""
    inputs: Inputs = {}
    built: BuiltFrom | None = None
    """Copy this from `GET /tasks/{task_id}/prompt` when the version came from there."""
    notes: Text | None = None
    """Notes about this version."""

    @property
    def texts(self) -> PromptTexts:
        return PromptTexts(messages=tuple(self.messages), variables=tuple(self.variables))


class MovePromptLabel(Body):
    """Where to move the label: give either `version` or `weights`."""

    version: VersionNumber | None = None
    """The version to point at."""
    weights: Annotated[dict[str, Weight], Meta(min_length=1, max_length=50)] | None = None
    """Several versions by weight, such as `{"3": 0.9, "4": 0.1}`."""
    reason: Reason | None = None
    """Why, for the history."""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt: a name with numbered versions, and labels that point at them."""

    id: UUID
    """The prompt's id."""
    name: str
    """Unique in the workspace."""
    description: str | None
    """What the prompt is for."""
    task_id: UUID | None
    """The task the prompt solves."""
    latest_version: int | None
    """The number of the latest version; null before the first."""
    labels: dict[str, dict[str, float]]
    """The versions that each label points at, with their weights."""
    created_at: datetime
    """When the prompt was created."""
    created_by: str
    """Who created it."""
    updated_at: datetime
    """When it last changed."""
    updated_by: str
    """Who changed it last."""
    archived_at: datetime | None
    """When it was archived; null unless it is."""


class PromptPage(Page[Prompt], frozen=True, kw_only=True):
    """One page of prompts, oldest first."""


class PromptVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a prompt. It never changes."""

    prompt_id: UUID
    """The prompt."""
    number: int
    """The version's number, from 1."""
    messages: list[PromptTurn] | None
    """The messages, with variables; null once erased."""
    variables: list[PromptVariable] | None
    """The variables that the messages use; null once erased."""
    parameters: PromptParameters
    """How the model should answer."""
    target: ModelChoice | None
    """The model to ask by default; null without one."""
    examples: ExampleDraw | None
    """The examples to draw when the prompt is rendered; null for none."""
    inputs: dict[str, str]
    """Where in an example each variable's value is, as a JSON pointer."""
    built: BuiltFrom | None
    """The task and examples that the version was built from; null when it was written by hand."""
    task_version: int | None
    """The task version whose output schema it took; null without one."""
    notes: str | None
    """Notes about this version."""
    created_at: datetime
    """When the version was added."""
    created_by: str
    """Who added it."""


class PromptVersionPage(Page[PromptVersion], frozen=True, kw_only=True):
    """One page of versions, newest first."""


class PromptDiff(msgspec.Struct, frozen=True, kw_only=True):
    """The differences between two versions of a prompt."""

    prompt_id: UUID
    """The prompt."""
    before: int
    """The number of the first version."""
    after: int
    """The number of the second version."""
    fields: list[str]
    """The names of the fields that differ."""
    text: str
    """The differences line by line, as `diff -u` prints them."""


class PromptLabelMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move of a label."""

    seq: int
    """The move's event in the workspace's log."""
    label: str
    """The label."""
    weights: dict[str, float]
    """The versions it points at since then, with their weights."""
    previous: dict[str, float] | None
    """The versions it pointed at before; null when it was new."""
    reason: str | None
    """Why it was moved."""
    moved_at: datetime
    """When it was moved."""
    moved_by: str
    """Who moved it."""


class PromptLabelMovePage(Page[PromptLabelMove], frozen=True, kw_only=True):
    """One page of a label's moves, newest first."""


def prompt_from_state(stored: StreamState[prompts.PromptState]) -> Prompt:
    prompt = stored.state
    own = {name: getattr(prompt, name) for name in (*EDITABLE, "archived_at")}
    envelope = {name: getattr(stored, name) for name in ENVELOPE}
    labels = {label: _to_text_keys(weights) for label, weights in sorted(prompt.labels.items())}
    return Prompt(**own, **envelope, latest_version=prompt.latest, labels=labels)


def prompt_from_row(row: Any) -> Prompt:
    fields = {name: getattr(row, name) for name in Prompt.__struct_fields__}
    labels = {label: _sort_by_number(weights) for label, weights in sorted(row.labels.items())}
    return Prompt(**fields | {"labels": labels})


def version_from_row(row: Any) -> PromptVersion:
    """A version from a row of `queries.get_version`."""
    texts = None if row.body is None else msgspec.json.decode(row.body, type=PromptTexts)
    return PromptVersion(
        prompt_id=row.prompt_id,
        number=row.number,
        messages=list(texts.messages) if texts else None,
        variables=list(texts.variables) if texts else None,
        parameters=msgspec.json.decode(row.parameters or "{}", type=PromptParameters),
        target=_decode(row.target, ModelChoice),
        examples=_decode(row.examples, ExampleDraw),
        inputs=_decode(row.inputs, dict[str, str]) or {},
        built=_decode(row.built, BuiltFrom),
        task_version=row.task_version,
        notes=row.notes,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def version_from_event(
    prompt_id: UUID, event: PromptVersionAdded, texts: PromptTexts, *, at: datetime, by: str
) -> PromptVersion:
    """A version right after it was added."""
    return PromptVersion(
        prompt_id=prompt_id,
        number=event.number,
        messages=list(texts.messages),
        variables=list(texts.variables),
        parameters=event.parameters,
        target=target_of(event),
        examples=event.examples,
        inputs=event.inputs,
        built=event.built,
        task_version=event.task_version,
        notes=event.notes,
        created_at=at,
        created_by=by,
    )


def target_of(version: PromptVersionAdded) -> ModelChoice | None:
    """The model that a version asks by default."""
    return None if version.target is None else msgspec.convert(msgspec.structs.asdict(version.target), ModelChoice)


def move_from_row(row: Any) -> PromptLabelMove:
    fields = {name: getattr(row, name) for name in PromptLabelMove.__struct_fields__}
    previous = None if row.previous is None else _sort_by_number(row.previous)
    return PromptLabelMove(**fields | {"weights": _sort_by_number(row.weights), "previous": previous})


def history_fields(prompt: prompts.PromptState) -> dict[str, Any]:
    """The fields that a history shows: each version and each label is a field. Texts are left out."""
    versions = {f"versions.{number}": msgspec.to_builtins(event) for number, event in prompt.versions.items()}
    labels = {f"labels.{label}": _to_text_keys(weights) for label, weights in sorted(prompt.labels.items())}
    own = {name: getattr(prompt, name) for name in (*EDITABLE, "archived_at")}
    return {**msgspec.to_builtins(own), **versions, **labels}


def _to_text_keys(weights: prompts.LabelWeights) -> dict[str, float]:
    return {str(number): weights[number] for number in sorted(weights)}


def _sort_by_number(weights: dict[str, float]) -> dict[str, float]:
    return {number: weights[number] for number in sorted(weights, key=int)}


def _decode(text: str | None, kind: Any) -> Any:
    return None if text is None else msgspec.json.decode(text, type=kind)


ENVELOPE = ("id", "created_at", "created_by", "updated_at", "updated_by")
