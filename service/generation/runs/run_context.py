"""What a run works from: the generation and its task as they were when it was asked for, and its prompts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from service.datasets.examples.chat_content import Message, System
from service.generation.domain import GENERATION, GenerationState
from service.generation.runs.spec import BaseSpec, PromptSpec
from service.inference.executor import Job
from service.ledger.store import state_at
from service.prompts.domain import PROMPT, PromptParameters
from service.prompts.drafts import styles as builders
from service.prompts.labels import domain as labels
from service.prompts.render import few_shot as drawing
from service.prompts.render.answer_check import provider_options
from service.prompts.render.renderer import load_version_texts
from service.prompts.render.variables import ShownExample, build_messages, choose_inputs, fill_variables
from service.prompts.versions.definitions import PromptTexts
from service.tasks.domain import TASK, TaskState


class RunContext(msgspec.Struct, frozen=True, kw_only=True):
    generation: GenerationState
    task: TaskState | None


class RunPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """The messages that a text becomes; `number` is the prompt's version, None of the task's own prompt."""

    texts: PromptTexts
    guidance: tuple[str, ...]
    number: int | None = None
    places: dict[str, str] = {}
    parameters: PromptParameters = PromptParameters()
    shown: tuple[ShownExample, ...] = ()

    def messages(self, text: str) -> tuple[Message, ...]:
        """Raises Unprocessable where the text does not fill the variables."""
        if self.number is None:
            own: dict[str, Any] = {builders.INPUT: text}
        else:
            own = fill_variables(self.texts.variables, {"input": text}, self.places, {})
        return add_guidance(build_messages(self.texts, own, self.shown, self.places), self.guidance)

    @property
    def options(self) -> dict[str, Any]:
        return provider_options(self.parameters)


async def load_context(job: Job, order: BaseSpec) -> RunContext:
    generation = await state_at(job.ledger, GENERATION, job.workspace_id, order.generation_id, version=order.version)
    task = None
    if order.task_id is not None and order.task_version is not None:
        task = await state_at(job.ledger, TASK, job.workspace_id, order.task_id, version=order.task_version)
    return RunContext(generation=generation, task=task)


async def load_prompts(
    job: Job, at: RunContext, order: PromptSpec | None, guidance: Sequence[str]
) -> dict[int, RunPrompt]:
    """By version; the task's own prompt stands at 0. Raises Conflict once the texts of one were erased."""
    if order is None:
        return {0: RunPrompt(texts=_own(at.task), guidance=tuple(guidance))}
    prompt = (await job.ledger.get(PROMPT, job.workspace_id, order.prompt_id)).state
    found = {}
    for number in order.weights:
        event = prompt.versions[number]
        texts = await load_version_texts(job.ledger, job.workspace_id, order.prompt_id, event)
        found[number] = RunPrompt(
            texts=texts,
            guidance=tuple(guidance),
            number=number,
            places=dict(choose_inputs(texts.variables, event.inputs, {})),
            parameters=event.parameters,
            shown=tuple(await _shown(job, event.examples)),
        )
    return found


def pick_version(order: PromptSpec | None, key: str) -> int:
    """The version that answers a row, for good."""
    if order is None:
        return 0
    return labels.pick_version(order.weights, key, prompt_id=order.prompt_id, label=order.label or "")


def add_guidance(messages: tuple[Message, ...], guidance: Sequence[str]) -> tuple[Message, ...]:
    """With the guidance behind what opens them."""
    if not guidance:
        return messages
    said = "\n\n".join(guidance)
    first = messages[0]
    if isinstance(first, System) and isinstance(first.content, str):
        return (replace(first, content=f"{first.content}\n\n{said}"), *messages[1:])
    return (System(content=said), *messages)


def _own(task: TaskState | None) -> PromptTexts:
    bare = task or TaskState(name="", instruction="Answer the user.")
    return PromptTexts(messages=builders.build_messages(bare, "basic"), variables=builders.build_variables(bare))


async def _shown(job: Job, draw: Any) -> list[ShownExample]:
    if draw is None:
        return []
    selection = await drawing.resolve_selection(job.ledger, job.workspace_id, draw)
    return await drawing.draw_examples(job.engine, job.workspace_id, draw, selection)
