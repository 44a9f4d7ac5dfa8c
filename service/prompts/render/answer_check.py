"""Check whether an answer is what a prompt asked for."""

from typing import Any
from uuid import UUID

import msgspec

from service.errors import Fault
from service.prompts.domain import PromptParameters
from service.tasks.json_schema import encode_schema
from service.tasks.schema_checks import check_output

MAX_FAULTS = 20


class PromptFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no usable answer."""

    code: str
    """Why there is no usable answer."""
    detail: str
    """The reason in words."""
    faults: tuple[Fault, ...] = ()
    """Where the answer does not match its schema; at most 20."""


def provider_options(parameters: PromptParameters) -> dict[str, Any]:
    """The sampling options to send to a provider. Options that are not set are left out."""
    options = {"top_p": parameters.top_p, "seed": parameters.seed, "stop": list(parameters.stop) or None}
    return {name: value for name, value in options.items() if value is not None}


async def check_answer(workspace_id: UUID, text: str, schema: dict[str, Any] | None) -> PromptFailure | None:
    """Check an answer against its JSON schema. None when it matches, or when there is no schema."""
    if schema is None:
        return None
    faults = await check_output(workspace_id, encode_schema(schema), text)
    if not faults:
        return None
    if faults[0].code == "not_json":
        return PromptFailure(code="not_json", detail="The answer is not JSON.")
    detail = f"The answer does not match its schema in {len(faults)} place{'s' if len(faults) > 1 else ''}."
    return PromptFailure(code="schema_mismatch", detail=detail, faults=tuple(faults[:MAX_FAULTS]))
