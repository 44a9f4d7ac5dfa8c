# Generated from openapi/openapi.json by `make clients`.
"""`client.webhooks`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger.types import (
    Delivery,
    DeliveryPage,
    HistoryEntry,
    HistoryPage,
    Webhook,
    WebhookDetail,
    WebhookPage,
    WebhookWithSecret,
)


class AsyncWebhooksDeliveries(AsyncResource):
    """`client.webhooks.deliveries`."""

    def list(
        self,
        webhook_id: str,
        *,
        state: OneOf["pending", "accepted", "failed"] | UnsetType | None = UNSET,
        seq: int | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[DeliveryPage, Delivery]:
        """List a webhook's deliveries, newest first.

        Deliveries are stored for 30 days.

        Scope: `webhooks:read`.

        `webhook_id`: Id of the webhook.

        `state`: Only deliveries in this state.

        `seq`: Only deliveries of the event with this seq.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/webhooks/{}/deliveries", webhook_id),
                query=query({"state": state, "seq": seq, "limit": limit, "cursor": cursor}),
            ),
            DeliveryPage,
        )


class AsyncWebhooks(AsyncResource):
    """`client.webhooks`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.deliveries = AsyncWebhooksDeliveries(api)

    async def create(
        self,
        *,
        url: str,
        active: bool | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        order: OneOf["log", "stream"] | UnsetType = UNSET,
        types: Sequence[str] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> WebhookWithSecret:
        """Create a webhook.

        Events from now on are sent to it. The response shows the secret that verifies its messages, this once
        only.

        Scope: `webhooks:write`.

        `active`: Whether events are sent.

        `description`: Free text for people.

        `order`: What waits for a message that is not accepted: later events of the same resource (`stream`), or
        all later events (`log`).

        `types`: Event types to send, such as `TuneSucceeded`. Empty: all.

        `url`: An https URL with a public address; private and link-local addresses are refused.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/webhooks",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"active": active, "description": description, "order": order, "types": types, "url": url}),
            ),
            WebhookWithSecret,
        )

    async def delete(self, webhook_id: str, *, if_match: Shape | str | int | None = None) -> Webhook:
        """Delete a webhook and its secrets.

        Scope: `webhooks:write`.

        `webhook_id`: Id of the webhook.
        """
        return await self._api.answer(
            HttpCall(method="DELETE", path=path("/v1/webhooks/{}", webhook_id), headers=headers(if_match=if_match)),
            Webhook,
        )

    async def get(self, webhook_id: str, *, as_of: str | UnsetType = UNSET) -> WebhookDetail:
        """Get a webhook and its delivery progress, now or as of a time.

        How far it had been told at a past time is not kept: `standing` is null with `as_of`.

        Scope: `webhooks:read`.

        `webhook_id`: Id of the webhook.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/webhooks/{}", webhook_id), query=query({"as_of": as_of})),
            WebhookDetail,
        )

    def history(
        self, webhook_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a webhook's history.

        Changes, automatic disabling, replays and rotations. Also works for a deleted webhook.

        Scope: `webhooks:read`.

        `webhook_id`: Id of the webhook.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/webhooks/{}/history", webhook_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    async def replay(
        self,
        webhook_id: str,
        *,
        from_seq: int,
        reason: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Webhook:
        """Send past events to a webhook again.

        Repeated messages keep their ids. Events it has not received yet are sent as usual.

        Scope: `webhooks:write`.

        `webhook_id`: Id of the webhook.

        `from_seq`: The first event to send again.

        `reason`: Why; kept in the history.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/webhooks/{}/replay", webhook_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"from_seq": from_seq, "reason": reason}),
            ),
            Webhook,
        )

    async def rotate_secret(
        self, webhook_id: str, *, overlap_seconds: int | UnsetType = UNSET, idempotency_key: str | None = None
    ) -> WebhookWithSecret:
        """Rotate a webhook's secret.

        Until the overlap ends, messages carry a signature of the new secret and of each older one.

        Scope: `webhooks:write`.

        `webhook_id`: Id of the webhook.

        `overlap_seconds`: Seconds for which the older secrets still sign, beside the new one.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/webhooks/{}/rotate-secret", webhook_id),
                headers=headers(idempotency_key=idempotency_key),
                body=None if overlap_seconds is UNSET else body({"overlap_seconds": overlap_seconds}),
            ),
            WebhookWithSecret,
        )

    async def test(self, webhook_id: str, *, idempotency_key: str | None = None) -> Delivery:
        """Send a test message to a webhook.

        A worker sends it once, even if the webhook is inactive. Get the delivery to see the receiver's response.

        Scope: `webhooks:write`.

        `webhook_id`: Id of the webhook.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/webhooks/{}/test", webhook_id),
                headers=headers(idempotency_key=idempotency_key),
            ),
            Delivery,
        )

    async def update(
        self,
        webhook_id: str,
        *,
        active: bool | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        order: OneOf["log", "stream"] | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        types: Sequence[str] | UnsetType = UNSET,
        url: str | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Webhook:
        """Update or reactivate a webhook.

        A reactivated webhook receives the events it missed. Any change retries waiting messages at once.

        Scope: `webhooks:write`.

        `webhook_id`: Id of the webhook.

        `active`: Whether events are sent. Setting it to true also sends the events missed meanwhile.

        `description`: Free text for people.

        `order`: What waits for a message that is not accepted: later events of the same resource (`stream`), or
        all later events (`log`).

        `reason`: Why; kept in the history.

        `types`: Event types to send, such as `TuneSucceeded`. Empty: all.

        `url`: An https URL with a public address; private and link-local addresses are refused.
        """
        return await self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/webhooks/{}", webhook_id),
                headers=headers(if_match=if_match),
                body=body(
                    {
                        "active": active,
                        "description": description,
                        "order": order,
                        "reason": reason,
                        "types": types,
                        "url": url,
                    }
                ),
            ),
            Webhook,
        )

    def list(
        self, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[WebhookPage, Webhook]:
        """List webhooks.

        Scope: `webhooks:read`.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(method="GET", path="/v1/webhooks", query=query({"limit": limit, "cursor": cursor})),
            WebhookPage,
        )
