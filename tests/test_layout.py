"""Holds the lists of the import contracts to what is there, since a contract cannot say "every file of this kind"."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


def contract(name: str) -> dict[str, Any]:
    [found] = [contract for contract in CONTRACTS if contract["name"].startswith(name)]
    return found


def modules(pattern: str) -> dict[str, str]:
    """Source text by dotted name, of the contexts' own files."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text()
        for path in sorted((ROOT / "service").glob(pattern))
        if path.parent.name not in {"sandbox", "ledger"}
    }


def test_every_file_that_decides_is_held_free_of_http_and_sql() -> None:
    deciding = {name for name, text in modules("*/*.py").items() if "= Decider(" in text or "= Decider[" in text}
    assert deciding != set()
    assert deciding <= set(contract("What is decided")["source_modules"])


def test_every_file_with_routes_is_kept_for_the_application() -> None:
    listed = set(contract("Routes are imported")["protected_modules"])
    assert {name for name in modules("*/*_api.py") if name not in listed} == set()
    assert "service.*.api" in listed
