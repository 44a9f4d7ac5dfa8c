"""Whose labels a key gives: its own, or with the scope labels:impersonate anybody's, models' too."""

from typing import Any

from service.access.domain import KeyHolder, is_allowed
from service.errors import Fault, Forbidden, NotFound
from service.labeling.annotators import Annotator
from service.labeling.labels.schemas import NewAnnotator
from service.labeling.visibility import restricted_to_own_labels


def choose_annotator(holder: KeyHolder, named: NewAnnotator | None, *, pointer: str = "/annotator") -> Annotator:
    """Return who labels: by default the key's member. Raises Forbidden for another without the scope."""
    annotator = Annotator(name=named.name, kind=named.kind) if named else Annotator(name=holder.name)
    if not _is_own(holder, annotator) and not _may_impersonate(holder):
        who = f"the {annotator.kind} {annotator.name!r}"
        detail = f"Labeling as {who} needs the scope labels:impersonate; without `annotator` you label as yourself."
        raise Forbidden(detail, errors=[Fault(pointer=pointer, detail=detail, code="not_yourself")])
    return annotator


def require_own_assignment(holder: KeyHolder, assignment: Any) -> None:
    """Refuse to act on another's assignment without the scope.

    Raises NotFound for a key that sees only its own assignments, Forbidden for one that sees all.
    """
    if _is_own(holder, Annotator(name=assignment.annotator, kind=assignment.kind)) or _may_impersonate(holder):
        return
    if restricted_to_own_labels(holder) is not None:
        raise NotFound(f"No such assignment: {assignment.id}.")
    raise Forbidden(
        f"This assignment is that of {assignment.annotator!r}: acting in another's name needs the scope "
        "labels:impersonate."
    )


def _is_own(holder: KeyHolder, annotator: Annotator) -> bool:
    """Whether the annotator is the key's member. A machine is also the model of its name, a person never."""
    return annotator.name == holder.name and (annotator.kind == "person" or holder.kind == "machine")


def _may_impersonate(holder: KeyHolder) -> bool:
    return is_allowed(holder.scopes, "labels:impersonate")
