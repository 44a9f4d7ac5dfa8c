"""The 202 response of a request that starts an operation."""

from service.http.responses import StoredResponse, encode_response
from service.operations.domain import Operation


def encode_accepted(operation: Operation) -> StoredResponse:
    """Build a 202 response whose Location is the operation."""
    return encode_response(operation, status=202, location=f"/v1/operations/{operation.id}")
