"""Vertex and Bedrock: the same rows that a tune sends there. Pure."""

from collections import Counter

from service.datasets.exports.writers.written_example import (
    Json,
    WrittenExample,
    get_conversation,
    get_pair,
    note_joined_turns,
)
from service.providers.training_rows import bedrock_rows, vertex_rows


def write_vertex(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    return [vertex_rows.convert(_read_turns(example, losses), losses)]


def write_vertex_preference(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    get_pair(example.content)
    note_joined_turns(example.content["messages"], losses)
    return [vertex_rows.convert_preference(example.content, losses)]


def write_bedrock(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    return [bedrock_rows.convert(_read_turns(example, losses), losses)]


def _read_turns(example: WrittenExample, losses: Counter[str]) -> Json:
    content = get_conversation(example, losses).content
    note_joined_turns(content["messages"], losses)
    return content
