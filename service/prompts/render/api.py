"""Routes that render a version with values, and ask a model once."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from service.access.auth import require_scope
from service.connections.accounts import Accounts
from service.datasets.examples.chat_content import Message
from service.errors import Fault, Unprocessable
from service.http.bodies import CARRIES_TEXTS, JSON, NO_NUL, Body
from service.inference.domain import Served
from service.inference.queries import format_cost
from service.inference.targets import ModelChoice, resolve_target
from service.ledger.store import Caller, Ledger
from service.prompts.domain import DrawnExample, PromptParameters, PromptVersionAdded
from service.prompts.render.answer_check import PromptFailure
from service.prompts.render.renderer import Rendering, render
from service.prompts.render.run_once import OneAnswer, run_once
from service.prompts.schemas import LabelText, VersionNumber, target_of

Key = Annotated[
    str,
    Meta(
        max_length=500,
        pattern=NO_NUL,
        description="The same key gets the same version of a label. Without a key it is random.",
    ),
]


class RenderPrompt(Body):
    """The version to render, and the values of its variables."""

    version: VersionNumber | None = None
    """A version by its number. Give this or `label`; without either it is the latest."""
    label: LabelText | None = None
    """A label such as production."""
    key: Key | None = None
    """The same key gets the same version of a label. Without a key the version is picked at random."""
    variables: dict[str, Any] = {}
    """A value for each variable, by name."""
    examples: Annotated[list[DrawnExample], Meta(max_length=50)] | None = None
    """The examples to show, from an earlier rendering; drawn anew when absent."""


class RunPrompt(RenderPrompt, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version to ask, the values of its variables, and the model that answers."""

    target: ModelChoice | None = None
    """The model to ask, instead of the version's own target."""


class PromptRendering(msgspec.Struct, frozen=True, kw_only=True):
    """The messages that a model would be asked, and the examples in them."""

    prompt_id: UUID
    """The prompt."""
    version: int
    """The version that was rendered."""
    label: str | None
    """The label you asked for."""
    messages: list[Message]
    """The messages with their values filled in."""
    parameters: PromptParameters
    """How the model should answer."""
    target: ModelChoice | None
    """The model to ask; null when the version names none."""
    examples: list[DrawnExample]
    """The examples shown, in order."""
    drawn_at: int | None
    """The seq of the event up to which examples were drawn; null when none were drawn."""


class PromptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The model's answer, with its tokens, cost and latency."""

    prompt_id: UUID
    """The prompt."""
    version: int
    """The version that was asked."""
    label: str | None
    """The label you asked for."""
    served: Served
    """The model that answered."""
    text: str
    """The answer."""
    tool_calls: list[dict[str, Any]]
    """The answer's tool calls, in OpenAI's shape."""
    finish_reason: str | None
    """Why the model stopped, in the provider's word."""
    failure: PromptFailure | None
    """Why the answer cannot be used; null when it can."""
    input_tokens: int | None
    """Tokens of the question, as the provider counted them."""
    output_tokens: int | None
    """Tokens of the answer, as the provider counted them."""
    cost: dict[str, str] | None
    """`amount` and `currency`; null when no price is known."""
    latency_ms: int
    """Milliseconds that the provider took."""
    provider_model: str
    """The model that answered, by the provider's name."""
    examples: list[DrawnExample]
    """The examples shown, in order."""


@post(
    "/prompts/{prompt_id:uuid}/render",
    operation_id="render_prompt",
    opt=CARRIES_TEXTS,
    summary="Render a prompt",
    guards=[require_scope("prompts:read")],
    status_code=200,
    tags=["prompts"],
)
async def render_prompt(
    prompt_id: FromPath[UUID],
    data: JSON[RenderPrompt],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> PromptRendering:
    """Fill the values into the messages. A value is never read as a template."""
    rendered = await _render(ledger, caller, prompt_id, data)
    return PromptRendering(
        prompt_id=prompt_id,
        version=rendered.version.number,
        label=data.label,
        messages=list(rendered.messages),
        parameters=rendered.version.parameters,
        target=target_of(rendered.version),
        examples=list(rendered.examples),
        drawn_at=rendered.drawn_at,
    )


@post(
    "/prompts/{prompt_id:uuid}/run",
    operation_id="run_prompt",
    opt=CARRIES_TEXTS,
    summary="Ask a model once",
    guards=[require_scope("prompts:run")],
    status_code=200,
    tags=["prompts"],
)
async def run_prompt(
    prompt_id: FromPath[UUID],
    data: JSON[RunPrompt],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    accounts: NamedDependency[Accounts],
) -> PromptAnswer:
    """A repeat with the same Idempotency-Key gets the same answer. No event records it; `POST …/runs` records answers.

    If the provider refuses the request: 502 with its message. If it cannot be reached or asks to wait: 503.
    """
    rendered = await _render(ledger, caller, prompt_id, data)
    served = await resolve_target(
        ledger, caller.workspace_id, _choose_target(data, rendered.version), pointer="/target"
    )
    result = await run_once(accounts, caller.workspace_id, served, rendered.messages, rendered.version.parameters)
    return _build_answer(prompt_id, data, rendered, served, result)


async def _render(ledger: Ledger, caller: Caller, prompt_id: UUID, data: RenderPrompt) -> Rendering:
    return await render(
        ledger,
        caller.workspace_id,
        prompt_id,
        version=data.version,
        label=data.label,
        key=data.key,
        variables=data.variables,
        examples=data.examples,
    )


def _choose_target(data: RunPrompt, version: PromptVersionAdded) -> ModelChoice:
    target = data.target or target_of(version)
    if target is None:
        detail = f"Version {version.number} has no target; give one in `target`."
        raise Unprocessable(detail, errors=[Fault(pointer="/target", detail=detail, code="required")])
    return target


def _build_answer(
    prompt_id: UUID, data: RunPrompt, rendered: Rendering, served: Served, result: OneAnswer
) -> PromptAnswer:
    return PromptAnswer(
        prompt_id=prompt_id,
        version=rendered.version.number,
        label=data.label,
        served=served,
        text=result.completion.text,
        tool_calls=list(result.completion.tool_calls),
        finish_reason=result.completion.finish_reason,
        failure=result.failure,
        input_tokens=result.completion.input_tokens,
        output_tokens=result.completion.output_tokens,
        cost=format_cost(result.cost),
        latency_ms=result.latency_ms,
        provider_model=result.completion.model,
        examples=list(rendered.examples),
    )


router = Router(path="/", route_handlers=[render_prompt, run_prompt])
