"""ShareGPT: conversations of `from` and `value`, with tools as text, calls and observations, and preference pairs."""

from service.datasets.imports.shapes.chat_messages import add_messages, place_media, read_tools
from service.datasets.imports.shapes.draft import Draft
from service.datasets.imports.shapes.openai_rows import add_system, read_pair
from service.json_type_faults import describe

NAMES = {"role": "from", "content": "value"}


def read_sharegpt(draft: Draft) -> None:
    draft.names = NAMES
    conversations, at = draft.pop("conversations", "conversation")
    if conversations is None:
        draft.add_fault(at, "The field 'conversations' is required.", "required")
        return
    add_system(draft)
    add_messages(draft, conversations, at)
    read_tools(draft)
    read_pair(draft, ("chosen",), ("rejected",))
    tag, at = draft.pop("kto_tag")
    if tag is None or isinstance(tag, bool):
        draft.passed = tag
    else:
        draft.add_fault(at, f"Found {describe(tag)}; allowed is true or false.")
    place_media(draft)
