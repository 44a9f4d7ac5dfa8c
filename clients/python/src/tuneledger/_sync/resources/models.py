# Generated from openapi/openapi.json by `make clients`.
"""`client.models`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._downloads import Download
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    AliasMove,
    AliasMovePage,
    Assistant,
    Completion,
    Developer,
    ExampleUsed,
    Gate,
    GatePolicy,
    GateTrial,
    HistoryEntry,
    HistoryPage,
    Model,
    ModelPage,
    ModelReport,
    ModelVersion,
    ModelVersionLineage,
    ModelVersionPage,
    NewExportTarget,
    NotesDraft,
    Operation,
    RolledBackModel,
    System,
    ToolResult,
    User,
    VersionSavings,
)


class ModelsAliases(Resource):
    """`client.models.aliases`."""

    def move(
        self,
        model_id: str,
        alias: str,
        *,
        version: str,
        override: bool | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Model:
        """Move an alias to a version.

        Creates the alias if it does not exist yet. Returns the model.

        An alias that the model's gate protects moves only to a version that passes. Otherwise the answer is 409
        `gate_refused`, with each failed check.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `alias`: Such as production.

        `override`: Whether to move a protected alias although the gate refuses.

        `reason`: Why, for the history. Required with `override`.

        `version`: Such as v1.0.
        """
        return self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/models/{}/aliases/{}", model_id, alias),
                headers=headers(if_match=if_match),
                body=body({"override": override, "reason": reason, "version": version}),
            ),
            Model,
        )

    def moves(
        self, model_id: str, alias: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[AliasMovePage, AliasMove]:
        """List an alias's moves.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `alias`: Such as production.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/models/{}/aliases/{}/history", model_id, alias),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            AliasMovePage,
        )


class ModelsCompletions(Resource):
    """`client.models.completions`."""

    def create(
        self,
        model_id: str,
        *,
        messages: Sequence[System | Developer | User | Assistant | ToolResult | Mapping[str, Any]],
        alias: str | UnsetType | None = UNSET,
        max_tokens: int | UnsetType | None = UNSET,
        options: Mapping[str, Any] | UnsetType = UNSET,
        temperature: float | UnsetType | None = UNSET,
        version: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Completion:
        """Ask a model version for a completion.

        Asks the provider once; repeating the request with the same Idempotency-Key returns the same answer.

        No event records it. 502 if the provider refuses the request, with its own words; 503 if it cannot be
        reached or asks to wait.

        Scope: `models:run`.

        `model_id`: Id of the model.

        `alias`: The alias whose version to ask. Give this or `version`.

        `max_tokens`: The most tokens the answer may have; null leaves it to the provider.

        `messages`: The conversation so far, oldest message first.

        `options`: Further request fields, in the provider's names: top_p, seed, tools, response_format, …

        `temperature`: Sampling temperature, 0 to 2; null leaves it to the provider.

        `version`: The version to ask, such as v1.0. Give this or `alias`.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/completions", model_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "alias": alias,
                        "max_tokens": max_tokens,
                        "messages": messages,
                        "options": options,
                        "temperature": temperature,
                        "version": version,
                    }
                ),
            ),
            Completion,
        )


class ModelsGate(Resource):
    """`client.models.gate`."""

    def check(self, model_id: str, *, alias: str, version: str, idempotency_key: str | None = None) -> GateTrial:
        """Check a version against the gate.

        Moves no alias and records nothing.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `alias`: Such as production.

        `version`: Such as v1.0.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/gate/check", model_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"alias": alias, "version": version}),
            ),
            GateTrial,
        )

    def get(self, model_id: str) -> Gate:
        """Get a model's gate.

        The `ETag` is the model's.

        Scope: `models:read`.

        `model_id`: Id of the model.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/models/{}/gate", model_id)), Gate)

    def set(
        self,
        model_id: str,
        *,
        policy: GatePolicy | Mapping[str, Any] | None,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Gate:
        """Set a model's gate.

        The gate applies from the next alias move on. Changing or removing it needs the scope `models:override`.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `policy`: What a version must show; null removes the gate.

        `reason`: Why, for the history.
        """
        return self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/models/{}/gate", model_id),
                headers=headers(if_match=if_match),
                body=body({"policy": policy, "reason": reason}),
            ),
            Gate,
        )


class ModelsVersions(Resource):
    """`client.models.versions`."""

    def delete_provider(
        self, model_id: str, version: str, *, force: bool | UnsetType = UNSET, reason: str | UnsetType = UNSET
    ) -> ModelVersion:
        """Delete a version's model at its provider.

        A worker deletes it, for good: from now on nobody can run this version. The version and its history stay.

        Refused (409) while an alias is at it or a deployment runs it; `force` does not stop the deployment.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `version`: A version such as v1.0, or an alias.

        `force`: Delete it although an alias is at it or a deployment runs it.

        `reason`: The reason; the history shows it.
        """
        return self._api.answer(
            HttpCall(
                method="DELETE",
                path=path("/v1/models/{}/versions/{}/provider-model", model_id, version),
                query=query({"force": force, "reason": reason}),
            ),
            ModelVersion,
        )

    def draft_notes(self, model_id: str, version: str, *, idempotency_key: str | None = None) -> NotesDraft:
        """Draft a version's notes.

        The draft says what changed in the data since the previous version, and has parameters and scores.

        Nothing is saved: edit the draft and save it with `PATCH /v1/models/{model_id}/versions/{version}`.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `version`: A version such as v1.0, or an alias.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/versions/{}/notes/draft", model_id, version),
                headers=headers(idempotency_key=idempotency_key),
            ),
            NotesDraft,
        )

    def export(
        self,
        model_id: str,
        version: str,
        *,
        forms: Sequence[OneOf["adapter", "card", "gguf-adapter", "gguf-f16", "gguf-q8_0", "merged", "ollama"]]
        | UnsetType = UNSET,
        to: NewExportTarget | Mapping[str, Any] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Export a model version's weights.

        An operation; its result names the artifacts, and the forms that were skipped with the reasons.

        Weights are downloaded from the provider first. An adapter's other forms need its base model on the server.
        409 where the provider keeps the weights.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `version`: A version such as v1.0, or an alias.

        `forms`: `ollama` is a Modelfile beside a GGUF file; `gguf-adapter` is for the base in GGUF. A card is
        always written.

        `to`: Null: the artifact store alone.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/versions/{}/export", model_id, version),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"forms": forms, "to": to}),
            ),
            Operation,
        )

    def get(self, model_id: str, version: str) -> ModelVersion:
        """Get a model version, by its name or by an alias.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `version`: A version such as v1.0, or an alias.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/models/{}/versions/{}", model_id, version)), ModelVersion
        )

    def lineage(
        self,
        model_id: str,
        version: str,
        *,
        split: OneOf["train", "validation", "test"] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        include: Sequence[OneOf["content"]] | UnsetType = UNSET,
    ) -> Pager[ModelVersionLineage, ExampleUsed]:
        """Get a version's lineage: its tune, dataset version and examples.

        Lists the examples of its dataset version, or of one split. A model trained elsewhere may have no dataset.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `version`: A version such as v1.0, or an alias.

        `split`: Only examples of this split.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `include`: With `content`, examples have their texts. Needs the scope `datasets:read`.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/models/{}/versions/{}/lineage", model_id, version),
                query=query({"split": split, "limit": limit, "cursor": cursor, "include": include}),
            ),
            ModelVersionLineage,
        )

    def register(
        self,
        model_id: str,
        *,
        base_model: str | UnsetType | None = UNSET,
        bump: OneOf["major", "minor"] | UnsetType = UNSET,
        connection_id: str | UnsetType | None = UNSET,
        dataset_id: str | UnsetType | None = UNSET,
        dataset_version: str | UnsetType | None = UNSET,
        notes: str | UnsetType | None = UNSET,
        provider_model: str | UnsetType | None = UNSET,
        tune_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> ModelVersion:
        """Register a model version.

        A tune that names a model is registered automatically. Use this for other tunes and models trained
        elsewhere.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `base_model`: Trained elsewhere: the base model.

        `bump`: Whether the next number is a minor (v1.1) or a major one (v2.0).

        `connection_id`: Trained elsewhere: the connection that serves the model.

        `dataset_id`: Trained elsewhere: the dataset it was trained on, with its version.

        `dataset_version`: Trained elsewhere: the frozen version of the dataset.

        `notes`: What changed in this version, in Markdown.

        `provider_model`: Trained elsewhere: the tuned model's name at the provider.

        `tune_id`: A tune that succeeded. The dataset and the provider's fields follow from it.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/versions", model_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "base_model": base_model,
                        "bump": bump,
                        "connection_id": connection_id,
                        "dataset_id": dataset_id,
                        "dataset_version": dataset_version,
                        "notes": notes,
                        "provider_model": provider_model,
                        "tune_id": tune_id,
                    }
                ),
            ),
            ModelVersion,
        )

    def savings(self, model_id: str, version: str, *, against: str | UnsetType = UNSET) -> VersionSavings:
        """Compare a version's cost and speed with its base and its teacher.

        From the cost and latency of answered calls in evaluations, prompts, generation and production.

        Calls of runs in which both were asked count alone, where there are enough. With fewer than 30 calls of
        either there is no interval.

        Scope: `requests:read` and `models:read`.

        `model_id`: Id of the model.

        `version`: A version such as v1.0, or an alias.

        `against`: Another model to compare with, by the provider's name.
        """
        return self._api.answer(
            HttpCall(
                method="GET",
                path=path("/v1/models/{}/versions/{}/savings", model_id, version),
                query=query({"against": against}),
            ),
            VersionSavings,
        )

    def update(
        self,
        model_id: str,
        version: str,
        *,
        notes: str | None,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> ModelVersion:
        """Update a version's notes.

        Only the notes of a version can change. The `ETag` is the model's.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `version`: A version such as v1.0, or an alias.

        `notes`: The new notes, in Markdown; null removes them.

        `reason`: Why, for the history.
        """
        return self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/models/{}/versions/{}", model_id, version),
                headers=headers(if_match=if_match),
                body=body({"notes": notes, "reason": reason}),
            ),
            ModelVersion,
        )

    def list(
        self, model_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[ModelVersionPage, ModelVersion]:
        """List a model's versions.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/models/{}/versions", model_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            ModelVersionPage,
        )


class Models(Resource):
    """`client.models`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.aliases = ModelsAliases(api)
        self.completions = ModelsCompletions(api)
        self.gate = ModelsGate(api)
        self.versions = ModelsVersions(api)

    def archive(
        self, model_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Model:
        """Archive a model.

        It leaves the lists and takes no changes (409 `archived`): no edits, versions, notes, gate or alias moves.
        Calls in production, runs and evaluations that name it go on, its history stays, and its name is free for
        another.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `reason`: Why; the history shows it.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/archive", model_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Model,
        )

    def create(
        self,
        *,
        name: str,
        description: str | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Model:
        """Create a model.

        A tune that names a model which does not exist yet also creates it, when it succeeds.

        Scope: `models:write`.

        `description`: What the model is for.

        `name`: Unique in the workspace. A tune names its model by it.

        `task_id`: The task that the model does.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/models",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"description": description, "name": name, "task_id": task_id}),
            ),
            Model,
        )

    def draw_report_chart(
        self,
        model_id: str,
        *,
        month: str | UnsetType = UNSET,
        show: OneOf["requests", "error_rate", "latency_p95", "average_rating", "cost"] | UnsetType = UNSET,
        format: OneOf["svg", "png"] | UnsetType = UNSET,
        theme: OneOf["light", "dark"] | UnsetType = UNSET,
    ) -> Download:
        """Draw a model's month by version.

        One bar per version. Versions without the figure are left out.

        Scope: `requests:read` and `models:read`.

        `model_id`: Id of the model.

        `month`: In UTC, such as 2026-11. Default: this month.

        `show`: What to draw.

        `format`: SVG, with texts as texts, or PNG.

        `theme`: Light or dark paper.
        """
        return Download(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/models/{}/report/chart", model_id),
                query=query({"month": month, "show": show, "format": format, "theme": theme}),
            ),
        )

    def get(self, model_id: str, *, as_of: str | UnsetType = UNSET) -> Model:
        """Get a model.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/models/{}", model_id), query=query({"as_of": as_of})), Model
        )

    def history(
        self, model_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[HistoryPage, HistoryEntry]:
        """List a model's history.

        Registered versions, notes, gates and alias moves, each with who did it and why.

        Scope: `models:read`.

        `model_id`: Id of the model.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/models/{}/history", model_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    def import_model(
        self,
        *,
        connection_id: str,
        model: str,
        provider_model: str,
        base_model: str | UnsetType | None = UNSET,
        bump: OneOf["major", "minor"] | UnsetType = UNSET,
        notes: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> ModelVersion:
        """Import a model that was tuned elsewhere.

        Asks the provider whether the connection's account has it, and makes it a version without a tune.

        Its `lineage` is `unknown`. If you know the job that made it, adopt that instead: `POST /v1/tunes/adopt`.

        Scope: `models:write`.

        `base_model`: The base model it was tuned from. Null asks the provider.

        `bump`: Whether the next number is a minor (v1.1) or a major one (v2.0).

        `connection_id`: The connection whose account has it.

        `model`: Unique in the workspace. A tune names its model by it.

        `notes`: Notes on the version, in Markdown.

        `provider_model`: Its name at the provider, such as `ft:gpt-4.1-mini-2025-04-14:acme:news:9xYz`.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/models/import",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "base_model": base_model,
                        "bump": bump,
                        "connection_id": connection_id,
                        "model": model,
                        "notes": notes,
                        "provider_model": provider_model,
                    }
                ),
            ),
            ModelVersion,
        )

    def report(self, model_id: str, *, month: str | UnsetType = UNSET) -> ModelReport:
        """Read a model's monthly report.

        Volume, failures, ratings, latency and cost by version, compared with the month before, over all requests.

        Failing inputs and drift come from samples of about a thousand texts; the report says how many were read.

        Scope: `requests:read` and `models:read`.

        `model_id`: Id of the model.

        `month`: In UTC, such as 2026-11. Default: this month.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/models/{}/report", model_id), query=query({"month": month})),
            ModelReport,
        )

    def roll_back(
        self,
        model_id: str,
        *,
        alias: str,
        reason: str | UnsetType | None = UNSET,
        to: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> RolledBackModel:
        """Roll an alias back to an earlier version.

        Rolling back again goes further back. Returns the model and the rollback.

        The gate is not checked. A protected alias needs a reason.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `alias`: Such as production.

        `reason`: Why, for the history. Required for a protected alias.

        `to`: An earlier version of the alias; null takes the one before the current.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/rollback", model_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=body({"alias": alias, "reason": reason, "to": to}),
            ),
            RolledBackModel,
        )

    def unarchive(
        self, model_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Model:
        """Bring an archived model back.

        Refused (409) while another model has its name.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `reason`: Why; the history shows it.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/models/{}/unarchive", model_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Model,
        )

    def update(
        self,
        model_id: str,
        *,
        description: str | UnsetType | None = UNSET,
        name: str | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Model:
        """Rename or describe a model.

        Scope: `models:write`.

        `model_id`: Id of the model.

        `description`: What the model is for; null clears it.

        `name`: Unique in the workspace. A tune names its model by it.

        `reason`: Why, for the history.

        `task_id`: The task that the model does; null clears it.
        """
        return self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/models/{}", model_id),
                headers=headers(if_match=if_match),
                body=body({"description": description, "name": name, "reason": reason, "task_id": task_id}),
            ),
            Model,
        )

    def list(
        self,
        *,
        name: str | UnsetType = UNSET,
        task_id: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        archived: OneOf["true", "false", "all"] | UnsetType = UNSET,
    ) -> Pager[ModelPage, Model]:
        """List models.

        Scope: `models:read`.

        `name`: Only the item with this name.

        `task_id`: Id of the task.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `archived`: Archived items alone (`true`), only the others (`false`, the default), or `all`.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/models",
                query=query({"name": name, "task_id": task_id, "limit": limit, "cursor": cursor, "archived": archived}),
            ),
            ModelPage,
        )
