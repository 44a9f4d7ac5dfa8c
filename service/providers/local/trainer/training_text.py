"""Training rows as a trainer of TRL takes them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from service.providers.local.job import Job, Rows
from service.providers.local.trainer.failure import TrainerFailure

Message = dict[str, Any]
Row = dict[str, Any]
IGNORED = -100  # the label of a token that is not learnt


def read_rows(rows: Rows, folder: Path) -> list[Row]:
    """Read the file. Raises TrainerFailure with the line that is wrong, or if it is another file than agreed."""
    path = folder / rows.path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TrainerFailure("invalid_rows", f"{rows.path} cannot be read: {error.strerror}.") from error
    if rows.sha256 and hashlib.sha256(content).hexdigest() != rows.sha256:
        raise TrainerFailure("invalid_rows", f"{rows.path} is another file than the one asked for.")
    read = list(_parse_lines(rows.path, content))
    if not read:
        raise TrainerFailure("invalid_rows", f"{rows.path} has no rows.")
    return read


def convert_rows(rows: Sequence[Row], job: Job, tokenizer: Any, name: str) -> list[Row]:
    """Turn rows into the columns of the method's trainer."""
    convert = {"supervised": _convert_chat, "dpo": _convert_pair, "kto": _convert_judged}[job.method]
    converted: list[Row] = []
    for number, row in enumerate(rows, 1):
        try:
            converted += convert(row, tokenizer, job.hyperparameters.max_length)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise TrainerFailure("invalid_rows", f"{name}, row {number}: {what}."[:1000]) from error
    if not converted:
        raise TrainerFailure(
            "invalid_rows",
            f"In every row of {name} the prompt alone is longer than max_length ({job.hyperparameters.max_length}"
            " tokens), so nothing would be learnt.",
        )
    return converted


def _parse_lines(name: str, content: bytes) -> Iterator[Row]:
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TrainerFailure("invalid_rows", f"{name}, line {number} is no JSON.") from error
        if not isinstance(row, dict):
            raise TrainerFailure("invalid_rows", f"{name}, line {number} is no JSON object.")
        yield row


def _convert_chat(row: Row, tokenizer: Any, max_length: int) -> list[Row]:
    """The tokens of a chat, of which the assistant's answers are learnt; none if they are beyond the length."""
    ids: list[int] = []
    labels: list[int] = []
    for text, learnt in _split_text([_convert_message(each) for each in row["messages"]], row.get("tools"), tokenizer):
        piece = tokenizer(text, add_special_tokens=False)["input_ids"]
        ids += piece
        labels += piece if learnt else [IGNORED] * len(piece)
    ids, labels = ids[:max_length], labels[:max_length]
    return [{"input_ids": ids, "labels": labels}] if any(label != IGNORED for label in labels) else []


def _split_text(messages: Sequence[Message], tools: Any, tokenizer: Any) -> list[tuple[str, bool]]:
    """The chat as text, in pieces: learnt or not. An answer with weight 0 is not learnt.

    A template may write earlier answers in another way once the chat goes on; then the last answer alone is learnt.
    """
    answers = [n for n, each in enumerate(messages) if each["role"] == "assistant" and each.get("weight", 1) != 0]
    if not answers:
        raise ValueError("no answer of an assistant to learn from")
    whole = _render(messages[: answers[-1] + 1], tools, tokenizer)
    for learnt in (answers, answers[-1:]):
        pieces, at = [], 0
        for number in learnt:
            before = _render(messages[:number], tools, tokenizer, opened=True)
            after = _render(messages[: number + 1], tools, tokenizer)
            if not (whole.startswith(before) and whole.startswith(after) and at <= len(before) < len(after)):
                break
            pieces += [(whole[at : len(before)], False), (whole[len(before) : len(after)], True)]
            at = len(after)
        else:
            return pieces
    raise ValueError("the model's chat template does not write an answer right after its prompt")


def _render(messages: Sequence[Message], tools: Any, tokenizer: Any, *, opened: bool = False) -> str:
    plain = [{name: value for name, value in each.items() if name != "weight"} for each in messages]
    return str(tokenizer.apply_chat_template(plain, tools=tools, tokenize=False, add_generation_prompt=opened))


def _convert_message(message: Mapping[str, Any]) -> Message:
    """OpenAI's message as templates expect it: texts whole, arguments of tools as objects, no nulls."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part["text"] for part in content)
    converted = {name: value for name, value in message.items() if value is not None} | {"content": content or ""}
    if calls := message.get("tool_calls"):
        converted["tool_calls"] = [_convert_call(call) for call in calls]
    return converted


def _convert_call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = dict(call["function"])
    if isinstance(function.get("arguments"), str):
        function["arguments"] = json.loads(function["arguments"] or "{}")
    return {**call, "function": function}


def _convert_pair(row: Row, _tokenizer: Any, _max_length: int) -> list[Row]:
    pair: Row = {
        "prompt": [_convert_message(each) for each in row["input"]["messages"]],
        "chosen": [_convert_message(each) for each in row["preferred_output"]],
        "rejected": [_convert_message(each) for each in row["non_preferred_output"]],
    }
    if tools := row["input"].get("tools"):
        pair["tools"] = json.dumps(tools)
    return [pair]


def _convert_judged(row: Row, tokenizer: Any, max_length: int) -> list[Row]:
    """An answer that is good or bad; a pair is one of each."""
    if "label" in row:
        messages = [_convert_message(each) for each in row["messages"]]
        return [{"prompt": messages[:-1], "completion": messages[-1:], "label": bool(row["label"])}]
    [pair] = _convert_pair(row, tokenizer, max_length)
    shared: Row = {name: pair[name] for name in ("prompt", "tools") if name in pair}
    return [
        {**shared, "completion": pair["chosen"], "label": True},
        {**shared, "completion": pair["rejected"], "label": False},
    ]
