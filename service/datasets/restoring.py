"""Going back: an example is again what it was at an earlier revision, also after it was deleted."""

from service.datasets.examples import RESTORED, Example, ExampleEvent, ExampleRestored
from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.ledger.decider import Stored


def at_revision(stored: Stored[Example] | None, revision: int) -> Example:
    """The example as a fold of its first events left it. Raises NotFound, or Unprocessable when it has fewer."""
    if stored is None:
        raise NotFound("No such example.")
    if stored.version != revision:
        fault = Fault(pointer="/version", detail=f"The example has {stored.version} versions so far.")
        raise Unprocessable(fault.detail, errors=[fault])
    return stored.state


def restore(example: Example | None, *, then: Example, revision: int, reason: str | None = None) -> list[ExampleEvent]:
    """Bring back what it was at `revision`, `then`; also after it was deleted. Raises Conflict when withdrawn."""
    if example is None:
        raise NotFound("No such example.")
    if example.withdrawn:
        raise Conflict("This example was taken back with its import; import it again.")
    if then.deleted:
        raise Unprocessable(f"Revision {revision} is a deletion; restore an earlier one.")
    kept = {name: getattr(then, name) for name in RESTORED}
    if not example.deleted and all(getattr(example, name) == value for name, value in kept.items()):
        return []
    return [ExampleRestored(revision=revision, reason=reason, **kept)]
