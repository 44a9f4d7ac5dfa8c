"""An operation as a method of a resource class."""

import json
import re
import textwrap

import msgspec

from clients.generate.document import Document, Operation
from clients.generate.words import sentence
from clients.generate_typescript.types import expression, query_name
from clients.generate_typescript.words import camel, comment

SPACE = "types."
_LONGEST = 118
_INDENT = "  "
_AROUND = len("    return this.api.download(, options);")


class Overload(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller gives together, in order, and the type of what it returns then."""

    parameters: list[str]
    kind: str


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is the method's TypeScript, and `core` the parts of the client that it names."""

    name: str
    operation: Operation
    overloads: list[Overload]
    text: str
    core: frozenset[str]


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The type that a method returns, the transport's method for it, and what of ours it names."""

    kind: str
    by: str
    core: frozenset[str] = frozenset()


def method(document: Document, operation: Operation, name: str, body: str | None) -> Method:
    answer = _answer(document, operation)
    options = _options(operation)
    single = Overload(parameters=_parameters(operation, body, options), kind=answer.kind)
    overloads = [single] if operation.batch is None else [_batch(operation, single), single]
    about = comment(f"{sentence(operation.summary)}\n\n{operation.description}", indent=2)
    call = f"this.api.{answer.by}({_request(operation, body)}, options)"
    return Method(
        name=name,
        operation=operation,
        overloads=overloads,
        text=f"{about}{_signatures(name, operation, overloads)} {{\n    return {call};\n  }}\n",
        core=answer.core | {options} | ({"Upload"} if operation.upload_types else set()),
    )


def signature(name: str, overload: Overload, longest: int = _LONGEST - len(_INDENT)) -> str:
    """In one line, or a line for each parameter where it would be longer than that."""
    line = f"{name}({', '.join(overload.parameters)}): {overload.kind}"
    if len(line) <= longest:
        return line
    inside = "".join(f"  {each},\n" for each in overload.parameters)
    return f"{name}(\n{inside}): {overload.kind}"


def _answer(document: Document, operation: Operation) -> _Answer:
    if operation.streams:
        return _Answer(kind=f"EventStream<{SPACE}{operation.streams}>", by="stream", core=frozenset({"EventStream"}))
    if operation.downloads:
        return _Answer(kind="Download", by="download", core=frozenset({"Download"}))
    if operation.answer is None:
        return _Answer(kind="Call<void>", by="nothing", core=frozenset({"Call"}))
    if operation.method == "GET" and "cursor" in {each.name for each in operation.query}:
        if not document.is_page(operation.answer):
            raise ValueError(f"{operation.name} takes a cursor, and answers no page")
        items = document.schemas[operation.answer]["properties"]["data"]["items"]
        kind = f"Pages<{SPACE}{operation.answer}, {expression(items, SPACE)}>"
        return _Answer(kind=kind, by="pages", core=frozenset({"Pages"}))
    kinds = " | ".join(f"{SPACE}{name}" for name in operation.answers)
    return _Answer(kind=f"Call<{kinds}>", by="call", core=frozenset({"Call"}))


def _options(operation: Operation) -> str:
    if operation.streams:
        return "StreamOptions"
    if operation.upload_types:
        return "UploadOptions"
    return "ChangeOptions" if "If-Match" in operation.header_names else "RequestOptions"


def _parameters(operation: Operation, body: str | None, options: str) -> list[str]:
    """What a caller gives, in order: the path's values, the body, the query, options."""
    made = [f"{camel(each.name)}: {expression(each.schema, SPACE)}" for each in operation.path_fields]
    if operation.upload_types:
        made.append("file: Upload")
    elif body is not None:
        made.append(f"body: {body}" if operation.body_required else f"body?: {body}")
    if operation.query:
        needed = any(each.required for each in operation.query)
        made.append(f"query{'' if needed else '?'}: {SPACE}{query_name(operation)}")
    return [*made, f"options?: {options}"]


def _signatures(name: str, operation: Operation, overloads: list[Overload]) -> str:
    """What callers see; and where there are several, what stands behind them."""
    if len(overloads) > 1:
        kind = f"Call<{SPACE}{operation.answer} | {SPACE}{operation.batch}>"
        overloads = [*overloads, Overload(parameters=overloads[-1].parameters, kind=kind)]
    return textwrap.indent(";\n".join(signature(name, each) for each in overloads), _INDENT)


def _batch(operation: Operation, single: Overload) -> Overload:
    """With many things in the body, where it can be one thing or many."""
    plural = operation.statics[-1]
    many = [f"{each} & {{ {plural}: unknown[] }}" if each.startswith("body:") else each for each in single.parameters]
    return Overload(parameters=many, kind=f"Call<{SPACE}{operation.batch}>")


def _request(operation: Operation, body: str | None) -> str:
    path = re.sub(r"{(\w+)}", lambda found: f"${{segment({camel(found[1])})}}", operation.path)
    quoted = f"`{path}`" if "${" in path else f'"{path}"'
    parts = [f'method: "{operation.method}"', f"path: {quoted}"]
    if operation.upload_types:
        parts += ["upload: file", f"types: {json.dumps(operation.upload_types)}"]
    elif body is not None:
        parts.append("body")
    if operation.query:
        parts.append("query")
    line = f"{{ {', '.join(parts)} }}"
    if len(line) + _AROUND <= _LONGEST:
        return line
    inside = "".join(f"      {part},\n" for part in parts)
    return f"{{\n{inside}    }}"
