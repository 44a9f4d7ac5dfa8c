"""The methods of the TypeScript client for its reference, and the options of their calls."""

import re
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from clients.generate.document import Operation
from clients.generate.words import sentence
from clients.generate_typescript.methods import SPACE, Method, Overload, signature
from clients.generate_typescript.package import placed
from clients.generate_typescript.resources import WAITING
from clients.reference import WIDTH, Entry

SOURCE = Path(__file__).parents[1] / "typescript" / "src"
_OPTIONS = re.compile(r"^(?:/\*\*[^\n]*\*/\n)?export interface \w+Options .*?^}\n", re.MULTILINE | re.DOTALL)
_METHOD = re.compile(r"/\*\*(.*?)\*/\s+async (\w+)\((.*?)\): (Promise<.*?>) {\n", re.DOTALL)


def entries(raw: dict[str, Any]) -> list[Entry]:
    """Every method, resource by resource."""
    found = []
    for place, methods in sorted(placed(raw).items()):
        made = [_entry(place, method) for method in methods]
        found += made
        if place in WAITING:
            [read] = [each for each in made if each.name == "get"]
            found += _by_hand(read, WAITING[place])
    return found


def options() -> str:
    """The interfaces of all options, as they are written."""
    texts = [(SOURCE / name).read_text() for name in ("client.ts", "options.ts", "waiters.ts")]
    return "\n".join(found for text in texts for found in _OPTIONS.findall(text))


def _entry(place: tuple[str, ...], method: Method) -> Entry:
    *_, single = method.overloads
    return Entry(
        resource=place,
        name=method.name,
        signature="\n".join(signature(method.name, each, WIDTH) for each in method.overloads),
        given=", ".join(single.parameters),
        answer=" | ".join(each.kind for each in reversed(method.overloads)),
        summary=sentence(method.operation.summary),
        needed=_needed(single.parameters, method.operation),
        operation=method.operation,
    )


def _needed(parameters: list[str], operation: Operation) -> list[str]:
    """The names of what must be given, and of a body the properties that it must have."""
    names = [each.partition(":")[0] for each in parameters]
    needed = [field.name for field in operation.body if field.required]
    body = f"{{ {', '.join(needed)} }}" if needed else "body"
    return [body if name == "body" else name for name in names if not name.endswith("?")]


def _by_hand(read: Entry, base: str) -> list[Entry]:
    """The methods of a class that is written by hand; they ask for what the reading of their resource asks for."""
    text = _qualified((SOURCE / "waiters.ts").read_text()).partition(f"class {base} ")[2].partition("\nexport ")[0]
    return [
        replace(
            read,
            name=name,
            signature=signature(name, Overload(parameters=given.split(", "), kind=answer), WIDTH),
            given=given,
            answer=answer,
            summary=re.sub(r"[\s*]+", " ", about.partition("*\n")[0]).strip(),
            needed=[given.partition(":")[0]],
        )
        for about, name, given, answer in _METHOD.findall(text)
    ]


def _qualified(text: str) -> str:
    """With the generated types named as a user has them."""
    [names] = re.findall(r"import type { (.*) } from \"./generated/types.js\"", text)
    return re.sub(rf"\b({names.replace(', ', '|')})\b", rf"{SPACE}\1", text)
