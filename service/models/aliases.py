"""Where an alias such as `production` stands: what moves it, and what brings it back."""

import re

from service.errors import Conflict, Fault, Invalid, NotFound, Unprocessable
from service.models.models import AliasMoved, Model, ModelEvent, existing

# No dot, so that no alias can be taken for a version.
ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def move(model: Model | None, alias: str, *, version: str, reason: str | None = None) -> list[ModelEvent]:
    """Let the alias stand at a version. Moving it to where it stands records nothing.

    Raises Invalid for a name that no alias can have, Unprocessable when there is no such version.
    """
    model = existing(model)
    if not ALIAS.fullmatch(alias):
        detail = "An alias is a lowercase letter, then up to 62 lowercase letters, digits, _ or -."
        raise Invalid(detail, errors=[Fault(pointer="alias", detail=detail)])
    if version not in model.versions:
        raise _unknown(model, version, pointer="/version")
    previous = model.aliases.get(alias, (None,))[-1]
    if previous == version:
        return []
    return [AliasMoved(alias=alias, model_version=version, previous=previous, reason=reason)]


def roll_back(model: Model | None, alias: str, *, to: str | None = None, reason: str | None = None) -> list[ModelEvent]:
    """Back to where the alias stood before, or to the version `to`, where it once stood.

    What it is rolled back from is not its past any more: rolling back again goes further back.
    """
    model = existing(model)
    stood = model.aliases.get(alias)
    if stood is None:
        raise NotFound(f"{model.name} has no alias {alias[:100]}.")
    *earlier, present = stood
    if to is not None and to not in earlier:
        raise _never_stood(model, alias, to)
    if not earlier:
        raise Conflict(f"{alias} has stood at no version before {present}.")
    return [AliasMoved(alias=alias, model_version=to or earlier[-1], previous=present, reason=reason, rollback=True)]


def _never_stood(model: Model, alias: str, version: str) -> Unprocessable:
    if version not in model.versions:
        return _unknown(model, version, pointer="/to")
    detail = f"{alias} did not stand at {version} before; move it there instead."
    return Unprocessable(detail, errors=[Fault(pointer="/to", detail=detail, code="not_before")])


def _unknown(model: Model, version: str, *, pointer: str) -> Unprocessable:
    detail = f"{model.name} has no version {version[:100]}."
    return Unprocessable(detail, errors=[Fault(pointer=pointer, detail=detail, code="no_such_version")])
