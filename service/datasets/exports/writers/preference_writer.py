"""Preferences, and answers that are good or bad: OpenAI's, TRL's and KTO. Pure."""

from collections import Counter

from service.datasets.exports.writers.chat_writer import to_template
from service.datasets.exports.writers.written_example import (
    Json,
    LeftOut,
    WrittenExample,
    drop,
    drop_options,
    get_messages,
    get_pair,
)
from service.providers.training_rows import openai_preference

GOOD, BAD = 4.0, 2.0  # stars


def write_openai_preference(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    get_pair(example.content)
    for message in (example.content["chosen"], example.content["rejected"]):
        drop(message, losses, "weight")
    return [openai_preference.convert(example.content, losses)]


def write_trl_preference(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """`prompt`, `chosen` and `rejected` as lists of messages."""
    pair = get_pair(example.content)
    others = drop_options(example.content, losses, "parallel_tool_calls")
    row: Json = {"prompt": [to_template(message, losses) for message in example.content["messages"]]}
    for name, answer in zip(("chosen", "rejected"), pair, strict=True):
        row[name] = [to_template(answer, losses)]
    return [row | others]


def write_kto(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """Messages with `label`: true from 4 stars, false up to 2. A preference is a good row and a bad one."""
    content = example.content
    others = drop_options(content, losses, "parallel_tool_calls")
    if content.get("chosen"):
        labelled = [(answer, good) for answer, good in zip(get_pair(content), (True, False), strict=True)]
    else:
        *_, answer = get_messages(content, losses)
        if example.score is None or BAD < example.score < GOOD:
            raise LeftOut("no_rating")
        labelled = [(answer, example.score >= GOOD)]
    asked = content["messages"] if content.get("chosen") else content["messages"][:-1]
    return [
        {"messages": [to_template(message, losses) for message in (*asked, answer)], "label": good, **others}
        for answer, good in labelled
    ]
