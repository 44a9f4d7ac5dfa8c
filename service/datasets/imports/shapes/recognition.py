"""The shapes by name, and which of them the first rows of a file have. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, get_args

import msgspec

from service.datasets.imports.shapes import cloud_rows, column_rows, conversation_rows, trl_rows
from service.datasets.imports.shapes.conversation_rows import get_messages, has_part
from service.datasets.imports.shapes.draft import Draft, Json

ShapeName = Literal[
    "tuneledger",
    "openai-chat",
    "openai-preference",
    "openai-rft",
    "prompt-completion",
    "question-answer",
    "alpaca",
    "sharegpt",
    "trl",
    "trl-preference",
    "kto",
    "vertex",
    "vertex-preference",
    "bedrock",
    "mistral",
    "cohere",
    "typed-parts",
    "text",
    "csv",
]
SHAPE_NAMES: tuple[ShapeName, ...] = get_args(ShapeName)
MAX_EXAMINED = 20  # rows


class Shape(msgspec.Struct, frozen=True):
    """One shape of rows. `is_chat`: its rows may be canonical already."""

    name: ShapeName
    title: str
    read: Callable[[Draft], None]
    matches: Callable[[Json], bool]
    is_chat: bool = False


def recognize(rows: Sequence[Any]) -> Shape | None:
    """The shape that most of these rows have; None if most have no known one."""
    guesses = Counter(shape.name for row in rows if isinstance(row, dict) and (shape := guess_shape(row)))
    return SHAPES[guesses.most_common(1)[0][0]] if guesses else None


def guess_shape(row: Json) -> Shape | None:
    """The first shape that a row fits."""
    return next((shape for shape in SHAPES.values() if shape.matches(row)), None)


def _has(row: Json, *names: str) -> bool:
    return all(row.get(name) is not None for name in names)


def _lowered(row: Json, *names: str) -> bool:
    lowered = {name.strip().lower() for name in row}
    return all(name in lowered for name in names)


def _is_bedrock(row: Json) -> bool:
    if str(row.get("schemaVersion", "")).startswith("bedrock"):
        return True
    contents = [message.get("content") for message in get_messages(row)]
    parts = [part for content in contents if isinstance(content, list) for part in content if isinstance(part, dict)]
    return bool(parts) and all("type" not in part and ("text" in part or "toolUse" in part) for part in parts)


def _is_kto(row: Json) -> bool:
    label = str(row.get("label", "")).lower()
    return label in trl_rows.LABELS and ("messages" in row or _has(row, "prompt", "completion"))


def _is_unanswered(row: Json) -> bool:
    messages = get_messages(row)
    return (
        bool(messages) and messages[-1].get("role") == "user" and any(name in row for name in conversation_rows.ANSWERS)
    )


def _is_pair(row: Json) -> bool:
    return _has(row, "chosen", "rejected") and not ("instruction" in row or "conversations" in row)


def _is_alpaca(row: Json) -> bool:
    return "instruction" in row and any(name in row for name in ("output", "response", "chosen", "history"))


_ALL = (
    Shape(
        "tuneledger", "Tuneledger's own", conversation_rows.read_chat, lambda row: isinstance(row.get("content"), dict)
    ),
    Shape(
        "openai-preference",
        "OpenAI preference",
        conversation_rows.read_preference,
        lambda row: "preferred_output" in row or "non_preferred_output" in row,
    ),
    Shape(
        "vertex-preference", "Vertex preference", cloud_rows.read_gemini, lambda r: _has(r, "contents", "completions")
    ),
    Shape("vertex", "Vertex Gemini", cloud_rows.read_gemini, lambda row: _has(row, "contents")),
    Shape("bedrock", "Bedrock conversation", cloud_rows.read_bedrock, _is_bedrock),
    Shape(
        "sharegpt", "ShareGPT", conversation_rows.read_sharegpt, lambda r: "conversations" in r or "conversation" in r
    ),
    Shape(
        "typed-parts",
        "typed parts",
        conversation_rows.read_chat,
        lambda row: (
            any(
                isinstance(part, dict) and "value" in part
                for message in get_messages(row)
                if isinstance(message.get("content"), list)
                for part in message["content"]
            )
            or has_part(row, "reasoning", "thinking", "tool_call")
        ),
    ),
    Shape(
        "cohere",
        "Cohere",
        conversation_rows.read_chat,
        lambda row: any(message.get("role") == "Chatbot" for message in get_messages(row)),
    ),
    Shape("kto", "KTO", trl_rows.read_kto, _is_kto),
    Shape("trl-preference", "TRL preference", trl_rows.read_pairs, _is_pair, is_chat=True),
    Shape("alpaca", "Alpaca", column_rows.read_alpaca, _is_alpaca),
    Shape("openai-rft", "OpenAI reinforcement", conversation_rows.read_reinforcement, _is_unanswered),
    Shape("openai-chat", "OpenAI chat", conversation_rows.read_chat, lambda row: "messages" in row, is_chat=True),
    Shape("mistral", "Mistral", conversation_rows.read_chat, lambda _: False, is_chat=True),
    Shape(
        "prompt-completion",
        "prompt and completion",
        trl_rows.read_completion,
        lambda row: isinstance(row.get("prompt"), str) and ("completion" in row or "response" in row),
    ),
    Shape("trl", "TRL", trl_rows.read_sft, lambda row: "prompt" in row and "completion" in row, is_chat=True),
    Shape(
        "question-answer",
        "question and answer",
        column_rows.read_question_answer,
        lambda row: _lowered(row, "question", "answer"),
    ),
    Shape("csv", "input and output", column_rows.read_input_output, lambda row: _lowered(row, "input", "output")),
    Shape("text", "raw text", trl_rows.read_text, lambda row: isinstance(row.get("text"), str)),
)
SHAPES: Mapping[str, Shape] = MappingProxyType({shape.name: shape for shape in _ALL})
