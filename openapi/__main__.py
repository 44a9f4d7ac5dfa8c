"""Write the reference of API, clients and command line: `python -m openapi docs`, into docs/api and docs/sdk.

`python -m openapi examples FILE …` records the examples of the OpenAPI document instead, `python -m openapi providers`
writes the tables of docs/providers.md, `python -m openapi formats` those of docs/formats.md.

The reference is made for each build and kept nowhere, so it is never stale.
"""

import json
import sys
from pathlib import Path

from openapi import cli, formats, pages, providers, sdk
from openapi.walk import record_examples

DOCUMENT = Path(__file__).parent / "openapi.json"


def main(directory: Path, document: Path = DOCUMENT) -> None:
    """Write all pages into two folders of the directory, which they have to themselves."""
    found = json.loads(document.read_text())
    clients = sdk.sdks(found)
    _write(directory / "api", pages.pages(found, sdk.calls(clients)))
    _write(directory / "sdk", {**sdk.pages(clients), "cli.md": cli.page()})


def _write(directory: Path, made: dict[str, str]) -> None:
    for old in set(directory.rglob("*.md")) - {directory / name for name in made}:
        old.unlink()
    for name, text in made.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["examples", *files]:
            print("Nothing asked:", ", ".join(record_examples([Path(file) for file in files])) or "none")  # noqa: T201
        case ["formats"]:
            formats.update()
        case ["providers"]:
            providers.update()
        case [directory]:
            main(Path(directory))
