# Generated from openapi/openapi.json by `make clients`.
"""The client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, query
from tuneledger._shapes import OneOf
from tuneledger._sync._api import Api
from tuneledger._sync._base import Base
from tuneledger._sync._pages import Pager
from tuneledger._sync.resources.api_keys import ApiKeys
from tuneledger._sync.resources.artifacts import Artifacts
from tuneledger._sync.resources.assignments import Assignments
from tuneledger._sync.resources.base_models import BaseModels
from tuneledger._sync.resources.budgets import Budgets
from tuneledger._sync.resources.bulk import Bulk
from tuneledger._sync.resources.candidates import Candidates
from tuneledger._sync.resources.chat import Chat
from tuneledger._sync.resources.comparisons import Comparisons
from tuneledger._sync.resources.connections import Connections
from tuneledger._sync.resources.datasets import Datasets
from tuneledger._sync.resources.deliveries import Deliveries
from tuneledger._sync.resources.deployments import Deployments
from tuneledger._sync.resources.documents import Documents
from tuneledger._sync.resources.erasures import Erasures
from tuneledger._sync.resources.evaluations import Evaluations
from tuneledger._sync.resources.events import Events
from tuneledger._sync.resources.examples import Examples
from tuneledger._sync.resources.generations import Generations
from tuneledger._sync.resources.imports import Imports
from tuneledger._sync.resources.integrations import Integrations
from tuneledger._sync.resources.labels import Labels
from tuneledger._sync.resources.ledger import Ledger
from tuneledger._sync.resources.limits import Limits
from tuneledger._sync.resources.members import Members
from tuneledger._sync.resources.merges import Merges
from tuneledger._sync.resources.models import Models
from tuneledger._sync.resources.operations import Operations
from tuneledger._sync.resources.prompts import Prompts
from tuneledger._sync.resources.queues import Queues
from tuneledger._sync.resources.requests import Requests
from tuneledger._sync.resources.roles import Roles
from tuneledger._sync.resources.runs import Runs
from tuneledger._sync.resources.scorers import Scorers
from tuneledger._sync.resources.subjects import Subjects
from tuneledger._sync.resources.sweeps import Sweeps
from tuneledger._sync.resources.tasks import Tasks
from tuneledger._sync.resources.tunes import Tunes
from tuneledger._sync.resources.webhooks import Webhooks
from tuneledger._sync.resources.workspaces import Workspaces
from tuneledger.types import (
    Account,
    CostTable,
    HistoryLine,
    Me,
)


class Tuneledger(Base):
    """The API of Tuneledger: its resources are attributes."""

    def _open(self, api: Api) -> None:
        super()._open(api)
        self.api_keys = ApiKeys(api)
        self.artifacts = Artifacts(api)
        self.assignments = Assignments(api)
        self.base_models = BaseModels(api)
        self.budgets = Budgets(api)
        self.bulk = Bulk(api)
        self.candidates = Candidates(api)
        self.chat = Chat(api)
        self.comparisons = Comparisons(api)
        self.connections = Connections(api)
        self.datasets = Datasets(api)
        self.deliveries = Deliveries(api)
        self.deployments = Deployments(api)
        self.documents = Documents(api)
        self.erasures = Erasures(api)
        self.evaluations = Evaluations(api)
        self.events = Events(api)
        self.examples = Examples(api)
        self.generations = Generations(api)
        self.imports = Imports(api)
        self.integrations = Integrations(api)
        self.labels = Labels(api)
        self.ledger = Ledger(api)
        self.limits = Limits(api)
        self.members = Members(api)
        self.merges = Merges(api)
        self.models = Models(api)
        self.operations = Operations(api)
        self.prompts = Prompts(api)
        self.queues = Queues(api)
        self.requests = Requests(api)
        self.roles = Roles(api)
        self.runs = Runs(api)
        self.scorers = Scorers(api)
        self.subjects = Subjects(api)
        self.sweeps = Sweeps(api)
        self.tasks = Tasks(api)
        self.tunes = Tunes(api)
        self.webhooks = Webhooks(api)
        self.workspaces = Workspaces(api)

    def costs(
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
        return self._api.answer(
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
    ) -> Pager[Account, HistoryLine]:
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
        return Pager(
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

    def me(self) -> Me:
        """Get the member and API key of this request."""
        return self._api.answer(HttpCall(method="GET", path="/v1/me"), Me)
