"""The generated files are what the committed document makes, to the byte."""

import json
from pathlib import Path
from typing import Any

import pytest

from clients.generate.document import read
from clients.generate.naming import Names
from clients.generate.package import DOCUMENT, generated, present
from clients.generate.resources import modules
from service.server.supervisor import ROOT


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(DOCUMENT.read_text())


def test_the_committed_client_is_the_documents() -> None:
    expected, files = generated(), present()
    assert sorted(files) == sorted(expected), "run `make clients` and commit what it writes"
    assert [path for path in expected if files[path] != expected[path]] == [], "run `make clients` and commit it"


def test_a_changed_document_makes_another_client(document: Any, tmp_path: Path) -> None:
    document["paths"]["/v1/datasets"]["get"]["summary"] = "List all that there is"
    changed = tmp_path / "openapi.json"
    changed.write_text(json.dumps(document))
    files = generated()
    differing = [path for path, text in generated(changed).items() if files[path] != text]
    assert differing == ["_async/resources/datasets.py", "_sync/resources/datasets.py"]


def test_every_operation_has_a_method_of_its_own(document: Any) -> None:
    operations = read(document).operations
    names = Names(operations)
    places = [(names.place(operation), names.method(operation)) for operation in operations]
    assert len(set(places)) == len(places) > 100
    by_id = {operation.name: place for operation, place in zip(operations, places, strict=True)}
    assert by_id["list_examples"] == (("datasets", "examples"), "list")
    assert by_id["repair_example"] == (("examples",), "repair")
    assert by_id["import_examples"] == (("datasets", "imports"), "create")
    assert by_id["import_requests"] == (("requests",), "import_requests")
    assert by_id["get_dataset_stats"] == (("datasets",), "stats")
    assert by_id["get_prompt_run"] == (("runs",), "get")
    assert by_id["move_model_alias"] == (("models", "aliases"), "move")
    assert by_id["read_history"] == ((), "history")
    assert by_id["get_me"] == ((), "me")


def test_two_operations_of_one_name_are_refused(document: Any) -> None:
    copy = {**document["paths"]["/v1/datasets"]["post"], "operationId": "create_datasets"}
    document["paths"]["/v1/datasets"]["put"] = copy
    with pytest.raises(ValueError, match="datasets has two of"):
        modules(read(document))


def test_the_awaited_client_and_the_other_have_the_same_methods() -> None:
    package = ROOT / "clients" / "python" / "src" / "tuneledger"
    awaited = {path.relative_to(package / "_async") for path in (package / "_async").rglob("*.py")}
    assert awaited == {path.relative_to(package / "_sync") for path in (package / "_sync").rglob("*.py")}
    left = [path.name for path in (package / "_sync").rglob("*.py") if "await " in path.read_text()]
    assert [name for name in left if name not in {"_platform.py", "__init__.py"}] == []
