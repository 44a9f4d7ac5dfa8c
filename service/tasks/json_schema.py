"""JSON Schemas: whether a schema is usable, and where a value does not match it. Pure, and fast enough for imports.

A message names what the schema requires and where, and never quotes the value: the value may be personal data, and
faults are kept longer than texts are.
"""

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs
import msgspec

from service.errors import Fault
from service.json_pointers import pointer
from service.tasks.json_schema_refs import Path, find_reference_faults, iterate_patterns, measure_extent

MAX_BYTES = 65_536
MAX_DEPTH = 48
MAX_VALUES = 20_000
MAX_PATTERNS = 100
MAX_FAULTS = 100  # per value: a list of a million wrong numbers has a million faults
DIALECTS = (
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
)
_MAX_PATHS = 100_000
# All patterns of a schema share these bytes, which bounds how long they take to compile and how slow they can be.
_PATTERN_BYTES, _BYTES_PER_PATTERN = 4_000_000, 1_000_000
# For schemas from before patterns had to be linear: schema_checks ends those that take too long.
_BACKTRACKING = jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000, size_limit=1_000_000, dfa_size_limit=1_000_000)
WEIGHT_OF_PATTERN = 20_000  # bytes of other schema that cost as much
_WEIGHT_OF_SUBSCHEMA = 100
_SUBJECT = "this value"


class CompiledSchema(msgspec.Struct, frozen=True):
    validator: jsonschema_rs.Validator
    growth: int


def check_schema(schema: dict[str, Any], *, at: str = "") -> list[Fault]:
    """Find what makes this JSON Schema unusable: size, depth, dialect, meta-schema, references, patterns."""
    return (
        _find_shape_faults(schema, at=at)
        or _find_dialect_faults(schema, at=at)
        or _find_meta_schema_faults(schema, at=at)
        or _find_unusable_references(schema, at=at)
        or _find_compile_faults(schema, at=at)
    )


def find_faults(schema: bytes, value: Any, *, at: str = "") -> list[Fault]:
    """Find where `value` does not match: at most 100 faults, pointers below `at`; `code` is the schema's keyword."""
    compiled = _compile(schema)
    try:
        if compiled.validator.is_valid(value):
            return []
        if _count_paths(compiled, value) > _MAX_PATHS:
            detail = "This does not match the schema. It is nested too deeply to say where."
            return [Fault(pointer=at, detail=detail, code="schema")]
        return list(_remove_duplicates(islice(compiled.validator.iter_errors(value), 10 * MAX_FAULTS), at=at))[
            :MAX_FAULTS
        ]
    except ValueError:  # nested deeper than the library allows, or text that is not Unicode
        return [Fault(pointer=at, detail="This is nested too deeply to be checked.", code="too_deep")]


def find_output_faults(schema: bytes, text: str, *, at: str = "") -> list[Fault]:
    """Find the faults of an output, which has to be JSON that matches the schema. Pointers go into that JSON."""
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        return [Fault(pointer=at, detail="This JSON is nested too deeply.", code="too_deep")]
    except (msgspec.DecodeError, UnicodeError) as error:
        return [Fault(pointer=at, detail=f"The output is not JSON: {error}.", code="not_json")]
    return find_faults(schema, value, at=at)


@lru_cache(maxsize=512)
def weigh_schema(schema: bytes) -> float:
    """How much work each byte of a text can cost when it is checked; infinite for a recursive schema."""
    document = msgspec.json.decode(schema)
    extent = measure_extent(document)
    if extent.is_too_large or extent.growth > 1:
        return math.inf
    patterns = sum(1 for _ in iterate_patterns(document))
    return len(schema) + WEIGHT_OF_PATTERN * patterns + _WEIGHT_OF_SUBSCHEMA * extent.size


def encode_schema(schema: dict[str, Any]) -> bytes:
    """The bytes that a schema is stored as, and that its compiled form is cached by."""
    return msgspec.json.encode(schema)


def _find_shape_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    # The bytes first, since they bound the rest.
    if len(encode_schema(schema)) > MAX_BYTES:
        return [Fault(pointer=at, detail=f"The schema is larger than {MAX_BYTES} bytes.", code="too_large")]
    for number, (path, value) in enumerate(_iterate_values(schema)):
        if number > MAX_VALUES:
            return [Fault(pointer=at, detail=f"The schema has more than {MAX_VALUES} values.", code="too_large")]
        if len(path) > MAX_DEPTH:
            return [Fault(pointer=at, detail=f"The schema is more than {MAX_DEPTH} levels deep.", code="too_deep")]
        if isinstance(value, str) and "\0" in value:
            return [Fault(pointer=at + pointer(*path), detail="NUL characters cannot be stored; remove them.")]
    return []


def _iterate_values(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value in a JSON value with its path; the names of an object count as values at their own path."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        if len(path) > MAX_DEPTH:
            continue
        if isinstance(node, dict):
            waiting += [((*path, name), name) for name in node]
            waiting += [((*path, name), child) for name, child in node.items()]
        elif isinstance(node, list):
            waiting += [((*path, index), child) for index, child in enumerate(node)]


def _find_dialect_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    if _get_dialect(schema) in DIALECTS:
        return []
    detail = f"Unknown dialect. Known are {', '.join(DIALECTS)}; without $schema, the first."
    return [Fault(pointer=f"{at}/$schema", detail=detail, code="unknown_dialect")]


def _get_dialect(schema: dict[str, Any]) -> str:
    dialect = schema.get("$schema", DIALECTS[0])
    return dialect.removesuffix("#") if isinstance(dialect, str) else ""


@lru_cache(maxsize=len(DIALECTS))
def _load_meta_schema(dialect: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$schema": dialect, "$ref": dialect}, offline=True)


def _find_meta_schema_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    errors = islice(_load_meta_schema(_get_dialect(schema)).iter_errors(schema), 10 * MAX_FAULTS)
    return list(_remove_duplicates(errors, at=at))[:MAX_FAULTS]


def _find_unusable_references(schema: dict[str, Any], *, at: str) -> list[Fault]:
    faults = [
        msgspec.structs.replace(fault, pointer=at + pointer(*path)) for path, fault in find_reference_faults(schema)
    ]
    if not faults and measure_extent(schema).is_too_large:
        detail = "With its references resolved this schema is too large."
        return [Fault(pointer=at, detail=detail, code="too_large")]
    return faults


def _find_compile_faults(schema: dict[str, Any], *, at: str) -> list[Fault]:
    patterns = list(iterate_patterns(schema))
    if len(patterns) > MAX_PATTERNS:
        return [Fault(pointer=at, detail=f"The schema has more than {MAX_PATTERNS} patterns.", code="too_large")]
    faults = [
        _build_pattern_fault(at + pointer(*path))
        for path, pattern in patterns
        if not _is_linear(pattern, len(patterns))
    ]
    if faults:
        return faults
    try:
        _compile_linear(schema, len(patterns))
    except jsonschema_rs.ValidationError as error:
        return list(_remove_duplicates([error], at=at))
    except ValueError as error:
        return [Fault(pointer=at, detail=f"{error}.", code="unsupported")]
    return []


def _build_pattern_fault(at: str) -> Fault:
    detail = (
        "This pattern cannot be used: it is invalid, has look-around or a back-reference, or takes too much memory."
        " Write it without, and repeat less."
    )
    return Fault(pointer=at, detail=detail, code="pattern")


def _is_linear(pattern: str, patterns: int) -> bool:
    try:
        _compile_linear({"pattern": pattern}, patterns)
    except ValueError:  # the library's error, and that of text that is not Unicode
        return False
    return True


def _compile_linear(schema: dict[str, Any], patterns: int) -> jsonschema_rs.Validator:
    """Compile for an engine without backtracking: the time of any pattern is linear in the text."""
    limit = min(_BYTES_PER_PATTERN, _PATTERN_BYTES // max(1, patterns))
    options = jsonschema_rs.RegexOptions(size_limit=limit, dfa_size_limit=limit)
    return jsonschema_rs.validator_for(schema, offline=True, mask=_SUBJECT, pattern_options=options)


@lru_cache(maxsize=512)
def _compile(schema: bytes) -> CompiledSchema:
    document = msgspec.json.decode(schema)
    growth = measure_extent(document).growth
    try:
        return CompiledSchema(_compile_linear(document, sum(1 for _ in iterate_patterns(document))), growth)
    except ValueError:
        validator = jsonschema_rs.validator_for(document, offline=True, mask=_SUBJECT, pattern_options=_BACKTRACKING)
        return CompiledSchema(validator, growth)


def _count_paths(compiled: CompiledSchema, value: Any) -> int:
    """How many paths a value can take through a recursive schema: listing every fault costs that much."""
    if compiled.growth <= 1:
        return 1
    depth = max(len(path) for path, _ in _iterate_values(value))
    return int(compiled.growth ** min(depth, MAX_DEPTH))


def _remove_duplicates(errors: Iterable[jsonschema_rs.ValidationError], *, at: str) -> Iterator[Fault]:
    """Convert errors to faults, each once: the library reports some errors several times."""
    seen = set()
    for error in errors:
        for fault in _to_faults(error, at=at):
            if fault not in seen:
                seen.add(fault)
                yield fault


def _to_faults(error: jsonschema_rs.ValidationError, *, at: str) -> Iterator[Fault]:
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
