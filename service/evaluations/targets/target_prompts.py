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
from service.prompts.render.answer_check import provider_options as options_of
from service.prompts.render.few_shot import load_shown_examples
from service.prompts.render.renderer import load_version_texts
from service.prompts.render.variables import ShownExample, build_facts, build_messages, choose_inputs, fill_variables
from service.prompts.versions.definitions import PromptTexts


class TargetPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a prompt with all that it says to every row alike. `places`: from where its variables are filled."""

    texts: PromptTexts
    parameters: PromptParameters
    places: Mapping[str, str]
    shown: tuple[ShownExample, ...]


async def load_target_prompt(ledger: Ledger, workspace_id: UUID, target: TargetUsed) -> TargetPrompt | None:
    """None for a target that is asked what the examples ask. Raises Conflict for a prompt whose texts were erased."""
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
        places=choose_inputs(texts.variables, inputs, {}),
        shown=tuple(shown),
    )


def build_question(
    plan: Plan, target: TargetUsed, script: TargetPrompt | None, row: ExampleRow, content: Content, *, turn: int
) -> ModelQuestion | Failure:
    """The question of one row; a Failure where the example does not fill the prompt.

    `turn` counts the times that the evaluation asks the same: repeats, and targets that differ in name alone.
    """
    if script is None:
        ask = ModelQuestion(served=target.served, messages=get_prompt(content), options=_tool_options(content))
    else:
        facts = build_facts(
            content, id_=row.example_id, external_id=row.external_id, tags=row.tags, metadata=row.metadata
        )
        try:
            values = fill_variables(script.texts.variables, facts, script.places, {})
            messages = build_messages(script.texts, values, script.shown, script.places)
        except Problem as problem:
            first = problem.errors[0] if problem.errors else None
            return Failure(code=first.code if first else problem.code, detail=problem.detail)
        ask = _build_prompted(target, script, messages, content)
    ask = _apply_overrides(plan, ask)
    key = None if plan.fresh else _reuse_key(target, row, ask, turn=turn)
    return msgspec.structs.replace(ask, reuse=key)


def _build_prompted(target: TargetUsed, script: TargetPrompt, messages: Any, content: Content) -> ModelQuestion:
    own = script.parameters
    return ModelQuestion(
        served=target.served,
        messages=messages,
        max_tokens=own.max_tokens,
        temperature=own.temperature,
        options={**_tool_options(content), **options_of(own)},
        schema=own.response_schema,
    )


def _apply_overrides(plan: Plan, ask: ModelQuestion) -> ModelQuestion:
    """What the evaluation says goes before what a prompt says."""
    return msgspec.structs.replace(
        ask,
        max_tokens=plan.max_tokens if plan.max_tokens is not None else ask.max_tokens,
        temperature=plan.temperature if plan.temperature is not None else ask.temperature,
        options={**ask.options, **plan.options},
    )


def _tool_options(content: Content) -> dict[str, Any]:
    """What the example lets a model call."""
    if content.tools is None:
        return {}
    parallel = content.parallel_tool_calls
    beside = {} if parallel is None else {"parallel_tool_calls": parallel}
    return {"tools": msgspec.to_builtins(content.tools), **beside}


def _reuse_key(target: TargetUsed, row: ExampleRow, ask: ModelQuestion, *, turn: int) -> str:
    """Equal for the same question: texts are named by where they are kept, since the hash of a text tells the text."""
    prompt = None
    if target.prompt is not None:
        said = (row.metadata_digest, row.tags, row.external_id)
        prompt = (target.prompt.prompt_id, target.prompt.number, target.prompt.inputs, target.prompt.examples, said)
    served = (target.served.connection_id, target.served.provider_model)
    options = {name: value for name, value in ask.options.items() if name != "tools"}  # they are in the content
    limits = (ask.max_tokens, ask.temperature, options, ask.schema)
    return build_reuse_key("evaluation", served, row.example_id, row.content, prompt, limits, turn)
