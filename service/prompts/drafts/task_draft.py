"""Build a prompt from a task and examples of one of its datasets."""

from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.domain import DATASET
from service.datasets.examples.chat_content import DECODER, get_output_text
from service.datasets.examples.projection import revisions
from service.errors import Fault, Invalid
from service.ledger.store import Ledger
from service.ledger.tables import contents
from service.prompts.domain import BuiltFrom, DrawnExample, ExampleDraw, PromptParameters, Style
from service.prompts.drafts import styles
from service.prompts.drafts.styles import DraftExample
from service.prompts.render import few_shot
from service.prompts.render.variables import ShownExample
from service.prompts.versions.definitions import PromptTurn, PromptVariable
from service.tasks.domain import TASK

replaced_texts, instruction_texts = contents.alias("earlier"), contents.alias("asked")


class PromptDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A version, ready to send to `POST /prompts/{prompt_id}/versions`."""

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


async def draft_prompt(
    ledger: Ledger,
    workspace_id: UUID,
    task_id: UUID,
    style: Style,
    *,
    dataset_id: UUID | None,
    count: int | None,
    seed: int,
) -> PromptDraft:
    """Raises NotFound, and Invalid if the style shows examples and `dataset_id` is no dataset of the task."""
    task = await ledger.get(TASK, workspace_id, task_id)
    lessons: list[DraftExample] = []
    refs: list[DrawnExample] = []
    if style in styles.EXAMPLE_COUNTS:
        draw_from = await _check_dataset(ledger, workspace_id, task_id, style, dataset_id)
        draw = ExampleDraw(dataset_id=draw_from, k=count or styles.EXAMPLE_COUNTS[style], seed=seed)
        selection = await few_shot.resolve_selection(ledger, workspace_id, draw)
        shown = await few_shot.draw_examples(ledger.engine, workspace_id, draw, selection)
        repairs = await _load_repairs(ledger.engine, workspace_id, draw_from, [each.drawn for each in shown])
        lessons = [_build_example(each, repairs.get(each.drawn.example_id)) for each in shown]
        lessons = lessons[: styles.count_fitting(lessons)]
        refs = [each.drawn for each in shown[: len(lessons)]]
    schema = task.state.output_schema if styles.is_json_answer(task.state, style) else None
    return PromptDraft(
        messages=list(styles.build_messages(task.state, style, lessons)),
        variables=list(styles.build_variables(task.state)),
        parameters=PromptParameters(response_schema=schema),
        inputs={styles.INPUT: "/input"},
        built=BuiltFrom(task_id=task_id, task_version=task.version, style=style, examples=tuple(refs)),
    )


async def _check_dataset(
    ledger: Ledger, workspace_id: UUID, task_id: UUID, style: Style, dataset_id: UUID | None
) -> UUID:
    if dataset_id is None:
        raise _dataset_error(f"The style {style} shows examples; give dataset_id.", code="required")
    dataset = await ledger.get(DATASET, workspace_id, dataset_id)
    if dataset.state.task_id != task_id:
        raise _dataset_error("This dataset belongs to another task.", code="other_task")
    return dataset_id


def _dataset_error(detail: str, *, code: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer="?dataset_id", detail=detail, code=code)])


def _build_example(example: ShownExample, repair: Any) -> DraftExample:
    wrong = get_output_text(DECODER.decode(repair.wrong)) if repair is not None and repair.wrong is not None else None
    feedback = bytes(repair.feedback).decode() if repair is not None and repair.feedback is not None else None
    return DraftExample(
        question=example.facts.get("input", ""), answer=example.facts["output"], wrong=wrong, feedback=feedback
    )


async def _load_repairs(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, refs: list[DrawnExample]
) -> dict[UUID, Any]:
    """The old output of each repaired example, and the reason for its repair; erased texts are null."""
    if not refs:
        return {}
    same = [sa.and_(revisions.c.example_id == ref.example_id, revisions.c.version == ref.version) for ref in refs]
    query = (
        sa.select(
            revisions.c.example_id, replaced_texts.c.body.label("wrong"), instruction_texts.c.body.label("feedback")
        )
        .outerjoin(replaced_texts, _is_text_of(replaced_texts, revisions.c.replaced))
        .outerjoin(instruction_texts, _is_text_of(instruction_texts, revisions.c.instruction))
        .where(
            revisions.c.workspace_id == workspace_id,
            revisions.c.dataset_id == dataset_id,
            revisions.c.replaced.is_not(None),
            sa.or_(*same),
        )
    )
    return {row.example_id: row for row in await fetch_all(engine, query)}


def _is_text_of(table: Any, digest: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.workspace_id == revisions.c.workspace_id,
        table.c.subject == revisions.c.example_id,
        table.c.digest == digest,
    )
