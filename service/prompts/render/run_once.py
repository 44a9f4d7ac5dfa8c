"""Ask a model once while the caller waits. Nothing is recorded."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from service.connections.accounts import Accounts
from service.connections.domain import CONNECTION, require_connection
from service.datasets.examples.chat_content import Message
from service.errors import Conflict, NotFound
from service.inference.domain import Served
from service.inference.outcomes import find_price, find_refusal
from service.models.completions import build_provider_message
from service.prompts.domain import PromptParameters
from service.prompts.render.answer_check import PromptFailure, check_answer, provider_options
from service.providers.provider import Completion


class OneAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` in US dollars; None if no price is known."""

    completion: Completion
    failure: PromptFailure | None
    latency_ms: int
    cost: Decimal | None


async def run_once(
    accounts: Accounts,
    workspace_id: UUID,
    served: Served,
    messages: Sequence[Message],
    parameters: PromptParameters,
) -> OneAnswer:
    """Raises the provider's errors (refused, unavailable), and Conflict if the connection was deleted."""
    clock = asyncio.get_running_loop()
    try:
        connection = require_connection(
            (await accounts.ledger.get(CONNECTION, workspace_id, served.connection_id)).state
        )
        async with accounts.open(workspace_id, served.connection_id) as provider:
            started = clock.time()
            completion = await provider.complete(
                served.provider_model,
                [build_provider_message(message) for message in messages],
                max_tokens=parameters.max_tokens,
                temperature=parameters.temperature,
                options=provider_options(parameters),
                schema=parameters.response_schema,
            )
    except NotFound as error:
        raise Conflict("The connection of this prompt's target was deleted.") from error
    price = find_price(connection.kind, connection.settings.prices, served)
    computed_cost = price.of(completion.input_tokens, completion.output_tokens) if price else None
    return OneAnswer(
        completion=completion,
        failure=await _find_failure(workspace_id, completion, parameters),
        latency_ms=round((clock.time() - started) * 1000),
        cost=completion.cost if completion.cost is not None else computed_cost,
    )


async def _find_failure(
    workspace_id: UUID, completion: Completion, parameters: PromptParameters
) -> PromptFailure | None:
    fault = find_refusal(completion)
    if fault is not None:
        return PromptFailure(code=fault[0], detail=fault[1])
    if completion.tool_calls:
        return None
    return await check_answer(workspace_id, completion.text, parameters.response_schema)
