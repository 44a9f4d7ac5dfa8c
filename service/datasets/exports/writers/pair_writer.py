"""Formats of one question and one answer, as texts: prompt and completion, Alpaca, CSV's columns, raw text. Pure."""

from collections import Counter

from service.datasets.exports.writers.chat_writer import require_no_calls
from service.datasets.exports.writers.written_example import (
    Json,
    LeftOut,
    WrittenExample,
    drop,
    drop_options,
    get_messages,
    get_pair,
    join_texts,
    note_joined_turns,
    rename_developer,
)


def write_prompt_completion(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    return [dict(zip(("prompt", "completion"), _read_pair(example, losses), strict=True))]


def write_question_answer(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    return [dict(zip(("question", "answer"), _read_pair(example, losses), strict=True))]


def write_columns(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """`input`, `output` and `system`, the columns of a table."""
    system, turns = _read_texts(get_messages(example.content, losses), example.content, losses)
    if len(turns) != 1:
        raise LeftOut("several_turns")
    question, answer = turns[0]
    return [{"input": question, "output": answer, "system": system}]


def write_alpaca(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """With LLaMA-Factory's `system`, `history`, `chosen` and `rejected`."""
    content = example.content
    pair = get_pair(content) if content.get("chosen") else None
    messages = [*content["messages"], pair[0]] if pair else get_messages(content, losses)
    system, turns = _read_texts(messages, content, losses)
    question, answer = turns[-1]
    row: Json = {"instruction": question, "input": ""}
    if pair:
        require_no_calls([pair[1]])
        row |= {"chosen": answer, "rejected": _to_text(pair[1], losses)}
    else:
        row["output"] = answer
    if system:
        row["system"] = system
    if turns[:-1]:
        row["history"] = [list(turn) for turn in turns[:-1]]
    return [row]


def write_text(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """The answer alone if nothing was asked, else the whole conversation in ChatML."""
    messages = rename_developer(get_messages(example.content, losses), losses)
    require_no_calls(messages)
    drop_options(example.content, losses, "tools", "parallel_tool_calls")
    texts = [(message["role"], _to_text(message, losses)) for message in messages]
    if len(texts) == 1:
        return [{"text": texts[0][1]}]
    losses["roles"] += 1
    return [{"text": "\n".join(f"<|im_start|>{role}\n{text}<|im_end|>" for role, text in texts)}]


def _read_pair(example: WrittenExample, losses: Counter[str]) -> tuple[str, str]:
    """The question, which the system turn begins, and the answer."""
    system, turns = _read_texts(get_messages(example.content, losses), example.content, losses)
    if len(turns) != 1:
        raise LeftOut("several_turns")
    if system:
        losses["system"] += 1
    question, answer = turns[0]
    return "\n\n".join(text for text in (system, question) if text), answer


def _read_texts(messages: list[Json], content: Json, losses: Counter[str]) -> tuple[str, list[tuple[str, str]]]:
    """The system text, and each question with its answer. Raises LeftOut."""
    messages = rename_developer(messages, losses)
    require_no_calls(messages)
    note_joined_turns(messages, losses)
    drop_options(content, losses, "tools", "parallel_tool_calls")
    systems = [message for message in messages if message["role"] == "system"]
    if messages[: len(systems)] != systems:
        losses["system_position"] += 1
    turns: list[tuple[str, str]] = []
    asked: list[str] = []
    for message in messages:
        if message["role"] == "user":
            asked.append(_to_text(message, losses))
        elif message["role"] == "assistant":
            if not asked:
                raise LeftOut("no_question")
            turns.append(("\n\n".join(asked), _to_text(message, losses)))
            asked = []
    return "\n\n".join(_to_text(message, losses) for message in systems), turns


def _to_text(message: Json, losses: Counter[str]) -> str:
    return join_texts(drop(message, losses, "weight", "reasoning", "name"), losses)
