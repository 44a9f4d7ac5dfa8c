"""Rewrite the texts of a content: find and replace, and JSON Patch on a structured answer. Pure."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

import jsonpatch
import msgspec
import re2
from msgspec.structs import replace

from service.datasets.bulk.actions.bulk_order import PatchOutput, RedactExamples, ReplaceText
from service.datasets.bulk.actions.example_changes import Skipped
from service.datasets.bulk.actions.redaction import check_kinds, redact
from service.datasets.bulk.domain import SkipReason
from service.datasets.examples import chat_content
from service.datasets.examples.chat_content import Assistant, Content, Message
from service.datasets.examples.chat_parts import TextPart
from service.errors import Fault, Invalid

TextChange = ReplaceText | PatchOutput | RedactExamples
MAX_MEMORY = 8 << 20  # of a pattern's automaton, in bytes
MAX_OUTPUT = 1_000_000  # characters


def check_rewrite(action: TextChange) -> None:
    """Raises Invalid for a pattern or a patch that can change nothing."""
    try:
        if isinstance(action, ReplaceText):
            _check_groups(action)
        elif isinstance(action, RedactExamples):
            check_kinds(action)
        else:
            jsonpatch.JsonPatch(action.patch)
    except re2.error as error:
        detail = f"This is no RE2 pattern: {_say(error)}"
        raise Invalid(detail, errors=[Fault(pointer="/action/find", detail=detail, code="bad_pattern")]) from error
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        detail = f"This is no JSON Patch: {error}"
        raise Invalid(detail, errors=[Fault(pointer="/action/patch", detail=detail, code="bad_patch")]) from error


def rewrite(content: Content, action: TextChange) -> Content:
    """The content with its texts rewritten; the same one when nothing matches. Raises Skipped."""
    if isinstance(action, RedactExamples):
        return redact(content, action)
    if isinstance(action, PatchOutput) or action.where == "output":
        output = chat_content.get_output_text(content)
        rewritten = _patch(output, action) if isinstance(action, PatchOutput) else build_substitution(action)(output)
        if rewritten and rewritten != output:
            return chat_content.replace_output(content, rewritten)
        return content if rewritten == output else _skip("invalid")
    substitute = build_substitution(action)
    return replace(
        content,
        messages=tuple(_rewrite_message(message, substitute) for message in content.messages),
        chosen=_rewrite_message(content.chosen, substitute) if content.chosen else None,
        rejected=_rewrite_message(content.rejected, substitute) if content.rejected else None,
    )


@lru_cache(maxsize=256)
def build_substitution(action: ReplaceText) -> Callable[[str], str]:
    """Build the function that replaces a text. RE2 takes time linear in the text for any pattern."""
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.case_sensitive = not action.ignore_case
    options.log_errors = False
    pattern = re2.compile(action.find if action.regex else re2.escape(action.find), options)
    by = action.replace if action.regex else action.replace.replace("\\", "\\\\")

    def substitute(text: str) -> str:
        rewritten: str = pattern.sub(by, text)
        return rewritten if len(rewritten) <= MAX_OUTPUT else _skip("invalid")

    return substitute


def _rewrite_message(message: Any, substitute: Callable[[str], str]) -> Any:
    written: Message | Assistant = message
    if isinstance(written.content, str):
        return replace(written, content=substitute(written.content))
    if written.content is None:
        return written
    parts = tuple(_rewrite_part(part, substitute) for part in written.content)
    return replace(written, content=parts)


def _rewrite_part(part: Any, substitute: Callable[[str], str]) -> Any:
    return replace(part, text=substitute(part.text)) if isinstance(part, TextPart) else part


def _patch(output: str, action: PatchOutput) -> str:
    """The answer patched, as compact JSON. Raises Skipped when it is no JSON, or the patch does not apply."""
    try:
        before = msgspec.json.decode(output)
    except (msgspec.DecodeError, RecursionError):
        raise Skipped("not_json") from None
    after = before
    try:
        for operation in action.patch:  # one by one: each copy may double what is there
            after = jsonpatch.apply_patch(after, [operation])
            if operation["op"] == "copy" and len(msgspec.json.encode(after)) > MAX_OUTPUT:
                raise Skipped("invalid")
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, ValueError):
        raise Skipped("no_match") from None
    return output if after == before else msgspec.json.encode(after).decode()


def _check_groups(action: ReplaceText) -> None:
    """Raises re2.error for a replacement by a group that the pattern does not have."""
    build_substitution(action)
    groups = re2.compile(action.find).groups if action.regex else 0
    named = [int(number) for number in re.findall(r"\\(\d+)", action.replace)] if action.regex else []
    if max(named, default=0) > groups or (action.regex and re.search(r"\\(?!\d|\\)", action.replace)):
        raise re2.error(f"the replacement has a backslash without the number of a group, of which there are {groups}")


def _skip(reason: SkipReason) -> NoReturn:
    raise Skipped(reason)


def _say(error: Exception) -> str:
    return error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
