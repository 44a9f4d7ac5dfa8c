# Generated from openapi/openapi.json by `make clients`.
"""`client.tasks`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger.types import (
    HistoryEntry,
    HistoryPage,
    NewQuestion,
    NewRequirement,
    PromptDraft,
    SchemaPreview,
    Task,
    TaskPage,
)


class AsyncTasksVersions(AsyncResource):
    """`client.tasks.versions`."""

    async def get(self, task_id: str, number: int) -> Task:
        """Read a version of a task.

        Each change makes a version. An example's `task_version` says which one it was checked against.

        Scope: `tasks:read`.

        `task_id`: Id of the task.

        `number`: The version's number, as in its ETag.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/tasks/{}/versions/{}", task_id, number)), Task
        )


class AsyncTasks(AsyncResource):
    """`client.tasks`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.versions = AsyncTasksVersions(api)

    async def archive(
        self, task_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Task:
        """Archive a task.

        It leaves the lists and takes no changes, and nothing new can name it (409 `archived`): no dataset, model,
        prompt, queue or generation. What uses it already goes on, its versions and history stay, and its name is
        free for another.

        Scope: `tasks:write`.

        `task_id`: Id of the task.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tasks/{}/archive", task_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Task,
        )

    async def build_prompt(
        self,
        task_id: str,
        *,
        style: OneOf["basic", "few_shot", "multi_shot", "repairs", "chain_of_thought", "training"] | UnsetType = UNSET,
        dataset_id: str | UnsetType = UNSET,
        count: int | UnsetType = UNSET,
        seed: int | UnsetType = UNSET,
    ) -> PromptDraft:
        """Build a prompt from a task.

        Build a version from the task. Examples are from the split `train`, rated 4 or better, repaired ones first.

        They are copied into the messages. A version with `examples`, which are drawn when rendering, holds no
        copy.

        Scope: `prompts:read` and `datasets:read`.

        `task_id`: Id of the task.

        `style`: How the prompt is built.

        `dataset_id`: The dataset to take examples from; few_shot, multi_shot and repairs need it.

        `count`: How many examples. Default: 4, 25 or 10, by style.

        `seed`: The same seed draws the same examples.
        """
        return await self._api.answer(
            HttpCall(
                method="GET",
                path=path("/v1/tasks/{}/prompt", task_id),
                query=query({"style": style, "dataset_id": dataset_id, "count": count, "seed": seed}),
            ),
            PromptDraft,
        )

    async def create(
        self,
        *,
        instruction: str,
        name: str,
        categories: Sequence[str] | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        fallback_category: str | UnsetType | None = UNSET,
        input_schema: Mapping[str, Any] | UnsetType | None = UNSET,
        ontology: Sequence[NewQuestion | Mapping[str, Any]] | UnsetType = UNSET,
        output_schema: Mapping[str, Any] | UnsetType | None = UNSET,
        requirements: Sequence[NewRequirement | Mapping[str, Any]] | UnsetType = UNSET,
        thinking_instruction: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Task:
        """Create a task.

        Scope: `tasks:write`.

        `categories`: The possible answers, each once.

        `description`: Notes for people.

        `fallback_category`: The answer for what fits no category.

        `input_schema`: What the input has to match; null for free text.

        `instruction`: What the model has to do.

        `name`: Unique in the workspace.

        `ontology`: The questions that labels answer. For a single question, use `categories`.

        `output_schema`: What the output has to match; null for free text.

        `requirements`: What makes an answer good; ratings refer to these.

        `thinking_instruction`: How the model should reason before it answers.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/tasks",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "categories": categories,
                        "description": description,
                        "fallback_category": fallback_category,
                        "input_schema": input_schema,
                        "instruction": instruction,
                        "name": name,
                        "ontology": ontology,
                        "output_schema": output_schema,
                        "requirements": requirements,
                        "thinking_instruction": thinking_instruction,
                    }
                ),
            ),
            Task,
        )

    async def get(self, task_id: str, *, as_of: str | UnsetType = UNSET) -> Task:
        """Read a task, now or as of a time.

        Scope: `tasks:read`.

        `task_id`: Id of the task.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/tasks/{}", task_id), query=query({"as_of": as_of})), Task
        )

    def history(
        self, task_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a task's history.

        Scope: `tasks:read`.

        `task_id`: Id of the task.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/tasks/{}/history", task_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    async def preview_schemas(
        self,
        task_id: str,
        *,
        input_schema: Mapping[str, Any] | UnsetType | None = UNSET,
        output_schema: Mapping[str, Any] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> SchemaPreview:
        """Preview which examples would fail other schemas.

        Checks the examples of all the task's datasets, as many per response as 10 seconds allow, at most 100,000.
        Nothing changes.

        Scope: `tasks:read` and `datasets:read`.

        `task_id`: Id of the task.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `input_schema`: JSON Schema of the input, the user's last message. Absent: the task's own. Null: no schema.

        `output_schema`: JSON Schema of the output. Absent: the task's own. Null: no schema.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tasks/{}/preview", task_id),
                query=query({"limit": limit, "cursor": cursor}),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"input_schema": input_schema, "output_schema": output_schema}),
            ),
            SchemaPreview,
        )

    async def unarchive(
        self, task_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Task:
        """Bring an archived task back.

        Refused (409) while another task has its name.

        Scope: `tasks:write`.

        `task_id`: Id of the task.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tasks/{}/unarchive", task_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Task,
        )

    async def update(
        self,
        task_id: str,
        *,
        categories: Sequence[str] | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        fallback_category: str | UnsetType | None = UNSET,
        input_schema: Mapping[str, Any] | UnsetType | None = UNSET,
        instruction: str | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        ontology: Sequence[NewQuestion | Mapping[str, Any]] | UnsetType = UNSET,
        output_schema: Mapping[str, Any] | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        requirements: Sequence[NewRequirement | Mapping[str, Any]] | UnsetType = UNSET,
        thinking_instruction: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Task:
        """Change a task's definition.

        Scope: `tasks:write`.

        `task_id`: Id of the task.

        `categories`: The possible answers, each once.

        `description`: Notes for people.

        `fallback_category`: The answer for what fits no category.

        `input_schema`: What the input has to match; null for free text.

        `instruction`: What the model has to do.

        `name`: Unique in the workspace.

        `ontology`: The questions that labels answer. For a single question, use `categories`.

        `output_schema`: What the output has to match; null for free text.

        `reason`: Why; shown in the history.

        `requirements`: What makes an answer good; ratings refer to these.

        `thinking_instruction`: How the model should reason before it answers.
        """
        return await self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/tasks/{}", task_id),
                headers=headers(if_match=if_match),
                body=body(
                    {
                        "categories": categories,
                        "description": description,
                        "fallback_category": fallback_category,
                        "input_schema": input_schema,
                        "instruction": instruction,
                        "name": name,
                        "ontology": ontology,
                        "output_schema": output_schema,
                        "reason": reason,
                        "requirements": requirements,
                        "thinking_instruction": thinking_instruction,
                    }
                ),
            ),
            Task,
        )

    def list(
        self,
        *,
        name: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        archived: OneOf["true", "false", "all"] | UnsetType = UNSET,
    ) -> AsyncPager[TaskPage, Task]:
        """List tasks.

        Scope: `tasks:read`.

        `name`: Only the item with this name.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `archived`: Archived items alone (`true`), only the others (`false`, the default), or `all`.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/tasks",
                query=query({"name": name, "limit": limit, "cursor": cursor, "archived": archived}),
            ),
            TaskPage,
        )
