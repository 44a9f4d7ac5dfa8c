"""Names and sentences as TypeScript writes them."""

import textwrap

HEADER = "// Generated from openapi/openapi.json by `make clients`.\n"
_WIDTH = 120


def camel(name: str) -> str:
    """`split_policy` and `split-policy` as `splitPolicy`."""
    first, *others = name.replace("-", "_").split("_")
    return first + "".join(word.capitalize() for word in others)


def pascal(*names: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in map(camel, names))


def comment(text: str, *, indent: int = 0) -> str:
    """A doc comment that fits the line, its paragraphs kept; nothing for nothing."""
    clean = text.strip().replace("*/", "*\u200b/")
    if not clean:
        return ""
    space = " " * indent
    paragraphs = [" ".join(part.split()) for part in clean.split("\n\n")]
    if len(paragraphs) == 1 and len(paragraphs[0]) + indent + 7 <= _WIDTH:
        return f"{space}/** {paragraphs[0]} */\n"
    wrapped = "\n\n".join(
        textwrap.fill(part, _WIDTH - indent - 3, break_long_words=False, break_on_hyphens=False) for part in paragraphs
    )
    lines = [f"{space} * {line}".rstrip() for line in wrapped.split("\n")]
    return "\n".join([f"{space}/**", *lines, f"{space} */\n"])
