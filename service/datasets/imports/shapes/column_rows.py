"""Shapes of plain columns: input and output, question and answer, Alpaca. Pure."""

from typing import Any

from service.datasets.imports.shapes.chat_messages import place_media, read_answer, read_tools
from service.datasets.imports.shapes.draft import Draft, from_json_text, to_text
from service.json_type_faults import describe

PAIR = 2


def read_input_output(draft: Draft) -> None:
    """Columns `input` and `output`, whatever their case, and `system`."""
    _lower_names(draft)
    draft.add_text("system", *draft.pop_text("system"))
    text, at = draft.require_text("input")
    draft.add({"role": "user", "content": text or "-"}, at)
    draft.add_answer("output")
    read_tools(draft)


def read_question_answer(draft: Draft) -> None:
    """`question` and `answer`, and a `context` before the question."""
    _lower_names(draft)
    draft.add_text("system", *draft.pop_text("system", "system_prompt"))
    context, _ = draft.pop_text("context")
    question, at = draft.require_text("question", "query")
    draft.add({"role": "user", "content": f"{context}\n\n{question}" if context else question or "-"}, at)
    draft.add_answer("answer", "response")


def read_alpaca(draft: Draft) -> None:
    """`instruction`, `input`, `output`, with LLaMA-Factory's `system`, `history`, `chosen`, `rejected`, `kto_tag`."""
    draft.add_text("system", *draft.pop_text("system"))
    _add_history(draft)
    _add_question(draft)
    output, at = draft.pop("output", "response")
    output = from_json_text(output) if isinstance(output, list) else output
    is_pair = isinstance(output, list) and len(output) == PAIR and all(isinstance(text, str) for text in output)
    if is_pair and output:
        draft.answers = {
            name: (read_answer(draft, text, f"{at}/{index}"), f"{at}/{index}")
            for index, (name, text) in enumerate(zip(("chosen", "rejected"), output, strict=True))
        }
    elif "chosen" in draft.row or "rejected" in draft.row:
        _read_alpaca_pair(draft)
        if output:
            draft.losses.add("output beside chosen and rejected")
    else:
        _add_output(draft, output, at)
    tag, at = draft.pop("kto_tag")
    if isinstance(tag, bool):
        draft.passed = tag
    elif tag is not None:
        draft.add_fault(at, f"Found {describe(tag)}; allowed is true or false.")
    read_tools(draft, "tools")
    place_media(draft)


def _add_history(draft: Draft) -> None:
    history, at = draft.pop_list("history")
    for index, turn in enumerate(history or []):
        where = f"{at}/{index}"
        if not isinstance(turn, list) or len(turn) != PAIR:
            draft.add_fault(where, f"Found {describe(turn)}; allowed is a pair of texts.")
            continue
        if not to_text(turn[1]).strip():
            draft.add_fault(f"{where}/1", "An output is needed.", "empty")
        draft.add({"role": "user", "content": turn[0]}, f"{where}/0")
        draft.add({"role": "assistant", "content": turn[1]}, f"{where}/1")


def _add_question(draft: Draft) -> None:
    instruction, at = draft.pop_text("instruction")
    more, _ = draft.pop_text("input")
    question = "\n\n".join(text for text in (instruction, more) if text)
    if not question:
        draft.add_fault(at, "An instruction or an input is needed.", "empty")
    draft.add({"role": "user", "content": question or "-"}, at)


def _read_alpaca_pair(draft: Draft) -> None:
    for name in ("chosen", "rejected"):
        answer, at = draft.require_text(name)
        draft.answers[name] = ({"role": "assistant", "content": answer or "-"}, at)


def _add_output(draft: Draft, output: Any, at: str) -> None:
    text = "" if output is None else to_text(output)
    if draft.unanswered == "keep" and not text.strip():
        return
    if output is None:
        draft.add_fault(at, "The field 'output' is required.", "required")
    elif not text.strip():
        draft.add_fault(at, "An output is needed.", "empty")
    draft.add({"role": "assistant", "content": text or "-"}, at)


def _lower_names(draft: Draft) -> None:
    """Columns of a table are known whatever their case."""
    lowered = {name.strip().lower(): name for name in draft.row}
    for known in (
        "input",
        "output",
        "system",
        "question",
        "answer",
        "context",
        "tags",
        "rating",
        "external_id",
        "split",
    ):
        if known not in draft.row and known in lowered:
            draft.row[known] = draft.row.pop(lowered[known])
