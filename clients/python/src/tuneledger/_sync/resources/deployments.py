# Generated from openapi/openapi.json by `make clients`.
"""`client.deployments`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf
from tuneledger._sync._api import Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    Deployment,
    DeploymentPage,
    HistoryEntry,
    HistoryPage,
)


class Deployments(Resource):
    """`client.deployments`."""

    def create(
        self,
        *,
        connection_id: str,
        model: str,
        hardware: str | UnsetType | None = UNSET,
        idle_minutes: int | UnsetType | None = UNSET,
        max_replicas: int | UnsetType = UNSET,
        min_replicas: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        price_per_hour: str | UnsetType | None = UNSET,
        stop_after_hours: float | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Deployment:
        """Deploy a model.

        A worker starts it exactly once. From then on requests to the model go there, and it costs by the hour.

        It is stopped by `DELETE`, by the provider's idle time, and after `stop_after_hours` at the latest.

        Scope: `tunes:write`.

        `connection_id`: The connection to the provider that has the model.

        `hardware`: The machine, by the provider's name. Null: the provider's choice.

        `idle_minutes`: Minutes without a request after which machines are given back. Null: the provider's choice.

        `max_replicas`: The most machines.

        `min_replicas`: The fewest machines. 0 scales to zero where the provider can: the first request after that
        has to wait.

        `model`: The provider's name of the model: a tune's or model version's `provider_model`.

        `name`: A name that the provider shows.

        `price_per_hour`: What a machine costs by the hour, where the provider does not say.

        `stop_after_hours`: It is stopped after so many hours, whatever happens.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/deployments",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "connection_id": connection_id,
                        "hardware": hardware,
                        "idle_minutes": idle_minutes,
                        "max_replicas": max_replicas,
                        "min_replicas": min_replicas,
                        "model": model,
                        "name": name,
                        "price_per_hour": price_per_hour,
                        "stop_after_hours": stop_after_hours,
                    }
                ),
            ),
            Deployment,
        )

    def get(self, deployment_id: str, *, as_of: str | UnsetType = UNSET) -> Deployment:
        """Get a deployment, now or as of a time.

        The state that workers saw last, with its hours and cost until now.

        Scope: `tunes:read`.

        `deployment_id`: Id of the deployment.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/deployments/{}", deployment_id), query=query({"as_of": as_of})),
            Deployment,
        )

    def history(
        self, deployment_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[HistoryPage, HistoryEntry]:
        """List a deployment's history.

        Scope: `tunes:read`.

        `deployment_id`: Id of the deployment.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/deployments/{}/history", deployment_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    def stop(self, deployment_id: str) -> Deployment:
        """Stop a deployment.

        A worker stops it at the provider; it is `stopped` once nothing is paid any more. Stopping it again is
        fine.

        Scope: `tunes:write`.

        `deployment_id`: Id of the deployment.
        """
        return self._api.answer(HttpCall(method="DELETE", path=path("/v1/deployments/{}", deployment_id)), Deployment)

    def list(
        self,
        *,
        state: OneOf["pending", "creating", "ready", "cold", "stopping", "stopped", "failed"]
        | UnsetType
        | None = UNSET,
        connection_id: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[DeploymentPage, Deployment]:
        """List deployments, newest first.

        Scope: `tunes:read`.

        `state`: Only deployments in this state.

        `connection_id`: Only deployments of this connection.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/deployments",
                query=query({"state": state, "connection_id": connection_id, "limit": limit, "cursor": cursor}),
            ),
            DeploymentPage,
        )
