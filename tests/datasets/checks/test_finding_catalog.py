"""The catalogue of findings is whole, and the guide has all of it."""

import string

from benchmarks.planted_faults import COMPANIONS
from service.datasets.checks.finding_catalog import CHECKLIST, FINDINGS, MISTAKES
from service.server.supervisor import ROOT

GUIDE = (ROOT / "docs" / "readiness.md").read_text()


def test_the_guide_has_every_finding() -> None:
    rows = [
        f"| `{name}` | `{code}` | {kind.severity} | {kind.title} | {f'`{kind.mistake}`' if kind.mistake else ''} |"
        for name in CHECKLIST
        for code, kind in FINDINGS.items()
        if kind.check == name
    ]
    assert "\n".join(rows) in GUIDE
    assert [name for name in MISTAKES if f"`{name}`" not in GUIDE] == []


def test_every_check_and_mistake_has_a_finding() -> None:
    assert {kind.check for kind in FINDINGS.values()} == set(CHECKLIST)
    assert {kind.mistake for kind in FINDINGS.values()} - {None} == set(MISTAKES)
    assert set(COMPANIONS) <= set(FINDINGS)


def test_titles_name_values_and_nothing_else() -> None:
    known = {"examples", "categories", "category", "percent", "target", "limit", "bytes"}
    named = {name for kind in FINDINGS.values() for _, name, _, _ in string.Formatter().parse(kind.title) if name}
    assert named <= known
