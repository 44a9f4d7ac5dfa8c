"""Where an alias such as `production` stands: what moves it, and what brings it back."""

import re

from service.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unprocessable
from service.models.domain import AliasMoved, ModelEvent, ModelState, require_model
from service.models.gates.domain import UNMEASURED, Facts, Ruling
from service.models.gates.gate_checks import build_refusal, judge

# No dot, so that no alias can be taken for a version.
ALIAS_PATTERN = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def move(
    model: ModelState | None,
    alias: str,
    *,
    version: str,
    reason: str | None = None,
    facts: Facts = UNMEASURED,
    override: bool = False,
    may_override: bool = False,
) -> list[ModelEvent]:
    """Let the alias stand at a version. Moving it to where it stands records nothing.

    A protected alias moves if the `facts` pass the gate, or with `override`, which takes a reason and the right to it.
    Raises GateRefused, Forbidden, Invalid for a name that no alias can have, Unprocessable for an unknown version.
    """
    model = require_model(model)
    if override and not may_override:
        raise Forbidden("A gate is overridden with the scope models:override; this API key lacks it.")
    if override:
        _require_reason(reason, "An override says why.")
    checked = check_version(model, alias, version=version, facts=facts)
    previous, ruling = model.version_at(alias), checked if model.protects(alias) else None
    if previous == version:
        return []
    if ruling is not None and not ruling.passed and not override:
        raise build_refusal(alias, ruling)
    return [
        AliasMoved(
            alias=alias,
            model_version=version,
            previous=previous,
            reason=reason,
            ruling=ruling,
            overridden=ruling is not None and not ruling.passed,
        )
    ]


def check_version(model: ModelState | None, alias: str, *, version: str, facts: Facts) -> Ruling | None:
    """What the gate says of the version, whether or not it protects the alias; None where the line has none."""
    model = require_model(model)
    if not ALIAS_PATTERN.fullmatch(alias):
        detail = "An alias is a lowercase letter, then up to 62 lowercase letters, digits, _ or -."
        raise Invalid(detail, errors=[Fault(pointer="alias", detail=detail)])
    if version not in model.versions:
        raise _build_unknown_version(model, version, pointer="/version")
    return None if model.gate is None else judge(model.gate, facts, version, model.version_at(alias))


def roll_back(
    model: ModelState | None, alias: str, *, to: str | None = None, reason: str | None = None
) -> list[ModelEvent]:
    """Back to where the alias stood before, or to the version `to`, where it once stood.

    What it is rolled back from is not its past any more: rolling back again goes further back. No gate is asked, since
    what it returns to stood there before; of a protected alias, a reason is.
    """
    model = require_model(model)
    stood = model.aliases.get(alias)
    if stood is None:
        raise NotFound(f"{model.name} has no alias {alias[:100]}.")
    *earlier, present = stood
    if to is not None and to not in earlier:
        raise _build_not_earlier(model, alias, to)
    if not earlier:
        raise Conflict(f"{alias} has stood at no version before {present}.")
    if model.protects(alias):
        _require_reason(reason, f"{alias} is protected: say why it goes back.")
    return [AliasMoved(alias=alias, model_version=to or earlier[-1], previous=present, reason=reason, rollback=True)]


def _require_reason(reason: str | None, detail: str) -> None:
    if reason is None or not reason.strip():
        raise Invalid(detail, errors=[Fault(pointer="/reason", detail=detail, code="required")])


def _build_not_earlier(model: ModelState, alias: str, version: str) -> Unprocessable:
    if version not in model.versions:
        return _build_unknown_version(model, version, pointer="/to")
    detail = f"{alias} did not stand at {version} before; move it there instead."
    return Unprocessable(detail, errors=[Fault(pointer="/to", detail=detail, code="not_before")])


def _build_unknown_version(model: ModelState, version: str, *, pointer: str) -> Unprocessable:
    detail = f"{model.name} has no version {version[:100]}."
    return Unprocessable(detail, errors=[Fault(pointer=pointer, detail=detail, code="no_such_version")])
