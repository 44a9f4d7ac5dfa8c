"""Gathering what a prompt is built of: the task as it is, and examples of one of its datasets."""

from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.domain import DATASET
from service.datasets.examples.chat_content import DECODER, output_text
from service.datasets.examples.projection import revisions
from service.errors import Fault, Invalid
from service.ledger.store import Ledger
from service.ledger.tables import contents
from service.prompts.domain import BuiltFrom, DrawnExample, ExampleDraw, PromptParameters, Style
from service.prompts.drafts import styles as builders
from service.prompts.drafts.styles import Lesson
from service.prompts.render import few_shot as drawing
from service.prompts.render.variables import Shown
from service.prompts.versions.definitions import PromptTurn, PromptVariable
from service.tasks.domain import TASK

earlier, asked = contents.alias("earlier"), contents.alias("asked")


class PromptDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it can be sent to `POST /prompts/{prompt_id}/versions`. `built` names each example it shows."""

    messages: list[PromptTurn]
    """The messages, with variables."""
    variables: list[PromptVariable]
    """The variables that the messages use."""
    parameters: PromptParameters
    """How the model should answer."""
    inputs: dict[str, str]
    """Where in an example each variable's value is, as a JSON pointer."""
    built: BuiltFrom
    """What the draft was built from."""


async def draft(
    ledger: Ledger,
    workspace_id: UUID,
    task_id: UUID,
    style: Style,
    *,
    dataset_id: UUID | None,
    count: int | None,
    seed: int,
) -> PromptDraft:
    """Raises NotFound, and Invalid for a style with examples without a dataset of the task."""
    task = await ledger.get(TASK, workspace_id, task_id)
    lessons: list[Lesson] = []
    refs: list[DrawnExample] = []
    if style in builders.SHOWN:
        home = await _dataset(ledger, workspace_id, task_id, style, dataset_id)
        draw = ExampleDraw(dataset_id=home, k=count or builders.SHOWN[style], seed=seed)
        selection = await drawing.selection_of(ledger, workspace_id, draw)
        shown = await drawing.drawn(ledger.engine, workspace_id, draw, selection)
        repairs = await _repairs(ledger.engine, workspace_id, home, [each.drawn for each in shown])
        lessons = [_lesson(each, repairs.get(each.drawn.example_id)) for each in shown]
        lessons = lessons[: builders.fitting(lessons)]
        refs = [each.drawn for each in shown[: len(lessons)]]
    schema = task.state.output_schema if builders.answers_as_json(task.state, style) else None
    return PromptDraft(
        messages=list(builders.messages(task.state, style, lessons)),
        variables=list(builders.variables(task.state)),
        parameters=PromptParameters(response_schema=schema),
        inputs={builders.INPUT: "/input"},
        built=BuiltFrom(task_id=task_id, task_version=task.version, style=style, examples=tuple(refs)),
    )


async def _dataset(ledger: Ledger, workspace_id: UUID, task_id: UUID, style: Style, dataset_id: UUID | None) -> UUID:
    if dataset_id is None:
        raise _refusal(f"The style {style} shows examples: say of which dataset.", code="required")
    dataset = await ledger.get(DATASET, workspace_id, dataset_id)
    if dataset.state.task_id != task_id:
        raise _refusal("This dataset is not one of the task's.", code="other_task")
    return dataset_id


def _refusal(detail: str, *, code: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer="?dataset_id", detail=detail, code=code)])


def _lesson(example: Shown, repair: Any) -> Lesson:
    wrong = output_text(DECODER.decode(repair.wrong)) if repair is not None and repair.wrong is not None else None
    feedback = bytes(repair.feedback).decode() if repair is not None and repair.feedback is not None else None
    return Lesson(
        question=example.facts.get("input", ""), answer=example.facts["output"], wrong=wrong, feedback=feedback
    )


async def _repairs(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, refs: list[DrawnExample]
) -> dict[UUID, Any]:
    """What each of these replaced when it was repaired, and what was asked of the repair; erased texts are null."""
    if not refs:
        return {}
    same = [sa.and_(revisions.c.example_id == ref.example_id, revisions.c.version == ref.version) for ref in refs]
    query = (
        sa.select(revisions.c.example_id, earlier.c.body.label("wrong"), asked.c.body.label("feedback"))
        .outerjoin(earlier, _text(earlier, revisions.c.replaced))
        .outerjoin(asked, _text(asked, revisions.c.instruction))
        .where(
            revisions.c.workspace_id == workspace_id,
            revisions.c.dataset_id == dataset_id,
            revisions.c.replaced.is_not(None),
            sa.or_(*same),
        )
    )
    return {row.example_id: row for row in await fetch_all(engine, query)}


def _text(table: Any, digest: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.workspace_id == revisions.c.workspace_id,
        table.c.subject == revisions.c.example_id,
        table.c.digest == digest,
    )
