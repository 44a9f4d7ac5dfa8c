"""The answer to a request whose work goes on in the background: 202, and where to watch it."""

from service.http.responses import StoredResponse, encode_response
from service.operations.domain import Operation


def respond_accepted(operation: Operation) -> StoredResponse:
    return encode_response(operation, status=202, location=f"/v1/operations/{operation.id}")
