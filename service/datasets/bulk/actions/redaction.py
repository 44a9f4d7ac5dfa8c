"""Write the kind of what was found in place of personal data and secrets."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from service.datasets.bulk.actions.bulk_order import RedactExamples
from service.datasets.checks.rows.conversation import INSTRUCTING, read_conversation
from service.datasets.examples.chat_content import Content
from service.errors import Fault, Invalid
from service.extras import require_extra

Substitute = Callable[[str], str]


def check_kinds(action: RedactExamples) -> None:
    """Raises MissingExtra, or Invalid for a kind that does not exist."""
    require_extra("checks")
    from service.datasets.checks.rows.personal_details import PERSONAL_KINDS  # noqa: PLC0415 - an extra
    from service.datasets.checks.rows.secret_patterns import SECRET_KINDS  # noqa: PLC0415 - an extra

    known = (*PERSONAL_KINDS, *SECRET_KINDS)
    if unknown := [kind for kind in action.kinds or () if kind not in known]:
        detail = f"There is no kind {unknown[0][:100]!r}; there are {', '.join(known)}."
        raise Invalid(detail, errors=[Fault(pointer="/action/kinds", detail=detail, code="unknown_kind")])


def redact(content: Content, action: RedactExamples) -> Content:
    """The content redacted; an equal one where nothing is found. Instructions keep the addresses that they name."""
    from service.datasets.checks.rows.text_language import detect_language  # noqa: PLC0415 - an extra

    row = msgspec.to_builtins(content)
    talk = read_conversation(row)
    language = detect_language(talk.answer_text) or detect_language(talk.question)
    kinds = frozenset(action.kinds) if action.kinds else None
    answers = [row[name] for name in ("chosen", "rejected") if row.get(name)]
    for message in itertools.chain(row["messages"], answers):
        secrets_only = message["role"] in INSTRUCTING
        _redact_message(message, partial(_redact_text, kinds=kinds, language=language, secrets_only=secrets_only))
    return msgspec.convert(row, Content)


def _redact_message(message: Any, substitute: Substitute) -> None:
    if isinstance(message.get("content"), str):
        message["content"] = _redact_json(message["content"], substitute)
    for part in message["content"] if isinstance(message.get("content"), list) else ():
        if "text" in part:
            part["text"] = substitute(part["text"])
    if message.get("reasoning"):
        message["reasoning"] = substitute(message["reasoning"])
    for call in message.get("tool_calls") or ():
        call["function"]["arguments"] = _redact_json(call["function"]["arguments"], substitute)


def _redact_json(text: str, substitute: Substitute) -> str:
    """Redact a text that may be JSON, and still is then: a number gives way to a string."""
    redacted = substitute(text)
    if redacted == text or text.lstrip()[:1] not in ("{", "["):
        return redacted
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return redacted
    try:
        msgspec.json.decode(redacted)
    except (msgspec.DecodeError, RecursionError):
        return msgspec.json.encode(_redact_value(value, substitute)).decode()
    return redacted


def _redact_value(value: Any, substitute: Substitute) -> Any:
    match value:
        case dict():
            return {name: _redact_value(inner, substitute) for name, inner in value.items()}
        case list():
            return [_redact_value(inner, substitute) for inner in value]
        case str():
            return substitute(value)
        case int() if not isinstance(value, bool):
            redacted = substitute(str(value))
            return value if redacted == str(value) else redacted
        case _:
            return value


def _redact_text(text: str, *, kinds: frozenset[str] | None, language: str | None, secrets_only: bool) -> str:
    from service.datasets.checks.rows.personal_details import find_personal_data  # noqa: PLC0415 - an extra
    from service.datasets.checks.rows.secret_patterns import find_secrets  # noqa: PLC0415 - an extra

    found = [(secret.start, secret.end, secret.kind) for secret in find_secrets(text)]
    if not secrets_only:
        found += [(datum.start, datum.end, datum.kind) for datum in find_personal_data(text, language=language)]
    pieces, position = [], 0
    for start, end, kind in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= position and (kinds is None or kind in kinds):
            pieces += [text[position:start], f"[{kind}]"]
            position = end
    return "".join([*pieces, text[position:]])
