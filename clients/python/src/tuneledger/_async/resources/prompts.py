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
        """Move a label to a version, or to several by weight.

        A new label is created. The response is the prompt.

        Scope: `prompts:write`.

        `prompt_id`: Id of the prompt.

        `label`: Such as production.

        `reason`: Why, for the history.

        `version`: The version to point at.

        `weights`: Several versions by weight, such as `{"3": 0.9, "4": 0.1}`.
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
        """List a label's moves.

        Scope: `prompts:read`.

        `prompt_id`: Id of the prompt.

        `label`: Such as production.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
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
        filter: str | Filter | Mapping[str, Any] | UnsetType = UNSET,
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
        """Run a prompt on many examples.

        No example is paid for twice, also after a crash. An example that fails is a failed prediction.

        Scope: `prompts:run` and `datasets:read`.

        `prompt_id`: Id of the prompt.

        `as_of`: A past state of the dataset to read: a time, an event's seq, or the name of a version. Now by
        default.

        `dataset_id`: The dataset whose examples to ask about.

        `dataset_version`: A frozen dataset version to read.

        `filter`: Only examples that match. Not with `dataset_version`, which has its own filter.

        `inputs`: Where in an example each variable's value is: a JSON pointer into `input` (the last question and
        its JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.

        `label`: A label. With several versions, each example always gets the same one.

        `limit`: The most examples to ask about.

        `reuse`: Whether to take the answer of an earlier run that asked exactly the same, for free.

        `split`: Only examples of this split.

        `target`: The model to ask, instead of the version's own target.

        `variables`: Values that are the same for every example, by variable name.

        `version`: A prompt version by its number. Give this or `label`; without either it is the latest.
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

        `prompt_id`: Id of the prompt.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
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

        Add a version with the next number. The same content as the latest returns that one. The ETag is the
        prompt's.

        Scope: `prompts:write`.

        `prompt_id`: Id of the prompt.

        `built`: Copy this from `GET /tasks/{task_id}/prompt` when the version came from there.

        `examples`: Examples to draw and show each time the prompt is rendered.

        `inputs`: Where in an example each variable's value is: a JSON pointer into `input` (the last question and
        its JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.

        `messages`: 1 to 200 messages, the last one the user's.

        `notes`: Notes about this version.

        `parameters`: How the model should answer.

        `target`: The model to ask by default.

        `use_task_schema`: Whether answers must match the task's current output schema.

        `variables`: The variables that the messages use.
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

        `prompt_id`: Id of the prompt.

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

        `prompt_id`: Id of the prompt.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
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

    async def archive(
        self, prompt_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Prompt:
        """Archive a prompt.

        It leaves the lists and takes no new work (409 `archived`): no edits, versions, label moves or batch runs,
        and no generation can choose it. Rendering and single questions go on, for what calls it in production; its
        history stays, and its name is free for another.

        Scope: `prompts:write`.

        `prompt_id`: Id of the prompt.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/prompts/{}/archive", prompt_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Prompt,
        )

    async def compare_versions(self, prompt_id: str, *, before: int, after: int) -> PromptDiff:
        """Compare two versions.

        Scope: `prompts:read`.

        `prompt_id`: Id of the prompt.

        `before`: Number of the earlier version.

        `after`: Number of the later version.
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
        """Create a prompt.

        Create a prompt without messages. Add them with a version.

        Scope: `prompts:write`.

        `description`: What the prompt is for.

        `name`: Unique in the workspace.

        `task_id`: The task the prompt solves.
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

    async def get(self, prompt_id: str, *, as_of: str | UnsetType = UNSET) -> Prompt:
        """Read a prompt.

        Scope: `prompts:read`.

        `prompt_id`: Id of the prompt.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/prompts/{}", prompt_id), query=query({"as_of": as_of})), Prompt
        )

    def history(
        self, prompt_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a prompt's history.

        Edits, new versions and label moves, each with who and why. To see a version's messages, read the version.

        Scope: `prompts:read`.

        `prompt_id`: Id of the prompt.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
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

        Fill the values into the messages. A value is never read as a template.

        Scope: `prompts:read`.

        `prompt_id`: Id of the prompt.

        `examples`: The examples to show, from an earlier rendering; drawn anew when absent.

        `key`: The same key gets the same version of a label. Without a key the version is picked at random.

        `label`: A label such as production.

        `variables`: A value for each variable, by name.

        `version`: A version by its number. Give this or `label`; without either it is the latest.
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
        answers.

        If the provider refuses the request: 502 with its message. If it cannot be reached or asks to wait: 503.

        Scope: `prompts:run`.

        `prompt_id`: Id of the prompt.

        `examples`: The examples to show, from an earlier rendering; drawn anew when absent.

        `key`: The same key gets the same version of a label. Without a key the version is picked at random.

        `label`: A label such as production.

        `target`: The model to ask, instead of the version's own target.

        `variables`: A value for each variable, by name.

        `version`: A version by its number. Give this or `label`; without either it is the latest.
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

    async def unarchive(
        self, prompt_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Prompt:
        """Bring an archived prompt back.

        Refused (409) while another prompt has its name.

        Scope: `prompts:write`.

        `prompt_id`: Id of the prompt.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/prompts/{}/unarchive", prompt_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Prompt,
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
        """Update a prompt.

        Scope: `prompts:write`.

        `prompt_id`: Id of the prompt.

        `description`: What the prompt is for; null clears it.

        `name`: Unique in the workspace.

        `reason`: Why, for the history.

        `task_id`: The task the prompt solves; null clears it.
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
        archived: OneOf["true", "false", "all"] | UnsetType = UNSET,
    ) -> AsyncPager[PromptPage, Prompt]:
        """List prompts.

        Scope: `prompts:read`.

        `name`: Only the item with this name.

        `task_id`: Id of the task.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `archived`: Archived items alone (`true`), only the others (`false`, the default), or `all`.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/prompts",
                query=query({"name": name, "task_id": task_id, "limit": limit, "cursor": cursor, "archived": archived}),
            ),
            PromptPage,
        )
