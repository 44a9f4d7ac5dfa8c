"""Aliases such as `production`: move one to a version, or roll it back."""

import re

from service.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unprocessable
from service.models.domain import AliasMoved, ModelEvent, ModelState, require_active, require_model
from service.models.gates.domain import NO_FACTS, Facts, Ruling
from service.models.gates.gate_checks import build_refusal, evaluate_gate
from service.models.provider_models.domain import require_present

# No dot, so an alias never looks like a version.
ALIAS_PATTERN = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def move(
    model: ModelState | None,
    alias: str,
    *,
    version: str,
    reason: str | None = None,
    facts: Facts = NO_FACTS,
    override: bool = False,
    may_override: bool = False,
) -> list[ModelEvent]:
    """Move the alias to a version. Moving it to its current version records nothing.

    A protected alias moves if the `facts` pass the gate, or with `override`, which needs a reason and the right to it.
    Raises GateRefused, Forbidden, Invalid for an invalid alias or no reason, Unprocessable for an unknown version.
    """
    model = require_active(model)
    if override and not may_override:
        raise Forbidden("Overriding a gate needs the scope models:override; this API key lacks it.")
    if override:
        _require_reason(reason, "Overriding a gate needs a reason.")
    checked = check_version(model, alias, version=version, facts=facts)
    require_present(model, version, pointer="/version")
    ruling = checked if model.protects(alias) else None
    previous = model.version_at(alias)
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
    """Check the version against the gate, also if the gate does not protect the alias. None if there is no gate."""
    model = require_model(model)
    if not ALIAS_PATTERN.fullmatch(alias):
        detail = "An alias is a lowercase letter, then up to 62 lowercase letters, digits, _ or -."
        raise Invalid(detail, errors=[Fault(pointer="alias", detail=detail)])
    if version not in model.versions:
        raise _build_unknown_version(model, version, pointer="/version")
    if model.gate is None:
        return None
    base_model = model.versions[version].base_model
    return evaluate_gate(model.gate, facts, version, model.version_at(alias), base_model=base_model)


def roll_back(
    model: ModelState | None, alias: str, *, to: str | None = None, reason: str | None = None
) -> list[ModelEvent]:
    """Move the alias back to its previous version, or to the earlier version `to`.

    Rolling back again goes further back: the version it leaves no longer counts as an earlier one. The gate is not
    checked, because the alias has been at that version before; a protected alias needs a reason.
    """
    model = require_active(model)
    past = model.aliases.get(alias)
    if past is None:
        raise NotFound(f"{model.name} has no alias {alias[:100]}.")
    *earlier, current = past
    if to is not None and to not in earlier:
        raise _build_not_earlier(model, alias, to)
    if not earlier:
        raise Conflict(f"{alias} has no earlier version to roll back to; it is at its first, {current}.")
    if model.protects(alias):
        _require_reason(reason, f"{alias} is protected: rolling it back needs a reason.")
    target = to or earlier[-1]
    require_present(model, target, pointer="/to")
    return [AliasMoved(alias=alias, model_version=target, previous=current, reason=reason, rollback=True)]


def _require_reason(reason: str | None, detail: str) -> None:
    if reason is None or not reason.strip():
        raise Invalid(detail, errors=[Fault(pointer="/reason", detail=detail, code="required")])


def _build_not_earlier(model: ModelState, alias: str, version: str) -> Unprocessable:
    if version not in model.versions:
        return _build_unknown_version(model, version, pointer="/to")
    detail = f"{alias} was never at {version}, so it cannot be rolled back to it; move it there instead."
    return Unprocessable(detail, errors=[Fault(pointer="/to", detail=detail, code="not_before")])


def _build_unknown_version(model: ModelState, version: str, *, pointer: str) -> Unprocessable:
    detail = f"{model.name} has no version {version[:100]}."
    return Unprocessable(detail, errors=[Fault(pointer=pointer, detail=detail, code="no_such_version")])
