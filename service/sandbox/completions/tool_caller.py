"""Call a tool where a chat request asks for it, with arguments that its schema accepts."""

import json
import secrets
from random import Random
from typing import Any

from service.sandbox.base_model.request_reader import RequestReader
from service.sandbox.base_model.text_analysis import find_content_words
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.completions.completion_objects import Answer
from service.sandbox.json_schemas.schema_filler import SchemaFiller
from service.sandbox.json_schemas.tool_schemas import ToolFunction, list_functions, read_choice

NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}


def call_tool(request: ChatRequest, *, random: Random) -> Answer | None:
    """Call the named tool, or with `required` the one that suits the question; None where a text is as good."""
    chosen, functions = read_choice(request.tool_choice), list_functions(request.tools)
    if chosen is False or not functions:
        return None
    reader = RequestReader(request.messages)
    function = (
        next(each for each in functions if each.name == chosen)
        if isinstance(chosen, str)
        else max(functions, key=lambda each: _count_common_words(each, reader.last_user_text))
    )
    filler = SchemaFiller(function.parameters or NO_PARAMETERS, reader, tuned_text=None, random=random)
    call = {
        "id": f"call_{secrets.token_hex(12)}",
        "type": "function",
        "function": {"name": function.name, "arguments": json.dumps(filler.fill(), ensure_ascii=False)},
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call], "refusal": None}
    # OpenAI's own distinction: a call that was demanded by name ends the answer as a text would.
    return Answer(message=message, finish="stop" if isinstance(chosen, str) else "tool_calls")


def _count_common_words(function: ToolFunction, question: str) -> int:
    words = set(find_content_words(f"{function.name.replace('_', ' ')} {function.description or ''}"))
    return len(words & set(find_content_words(question)))
