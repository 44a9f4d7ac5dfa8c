"""Shapes of two clouds: Gemini's contents and parts (Vertex), with preferences, and Bedrock's conversations. Pure."""

from typing import Any

from service.datasets.imports.shapes.chat_messages import add_message, read_answer
from service.datasets.imports.shapes.draft import Draft, Json, to_text
from service.json_type_faults import describe


def read_gemini(draft: Draft) -> None:
    """`systemInstruction`, `contents`, `tools`; a preference has `completions` with scores."""
    draft.names = {"content": "parts"}
    system, at = draft.pop("systemInstruction", "system_instruction")
    if system is not None:
        text = system if isinstance(system, str) else "".join(_get_texts(system))
        draft.add_text("system", text, at)
    contents, at = draft.pop("contents")
    if not isinstance(contents, list):
        draft.add_fault(at, f"Found {describe(contents)}; allowed is a list of contents.", "wrong_type")
        return
    for index, content in enumerate(contents):
        _add_gemini_content(draft, content, f"{at}/{index}")
    tools, at = draft.pop_list("tools")
    declared = [tool for group in tools or [] for tool in _declared(group)]
    draft.tools = [{"type": "function", "function": _lower_types(function)} for function in declared] or None
    completions, at = draft.pop_list("completions")
    if completions is not None:
        _read_completions(draft, completions, at)


def read_bedrock(draft: Draft) -> None:
    """`system`, `messages` whose content is parts, `toolConfig`."""
    draft.pop("schemaVersion")
    system, at = draft.pop_list("system")
    if system:
        draft.add_text("system", "".join(_get_texts({"parts": system})), at)
    messages, at = draft.pop_list("messages")
    for index, message in enumerate(messages or []):
        where = f"{at}/{index}"
        if not isinstance(message, dict) or not isinstance(message.get("content"), list):
            detail = "A message has a role and a list of parts as its content."
            draft.add_fault(f"{where}/content", f"Found {describe(message)}; {detail}", "wrong_type")
            continue
        _add_parts(draft, str(message.get("role")), [_read_bedrock_part(part) for part in message["content"]], where)
    config, _ = draft.pop("toolConfig")
    specs = config.get("tools") if isinstance(config, dict) else None
    draft.tools = [_read_tool_spec(tool) for tool in specs] if isinstance(specs, list) and specs else None


def _add_gemini_content(draft: Draft, content: Any, at: str) -> None:
    if not isinstance(content, dict) or not isinstance(content.get("parts"), list):
        draft.add_fault(
            f"{at}/parts", f"Found {describe(content)}; allowed is a role and a list of parts.", "wrong_type"
        )
        return
    parts = [_read_gemini_part(part) for part in content["parts"]]
    _add_parts(draft, str(content.get("role", "user")), parts, at)


def _add_parts(draft: Draft, role: str, parts: list[Json], at: str) -> None:
    """Add a message of parts; results of tools among them become messages of their own, before the rest."""
    results = [part["result"] for part in parts if "result" in part]
    rest = [part for part in parts if "result" not in part]
    for result in results:
        add_message(draft, {"role": "tool", **result}, at)
    if not rest and results:
        return
    content: Any = rest
    if rest and all(part.get("type") == "text" for part in rest):
        content = "".join(str(part.get("text")) for part in rest)
    add_message(draft, {"role": role, "content": content}, at)


def _read_gemini_part(part: Any) -> Json:
    if isinstance(part, dict) and part.get("thought"):
        return {"type": "reasoning", "value": part.get("text", "")}
    read: Json = {"type": next(iter(part), "text") if isinstance(part, dict) else "text"}
    match part:
        case {"text": text}:
            read = {"type": "text", "text": text}
        case {"functionCall": {"name": name, **call}}:
            read = _build_call(name, call.get("args", {}), call.get("id"))
        case {"functionResponse": {"name": name, **result}}:
            call_id = {"tool_call_id": result["id"]} if result.get("id") else {}
            read = {"result": {"name": name, "content": to_text(_get_result(result.get("response", {}))), **call_id}}
        case {"inlineData": {"mimeType": str(kind), "data": data}}:
            read = _build_media(kind, f"data:{kind};base64,{data}")
        case {"fileData": {"fileUri": uri, **file}}:
            read = _build_media(str(file.get("mimeType", "")), uri)
    return read


def _get_result(response: Any) -> Any:
    """The text of a result that is nothing else, as our own exports write it."""
    match response:
        case {"result": str(text)} if len(response) == 1:
            return text
        case _:
            return response


def _read_bedrock_part(part: Any) -> Json:
    read: Json = {"type": next(iter(part), "text") if isinstance(part, dict) else "text"}
    match part:
        case {"text": text}:
            read = {"type": "text", "text": text}
        case {"toolUse": {"name": name, **call}}:
            read = _build_call(name, call.get("input", {}), call.get("toolUseId"))
        case {"toolResult": {"toolUseId": call_id, "content": [*blocks]}}:
            texts = [_get_block_text(block) for block in blocks]
            read = {"result": {"tool_call_id": call_id, "content": "".join(texts)}}
        case {"reasoningContent": {"reasoningText": {"text": text}}}:
            read = {"type": "reasoning", "value": text}
        case {"image": {"format": kind, "source": source}}:
            read = _build_media(f"image/{kind}", _get_source(source, f"image/{kind}"))
        case {"video": {"format": kind, "source": source}}:
            read = _build_media(f"video/{kind}", _get_source(source, f"video/{kind}"))
        case {"document": {"format": kind, "source": source}}:
            read = _build_media(f"application/{kind}", _get_source(source, f"application/{kind}"))
    return read


def _get_block_text(block: Any) -> str:
    if not isinstance(block, dict):
        return to_text(block)
    return to_text(block["text"] if "text" in block else block.get("json", ""))


def _get_source(source: Any, kind: str) -> Any:
    match source:
        case {"s3Location": {"uri": uri}}:
            return uri
        case {"bytes": data}:
            return f"data:{kind};base64,{data}"
        case _:
            return source


def _build_call(name: Any, arguments: Any, call_id: Any) -> Json:
    call = {"name": name, "arguments": arguments, **({"id": call_id} if call_id else {})}
    return {"type": "tool_call", "value": call}


def _build_media(kind: str, url: Any) -> Json:
    family, _, subtype = kind.partition("/")
    if family in ("image", "video"):
        return {"type": f"{family}_url", f"{family}_url": {"url": url}}
    if family == "audio" and isinstance(url, str) and url.startswith("data:"):
        return {"type": "input_audio", "input_audio": {"data": url.partition(",")[2], "format": subtype}}
    if family == "audio":
        return {"type": "audio_url", "audio_url": {"url": url}}
    return {"type": "file", "file": {"file_data": url}}


def _read_completions(draft: Draft, completions: list[Any], at: str) -> None:
    """The completion with the highest score is chosen, that with the lowest rejected."""
    scored: list[tuple[float, str, Any]] = [
        (float(each["score"]), f"{at}/{index}/completion", each.get("completion"))
        for index, each in enumerate(completions)
        if isinstance(each, dict) and isinstance(each.get("score"), int | float)
    ]
    if len(scored) < 2 or min(scored)[0] == max(scored)[0]:  # noqa: PLR2004 - a pair
        draft.add_fault(at, "Two completions with different scores are needed.")
        return
    if len(scored) > 2:  # noqa: PLR2004
        draft.losses.add("completions between the best and the worst")
    ordered = sorted(scored, key=lambda each: each[0])
    for name, (_, where, completion) in (("chosen", ordered[-1]), ("rejected", ordered[0])):
        parts = completion.get("parts") if isinstance(completion, dict) else None
        content = [_read_gemini_part(part) for part in parts] if isinstance(parts, list) else []
        text: Any = content
        if all(part.get("type") == "text" for part in content):
            text = "".join(str(part.get("text")) for part in content)
        draft.answers[name] = (read_answer(draft, {"role": "model", "content": text}, where), where)


def _get_texts(system: Any) -> list[str]:
    parts = system.get("parts") if isinstance(system, dict) else None
    listed = parts if isinstance(parts, list) else [parts]
    return [part["text"] for part in listed if isinstance(part, dict) and isinstance(part.get("text"), str)]


def _declared(group: Any) -> list[Json]:
    match group:
        case {"functionDeclarations": [*functions]} | {"function_declarations": [*functions]}:
            return [function for function in functions if isinstance(function, dict)]
        case _:
            return []


def _read_tool_spec(tool: Any) -> Json:
    match tool:
        case {"toolSpec": {"name": name, **spec}}:
            schema = spec.get("inputSchema")
            described = {"description": spec["description"]} if spec.get("description") is not None else {}
            parameters = schema.get("json", {}) if isinstance(schema, dict) else {}
            return {"type": "function", "function": {"name": name, **described, "parameters": parameters}}
        case _:
            return {"type": "function", "function": {}}


def _lower_types(value: Any) -> Any:
    """Gemini's schemas write types in capitals (`OBJECT`), JSON Schema in small letters."""
    if isinstance(value, dict):
        return {
            name: item.lower() if name == "type" and isinstance(item, str) else _lower_types(item)
            for name, item in value.items()
        }
    return [_lower_types(item) for item in value] if isinstance(value, list) else value
