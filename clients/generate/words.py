"""Sentences of the document as docstrings."""

import textwrap

HEADER = "# Generated from openapi/openapi.json by `make clients`."
_WIDTH = 118


def sentence(text: str) -> str:
    return text if text.endswith(("?", "!", ".")) else f"{text}."


def docstring(text: str, *, indent: int = 4) -> str:
    """A docstring that fits the line, its paragraphs kept."""
    clean = text.strip().replace("\\", "\\\\").replace('"""', "'''")
    paragraphs = [
        textwrap.fill(" ".join(part.split()), _WIDTH - indent - 3, break_long_words=False, break_on_hyphens=False)
        for part in clean.split("\n\n")
    ]
    told = "\n\n".join(paragraphs)
    if told.endswith('"'):
        told += " "
    quoted = f'"""{told}\n"""' if "\n" in told else f'"""{told}"""'
    return textwrap.indent(quoted, " " * indent)
