"""Tools as a chat request has them. OpenAI's messages for wrong ones."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from service.sandbox.json_schemas import openai_schemas
from service.sandbox.wire import Refusal

MAX_TOOLS = 128
MAX_NAME = 64
NAME = re.compile(r"[a-zA-Z0-9_-]+")


class ToolFunction(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """`function` is None for other types of tools, which the sandbox never calls."""

    type: str
    function: ToolFunction | None = None


ToolChoice = str | dict[str, Any]


def check_tools(tools: Sequence[Tool] | None, choice: ToolChoice | None, *, parallel: bool | None) -> None:
    """Raises Refusal for tools that OpenAI would refuse."""
    if tools is None:
        given = {"tool_choice": choice if choice != "none" else None, "parallel_tool_calls": parallel}
        for name in (name for name, value in given.items() if value is not None):
            message = f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."
            raise Refusal(message, param=name)
        return
    if not tools:
        message = (
            "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        raise Refusal(message, param="tools", code="empty_array")
    if len(tools) > MAX_TOOLS:
        message = (
            f"Expected an array with maximum length {MAX_TOOLS}, but got an array with length {len(tools)} instead."
        )
        raise Refusal(f"Invalid 'tools': array too long. {message}", param="tools", code="array_above_max_length")
    for position, tool in enumerate(tools):
        _check_tool(tool, f"tools[{position}]")
    chosen = read_choice(choice)
    if isinstance(chosen, str) and not any(each.name == chosen for each in list_functions(tools)):
        message = (
            f"Invalid value for 'tool_choice': no function named '{chosen}' was specified in the 'tools' parameter."
        )
        raise Refusal(message, param="tool_choice")


def _check_tool(tool: Tool, at: str) -> None:
    if tool.type == "function" and tool.function is None:
        message = f"Missing required parameter: '{at}.function'."
        raise Refusal(message, param=f"{at}.function", code="missing_required_parameter")
    if tool.function is None:
        return
    name = tool.function.name
    param = f"{at}.function.name"
    if not NAME.fullmatch(name):
        message = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
        raise Refusal(f"Invalid '{param}': {message}", param=param, code="invalid_value")
    if len(name) > MAX_NAME:
        message = f"string too long. Expected a string with maximum length {MAX_NAME}, but got a string with length"
        raise Refusal(f"Invalid '{param}': {message} {len(name)} instead.", param=param, code="string_above_max_length")
    schema = tool.function.parameters
    if schema and (error := openai_schemas.find_schema_error(schema, strict=bool(tool.function.strict))):
        param, message = f"{at}.function.parameters", f"Invalid schema for function '{name}': {error}"
        raise Refusal(message, param=param, code="invalid_function_parameters")


def read_choice(choice: ToolChoice | None) -> str | bool:
    """The name of the function to call, True for any, False for none."""
    match choice:
        case "required" | {"type": "allowed_tools", "allowed_tools": {"mode": "required"}}:
            return True
        case {"type": "function", "function": {"name": str(name)}}:
            return name
        case _:
            return False


def list_functions(tools: Sequence[Tool] | None) -> list[ToolFunction]:
    return [tool.function for tool in tools or () if tool.function is not None]
