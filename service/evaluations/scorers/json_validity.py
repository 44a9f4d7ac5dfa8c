"""Check that answers are JSON and match a JSON Schema."""

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
from service.tasks.json_schema import check_schema, encode_schema, find_faults, weigh_schema

MAX_FAULTS = 20  # stored with a row
_FENCE = re.compile(r"\s*```[\w+-]*[ \t]*\n(?P<inside>.*?)\n?```\s*", re.DOTALL)


class JsonValidConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="json_valid"):
    """`fenced` also accepts JSON inside one Markdown code block."""

    fenced: bool = False


class JsonSchemaConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="json_schema"):
    """`schema` replaces the task's output schema."""

    schema: Annotated[Schema, msgspec.Meta(description="A JSON Schema.")] | None = None
    fenced: bool = False

    def faults(self, *, at: str = "") -> list[Fault]:
        return [] if self.schema is None else check_schema(self.schema, at=f"{at}/schema")


def json_valid(subject: Subject, config: JsonValidConfig) -> Score:
    """1 if the answer is valid JSON, else 0. Source: RFC 8259; NaN and Infinity are not JSON."""
    if subject.output is None:
        return NO_ANSWER
    value = read_json(subject.output, fenced=config.fenced)
    return binary_score(not isinstance(value, Fault), **({"reason": value.code} if isinstance(value, Fault) else {}))


def json_schema(subject: Subject, config: JsonSchemaConfig) -> Score:
    """1 if the answer is JSON that matches the schema, else 0. `details.faults` has the first 20 faults: the JSON
    pointer and the keyword that failed. Source: JSON Schema, draft 2020-12 unless the schema says otherwise.
    """
    schema = config.schema if config.schema is not None else subject.schema
    if schema is None:
        return no_score("no_schema", "Neither the settings nor the task has a schema.")
    if subject.output is None:
        return NO_ANSWER
    value = read_json(subject.output, fenced=config.fenced)
    failures = [value] if isinstance(value, Fault) else find_faults(encode_schema(schema), value)
    return binary_score(not failures, faults=[_build_stored_fault(fault) for fault in failures[:MAX_FAULTS]])


def weigh_json_schema(subject: Subject, config: JsonSchemaConfig) -> float:
    """As the checks of examples do."""
    schema = config.schema if config.schema is not None else subject.schema
    return weigh_schema(encode_schema(schema)) * len(subject.output) if schema and subject.output else 0


def read_json(text: str, *, fenced: bool = False) -> Any:
    """Read a JSON text. Returns its value, or a Fault if it is invalid or nested too deeply."""
    block = _FENCE.fullmatch(text) if fenced else None
    try:
        value = msgspec.json.decode(block["inside"] if block else text)
    except (msgspec.DecodeError, UnicodeError):
        return Fault(detail="The answer is not JSON.", code="not_json")
    except RecursionError:
        return Fault(detail="The answer is JSON that is nested too deeply.", code="too_deep")
    if is_deeper_than(value, MAX_DEPTH):
        return Fault(detail=f"The answer is JSON with more than {MAX_DEPTH} levels.", code="too_deep")
    return value


def summarize_schema(scores: Sequence[Score], config: JsonSchemaConfig) -> Summary:
    """Add the number of rows that failed each keyword of the schema."""
    codes = [{fault["code"] for fault in score.details.get("faults", ())} for score in scores]
    failed = {code: sum(code in row for row in codes) for code in sorted(set().union(*codes))}
    return summarize(scores, config) | {"failed": failed}


def _build_stored_fault(fault: Fault) -> dict[str, str]:
    # A key of the answer may contain characters that Postgres cannot store.
    return {"pointer": fault.pointer.translate(UNPRINTABLE)[:500], "code": fault.code}


JSON_VALID = Scorer(name="json_valid", config=JsonValidConfig, score=json_valid, summarize=summarize)
JSON_SCHEMA = Scorer(
    name="json_schema",
    needs=frozenset({"schema"}),
    config=JsonSchemaConfig,
    score=json_schema,
    summarize=summarize_schema,
    weigh=weigh_json_schema,
)
