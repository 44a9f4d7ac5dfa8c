"""Corrupt a finished chat answer on request; it counts as paid."""

import json
from typing import Any

from service.sandbox.completions.completion_objects import Answer
from service.sandbox.faults import Fault

RUBBISH = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
REFUSAL = "I'm sorry, but I can't help with that."
PROSE = "Sure, let me think about that. There is a lot to be said here, and I would rather say it in a sentence or two."
WRONG = {"unexpected": {"shape": [1, 2, 3]}, "note": "This is valid JSON of a schema that nobody asked for."}
HUGE = 1024 * 1024  # characters


def corrupt(answer: Answer, fault: Fault) -> Answer:
    text = str(answer.message["content"] or PROSE)
    texts: dict[str, str | None] = {
        "not_json": PROSE,
        "wrong_schema": json.dumps(WRONG),
        "empty": "",
        "null_content": None,
    }
    match fault.kind:
        case "refuses":
            return Answer(message=_message(None, refusal=REFUSAL), finish=fault.finish_reason)
        case "truncated_json":
            json_text = text if text.lstrip().startswith(("{", "[")) else json.dumps({"answer": text})
            return Answer(message=_message(json_text[: max(2, len(json_text) * 2 // 3)].rstrip(" }]")), finish="length")
        case "huge":
            return Answer(message=_message((f"{text} " * (HUGE // len(text) + 1))[:HUGE]), finish="stop")
        case kind if kind in texts:
            return Answer(message=_message(texts[kind]), finish="stop")
        case _:
            return answer


def _message(content: str | None, *, refusal: str | None = None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "refusal": refusal}
