"""Chat messages in OpenAI's shape as Gemini's contents. Pure."""

import json
import mimetypes
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.providers.provider import ErrorReply, Refused

DATA_URL = re.compile(r"data:([a-z0-9.+-]+/[a-z0-9.+-]+)(?:;[^,;]*)*;base64,(.+)", re.IGNORECASE | re.DOTALL)
SYSTEM_ROLES = frozenset({"system", "developer"})
BAD_REQUEST = 400
Item = dict[str, Any]


def refuse(param: str, detail: str) -> Refused:
    """A request that Vertex would not understand, in the words that OpenAI's clients read."""
    reply = ErrorReply(
        message=detail, status=BAD_REQUEST, type="invalid_request_error", code="unsupported_value", param=param
    )
    return Refused(detail, provider_code=reply.code, provider_status=BAD_REQUEST, reply=reply)


def build_contents(messages: Sequence[Mapping[str, Any]]) -> Item:
    """`contents`, and `systemInstruction` where there is one. Neighbours of one role become one content.

    Raises Refused for what Gemini has no shape for.
    """
    system: list[Item] = []
    contents: list[Item] = []
    names: dict[str, str] = {}
    for number, message in enumerate(messages):
        param, role = f"messages[{number}]", message.get("role")
        if role in SYSTEM_ROLES:
            system += build_parts(message.get("content"), f"{param}.content")
            continue
        if role == "tool":
            parts = [build_response(message, names, param)]
        elif role == "assistant":
            parts = build_parts(message.get("content"), f"{param}.content") + build_calls(message, names, param)
        elif role == "user":
            parts = build_parts(message.get("content"), f"{param}.content")
        else:
            raise refuse(f"{param}.role", f"Vertex knows no role {role!r}.")
        add_parts(contents, "model" if role == "assistant" else "user", parts)
    instruction = {"systemInstruction": {"role": "system", "parts": system}} if system else {}
    return {**instruction, "contents": contents}


def add_parts(contents: list[Item], role: str, parts: list[Item]) -> None:
    if contents and contents[-1]["role"] == role:
        contents[-1]["parts"] += parts
    elif parts:
        contents.append({"role": role, "parts": parts})


def build_parts(content: Any, param: str) -> list[Item]:
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"text": content}]
    if not isinstance(content, list):
        raise refuse(param, "The content should be a text or a list of parts.")
    return [build_part(part, f"{param}[{number}]") for number, part in enumerate(content)]


def build_part(part: Any, param: str) -> Item:
    match part:
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            return {"text": text}
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return build_file(url, param)
        case {"type": "file", "file": {"file_data": str(url)}}:
            return build_file(url, param)
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(format_)}}:
            return {"inlineData": {"mimeType": f"audio/{format_}", "data": data}}
    kind = part.get("type") if isinstance(part, dict) else type(part).__name__
    raise refuse(param, f"Vertex takes no part of type {kind!r}.")


def build_file(url: str, param: str) -> Item:
    if found := DATA_URL.fullmatch(url):
        return {"inlineData": {"mimeType": found[1].lower(), "data": found[2]}}
    kind, _ = mimetypes.guess_type(url.partition("?")[0])
    if not url.startswith(("https://", "gs://")) or kind is None:
        raise refuse(param, "Give a data URL, or an https or gs address with a file ending such as .png.")
    return {"fileData": {"mimeType": kind, "fileUri": url}}


def build_calls(message: Mapping[str, Any], names: dict[str, str], param: str) -> list[Item]:
    """The tool calls of a message. Their names are kept, since Gemini wants them again with the results."""
    parts: list[Item] = []
    for number, call in enumerate(message.get("tool_calls") or ()):
        place = f"{param}.tool_calls[{number}]"
        match call:
            case {"function": {"name": str(name)} as function}:
                names[str(call.get("id"))] = name
            case _:
                raise refuse(place, "Vertex takes calls of functions alone.")
        arguments = parse_object(function.get("arguments") or "{}")
        if arguments is None:
            raise refuse(f"{place}.function.arguments", "The arguments should be a JSON object, as a text.")
        parts.append({"functionCall": {"name": name, "args": arguments}} | find_signature(call))
    return parts


def find_signature(call: Mapping[str, Any]) -> Item:
    """The thought signature, which newer models want back. It travels where Google's own OpenAI layer has it."""
    match call.get("extra_content"):
        case {"google": {"thought_signature": str(signature)}}:
            return {"thoughtSignature": signature}
    return {}


def build_response(message: Mapping[str, Any], names: Mapping[str, str], param: str) -> Item:
    name = names.get(str(message.get("tool_call_id"))) or message.get("name")
    if not name:
        raise refuse(f"{param}.tool_call_id", "No earlier message calls a tool by this id.")
    text = "\n".join(part.get("text", "") for part in build_parts(message.get("content"), f"{param}.content"))
    return {"functionResponse": {"name": name, "response": {"result": text}}}  # as training rows have it


def parse_object(text: Any) -> Item | None:
    if isinstance(text, dict):
        return text
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def build_tools(tools: Iterable[Any]) -> list[Item]:
    declared = []
    for number, tool in enumerate(tools):
        match tool:
            case {"function": {"name": str(name)} as function}:
                pass
            case _:
                raise refuse(f"tools[{number}]", "Vertex takes functions alone as tools.")
        declaration: Item = {"name": name}
        if function.get("description"):
            declaration["description"] = function["description"]
        if function.get("parameters"):
            declaration["parametersJsonSchema"] = function["parameters"]
        declared.append(declaration)
    return [{"functionDeclarations": declared}] if declared else []
