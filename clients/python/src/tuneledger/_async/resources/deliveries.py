# Generated from openapi/openapi.json by `make clients`.
"""`client.deliveries`."""

from __future__ import annotations

from tuneledger._async._api import AsyncResource
from tuneledger._calls import HttpCall, headers, path
from tuneledger.types import (
    Delivery,
)


class AsyncDeliveries(AsyncResource):
    """`client.deliveries`."""

    async def get(self, delivery_id: str) -> Delivery:
        """Get a delivery.

        Scope: `webhooks:read`.

        `delivery_id`: Id of the delivery.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/deliveries/{}", delivery_id)), Delivery)

    async def redeliver(self, delivery_id: str, *, idempotency_key: str | None = None) -> Delivery:
        """Send a delivery's message again.

        Sent once, with the same message id, independent of other messages. A test is repeated as a new test.

        Scope: `webhooks:write`.

        `delivery_id`: Id of the delivery.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/deliveries/{}/redeliver", delivery_id),
                headers=headers(idempotency_key=idempotency_key),
            ),
            Delivery,
        )
