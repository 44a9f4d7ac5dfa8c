"""Answers that are to be JSON: whether they are, whether they match a schema, and which of their fields are right."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from service.datasets.examples.chat_content import MAX_DEPTH, UNPRINTABLE, is_deeper_than
from service.errors import Fault
from service.evaluations.scorers.scorer import (
    NO_ANSWER,
    Config,
    Score,
    Scorer,
    Summary,
    binary_score,
    no_score,
    summarize,
)
from service.evaluations.scores.subject import Schema, Subject
from service.tasks.json_schema import check_schema, encode_schema, find_faults

MAX_FAULTS = 20  # kept with a row
_FENCE = re.compile(r"\s*```[\w+-]*[ \t]*\n(?P<inside>.*?)\n?```\s*", re.DOTALL)


class JsonValidConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="json_valid"):
    """`fenced` also takes JSON that stands in one Markdown code block."""

    fenced: bool = False


class JsonSchemaConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="json_schema"):
    """`schema` takes the place of the task's output schema."""

    schema: Annotated[Schema, msgspec.Meta(description="A JSON Schema.")] | None = None
    fenced: bool = False

    def faults(self, *, at: str = "") -> list[Fault]:
        return [] if self.schema is None else check_schema(self.schema, at=f"{at}/schema")


def json_valid(subject: Subject, config: JsonValidConfig) -> Score:
    """1 where the answer is one JSON text, else 0. Source: RFC 8259; NaN and Infinity are not JSON."""
    if subject.output is None:
        return NO_ANSWER
    value = read_json(subject.output, fenced=config.fenced)
    return binary_score(not isinstance(value, Fault), **({"reason": value.code} if isinstance(value, Fault) else {}))


def json_schema(subject: Subject, config: JsonSchemaConfig) -> Score:
    """1 where the answer is JSON that matches the schema, else 0; `details.faults` names the first twenty faults by
    the JSON pointer and the keyword that failed. Source: JSON Schema, draft 2020-12 unless the schema says otherwise.
    """
    schema = config.schema if config.schema is not None else subject.schema
    if schema is None:
        return no_score("no_schema", "Neither the settings nor the task have a schema.")
    if subject.output is None:
        return NO_ANSWER
    value = read_json(subject.output, fenced=config.fenced)
    found = [value] if isinstance(value, Fault) else find_faults(encode_schema(schema), value)
    return binary_score(not found, faults=[_stored_fault(fault) for fault in found[:MAX_FAULTS]])


def read_json(text: str, *, fenced: bool = False) -> Any:
    """The value of a JSON text, or the Fault that keeps it from being read."""
    block = _FENCE.fullmatch(text) if fenced else None
    try:
        value = msgspec.json.decode(block["inside"] if block else text)
    except (msgspec.DecodeError, UnicodeError):
        return Fault(detail="The answer is not JSON.", code="not_json")
    except RecursionError:
        return Fault(detail="This JSON is nested too deeply.", code="too_deep")
    if is_deeper_than(value, MAX_DEPTH):
        return Fault(detail=f"This JSON is nested more than {MAX_DEPTH} deep.", code="too_deep")
    return value


def summarize_schema(scores: Sequence[Score], config: JsonSchemaConfig) -> Summary:
    """Beside the mean, how often each keyword of the schema failed, by rows."""
    codes = [{fault["code"] for fault in score.details.get("faults", ())} for score in scores]
    failed = {code: sum(code in found for found in codes) for code in sorted(set().union(*codes))}
    return summarize(scores, config) | {"failed": failed}


def _stored_fault(fault: Fault) -> dict[str, str]:
    # A key of the answer may hold what a table cannot.
    return {"pointer": fault.pointer.translate(UNPRINTABLE)[:500], "code": fault.code}


JSON_VALID = Scorer(name="json_valid", config=JsonValidConfig, score=json_valid, summarize=summarize)
JSON_SCHEMA = Scorer(
    name="json_schema",
    needs=frozenset({"schema"}),
    config=JsonSchemaConfig,
    score=json_schema,
    summarize=summarize_schema,
)
