"""Chat messages as SDKs, Hugging Face and other tools write them, made canonical. Pure."""

import re
from typing import Any

from service.datasets.imports.shapes.draft import Draft, Json, from_json_text, strip_absent, to_text
from service.json_type_faults import describe

# Every word that is in use for a speaker, in lower case.
SPEAKERS = {
    "system": "system",
    "developer": "developer",
    **dict.fromkeys(("user", "human", "prompter", "customer", "client", "question"), "user"),
    **dict.fromkeys(
        ("assistant", "gpt", "chatgpt", "model", "bot", "chatbot", "ai", "bing", "bard", "claude", "agent", "answer"),
        "assistant",
    ),
    **dict.fromkeys(("function_call", "tool_call", "tool_calls"), "call"),
    **dict.fromkeys(
        ("tool", "function", "observation", "tool_response", "tool_result", "function_response", "ipython"), "tool"
    ),
}
ALLOWED_ROLES = "system, developer, user, assistant, tool"
WEIGHTS = ("weight", "loss_weight", "loss", "train", "trainable", "training")
# Fields of SDK answers and logs that are about the call and not about what was said.
ABOUT_THE_CALL = frozenset(
    (
        *("annotations", "audio", "id", "object", "parsed", "prefix", "logprobs", "cache_control"),
        *("created_at", "timestamp", "model", "status", "finish_reason", "provider_specific_fields"),
    )
)
MEDIA = {"images": ("<image>", "image_url"), "videos": ("<video>", "video_url"), "audios": ("<audio>", "audio_url")}
_MEDIA_MARK = re.compile("(" + "|".join(mark for mark, _ in MEDIA.values()) + ")")


def add_messages(draft: Draft, messages: Any, at: str) -> None:
    """Add a list of messages to the draft; what is no message is a fault."""
    messages = from_json_text(messages)
    if not isinstance(messages, list):
        draft.add_fault(at, f"Found {describe(messages)}; allowed is a list of messages.", "wrong_type")
        return
    for index, message in enumerate(messages):
        add_message(draft, message, f"{at}/{index}")


def add_message(draft: Draft, message: Any, at: str) -> None:
    for canonical in read_message(draft, message, at):
        draft.add(canonical, at)


def read_answer(draft: Draft, message: Any, at: str) -> Json:
    """The message of a chosen or rejected answer: an object, a list of one, or text."""
    if isinstance(message, list) and len(message) == 1:
        message, at = message[0], f"{at}/0"
    if isinstance(message, str):
        return {"role": "assistant", "content": message}
    if isinstance(message, list):
        draft.add_fault(at, f"Found a list of {len(message)}; allowed is one answer.", "wrong_type")
        return {"role": "assistant", "content": "-"}
    [answer] = read_message(draft, message, at)[:1] or [{}]
    if answer.get("role") != "assistant":
        draft.add_fault(f"{at}/role", f"Found {answer.get('role')}; allowed is assistant.")
    return {**answer, "role": "assistant"}


def read_message(draft: Draft, message: Any, at: str) -> list[Json]:
    """The canonical message; several if a result answers several calls at once, none if it is no message."""
    if not isinstance(message, dict):
        draft.add_fault(at, f"Found {describe(message)}; allowed is a message.", "wrong_type")
        return []
    fields = strip_absent(message)
    role = _read_role(draft, fields, at)
    if role is None:
        return []
    content = _pop(fields, "content", "value", "message", "text")
    for name in [name for name in fields if name in ABOUT_THE_CALL]:
        if fields.pop(name) not in ([], {}, "", False):
            draft.losses.add(name)
    if role == "call":
        return [{"role": "assistant", "tool_calls": _read_calls(draft, from_json_text(content), at)}]
    if role == "tool":
        return _read_results(draft, fields, content)
    if content is not None and content != []:
        fields["content"] = _read_content(draft, content, fields)
    if role == "assistant":
        _read_assistant(draft, fields, at)
    elif fields.get("tool_calls") == []:
        del fields["tool_calls"]
    _read_weight(draft, fields, role)
    return [{"role": role, **fields}]


def _read_role(draft: Draft, fields: Json, at: str) -> str | None:
    spoken = [name for name in ("role", "from", "speaker") if name in fields]
    name = spoken[0] if spoken else draft.names.get("role", "role")
    if not spoken:
        draft.add_fault(f"{at}/{name}", f"The field {name!r} is required.", "required")
        return None
    speaker = fields.pop(name)
    role = SPEAKERS.get(speaker.strip().lower()) if isinstance(speaker, str) else None
    if role is None:
        draft.add_fault(f"{at}/{name}", f"Found {describe(speaker)}; allowed are {ALLOWED_ROLES}.")
    return role


def read_tools(draft: Draft, *names: str) -> None:
    """Take the tools: a list, or its JSON text, of OpenAI's objects or of bare functions."""
    tools, at = draft.pop_list(*(names or ("tools", "functions")))
    if tools:
        draft.tools = [_read_tool(draft, tool, f"{at}/{index}") for index, tool in enumerate(tools)]


def place_media(draft: Draft) -> None:
    """Put images, videos and audios that stand beside the messages where the texts have a mark for them."""
    waiting = {mark: list(draft.pop_list(name)[0] or []) for name, (mark, _) in MEDIA.items() if name in draft.row}
    if not any(waiting.values()):
        return
    for message in draft.messages:
        if message["role"] == "user" and isinstance(message.get("content"), str):
            message["content"] = _split_at_marks(message["content"], waiting)
    for mark, left in waiting.items():
        if left:
            draft.add_fault(f"{draft.at}/messages", f"{len(left)} files beside the text have no {mark} in it.")


def _split_at_marks(text: str, waiting: dict[str, list[Any]]) -> str | list[Json]:
    types = dict(MEDIA.values())
    parts: list[Json] = []
    for piece in _MEDIA_MARK.split(text):
        if waiting.get(piece):
            parts.append({"type": types[piece], types[piece]: {"url": _get_url(waiting[piece].pop(0))}})
        elif piece:
            parts.append({"type": "text", "text": piece})
    return parts if any(part["type"] != "text" for part in parts) else text


def _read_assistant(draft: Draft, fields: Json, at: str) -> None:
    reasoning = _pop(fields, "reasoning", "reasoning_content", "thinking")
    if reasoning is not None:
        fields["reasoning"] = to_text(reasoning)
    refusal = _pop(fields, "refusal")
    if refusal:
        draft.losses.add("refusal")
        fields.setdefault("content", refusal)
    call = _pop(fields, "function_call")
    if call:
        fields["tool_calls"] = [call]
    calls = _pop(fields, "tool_calls")
    if calls:
        fields["tool_calls"] = _read_calls(draft, from_json_text(calls), f"{at}/tool_calls")


def _read_calls(draft: Draft, calls: Any, at: str) -> list[Any]:
    if isinstance(calls, dict):
        calls = [calls]
    if not isinstance(calls, list):
        draft.add_fault(at, f"Found {describe(calls)}; allowed are tool calls, as JSON.", "not_a_call")
        return []
    return [_read_call(draft, call) for call in calls]


def _read_call(draft: Draft, call: Any) -> Any:
    if not isinstance(call, dict):
        return call
    call = strip_absent(call)
    function = dict(call.pop("function")) if isinstance(call.get("function"), dict) else call
    arguments = function.get("arguments", function.get("parameters", {}))
    name = function.get("name")
    call_id = call.get("id")
    known = {
        "id": draft.open_call(str(name), call_id if isinstance(call_id, str) else None),
        "type": call.get("type", "function"),
        "function": {"name": name, "arguments": to_text(arguments)} if name is not None else {},
    }
    others = {*("id", "type", "function", "name", "arguments", "parameters", "index")}
    return {**known, **{field: value for field, value in call.items() if field not in others}}


def _read_results(draft: Draft, fields: Json, content: Any) -> list[Json]:
    """The result of a tool. One without an id answers the calls that are open, a list of as many all of them."""
    name = _pop(fields, "name", "tool_name")
    call_id = _pop(fields, "tool_call_id")
    fields.pop("tool_calls", None)
    rest = {**fields, **({"name": name} if name is not None else {})}
    match content:
        case [{"type": "text", "value": str(result)}]:  # of typed parts, which have no other way to write a text
            results: list[Any] = [result]
        case _:
            results = [_read_content(draft, content, {}) if content is not None else ""]
    if call_id is None and draft.open_calls > 1:
        listed = from_json_text(_get_text(results[0]))
        if isinstance(listed, list) and len(listed) == draft.open_calls:
            results = [to_text(result) for result in listed]
    return [
        {"role": "tool", "content": result, "tool_call_id": draft.close_call(name=name, call_id=call_id), **rest}
        for result in results
    ]


def _get_text(content: Any) -> Any:
    match content:
        case [{"text": text}]:
            return text
        case _:
            return content


def _read_content(draft: Draft, content: Any, fields: Json) -> Any:
    """Text or parts. Reasoning, calls and refusals among the parts go to the message's own `fields`."""
    if isinstance(content, dict) and "type" not in content:
        return to_text(content)
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return content
    parts: list[Any] = []
    for part in content:
        _read_part(draft, part, parts, fields)
    return parts or None


def _read_part(draft: Draft, part: Any, parts: list[Any], fields: Json) -> None:
    if isinstance(part, str):
        parts.append({"type": "text", "text": part})
        return
    if not isinstance(part, dict):
        parts.append(part)
        return
    kind = part.get("type", "text" if "text" in part else "")
    kind = kind if isinstance(kind, str) else ""
    value = next((part[name] for name in (kind, "value", "text", "content", "url", "path") if name in part), None)
    match kind:
        case "text" | "input_text" | "output_text":
            parts.append({"type": "text", "text": value})
        case "reasoning" | "thinking":
            fields["reasoning"] = fields.get("reasoning", "") + to_text(value if value is not None else "")
        case "refusal":
            draft.losses.add("refusal")
            parts.append({"type": "text", "text": value})
        case "tool_call" | "function_call":
            calls = from_json_text(value)
            fields["tool_calls"] = [*fields.get("tool_calls", []), *(calls if isinstance(calls, list) else [calls])]
        case "image" | "image_url" | "video" | "video_url" | "audio" | "audio_url":
            name = f"{kind.removesuffix('_url')}_url"
            parts.append({"type": name, name: value if isinstance(value, dict) else {"url": _get_url(value)}})
        case _:
            parts.append(part)


def _get_url(value: Any) -> Any:
    """The address of a file that is given by itself, or as the object that `datasets` writes."""
    return value.get("url", value.get("path")) if isinstance(value, dict) else value


def _read_weight(draft: Draft, fields: Json, role: str) -> None:
    """One word for whether the message is trained on; a whole float or a boolean is 0 or 1."""
    weight = _pop(fields, *WEIGHTS)
    for name in WEIGHTS:
        fields.pop(name, None)
    if role == "assistant" and weight is not None:
        fields["weight"] = int(weight) if isinstance(weight, bool | float) and weight in (0, 1) else weight
    elif weight:
        draft.losses.add(f"weight of a {role} message")


def _read_tool(draft: Draft, tool: Any, at: str) -> Any:
    tool = from_json_text(tool)
    if not isinstance(tool, dict):
        return tool
    tool = strip_absent(tool)
    function = from_json_text(tool.get("function", {name: value for name, value in tool.items() if name != "type"}))
    if not isinstance(function, dict):
        draft.add_fault(f"{at}/function", f"Found {describe(function)}; allowed is an object.", "wrong_type")
        return {"type": "function", "function": {"name": "-"}}
    for name in ("parameters", "input_schema", "inputSchema"):
        if name in function:
            function["parameters"] = from_json_text(function.pop(name))
    for name in [name for name in function if name not in ("name", "description", "parameters", "strict")]:
        function.pop(name)
        draft.losses.add(f"fields of tools: {name[:64]}")
    return {"type": tool.get("type", "function"), "function": function}


def _pop(fields: Json, *names: str) -> Any:
    """Take the first of these fields that is there."""
    for name in names:
        if name in fields:
            return fields.pop(name)
    return None
