# Generated from openapi/openapi.json by `make clients`.
"""The client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi
from tuneledger._async._base import AsyncBase
from tuneledger._async._pages import AsyncPager
from tuneledger._async.resources.api_keys import AsyncApiKeys
from tuneledger._async.resources.artifacts import AsyncArtifacts
from tuneledger._async.resources.assignments import AsyncAssignments
from tuneledger._async.resources.base_models import AsyncBaseModels
from tuneledger._async.resources.budgets import AsyncBudgets
from tuneledger._async.resources.bulk import AsyncBulk
from tuneledger._async.resources.candidates import AsyncCandidates
from tuneledger._async.resources.chat import AsyncChat
from tuneledger._async.resources.comparisons import AsyncComparisons
from tuneledger._async.resources.connections import AsyncConnections
from tuneledger._async.resources.datasets import AsyncDatasets
from tuneledger._async.resources.deliveries import AsyncDeliveries
from tuneledger._async.resources.deployments import AsyncDeployments
from tuneledger._async.resources.documents import AsyncDocuments
from tuneledger._async.resources.erasures import AsyncErasures
from tuneledger._async.resources.evaluations import AsyncEvaluations
from tuneledger._async.resources.events import AsyncEvents
from tuneledger._async.resources.examples import AsyncExamples
from tuneledger._async.resources.generations import AsyncGenerations
from tuneledger._async.resources.imports import AsyncImports
from tuneledger._async.resources.integrations import AsyncIntegrations
from tuneledger._async.resources.labels import AsyncLabels
from tuneledger._async.resources.ledger import AsyncLedger
from tuneledger._async.resources.limits import AsyncLimits
from tuneledger._async.resources.members import AsyncMembers
from tuneledger._async.resources.merges import AsyncMerges
from tuneledger._async.resources.models import AsyncModels
from tuneledger._async.resources.operations import AsyncOperations
from tuneledger._async.resources.prompts import AsyncPrompts
from tuneledger._async.resources.queues import AsyncQueues
from tuneledger._async.resources.requests import AsyncRequests
from tuneledger._async.resources.roles import AsyncRoles
from tuneledger._async.resources.runs import AsyncRuns
from tuneledger._async.resources.scorers import AsyncScorers
from tuneledger._async.resources.subjects import AsyncSubjects
from tuneledger._async.resources.sweeps import AsyncSweeps
from tuneledger._async.resources.tasks import AsyncTasks
from tuneledger._async.resources.tunes import AsyncTunes
from tuneledger._async.resources.webhooks import AsyncWebhooks
from tuneledger._async.resources.workspaces import AsyncWorkspaces
from tuneledger._calls import HttpCall, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    Account,
    CostTable,
    HistoryLine,
    Me,
)


class AsyncTuneledger(AsyncBase):
    """The API of Tuneledger: its resources are attributes."""

    def _open(self, api: AsyncApi) -> None:
        super()._open(api)
        self.api_keys = AsyncApiKeys(api)
        self.artifacts = AsyncArtifacts(api)
        self.assignments = AsyncAssignments(api)
        self.base_models = AsyncBaseModels(api)
        self.budgets = AsyncBudgets(api)
        self.bulk = AsyncBulk(api)
        self.candidates = AsyncCandidates(api)
        self.chat = AsyncChat(api)
        self.comparisons = AsyncComparisons(api)
        self.connections = AsyncConnections(api)
        self.datasets = AsyncDatasets(api)
        self.deliveries = AsyncDeliveries(api)
        self.deployments = AsyncDeployments(api)
        self.documents = AsyncDocuments(api)
        self.erasures = AsyncErasures(api)
        self.evaluations = AsyncEvaluations(api)
        self.events = AsyncEvents(api)
        self.examples = AsyncExamples(api)
        self.generations = AsyncGenerations(api)
        self.imports = AsyncImports(api)
        self.integrations = AsyncIntegrations(api)
        self.labels = AsyncLabels(api)
        self.ledger = AsyncLedger(api)
        self.limits = AsyncLimits(api)
        self.members = AsyncMembers(api)
        self.merges = AsyncMerges(api)
        self.models = AsyncModels(api)
        self.operations = AsyncOperations(api)
        self.prompts = AsyncPrompts(api)
        self.queues = AsyncQueues(api)
        self.requests = AsyncRequests(api)
        self.roles = AsyncRoles(api)
        self.runs = AsyncRuns(api)
        self.scorers = AsyncScorers(api)
        self.subjects = AsyncSubjects(api)
        self.sweeps = AsyncSweeps(api)
        self.tasks = AsyncTasks(api)
        self.tunes = AsyncTunes(api)
        self.webhooks = AsyncWebhooks(api)
        self.workspaces = AsyncWorkspaces(api)

    async def costs(
        self,
        *,
        by: OneOf["category", "connection", "base_model", "model", "month"] | UnsetType = UNSET,
        since: dt.datetime | str | UnsetType = UNSET,
        until: dt.datetime | str | UnsetType = UNSET,
    ) -> CostTable:
        """Add up costs.

        Tunes count when they end, at the provider's figure or else trained tokens times price.

        A deployment counts its hours times the price of one machine, a call or request what it cost by its prices.

        Scope: `tunes:read` and `requests:read`.

        `by`: What to add up by.

        `since`: From this time on. Default: a year ago.

        `until`: Before this time. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path="/v1/costs", query=query({"by": by, "since": since, "until": until})), CostTable
        )

    def history(
        self,
        *,
        types: Sequence[str] | UnsetType = UNSET,
        stream: str | UnsetType = UNSET,
        stream_id: str | UnsetType = UNSET,
        resource: str | UnsetType = UNSET,
        actor: str | UnsetType = UNSET,
        request_id: str | UnsetType = UNSET,
        operation: str | UnsetType = UNSET,
        from_: str | UnsetType = UNSET,
        to: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        include: Sequence[OneOf["content"]] | UnsetType = UNSET,
    ) -> AsyncPager[Account, HistoryLine]:
        """List the history in sentences.

        Takes the filters of the event feed: by resource, actor, request, operation or time.

        Scope: `audit:read`.

        `types`: Only these event types, such as `ExampleRepaired`; repeat it or use commas.

        `stream`: Only one kind of stream, such as `example`.

        `stream_id`: Only the events of one resource, by its id.

        `resource`: Only the events of one resource: `example:` and its id, or its path, such as
        `/v1/examples/{id}`.

        `actor`: Only events of one actor: a member's name.

        `request_id`: Only events of one request, by its X-Request-Id.

        `operation`: Only events of one operation: all events of the request that started it.

        `from_`: Only events from this RFC 3339 time on.

        `to`: Only events before this RFC 3339 time.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page, a seq. Overrides `after`.

        `include`: With `content`, lines of examples have `changes`: each field before and after, with its text.
        Needs the scope `datasets:read`. A page has at most 100 lines then.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/history",
                query=query(
                    {
                        "types": types,
                        "stream": stream,
                        "stream_id": stream_id,
                        "resource": resource,
                        "actor": actor,
                        "request_id": request_id,
                        "operation": operation,
                        "from": from_,
                        "to": to,
                        "limit": limit,
                        "cursor": cursor,
                        "include": include,
                    }
                ),
            ),
            Account,
        )

    async def me(self) -> Me:
        """Get the member and API key of this request."""
        return await self._api.answer(HttpCall(method="GET", path="/v1/me"), Me)
