"""Writes what is generated, and removes what is no longer."""

import json
import sys
from pathlib import Path

from clients.generate_typescript.package import files

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "clients" / "typescript" / "src" / "generated"


def main(document: Path) -> None:
    made = files(json.loads(document.read_bytes()))
    (GENERATED / "resources").mkdir(parents=True, exist_ok=True)
    for old in GENERATED.rglob("*.ts"):
        if old.relative_to(GENERATED).as_posix() not in made:
            old.unlink()
    for name, text in made.items():
        (GENERATED / name).write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "openapi" / "openapi.json")
