"""How operations are asked to stop: each kind by the stream that does its work."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from service.ledger.store import Caller, Ledger
from service.operations.domain import NotCancellable, Operation

# By kind: asks the stream behind an operation to stop. It may still end well.
CancelFunctions = Mapping[str, Callable[[Ledger, Caller, UUID], Awaitable[object]]]


def needs_cancel(operation: Operation, cancels: CancelFunctions) -> bool:
    """Whether there is anything left to ask for. Raises NotCancellable when it has ended otherwise, or never can be."""
    if operation.state == "cancelled" or (operation.cancel_requested and not operation.finished):
        return False
    if operation.finished:
        raise NotCancellable(f"The operation has already {operation.state}.")
    if operation.kind not in cancels:
        raise NotCancellable(f"An operation of the kind {operation.kind} cannot be cancelled.")
    return True
