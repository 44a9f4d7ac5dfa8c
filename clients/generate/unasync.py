"""The client without `await`, out of the one with it."""

import re

_RULES = [
    (re.compile(pattern), other)
    for pattern, other in (
        (r"\basync (def|for|with)\b", r"\1"),
        (r"\bawait ", ""),
        (r"\bAwaitable\[(\w+)\]", r"\1"),
        (r"\bAwaitable, ", ""),
        (r"__a(enter|exit|iter|next)__", r"__\1__"),
        (r"\ba(close|read|iter_\w+)\b", r"\1"),
        (r"\basynccontextmanager\b", "contextmanager"),
        (r"\bAsync(?=[A-Z])", ""),
        (r"\btuneledger\._async\b", "tuneledger._sync"),
        (r"whose methods are awaited", "whose methods wait"),
    )
]


def unasync(text: str) -> str:
    for pattern, other in _RULES:
        text = pattern.sub(other, text)
    return text
