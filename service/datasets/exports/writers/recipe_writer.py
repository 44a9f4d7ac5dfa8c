"""Rows as the tools of recipes take them. What a tool would drop by itself is left out here, and counted. Pure."""

from collections import Counter

import msgspec

from service.datasets.exports.writers.chat_writer import require_no_calls, to_template
from service.datasets.exports.writers.sharegpt_writer import write_sharegpt
from service.datasets.exports.writers.written_example import (
    Json,
    LeftOut,
    WrittenExample,
    drop,
    drop_options,
    get_conversation,
    get_messages,
    get_pair,
    join_texts,
    rename_developer,
)

ASKING = ("human", "observation")


def write_completion(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """For TRL: `prompt` and `completion` as lists of messages, since then the answer alone is trained."""
    *asked, answer = [to_template(message, losses) for message in get_messages(example.content, losses)]
    if not asked:
        raise LeftOut("no_question")
    return [{"prompt": asked, "completion": [answer], **drop_options(example.content, losses, "parallel_tool_calls")}]


def write_template_rows(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """For Unsloth: messages for the chat template, and tools as JSON text, since tables want one shape of objects."""
    messages = [to_template(message, losses) for message in get_messages(example.content, losses)]
    tools = drop_options(example.content, losses, "parallel_tool_calls").get("tools")
    return [{"messages": messages, **({"tools": msgspec.json.encode(tools).decode()} if tools else {})}]


def write_text_pairs(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """For Axolotl: a preference of texts, `chosen` and `rejected` as messages."""
    pair = get_pair(example.content)
    messages = rename_developer(example.content["messages"], losses)
    require_no_calls([*messages, *pair])
    drop_options(example.content, losses, "tools", "parallel_tool_calls")
    turns = [_to_text_turn(message, losses) for message in messages]
    chosen, rejected = [_to_text_turn(answer, losses) for answer in pair]
    return [{"messages": turns, "chosen": chosen, "rejected": rejected}]


def write_alternate(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """For LLaMA-Factory: ShareGPT in which question and answer take turns; it drops any other row."""
    return _require_alternation(get_conversation(example, losses), losses)


def write_alternate_pairs(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    get_pair(example.content)
    return _require_alternation(example, losses)


def _require_alternation(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    rows = write_sharegpt(example, losses)
    turns = rows[0]["conversations"]
    spoken = turns[1:] if turns and turns[0]["from"] == "system" else turns
    ends_right = len(spoken) % 2 == (1 if example.content.get("chosen") else 0)
    if not ends_right or any((turn["from"] in ASKING) != (place % 2 == 0) for place, turn in enumerate(spoken)):
        raise LeftOut("no_alternation")
    if any(turn.pop("weight", 1) == 0 for turn in turns):
        losses["weight"] += 1
    rows[0].setdefault("tools", "")  # it reads the column in every row
    return rows


def _to_text_turn(message: Json, losses: Counter[str]) -> Json:
    text = join_texts(drop(message, losses, "weight", "reasoning", "name"), losses)
    return {"role": message["role"], "content": text}
