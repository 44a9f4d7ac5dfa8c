"""Vertex and Bedrock: the same rows that a tune sends there. Pure."""

from collections import Counter

from service.datasets.exports.writers.written_example import Json, WrittenExample, get_messages, get_pair
from service.providers.training_rows import bedrock_rows, vertex_rows


def write_vertex(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    return [vertex_rows.convert(_to_conversation(example, losses), losses)]


def write_vertex_preference(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    get_pair(example.content)
    return [vertex_rows.convert_preference(example.content, losses)]


def write_bedrock(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    return [bedrock_rows.convert(_to_conversation(example, losses), losses)]


def _to_conversation(example: WrittenExample, losses: Counter[str]) -> Json:
    messages = get_messages(example.content, losses)
    others = {name: value for name, value in example.content.items() if name not in ("chosen", "rejected")}
    return {**others, "messages": messages}
