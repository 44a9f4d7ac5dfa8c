"""Build the question for a row: the example's own messages, or a prompt filled from the example."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import Content, get_prompt
from service.errors import Problem
from service.evaluations.domain import Plan, TargetUsed
from service.evaluations.results.domain import Failure
from service.evaluations.row_selection import ExampleRow
from service.inference.domain import build_reuse_key
from service.inference.executor import ModelQuestion
from service.ledger.store import Ledger
from service.prompts.domain import PROMPT, PromptParameters
from service.prompts.render.answer_check import provider_options
from service.prompts.render.few_shot import load_shown_examples
from service.prompts.render.renderer import load_version_texts
from service.prompts.render.variables import ShownExample, build_facts, build_messages, choose_inputs, fill_variables
from service.prompts.versions.definitions import PromptTexts


class TargetPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt version, used for every row. `inputs`: where variables are filled from. `shown`: few-shot examples."""

    texts: PromptTexts
    parameters: PromptParameters
    inputs: Mapping[str, str]
    shown: tuple[ShownExample, ...]


async def load_target_prompt(ledger: Ledger, workspace_id: UUID, target: TargetUsed) -> TargetPrompt | None:
    """Load a target's prompt; None if it has none. Raises Conflict if the prompt's texts were erased."""
    used = target.prompt
    if used is None:
        return None
    event = (await ledger.get(PROMPT, workspace_id, used.prompt_id)).state.versions[used.number]
    texts = await load_version_texts(ledger, workspace_id, used.prompt_id, event)
    shown: list[ShownExample] = []
    if used.dataset_id is not None:
        shown = await load_shown_examples(ledger.engine, workspace_id, used.dataset_id, used.examples)
    inputs = {**event.inputs, **used.inputs}
    return TargetPrompt(
        texts=texts,
        parameters=event.parameters,
        inputs=choose_inputs(texts.variables, inputs, {}),
        shown=tuple(shown),
    )


def build_question(
    plan: Plan, target: TargetUsed, prompt: TargetPrompt | None, row: ExampleRow, content: Content, *, turn: int
) -> ModelQuestion | Failure:
    """Build the question for one row; a Failure if the example lacks a variable of the prompt.

    `turn` numbers equal questions in one evaluation: repeats, and targets that differ only in name.
    """
    if prompt is None:
        question = ModelQuestion(served=target.served, messages=get_prompt(content), options=_tool_options(content))
    else:
        facts = build_facts(
            content, id_=row.example_id, external_id=row.external_id, tags=row.tags, metadata=row.metadata
        )
        try:
            values = fill_variables(prompt.texts.variables, facts, prompt.inputs, {})
            messages = build_messages(prompt.texts, values, prompt.shown, prompt.inputs)
        except Problem as problem:
            first = problem.errors[0] if problem.errors else None
            return Failure(code=first.code if first else problem.code, detail=problem.detail)
        question = _build_prompted(target, prompt, messages, content)
    question = _apply_overrides(plan, question)
    key = None if plan.fresh else _build_key(target, row, question, turn=turn)
    return msgspec.structs.replace(question, reuse=key)


def _build_prompted(target: TargetUsed, prompt: TargetPrompt, messages: Any, content: Content) -> ModelQuestion:
    parameters = prompt.parameters
    return ModelQuestion(
        served=target.served,
        messages=messages,
        max_tokens=parameters.max_tokens,
        temperature=parameters.temperature,
        options={**_tool_options(content), **provider_options(parameters)},
        schema=parameters.response_schema,
    )


def _apply_overrides(plan: Plan, question: ModelQuestion) -> ModelQuestion:
    """Let the evaluation's settings override the prompt's."""
    return msgspec.structs.replace(
        question,
        max_tokens=plan.max_tokens if plan.max_tokens is not None else question.max_tokens,
        temperature=plan.temperature if plan.temperature is not None else question.temperature,
        options={**question.options, **plan.options},
    )


def _tool_options(content: Content) -> dict[str, Any]:
    """The request fields for the example's tools."""
    if content.tools is None:
        return {}
    parallel = content.parallel_tool_calls
    options = {"tools": msgspec.to_builtins(content.tools)}
    return options if parallel is None else {**options, "parallel_tool_calls": parallel}


def _build_key(target: TargetUsed, row: ExampleRow, question: ModelQuestion, *, turn: int) -> str:
    """Equal for equal questions. Texts enter by their ids and digests, since the hash of a text reveals it."""
    prompt = None
    if target.prompt is not None:
        fields = (row.metadata_digest, row.tags, row.external_id)
        prompt = (target.prompt.prompt_id, target.prompt.number, target.prompt.inputs, target.prompt.examples, fields)
    served = (target.served.connection_id, target.served.provider_model)
    options = {name: value for name, value in question.options.items() if name != "tools"}  # part of the content
    limits = (question.max_tokens, question.temperature, options, question.schema)
    return build_reuse_key("evaluation", served, row.example_id, row.content, prompt, limits, turn)
