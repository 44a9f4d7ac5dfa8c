"""The formats of exports by name. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from service.datasets.exports.writers import (
    chat_writer,
    cloud_writer,
    pair_writer,
    preference_writer,
    sharegpt_writer,
)
from service.datasets.exports.writers.written_example import Json, WrittenExample

ExportFormat = Literal[
    "openai-chat",
    "tuneledger",
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
Write = Callable[[WrittenExample, Counter[str]], list[Json]]


class FormatWriter(msgspec.Struct, frozen=True):
    """How a format is written. `takes_fields`: external id, tags, split, rating and metadata may stand in its rows."""

    title: str
    write: Write
    takes_fields: bool = True


WRITERS: Mapping[str, FormatWriter] = MappingProxyType(
    {
        "openai-chat": FormatWriter("OpenAI chat", chat_writer.write_openai_chat),
        "openai-preference": FormatWriter("OpenAI preference", preference_writer.write_openai_preference, False),
        "openai-rft": FormatWriter("OpenAI reinforcement", chat_writer.write_openai_rft),
        "prompt-completion": FormatWriter("Prompt and completion", pair_writer.write_prompt_completion),
        "question-answer": FormatWriter("Question and answer", pair_writer.write_question_answer),
        "alpaca": FormatWriter("Alpaca", pair_writer.write_alpaca),
        "sharegpt": FormatWriter("ShareGPT", sharegpt_writer.write_sharegpt),
        "trl": FormatWriter("TRL", chat_writer.write_trl),
        "trl-preference": FormatWriter("TRL preference", preference_writer.write_trl_preference),
        "kto": FormatWriter("KTO", preference_writer.write_kto),
        "vertex": FormatWriter("Vertex Gemini", cloud_writer.write_vertex, False),
        "vertex-preference": FormatWriter("Vertex preference", cloud_writer.write_vertex_preference, False),
        "bedrock": FormatWriter("Bedrock conversation", cloud_writer.write_bedrock, False),
        "mistral": FormatWriter("Mistral", chat_writer.write_mistral, False),
        "cohere": FormatWriter("Cohere", chat_writer.write_cohere, False),
        "typed-parts": FormatWriter("Typed parts", chat_writer.write_typed_parts),
        "text": FormatWriter("Raw text", pair_writer.write_text),
        "csv": FormatWriter("CSV", pair_writer.write_columns),
    }
)
