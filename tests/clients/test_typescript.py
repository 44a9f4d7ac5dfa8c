"""The TypeScript client: strict, generated, tested by Node's own runner, packed, and its README run as a program."""

import json
import re
import shutil
from pathlib import Path

import pytest

from clients.generate_typescript.__main__ import GENERATED
from clients.generate_typescript.package import files
from service.server.supervisor import ROOT
from tests.clients import node
from tests.clients.living import KEY, Living
from tests.clients.node import CLIENT

HEADLINES = ROOT / "service" / "demo" / "headlines.jsonl"


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    node.build()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project with the packed client and nothing else."""
    directory = tmp_path_factory.mktemp("project")
    [packed] = json.loads(node.npm("pack", "--json", "--ignore-scripts", "--pack-destination", directory))
    (directory / "package.json").write_text('{"type": "module"}')
    node.npm("install", "--offline", "--no-save", directory / packed["filename"], cwd=directory)
    return directory


def program(sandbox: str) -> str:
    """The README's blocks as one module, with the imports where modules want them."""
    blocks: list[str] = re.findall(r"```ts\n(.*?)```", (CLIENT / "README.md").read_text(), flags=re.DOTALL)
    assert len(blocks) > 10
    text = "\n\n".join(blocks)
    assert "http://127.0.0.1:8399" in text
    return text.replace("http://127.0.0.1:8399", sandbox)


def test_the_generated_files_are_those_of_the_document_to_the_byte() -> None:
    generated = files(json.loads((ROOT / "openapi" / "openapi.json").read_bytes()))
    present = {path.relative_to(GENERATED).as_posix(): path.read_text() for path in GENERATED.rglob("*.ts")}
    assert generated == present, "run `make clients`"


def test_a_strict_compiler_has_nothing_to_say_about_the_client_and_its_tests() -> None:
    assert node.tsc("--project", "tsconfig.test.json") == ""


def test_the_client_passes_its_own_tests() -> None:
    tests = sorted((CLIENT / "test").glob("*.test.ts"))
    output = node.run("--test", "--test-reporter=tap", *tests)
    assert re.search(r"^# fail 0$", output, flags=re.MULTILINE), output
    assert re.search(r"^# skipped 0$", output, flags=re.MULTILINE), output


def test_the_package_has_what_a_user_needs_and_nothing_else(project: Path) -> None:
    installed = project / "node_modules" / "tuneledger"
    packed = {path.relative_to(installed).parts[0] for path in installed.rglob("*") if path.is_file()}
    assert packed == {"LICENSE", "README.md", "dist", "package.json"}
    assert (installed / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert [path.name for path in (project / "node_modules").iterdir() if not path.name.startswith(".")] == [
        "tuneledger"
    ]
    output = node.run("-e", "import('tuneledger').then((all) => console.log(all.VERSION))", cwd=project)
    assert output.strip() == json.loads((installed / "package.json").read_text())["version"]


def test_a_lock_names_no_registry() -> None:
    assert "://" not in (CLIENT / "package-lock.json").read_text()


def test_a_strict_compiler_has_nothing_to_say_about_the_readme(project: Path) -> None:
    (project / "checked.ts").write_text(program("http://127.0.0.1:8399"))
    strict = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2022", "--module", "nodenext"]
    lib = ["--lib", "es2023,dom,dom.asynciterable", "--types", "node"]
    roots: list[str | Path] = ["--typeRoots", CLIENT / "node_modules" / "@types"]
    assert node.tsc(*strict, *lib, *roots, "checked.ts", cwd=project) == ""


async def test_the_readme_runs_from_its_first_line_to_its_last(server: Living, project: Path) -> None:
    shutil.copy(HEADLINES, project / "headlines.jsonl")
    (project / "walk.ts").write_text(program(server.sandbox))
    output = node.run("walk.ts", cwd=project, TUNELEDGER_API_KEY=KEY, TUNELEDGER_BASE_URL=server.url)
    assert re.match(r"264 [0-9a-f]{64}\n", output), output
    assert "answered: Ten citizens" in output
    assert "duplicates: 264" in output
    assert "not_found" in output
    assert "somebody was faster" in output
    assert re.search(r"succeeded ft:", output), output
    assert re.search(r"\d+ [0-9a-f]{64} \[\]\n", output), output
    assert (project / "v1.jsonl").read_text().count("\n") == 264
