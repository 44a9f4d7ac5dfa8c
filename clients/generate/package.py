"""The generated files of clients/python, formatted, as text by path."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from clients.generate import resources, shapes
from clients.generate.document import Document, read
from clients.generate.unasync import unasync
from clients.generate.words import HEADER

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "python" / "src" / "tuneledger"
DOCUMENT = ROOT / "openapi" / "openapi.json"
_BY_HAND_TWICE = {"_platform.py"}
_DERIVED = "# Derived from the awaited client by `make clients`."


def generated(document: Path = DOCUMENT) -> dict[str, str]:
    """Every file that is not written by hand, by its path in the package."""
    found = read(json.loads(document.read_text()))
    texts = {"_version.py": _version(found)}
    texts |= {f"types/{name}.py": text for name, text in shapes.modules(found).items()}
    awaited = {f"{name}.py": text for name, text in resources.modules(found).items()}
    texts |= {f"_async/{path}": text for path, text in awaited.items()}
    texts |= {f"_sync/{path}": unasync(text) for path, text in awaited.items()}
    for path in sorted((CLIENT / "_async").glob("*.py")):
        if path.name not in awaited and path.name not in _BY_HAND_TWICE:
            texts[f"_sync/{path.name}"] = f"{_DERIVED}\n{unasync(path.read_text())}"
    return _formatted(texts)


def present() -> dict[str, str]:
    """The same files as they lie there."""
    return {
        str(path.relative_to(CLIENT)): text
        for path in sorted(CLIENT.rglob("*.py"))
        if (text := path.read_text()).startswith((HEADER, _DERIVED))
    }


def _version(document: Document) -> str:
    return f'{HEADER}\n"""The version of the API this client is for."""\n\n__version__ = "{document.version}"\n'


def _formatted(texts: dict[str, str]) -> dict[str, str]:
    """As ruff has it with the project's settings, without the imports that nothing uses."""
    with tempfile.TemporaryDirectory() as directory:
        for path, text in texts.items():
            target = Path(directory) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        settings = ["--no-cache", "--quiet", "--config", str(ROOT / "pyproject.toml"), directory]
        _ruff("check", "--select", "F401,I", "--fix", "--ignore-noqa", "--exit-zero", *settings)
        _ruff("format", *settings)
        return {path: (Path(directory) / path).read_text() for path in sorted(texts)}


def _ruff(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "ruff", *arguments], check=True)  # noqa: S603 - our own words
