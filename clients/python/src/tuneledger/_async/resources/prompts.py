# Generated from openapi/openapi.json by `make clients`.
"""`client.prompts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger.types import (
    BuiltFrom,
    DrawnExample,
    ExampleDraw,
    Filter,
    HistoryEntry,
    HistoryPage,
    ModelChoice,
    Operation,
    Prompt,
    PromptAnswer,
    PromptDiff,
    PromptLabelMove,
    PromptLabelMovePage,
    PromptPage,
    PromptParameters,
    PromptRendering,
    PromptRun,
    PromptRunPage,
    PromptTurn,
    PromptVariable,
    PromptVersion,
    PromptVersionPage,
)


class AsyncPromptsLabels(AsyncResource):
    """`client.prompts.labels`."""

    async def move(
        self,
        prompt_id: str,
        label: str,
        *,
        reason: str | UnsetType | None = UNSET,
        version: int | UnsetType | None = UNSET,
        weights: Mapping[str, float] | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Prompt:
        """Let a label stand at a version, or at several by weight.

        It is made when it is not there yet. Answers with the prompt.

        Scope: `prompts:write`.

        `label`: Such as production.
        """
        return await self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/prompts/{}/labels/{}", prompt_id, label),
                headers=headers(if_match=if_match),
                body=body({"reason": reason, "version": version, "weights": weights}),
            ),
            Prompt,
        )

    def moves(
        self, prompt_id: str, label: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[PromptLabelMovePage, PromptLabelMove]:
        """Read where a label stood, when and why.

        Scope: `prompts:read`.

        `label`: Such as production.

        `limit`: How many at the most (default 50).

        `cursor`: `next_cursor` of the page before; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/prompts/{}/labels/{}/history", prompt_id, label),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            PromptLabelMovePage,
        )


class AsyncPromptsRuns(AsyncResource):
    """`client.prompts.runs`."""

    async def create(
        self,
        prompt_id: str,
        *,
        dataset_id: str,
        as_of: str | UnsetType | None = UNSET,
        dataset_version: str | UnsetType | None = UNSET,
        filter: Filter | Mapping[str, Any] | UnsetType = UNSET,
        inputs: Mapping[str, str] | UnsetType = UNSET,
        label: str | UnsetType | None = UNSET,
        limit: int | UnsetType | None = UNSET,
        reuse: bool | UnsetType = UNSET,
        split: OneOf["test", "train", "validation"] | UnsetType | None = UNSET,
        target: ModelChoice | Mapping[str, Any] | UnsetType | None = UNSET,
        variables: Mapping[str, Any] | UnsetType = UNSET,
        version: int | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Ask a model about many examples.

        No row is paid for twice, whatever stops and starts again. A row that goes wrong is a failed prediction.

        Scope: `prompts:run`.

        `inputs`: From where in an example each variable is filled: a JSON pointer into `input` (the last question,
        also into its JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/prompts/{}/runs", prompt_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "as_of": as_of,
                        "dataset_id": dataset_id,
                        "dataset_version": dataset_version,
                        "filter": filter,
                        "inputs": inputs,
                        "label": label,
                        "limit": limit,
                        "reuse": reuse,
                        "split": split,
                        "target": target,
                        "variables": variables,
                        "version": version,
                    }
                ),
            ),
            Operation,
        )

    def list(
        self, prompt_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[PromptRunPage, PromptRun]:
        """List a prompt's batch runs.

        Scope: `prompts:read`.

        `limit`: How many at the most (default 50).

        `cursor`: `next_cursor` of the page before; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/prompts/{}/runs", prompt_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            PromptRunPage,
        )


class AsyncPromptsVersions(AsyncResource):
    """`client.prompts.versions`."""

    async def add(
        self,
        prompt_id: str,
        *,
        messages: Sequence[PromptTurn | Mapping[str, Any]],
        built: BuiltFrom | Mapping[str, Any] | UnsetType | None = UNSET,
        examples: ExampleDraw | Mapping[str, Any] | UnsetType | None = UNSET,
        inputs: Mapping[str, str] | UnsetType = UNSET,
        notes: str | UnsetType | None = UNSET,
        parameters: PromptParameters | Mapping[str, Any] | UnsetType = UNSET,
        target: ModelChoice | Mapping[str, Any] | UnsetType | None = UNSET,
        use_task_schema: bool | UnsetType = UNSET,
        variables: Sequence[PromptVariable | Mapping[str, Any]] | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> PromptVersion:
        """Add a version.

        It gets the next number. What says the same as the latest version is that version. The ETag is the
        prompt's.

        Scope: `prompts:write`.

        `inputs`: From where in an example each variable is filled: a JSON pointer into `input` (the last question,
        also into its JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/prompts/{}/versions", prompt_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=body(
                    {
                        "built": built,
                        "examples": examples,
                        "inputs": inputs,
                        "messages": messages,
                        "notes": notes,
                        "parameters": parameters,
                        "target": target,
                        "use_task_schema": use_task_schema,
                        "variables": variables,
                    }
                ),
            ),
            PromptVersion,
        )

    async def get(self, prompt_id: str, number: int) -> PromptVersion:
        """Read a version.

        Scope: `prompts:read`.

        `number`: The version's number.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/prompts/{}/versions/{}", prompt_id, number)), PromptVersion
        )

    def list(
        self, prompt_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[PromptVersionPage, PromptVersion]:
        """List a prompt's versions.

        Scope: `prompts:read`.

        `limit`: How many at the most (default 50).

        `cursor`: `next_cursor` of the page before; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/prompts/{}/versions", prompt_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            PromptVersionPage,
        )


class AsyncPrompts(AsyncResource):
    """`client.prompts`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.labels = AsyncPromptsLabels(api)
        self.runs = AsyncPromptsRuns(api)
        self.versions = AsyncPromptsVersions(api)

    async def compare_versions(self, prompt_id: str, *, before: int, after: int) -> PromptDiff:
        """Compare two versions.

        Scope: `prompts:read`.
        """
        return await self._api.answer(
            HttpCall(
                method="GET",
                path=path("/v1/prompts/{}/diff", prompt_id),
                query=query({"before": before, "after": after}),
            ),
            PromptDiff,
        )

    async def create(
        self,
        *,
        name: str,
        description: str | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Prompt:
        """Begin a prompt.

        Its messages come with its versions.

        Scope: `prompts:write`.

        `name`: Unique in the workspace.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/prompts",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"description": description, "name": name, "task_id": task_id}),
            ),
            Prompt,
        )

    async def get(self, prompt_id: str) -> Prompt:
        """Read a prompt.

        Scope: `prompts:read`.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/prompts/{}", prompt_id)), Prompt)

    def history(
        self, prompt_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """Read a prompt's history.

        Edits, versions and moves of labels, each with who and why. A version's messages are read with the version.

        Scope: `prompts:read`.

        `limit`: How many at the most (default 50).

        `cursor`: `next_cursor` of the page before; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/prompts/{}/history", prompt_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    async def render(
        self,
        prompt_id: str,
        *,
        examples: Sequence[DrawnExample | Mapping[str, Any]] | UnsetType | None = UNSET,
        key: str | UnsetType | None = UNSET,
        label: str | UnsetType | None = UNSET,
        variables: Mapping[str, Any] | UnsetType = UNSET,
        version: int | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> PromptRendering:
        """Render a prompt.

        The messages with each value in its place. Values are never read as templates themselves.

        Scope: `prompts:read`.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/prompts/{}/render", prompt_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {"examples": examples, "key": key, "label": label, "variables": variables, "version": version}
                ),
            ),
            PromptRendering,
        )

    async def run(
        self,
        prompt_id: str,
        *,
        examples: Sequence[DrawnExample | Mapping[str, Any]] | UnsetType | None = UNSET,
        key: str | UnsetType | None = UNSET,
        label: str | UnsetType | None = UNSET,
        target: ModelChoice | Mapping[str, Any] | UnsetType | None = UNSET,
        variables: Mapping[str, Any] | UnsetType = UNSET,
        version: int | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> PromptAnswer:
        """Ask a model once.

        A repeat with the same Idempotency-Key gets the same answer. No event records it; `POST …/runs` records
        each.

        What the provider refuses for good is a 502 in its own words; when it cannot be reached or asks to wait, a
        503.

        Scope: `prompts:run`.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/prompts/{}/run", prompt_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "examples": examples,
                        "key": key,
                        "label": label,
                        "target": target,
                        "variables": variables,
                        "version": version,
                    }
                ),
            ),
            PromptAnswer,
        )

    async def update(
        self,
        prompt_id: str,
        *,
        description: str | UnsetType | None = UNSET,
        name: str | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Prompt:
        """Rename or describe a prompt.

        Scope: `prompts:write`.

        `name`: Unique in the workspace.
        """
        return await self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/prompts/{}", prompt_id),
                headers=headers(if_match=if_match),
                body=body({"description": description, "name": name, "reason": reason, "task_id": task_id}),
            ),
            Prompt,
        )

    def list(
        self,
        *,
        name: str | UnsetType = UNSET,
        task_id: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[PromptPage, Prompt]:
        """List prompts.

        Scope: `prompts:read`.

        `name`: The one of this name.

        `limit`: How many at the most (default 50).

        `cursor`: `next_cursor` of the page before; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/prompts",
                query=query({"name": name, "task_id": task_id, "limit": limit, "cursor": cursor}),
            ),
            PromptPage,
        )
