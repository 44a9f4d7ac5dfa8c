"""A chat request in OpenAI's shape as Gemini's `generateContent`. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.providers.vertex.vertex_content import Item, build_contents, build_tools, refuse

RENAMED = {
    "max_tokens": "maxOutputTokens",
    "max_completion_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "n": "candidateCount",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
}
# They change no answer.
UNUSED = frozenset(
    {
        *("user", "metadata", "store", "stream", "stream_options", "service_tier", "safety_identifier"),
        *("parallel_tool_calls", "prompt_cache_key"),
    }
)
MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
# As Google's own OpenAI layer has them.
THINKING = {"none": 0, "minimal": 1_024, "low": 1_024, "medium": 8_192, "high": 24_576}


def build_request(
    messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any], *, schema: Mapping[str, Any] | None = None
) -> Item:
    """`options`: the other fields of OpenAI's request. Raises Refused for one that Vertex has nothing for."""
    config: Item = {} if schema is None else build_format(schema)
    body = build_contents(messages)
    for name, value in options.items():
        if value is None or name in UNUSED:
            continue
        if name in RENAMED:
            config[RENAMED[name]] = value
        elif name == "stop":
            config["stopSequences"] = [value] if isinstance(value, str) else value
        elif name == "response_format":
            config |= read_format(value)
        elif name == "reasoning_effort":
            config["thinkingConfig"] = {"thinkingBudget": choose_budget(value)}
        elif name == "tools":
            body["tools"] = build_tools(value)
        elif name == "tool_choice":
            body["toolConfig"] = {"functionCallingConfig": read_choice(value)}
        else:
            raise refuse(name, f"Vertex has nothing like {name}: leave it out.")
    return body | ({"generationConfig": config} if config else {})


def build_format(schema: Mapping[str, Any] | None) -> Item:
    return {"responseMimeType": "application/json"} | ({} if schema is None else {"responseJsonSchema": schema})


def read_format(value: Any) -> Item:
    match value:
        case {"type": "text"}:
            return {}
        case {"type": "json_object"}:
            return build_format(None)
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return build_format(schema)
    raise refuse("response_format", "The format should be text, json_object or json_schema with a schema.")


def read_choice(value: Any) -> Item:
    if isinstance(value, str) and value in MODES:
        return {"mode": MODES[value]}
    match value:
        case {"function": {"name": str(name)}}:
            return {"mode": "ANY", "allowedFunctionNames": [name]}
    raise refuse("tool_choice", "The choice should be auto, none, required or a function's name.")


def choose_budget(effort: Any) -> int:
    if effort not in THINKING:
        raise refuse("reasoning_effort", f"The effort should be one of {', '.join(THINKING)}.")
    return THINKING[effort]
