"""Every code a program may meet has its line in docs/errors.md, with the status it comes with."""

import re
from collections.abc import Iterator
from pathlib import Path

import service.app
import service.worker  # noqa: F401 - so that every context's refusals are defined
from service.errors import Fault, Invalid, Problem

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"


def refusals(kind: type[Problem] = Problem) -> Iterator[type[Problem]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from refusals(narrower)


def ours() -> set[tuple[int, str]]:
    return {(kind.status, kind.code) for kind in refusals() if kind.__module__.startswith("service.")}


def test_every_refusal_has_a_line_in_the_docs_and_no_line_is_left_over() -> None:
    section = PAGE.read_text().split("## Error codes")[1].split("## ")[0]
    documented = {
        (int(status), code) for status, code in re.findall(r"^\| (\d{3}) \| `(\w+)` \|", section, re.MULTILINE)
    }
    assert documented == ours()


def test_a_refusals_docstring_is_its_title() -> None:
    docstrings = {kind.__name__: (kind.__doc__ or "").strip() for kind in refusals()}
    assert all(text and "\n" not in text and not text.endswith(".") for text in docstrings.values()), docstrings
    assert Invalid("why").title == docstrings["Invalid"]


def test_a_problem_keeps_every_fault_it_is_given() -> None:
    faults = [Fault(pointer="/a", detail="no"), Fault(pointer="/b", detail="nor this", code="taken")]
    assert Invalid("both are wrong", errors=faults).errors == tuple(faults)
