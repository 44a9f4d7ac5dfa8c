"""JSON Schemas: is one usable, and what in a value does not match it. Pure, and fast enough to check imports by.

A message names what a schema asks for and where, and never quotes the value: that is somebody's text, and faults are
kept longer than texts are.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs
import msgspec

from service.errors import Fault
from service.json_pointers import pointer
from service.tasks.json_schema_refs import Path, extent, reference_faults

MOST_BYTES = 65_536
DEEPEST = 48
MOST_FAULTS = 100  # of one value: a list of a million wrong numbers has a million faults
DIALECTS = (
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
)
_MOST_WAYS = 100_000
# Bounded, so that no pattern takes longer than a blink or more than a few megabytes.
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000, size_limit=1_000_000, dfa_size_limit=1_000_000)
_SUBJECT = "this value"


class Compiled(msgspec.Struct, frozen=True):
    validator: jsonschema_rs.Validator
    growth: int


def check_schema(schema: dict[str, Any], *, at: str = "") -> list[Fault]:
    """What makes this no usable JSON Schema: size, depth, dialect, meta-schema, references. None: an empty list."""
    return (
        _shape_faults(schema, at=at)
        or _dialect_faults(schema, at=at)
        or _meta_faults(schema, at=at)
        or _reach_faults(schema, at=at)
        or _compile_faults(schema, at=at)
    )


def faults(schema: bytes, value: Any, *, at: str = "") -> list[Fault]:
    """What in `value` does not match: each with its JSON pointer below `at`, at most 100; `code` is the keyword."""
    compiled = _compiled(schema)
    try:
        if compiled.validator.is_valid(value):
            return []
        if _ways(compiled, value) > _MOST_WAYS:
            detail = "This does not match the schema; it is nested too deeply in it to say where."
            return [Fault(pointer=at, detail=detail, code="schema")]
        return list(_unique(islice(compiled.validator.iter_errors(value), 10 * MOST_FAULTS), at=at))[:MOST_FAULTS]
    except ValueError:  # the library's limit of nesting, or text that is not Unicode
        return [Fault(pointer=at, detail="This is nested too deeply to be checked.", code="too_deep")]


def output_faults(schema: bytes, text: str, *, at: str = "") -> list[Fault]:
    """The faults of an output, which is to be JSON where its task has a schema for it. Pointers go into that JSON."""
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        return [Fault(pointer=at, detail="This JSON is nested too deeply.", code="too_deep")]
    except (msgspec.DecodeError, UnicodeError) as error:
        return [Fault(pointer=at, detail=f"The output is not JSON: {error}.", code="not_json")]
    return faults(schema, value, at=at)


def encoded(schema: dict[str, Any]) -> bytes:
    """The bytes by which a schema is kept and its compiled form found."""
    return msgspec.json.encode(schema)


def _shape_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    for path, value in _values(schema):
        if len(path) > DEEPEST:
            return [Fault(pointer=at, detail=f"A schema is at most {DEEPEST} levels deep.", code="too_deep")]
        if isinstance(value, str) and "\0" in value:
            return [Fault(pointer=at + pointer(*path), detail="Text with NUL characters cannot be kept.")]
    if len(encoded(schema)) > MOST_BYTES:
        return [Fault(pointer=at, detail=f"A schema has at most {MOST_BYTES} bytes.", code="too_large")]
    return []


def _values(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value in a JSON value with its path; the names of an object count as values at their own path."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, found = waiting.pop()
        yield path, found
        if len(path) > DEEPEST:
            continue
        if isinstance(found, dict):
            waiting += [((*path, name), name) for name in found]
            waiting += [((*path, name), child) for name, child in found.items()]
        elif isinstance(found, list):
            waiting += [((*path, place), child) for place, child in enumerate(found)]


def _dialect_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    if _dialect(schema) in DIALECTS:
        return []
    detail = f"The dialects known here are {', '.join(DIALECTS)}; the first when there is no $schema."
    return [Fault(pointer=f"{at}/$schema", detail=detail, code="unknown_dialect")]


def _dialect(schema: dict[str, Any]) -> str:
    named = schema.get("$schema", DIALECTS[0])
    return named.removesuffix("#") if isinstance(named, str) else ""


@lru_cache(maxsize=len(DIALECTS))
def _meta_schema(dialect: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$schema": dialect, "$ref": dialect}, offline=True)


def _meta_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    errors = islice(_meta_schema(_dialect(schema)).iter_errors(schema), 10 * MOST_FAULTS)
    return list(_unique(errors, at=at))[:MOST_FAULTS]


def _reach_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    found = [msgspec.structs.replace(fault, pointer=at + pointer(*path)) for path, fault in reference_faults(schema)]
    if not found and extent(schema).endless:
        detail = "With its references written out this schema is too large."
        return [Fault(pointer=at, detail=detail, code="too_large")]
    return found


def _compile_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    try:
        _compiled(encoded(schema))
    except jsonschema_rs.ValidationError as error:
        return list(_unique([error], at=at))
    except ValueError as error:
        return [Fault(pointer=at, detail=f"{error}.", code="unsupported")]
    return []


@lru_cache(maxsize=512)
def _compiled(schema: bytes) -> Compiled:
    document = msgspec.json.decode(schema)
    validator = jsonschema_rs.validator_for(document, offline=True, mask=_SUBJECT, pattern_options=_PATTERNS)
    return Compiled(validator, extent(document).growth)


def _ways(compiled: Compiled, value: Any) -> int:
    """How many ways lead through a schema that returns to itself: yes or no is cheap, listing every fault is not."""
    if compiled.growth <= 1:
        return 1
    depth = max(len(path) for path, _ in _values(value))
    return int(compiled.growth ** min(depth, DEEPEST))


def _unique(errors: Iterable[jsonschema_rs.ValidationError], *, at: str) -> Iterator[Fault]:
    """The library meets some faults on several ways."""
    seen = set()
    for error in errors:
        for fault in _faults_of(error, at=at):
            if fault not in seen:
                seen.add(fault)
                yield fault


def _faults_of(error: jsonschema_rs.ValidationError, *, at: str) -> Iterator[Fault]:
    here = tuple(error.instance_path)
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            yield Fault(pointer=at + pointer(*here, name), detail="This is required.", code="required")
        case (
            jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names)
            | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties(unexpected=names)
        ):
            for name in names:
                yield Fault(
                    pointer=at + pointer(*here, name), detail="The schema has no such field.", code="unknown_field"
                )
        case kind:
            detail = error.message[:1].upper() + error.message[1:].removesuffix(".")
            yield Fault(pointer=at + pointer(*here), detail=f"{detail[:500]}.", code=kind.name or "schema")
