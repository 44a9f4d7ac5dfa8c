"""OpenAI's chat request as Bedrock's Converse has it. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.providers.provider import Refused

SYSTEM = frozenset({"system", "developer"})
IMAGE = re.compile(r"data:image/(png|jpeg|jpg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")
INFERENCE = {"max_tokens": "maxTokens", "max_completion_tokens": "maxTokens", "temperature": "temperature"}
INFERENCE |= {"top_p": "topP"}
TRANSLATED = frozenset({*INFERENCE, "stop", "tools", "tool_choice", "response_format"})
# Bedrock has nothing like it, and an answer without it is still an answer.
IGNORED = frozenset(
    {
        *("frequency_penalty", "presence_penalty", "seed", "parallel_tool_calls", "reasoning_effort", "service_tier"),
        *("metadata", "store", "stream", "stream_options", "user", "safety_identifier", "prompt_cache_key"),
        *("model", "messages", "prompt_cache_retention", "verbosity"),
    }
)
# An answer without it is not what was asked for. What asks for nothing may be there.
REFUSED: Mapping[str, tuple[Any, ...]] = {
    "n": (None, 1),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "logit_bias": (None, {}),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "prediction": (None,),
    "web_search_options": (None,),
    "functions": (None, []),
    "function_call": (None, "none"),
}
Values = dict[str, Any]


def build_request(
    messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any], *, schema: Mapping[str, Any] | None = None
) -> Values:
    """The body of Converse. Raises Refused for what Bedrock cannot do."""
    for name, harmless in REFUSED.items():
        if options.get(name) not in harmless:
            raise Refused(f"Amazon Bedrock does not know `{name}`. Leave it out.")
    turns = build_turns(messages)
    body = {
        "messages": turns,
        "system": build_system(messages),
        "inferenceConfig": build_inference(options),
        "toolConfig": build_tools(options, used=uses_tools(turns)),
        "outputConfig": build_output(options.get("response_format"), schema),
        "additionalModelRequestFields": {
            name: value for name, value in options.items() if name not in TRANSLATED | IGNORED | REFUSED.keys()
        },
    }
    return {name: value for name, value in body.items() if value or name == "messages"}


def build_system(messages: Iterable[Mapping[str, Any]]) -> list[Values]:
    return [block for each in messages if each.get("role") in SYSTEM for block in build_blocks(each.get("content"))]


def build_turns(messages: Iterable[Mapping[str, Any]]) -> list[Values]:
    """The turns of user and assistant, which have to take turns: neighbours of one role become one."""
    turns: list[Values] = []
    for message in messages:
        if message.get("role") in SYSTEM:
            continue
        role, blocks = build_turn(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return turns


def build_turn(message: Mapping[str, Any]) -> tuple[str, list[Values]]:
    role, blocks = message.get("role"), build_blocks(message.get("content"))
    if role == "user":
        return "user", blocks
    if role == "assistant":
        return "assistant", blocks + [build_tool_use(call) for call in message.get("tool_calls") or ()]
    if role == "tool":
        return "user", [{"toolResult": {"toolUseId": str(message.get("tool_call_id")), "content": blocks}}]
    raise Refused(f"Amazon Bedrock does not know messages of the role {role!r}.")


def build_blocks(content: Any) -> list[Values]:
    """Texts and images. Bedrock refuses blank texts, so they are left out."""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or ()
    blocks = [build_block(part) for part in parts]
    return [block for block in blocks if block.get("text", "-").strip()]


def build_block(part: Any) -> Values:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind in {"text", "refusal"}:
        return {"text": str(part.get(kind) or "")}
    if kind != "image_url":
        raise Refused(f"Amazon Bedrock takes texts and images here, not a part of the type {kind!r}.")
    image = part.get("image_url")
    match = IMAGE.fullmatch(str(image.get("url") if isinstance(image, Mapping) else image))
    if match is None:
        raise Refused("Amazon Bedrock takes images as data: URLs of png, jpeg, gif or webp, in base64.")
    data = "".join(match[2].split())
    return {"image": {"format": "jpeg" if match[1] == "jpg" else match[1], "source": {"bytes": data}}}


def build_tool_use(call: Mapping[str, Any]) -> Values:
    function = call.get("function") or {}
    try:
        given = json.loads(function.get("arguments") or "{}")
    except (ValueError, TypeError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Refused(f"The arguments of the tool call {function.get('name')!r} are no JSON object.")
    return {"toolUse": {"toolUseId": str(call.get("id")), "name": str(function.get("name")), "input": given}}


def build_inference(options: Mapping[str, Any]) -> Values:
    given = {INFERENCE[name]: options[name] for name in INFERENCE if options.get(name) is not None}
    stop = options.get("stop")
    return given | ({"stopSequences": [stop] if isinstance(stop, str) else list(stop)} if stop else {})


def build_tools(options: Mapping[str, Any], *, used: bool) -> Values:
    """The tools and which is to be called. Without any choice of none, they are left out unless messages use them."""
    tools, choice = options.get("tools") or (), options.get("tool_choice")
    if not tools or (choice == "none" and not used):
        return {}
    config: Values = {"tools": [build_tool(tool) for tool in tools]}
    if choice == "required":
        config["toolChoice"] = {"any": {}}
    elif isinstance(choice, Mapping):
        config["toolChoice"] = {"tool": {"name": str((choice.get("function") or {}).get("name"))}}
    return config


def build_tool(tool: Mapping[str, Any]) -> Values:
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, Mapping):
        raise Refused("Amazon Bedrock takes tools of the type `function` alone.")
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    described = {"description": function["description"]} if function.get("description") else {}
    strict = {"strict": True} if function.get("strict") else {}
    return {"toolSpec": {"name": function.get("name"), **described, "inputSchema": {"json": parameters}, **strict}}


def build_output(response_format: Any, schema: Mapping[str, Any] | None) -> Values:
    """The JSON Schema of the answer. A format of the caller's goes before ours."""
    name, kind = "answer", response_format.get("type") if isinstance(response_format, Mapping) else None
    if kind == "json_schema":
        wanted = response_format.get("json_schema") or {}
        name, schema = wanted.get("name") or name, wanted.get("schema") or {}
    elif kind == "json_object":
        raise Refused("Amazon Bedrock takes a `response_format` of the type `json_schema`, not `json_object`.")
    elif kind == "text":
        schema = None
    if schema is None:
        return {}
    structure = {"jsonSchema": {"name": name, "schema": json.dumps(schema)}}
    return {"textFormat": {"type": "json_schema", "structure": structure}}


def uses_tools(turns: Iterable[Values]) -> bool:
    return any("toolUse" in block or "toolResult" in block for turn in turns for block in turn["content"])
