"""The answer to a request whose work goes on in the background: 202, and where to watch it."""

from service.http.responses import answer
from service.ledger.store import Answer
from service.operations.domain import Operation


def respond_accepted(operation: Operation) -> Answer:
    return answer(operation, status=202, location=f"/v1/operations/{operation.id}")
