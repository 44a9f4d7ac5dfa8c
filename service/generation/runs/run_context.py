"""What a run works with: the generation and its task as they were when it was requested, and its prompts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from service.datasets.examples.chat_content import Message, System
from service.generation.domain import GENERATION, GenerationState
from service.generation.runs.spec import BaseSpec, PromptSpec
from service.inference.executor import Job
from service.ledger.store import state_at
from service.prompts.domain import PROMPT, ExampleDraw, PromptParameters
from service.prompts.drafts import styles
from service.prompts.labels import domain as labels
from service.prompts.render import few_shot
from service.prompts.render.answer_check import provider_options
from service.prompts.render.renderer import load_version_texts
from service.prompts.render.variables import ShownExample, build_messages, choose_inputs, fill_variables
from service.prompts.versions.definitions import PromptTexts
from service.tasks.domain import TASK, TaskState


class RunContext(msgspec.Struct, frozen=True, kw_only=True):
    generation: GenerationState
    task: TaskState | None


class RunPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt that turns an input into messages. `number` is its version; None is the task's own prompt."""

    texts: PromptTexts
    guidance: tuple[str, ...]
    number: int | None = None
    inputs: dict[str, str] = {}
    parameters: PromptParameters = PromptParameters()
    shown: tuple[ShownExample, ...] = ()

    def build_messages(self, text: str) -> tuple[Message, ...]:
        """Raises Unprocessable when the input does not fill the variables."""
        if self.number is None:
            values: dict[str, Any] = {styles.INPUT: text}
        else:
            values = fill_variables(self.texts.variables, {"input": text}, self.inputs, {})
        return add_guidance(build_messages(self.texts, values, self.shown, self.inputs), self.guidance)

    @property
    def options(self) -> dict[str, Any]:
        return provider_options(self.parameters)


async def load_context(job: Job, spec: BaseSpec) -> RunContext:
    generation = await state_at(job.ledger, GENERATION, job.workspace_id, spec.generation_id, version=spec.version)
    task = None
    if spec.task_id is not None and spec.task_version is not None:
        task = await state_at(job.ledger, TASK, job.workspace_id, spec.task_id, version=spec.task_version)
    return RunContext(generation=generation, task=task)


async def load_prompts(
    job: Job, context: RunContext, spec: PromptSpec | None, guidance: Sequence[str]
) -> dict[int, RunPrompt]:
    """Prompts by version number; 0 is the task's own prompt. Raises Conflict when a version's texts were erased."""
    if spec is None:
        return {0: RunPrompt(texts=_build_task_texts(context.task), guidance=tuple(guidance))}
    prompt = (await job.ledger.get(PROMPT, job.workspace_id, spec.prompt_id)).state
    prompts = {}
    for number in spec.weights:
        event = prompt.versions[number]
        texts = await load_version_texts(job.ledger, job.workspace_id, spec.prompt_id, event)
        prompts[number] = RunPrompt(
            texts=texts,
            guidance=tuple(guidance),
            number=number,
            inputs=dict(choose_inputs(texts.variables, event.inputs, {})),
            parameters=event.parameters,
            shown=tuple(await _draw_examples(job, event.examples)),
        )
    return prompts


def pick_version(spec: PromptSpec | None, key: str) -> int:
    """The version that answers a row; the same for the same key."""
    if spec is None:
        return 0
    return labels.pick_version(spec.weights, key, prompt_id=spec.prompt_id, label=spec.label or "")


def add_guidance(messages: tuple[Message, ...], guidance: Sequence[str]) -> tuple[Message, ...]:
    """Add the guidance to the end of the first system message, or as a new one."""
    if not guidance:
        return messages
    text = "\n\n".join(guidance)
    first = messages[0]
    if isinstance(first, System) and isinstance(first.content, str):
        return (replace(first, content=f"{first.content}\n\n{text}"), *messages[1:])
    return (System(content=text), *messages)


def _build_task_texts(task: TaskState | None) -> PromptTexts:
    task = task or TaskState(name="", instruction="Answer the user.")
    return PromptTexts(messages=styles.build_messages(task, "basic"), variables=styles.build_variables(task))


async def _draw_examples(job: Job, draw: ExampleDraw | None) -> list[ShownExample]:
    if draw is None:
        return []
    selection = await few_shot.resolve_selection(job.ledger, job.workspace_id, draw)
    return await few_shot.draw_examples(job.engine, job.workspace_id, draw, selection)
