"""The methods of the Python client for its reference, as they are without `await`."""

import ast
import re
import subprocess
import sys

from msgspec.structs import replace

from clients.generate.document import Document
from clients.generate.methods import Method, required, signature
from clients.generate.naming import argument
from clients.generate.package import CLIENT
from clients.generate.resources import BASES, Place, placed
from clients.generate.unasync import unasync
from clients.generate.words import sentence
from clients.reference import WIDTH, Entry

_WAITERS = CLIENT / "_sync" / "_waiters.py"
_HEAD = re.compile(r"def \w+\(self(?:, )?(.*)\) -> (.*):")


def entries(document: Document) -> list[Entry]:
    """Every method, resource by resource."""
    found = []
    for place, methods in sorted(placed(document).items()):
        made = [_entry(document, place, method) for method in methods]
        found += made
        if place in BASES:
            [read] = [each for each in made if each.name == "get"]
            found += [_by_hand(read, method) for method in _methods(unasync(BASES[place]))]
    return [replace(entry, signature=text) for entry, text in zip(found, _formatted(found), strict=True)]


def _entry(document: Document, place: Place, method: Method) -> Entry:
    operation = method.operation
    [(given, answer)] = _HEAD.findall(unasync(signature(document, method)))
    return Entry(
        resource=place,
        name=method.name,
        signature="",
        given=given,
        answer=answer,
        summary=sentence(operation.summary),
        needed=_needed(method),
        operation=operation,
    )


def _needed(method: Method) -> list[str]:
    operation = method.operation
    told = [argument(field.name) for field in operation.path_fields] + ["file"] * bool(operation.upload_types)
    named = [f"{argument(field.name)}=..." for field in required(method)]
    return told + (named or ["..."] * bool(method.body and operation.body_required))


def _methods(name: str) -> list[ast.FunctionDef]:
    """Those of a class that is written by hand."""
    [found] = [
        each for each in ast.parse(_WAITERS.read_text()).body if isinstance(each, ast.ClassDef) and each.name == name
    ]
    return [each for each in found.body if isinstance(each, ast.FunctionDef)]


def _by_hand(read: Entry, method: ast.FunctionDef) -> Entry:
    """It asks for what the reading of its resource asks for."""
    return replace(
        read,
        name=method.name,
        given=ast.unparse(method.args).removeprefix("self, "),
        answer=ast.unparse(method.returns or ast.Constant(None)),
        summary=" ".join((ast.get_docstring(method) or "").partition("\n\n")[0].split()),
        needed=[each.arg for each in method.args.args[1:]],
    )


def _formatted(found: list[Entry]) -> list[str]:
    """Their signatures as ruff breaks them over lines."""
    text = "\n".join(f"def {each.name}({each.given}) -> {each.answer}: ..." for each in found)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={WIDTH}", "-"]
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return re.findall(r"^def (.*?): \.\.\.$", ran.stdout, flags=re.MULTILINE | re.DOTALL)
