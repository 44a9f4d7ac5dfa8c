# Generated from openapi/openapi.json by `make clients`.
"""`client.datasets`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any, BinaryIO, cast

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._downloads import AsyncDownload
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sources import OnProgress, name_of, source
from tuneledger.types import (
    Adjudication,
    AgreementPage,
    AgreementRow,
    AnswerForm,
    ApplyRun,
    Artifact,
    ArtifactPage,
    BulkChange,
    BulkChangePage,
    ChangePage,
    Claimed,
    Consensus,
    Content,
    Dataset,
    DatasetCheck,
    DatasetCheckPage,
    DatasetPage,
    DatasetStats,
    DatasetVersion,
    DatasetVersionPage,
    DealSplits,
    DeleteExamples,
    Difference,
    DifferencePage,
    DropDuplicates,
    Erasure,
    ErasurePreview,
    Example,
    ExampleBatch,
    ExamplePage,
    ExportReport,
    Filter,
    FindingRow,
    FindingRowPage,
    FromAzure,
    FromDataset,
    FromGcs,
    FromHub,
    FromRequests,
    FromS3,
    FromUrl,
    HistoryEntry,
    HistoryLine,
    HistoryPage,
    Import,
    ImportPage,
    ImportPreview,
    Label,
    LabelBatch,
    LabelPage,
    Merge,
    MergeDecision,
    MergePage,
    MoveExamples,
    NewAnnotator,
    NewCheckTarget,
    NewDatasetTarget,
    NewExample,
    NewHoneypot,
    NewLabel,
    Operation,
    PatchOutput,
    Queue,
    QueuePage,
    RateExamples,
    Rating,
    Recipe,
    RedactExamples,
    ReplaceText,
    RestoreExamples,
    SourceIn,
    SplitPolicyIn,
    SubjectChoice,
    TagExamples,
    UntagExamples,
)


class AsyncDatasetsChecksFindings(AsyncResource):
    """`client.datasets.checks.findings`."""

    def list_rows(
        self,
        dataset_id: str,
        check_id: str,
        code: str,
        *,
        target: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[FindingRowPage, FindingRow]:
        """List the examples of a finding.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `check_id`: Id of the check.

        `code`: Id of the code.

        `target`: The finding's target, where it has one.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/checks/{}/findings/{}", dataset_id, check_id, code),
                query=query({"target": target, "limit": limit, "cursor": cursor}),
            ),
            FindingRowPage,
        )


class AsyncDatasetsBulk(AsyncResource):
    """`client.datasets.bulk`."""

    async def change(
        self,
        dataset_id: str,
        *,
        action: TagExamples
        | UntagExamples
        | DeleteExamples
        | RestoreExamples
        | MoveExamples
        | DealSplits
        | RateExamples
        | ReplaceText
        | PatchOutput
        | RedactExamples
        | ApplyRun
        | DropDuplicates
        | Mapping[str, Any],
        dry_run: bool | UnsetType = UNSET,
        filter: str | Filter | Mapping[str, Any] | UnsetType | None = UNSET,
        ids: Sequence[str] | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Change many examples at once.

        Tags, moves, rates, repairs, deletes or restores the examples that match a filter, in the background. Each
        example gets its own event. A change of an example that comes meanwhile is kept.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `action`: What to do with each example.

        `dry_run`: Whether only to count what would change, and to show the first 20 examples before and after.

        `filter`: The examples that match, as an expression or as fields; an empty one matches all.

        `ids`: The examples by id, instead of a filter.

        `reason`: Why; shown in the history of each example.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/bulk", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"action": action, "dry_run": dry_run, "filter": filter, "ids": ids, "reason": reason}),
            ),
            Operation,
        )

    def list_changes(
        self, dataset_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[BulkChangePage, BulkChange]:
        """List the bulk changes of a dataset, the newest first.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/bulk", dataset_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            BulkChangePage,
        )


class AsyncDatasetsChanges(AsyncResource):
    """`client.datasets.changes`."""

    def list(
        self,
        dataset_id: str,
        *,
        from_: str,
        to: str | UnsetType = UNSET,
        actor: str | UnsetType = UNSET,
        by_actor: bool | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        include: Sequence[OneOf["content"]] | UnsetType = UNSET,
    ) -> AsyncPager[ChangePage, HistoryLine]:
        """List the changes between two versions.

        Every change of an example, also those undone later; `/compare` has the result of all of them.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `from_`: Only changes after this: a version, an RFC 3339 time or a seq.

        `to`: Only changes up to this, included. Default: now.

        `actor`: Only events of one actor: a member's name.

        `by_actor`: Whether to count the changes by actor. This reads all of them.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `include`: With `content`, lines of examples have `changes`: each field before and after, with its text.
        Needs the scope `datasets:read`. A page has at most 100 lines then.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/changes", dataset_id),
                query=query(
                    {
                        "from": from_,
                        "to": to,
                        "actor": actor,
                        "by_actor": by_actor,
                        "limit": limit,
                        "cursor": cursor,
                        "include": include,
                    }
                ),
            ),
            ChangePage,
        )


class AsyncDatasetsChecks(AsyncResource):
    """`client.datasets.checks`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.findings = AsyncDatasetsChecksFindings(api)

    async def create(
        self,
        dataset_id: str,
        *,
        as_of: str | UnsetType | None = UNSET,
        filter: str | Filter | Mapping[str, Any] | UnsetType | None = UNSET,
        split: OneOf["test", "train", "validation"] | UnsetType | None = UNSET,
        targets: Sequence[NewCheckTarget | Mapping[str, Any]] | UnsetType = UNSET,
        version: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Check whether examples are ready to be tuned on.

        An operation; its resource is the check with its report. It changes no example.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `as_of`: An RFC 3339 time or a seq, instead of a version.

        `filter`: Only examples that match, as an expression or as fields.

        `split`: Only this split. Leakage between splits then stays unseen.

        `targets`: Providers and base models whose formats and limits the rows are held against.

        `version`: A frozen version of the dataset.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/checks", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"as_of": as_of, "filter": filter, "split": split, "targets": targets, "version": version}),
            ),
            Operation,
        )

    async def get(self, dataset_id: str, check_id: str, *, compare: str | UnsetType = UNSET) -> DatasetCheck:
        """Read a check and its report.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `check_id`: Id of the check.

        `compare`: Another check of the dataset: the report says what has changed since.
        """
        return await self._api.answer(
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/checks/{}", dataset_id, check_id),
                query=query({"compare": compare}),
            ),
            DatasetCheck,
        )

    def list(
        self, dataset_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[DatasetCheckPage, DatasetCheck]:
        """List a dataset's checks.

        The newest first. Findings come without their examples.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/checks", dataset_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            DatasetCheckPage,
        )


class AsyncDatasetsExamples(AsyncResource):
    """`client.datasets.examples`."""

    async def create(
        self,
        dataset_id: str,
        *,
        content: Content | Mapping[str, Any],
        external_id: str | UnsetType | None = UNSET,
        metadata: Mapping[str, Any] | UnsetType | None = UNSET,
        on_invalid: OneOf["mark", "refuse"] | UnsetType = UNSET,
        on_unanswered: OneOf["keep", "refuse"] | UnsetType = UNSET,
        rating: Rating | Mapping[str, Any] | UnsetType | None = UNSET,
        source: SourceIn | Mapping[str, Any] | UnsetType = UNSET,
        split: OneOf["test", "train", "validation"] | UnsetType | None = UNSET,
        tags: Sequence[str] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Example:
        """Add one example, or up to 1,000.

        Adds all or none. The faults of all of them are reported at once.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `content`: The messages.

        `external_id`: Your own id of it, unique in the dataset.

        `metadata`: Free-form JSON of yours.

        `on_invalid`: What happens to an output that fails its task's schema: 422, or kept and marked invalid.

        `on_unanswered`: What happens to a conversation that ends without an answer: `keep` lets it wait for a
        repair or a label.

        `rating`: Your rating of it.

        `source`: Where it comes from.

        `split`: Its split; without one the dataset's policy decides.

        `tags`: Tags to find it by.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/examples", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "content": content,
                        "external_id": external_id,
                        "metadata": metadata,
                        "on_invalid": on_invalid,
                        "on_unanswered": on_unanswered,
                        "rating": rating,
                        "source": source,
                        "split": split,
                        "tags": tags,
                    }
                ),
            ),
            Example,
        )

    async def create_many(
        self,
        dataset_id: str,
        *,
        examples: Sequence[NewExample | Mapping[str, Any]],
        on_invalid: OneOf["mark", "refuse"] | UnsetType = UNSET,
        on_unanswered: OneOf["keep", "refuse"] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> ExampleBatch:
        """Add one example, or up to 1,000.

        Adds all or none. The faults of all of them are reported at once.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `examples`: Several examples, instead of one.

        `on_invalid`: What happens to an output that fails its task's schema: 422, or kept and marked invalid.

        `on_unanswered`: What happens to a conversation that ends without an answer: `keep` lets it wait for a
        repair or a label.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/examples", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"examples": examples, "on_invalid": on_invalid, "on_unanswered": on_unanswered}),
            ),
            ExampleBatch,
        )

    def list(
        self,
        dataset_id: str,
        *,
        filter: str | UnsetType = UNSET,
        tag: str | UnsetType = UNSET,
        source: OneOf["human", "import", "synthetic", "log", "document"] | UnsetType | None = UNSET,
        split: OneOf["train", "validation", "test"] | UnsetType | None = UNSET,
        rating_gte: float | UnsetType = UNSET,
        rated: bool | UnsetType = UNSET,
        repaired: bool | UnsetType = UNSET,
        valid: bool | UnsetType = UNSET,
        external_id: str | UnsetType = UNSET,
        labelled: bool | UnsetType = UNSET,
        label: str | UnsetType = UNSET,
        q: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        count: bool | UnsetType = UNSET,
        as_of: str | UnsetType = UNSET,
    ) -> AsyncPager[ExamplePage, Example]:
        """List examples, now or as of a past time.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `filter`: A filter expression, such as `tag = gold and rating >= 4`; see the page Filters.

        `tag`: Has this tag.

        `source`: Is from this kind of source.

        `split`: Is in this split.

        `rating_gte`: Mean rating in stars.

        `rated`: Has a rating, or has none.

        `repaired`: Was repaired, or was not.

        `valid`: Matches its task's schema, or does not.

        `external_id`: Id of the external.

        `labelled`: Has a label, or has none.

        `label`: Was labelled with this category.

        `q`: Has this text. A page looks at 20,000 examples: it may be empty and have a next_cursor.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `count`: Also count all matches; slower than the page alone.

        `as_of`: Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/examples", dataset_id),
                query=query(
                    {
                        "filter": filter,
                        "tag": tag,
                        "source": source,
                        "split": split,
                        "rating_gte": rating_gte,
                        "rated": rated,
                        "repaired": repaired,
                        "valid": valid,
                        "external_id": external_id,
                        "labelled": labelled,
                        "label": label,
                        "q": q,
                        "limit": limit,
                        "cursor": cursor,
                        "count": count,
                        "as_of": as_of,
                    }
                ),
            ),
            ExamplePage,
        )


class AsyncDatasetsExports(AsyncResource):
    """`client.datasets.exports`."""

    async def create(
        self,
        dataset_id: str,
        *,
        as_of: str | UnsetType | None = UNSET,
        container: OneOf["lines", "parquet"] | UnsetType = UNSET,
        filter: str | Filter | Mapping[str, Any] | UnsetType = UNSET,
        format: OneOf[
            "alpaca",
            "bedrock",
            "cohere",
            "csv",
            "kto",
            "mistral",
            "openai-chat",
            "openai-preference",
            "openai-rft",
            "prompt-completion",
            "question-answer",
            "sharegpt",
            "text",
            "trl",
            "trl-preference",
            "tuneledger",
            "typed-parts",
            "vertex",
            "vertex-preference",
        ]
        | UnsetType = UNSET,
        include: OneOf["fields", "history", "original"] | UnsetType | None = UNSET,
        pairs: OneOf["judgements", "repairs"] | UnsetType | None = UNSET,
        reasoning: OneOf["drop", "keep", "think", "turns"] | UnsetType = UNSET,
        recipe: Recipe | Mapping[str, Any] | UnsetType | None = UNSET,
        split: OneOf["test", "train", "validation"] | UnsetType | None = UNSET,
        strict: bool | UnsetType = UNSET,
        system: str | UnsetType | None = UNSET,
        system_mode: OneOf["default", "prepend", "replace"] | UnsetType = UNSET,
        to: NewDatasetTarget | Mapping[str, Any] | UnsetType | None = UNSET,
        version: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Export into the artifact store, or elsewhere.

        An operation, for exports that take longer than a request. Its result names the artifact and counts losses.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `as_of`: A time, a seq or a version. Null: now.

        `container`: Whether rows stand in lines, or in a Parquet file with typed columns.

        `filter`: Only examples that match.

        `format`: The format of the rows.

        `include`: `fields` adds external_id, tags, split, rating and metadata to each row; `history` its events,
        in tuneledger. `original` writes a row as it was imported, if it still says the same in this format.

        `pairs`: Preferences from the record: an answer and what it replaced, or the winner and the loser of a
        judgement.

        `reasoning`: What becomes of the reasoning before an answer.

        `recipe`: A zip with data and the settings of a tool, instead of rows.

        `split`: Only this split.

        `strict`: Fail when the format cannot carry all of it.

        `system`: A system prompt for each row.

        `system_mode`: Whether it takes the place of the row's, serves rows that have none, or comes before the
        row's.

        `to`: Null: the artifact store alone. Needs the scope connections:write, since it uses an integration's
        keys.

        `version`: A frozen version. Null: the moment of `as_of`.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/exports", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "as_of": as_of,
                        "container": container,
                        "filter": filter,
                        "format": format,
                        "include": include,
                        "pairs": pairs,
                        "reasoning": reasoning,
                        "recipe": recipe,
                        "split": split,
                        "strict": strict,
                        "system": system,
                        "system_mode": system_mode,
                        "to": to,
                        "version": version,
                    }
                ),
            ),
            Operation,
        )

    def list(
        self, dataset_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ArtifactPage, Artifact]:
        """List the kept exports of a dataset.

        Artifacts of the kind `export`, without those that were deleted.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/exports", dataset_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            ArtifactPage,
        )


class AsyncDatasetsImports(AsyncResource):
    """`client.datasets.imports`."""

    async def create(
        self,
        dataset_id: str,
        file: str | os.PathLike[str] | bytes | BinaryIO | AsyncIterable[bytes],
        *,
        format: OneOf[
            "tuneledger",
            "openai-chat",
            "openai-preference",
            "openai-rft",
            "prompt-completion",
            "question-answer",
            "alpaca",
            "sharegpt",
            "trl",
            "trl-preference",
            "kto",
            "vertex",
            "vertex-preference",
            "bedrock",
            "mistral",
            "cohere",
            "typed-parts",
            "text",
            "csv",
        ]
        | UnsetType
        | None = UNSET,
        on_error: OneOf["abort", "skip"] | UnsetType = UNSET,
        on_invalid: OneOf["refuse", "mark"] | UnsetType = UNSET,
        on_unanswered: OneOf["refuse", "keep"] | UnsetType = UNSET,
        on_existing: OneOf["skip", "update", "fail"] | UnsetType = UNSET,
        deleted: OneOf["skip", "restore"] | UnsetType = UNSET,
        extra: OneOf["metadata", "ignore", "refuse"] | UnsetType = UNSET,
        map: str | UnsetType = UNSET,
        split: OneOf["train", "validation", "test"] | UnsetType | None = UNSET,
        encoding: str | UnsetType = UNSET,
        delimiter: str | UnsetType = UNSET,
        sheet: str | UnsetType = UNSET,
        columns: str | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        dry_run: bool | UnsetType = UNSET,
        content_type: str | UnsetType = UNSET,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Import a file.

        Answers when the whole file was received and checked; the examples are added in the background. With
        on_error=abort one bad row means that nothing is added; with skip the good rows are. The operation's result
        says the format and what became of the rows.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `format`: The format of the rows. Default: it is recognized.

        `on_error`: What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows.

        `on_invalid`: An output that fails its schema: `refuse` makes the row bad, `mark` marks it invalid.

        `on_unanswered`: A row without an answer: `refuse` makes it bad, `keep` lets it wait for a repair or a
        label.

        `on_existing`: A row whose external id, or else text, is in the dataset: `update` takes over what changed
        in the file since its last import, `skip` counts it, `fail` adds nothing.

        `deleted`: A row whose example was deleted: `skip` lists it, `restore` brings it back.

        `extra`: Columns that are no field: kept in `metadata`, ignored and counted, or refused as faults.

        `map`: Which columns or JSON pointers are which fields: `input:question,output:/answers/0`, or a JSON
        object. The fields are input, output, system, messages, tools, prompt, chosen, rejected, tags, rating,
        external_id, split and metadata.

        `split`: The split of rows that name none. Default: the dataset's policy decides.

        `encoding`: The file's encoding. Default: it is recognized.

        `delimiter`: What separates cells. Default: it is recognized.

        `sheet`: The sheet of a spreadsheet. Default: the first with rows.

        `columns`: The columns of a table that has no header, separated by commas.

        `name`: The file's name.

        `dry_run`: Write nothing, and answer 200 with the ImportPreview of `…/imports/preview`.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/imports", dataset_id),
                query=query(
                    {
                        "format": format,
                        "on_error": on_error,
                        "on_invalid": on_invalid,
                        "on_unanswered": on_unanswered,
                        "on_existing": on_existing,
                        "deleted": deleted,
                        "extra": extra,
                        "map": map,
                        "split": split,
                        "encoding": encoding,
                        "delimiter": delimiter,
                        "sheet": sheet,
                        "columns": columns,
                        "name": name_of(file) if name is UNSET else name,
                        "dry_run": dry_run,
                    }
                ),
                headers=headers(idempotency_key=idempotency_key),
                source=source(
                    file,
                    types=["application/json", "application/octet-stream", "application/x-ndjson", "text/csv"],
                    content_type=content_type,
                    on_progress=on_progress,
                ),
            ),
            Operation,
        )

    async def fetch(
        self,
        dataset_id: str,
        *,
        source: FromUrl | FromS3 | FromGcs | FromAzure | FromHub | FromDataset | FromRequests | Mapping[str, Any],
        format: OneOf[
            "tuneledger",
            "openai-chat",
            "openai-preference",
            "openai-rft",
            "prompt-completion",
            "question-answer",
            "alpaca",
            "sharegpt",
            "trl",
            "trl-preference",
            "kto",
            "vertex",
            "vertex-preference",
            "bedrock",
            "mistral",
            "cohere",
            "typed-parts",
            "text",
            "csv",
        ]
        | UnsetType
        | None = UNSET,
        on_error: OneOf["abort", "skip"] | UnsetType = UNSET,
        on_invalid: OneOf["refuse", "mark"] | UnsetType = UNSET,
        on_unanswered: OneOf["refuse", "keep"] | UnsetType = UNSET,
        on_existing: OneOf["skip", "update", "fail"] | UnsetType = UNSET,
        deleted: OneOf["skip", "restore"] | UnsetType = UNSET,
        extra: OneOf["metadata", "ignore", "refuse"] | UnsetType = UNSET,
        map: str | UnsetType = UNSET,
        split: OneOf["train", "validation", "test"] | UnsetType | None = UNSET,
        encoding: str | UnsetType = UNSET,
        delimiter: str | UnsetType = UNSET,
        sheet: str | UnsetType = UNSET,
        columns: str | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        dry_run: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Import from a source.

        The source is opened before the answer, and read in the background; the import records where it came from,
        the revision and the digest of its bytes. Keys of a connection need the scope connections:write. The
        parameters are those of an import of a file.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `format`: The format of the rows. Default: it is recognized.

        `on_error`: What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows.

        `on_invalid`: An output that fails its schema: `refuse` makes the row bad, `mark` marks it invalid.

        `on_unanswered`: A row without an answer: `refuse` makes it bad, `keep` lets it wait for a repair or a
        label.

        `on_existing`: A row whose external id, or else text, is in the dataset: `update` takes over what changed
        in the file since its last import, `skip` counts it, `fail` adds nothing.

        `deleted`: A row whose example was deleted: `skip` lists it, `restore` brings it back.

        `extra`: Columns that are no field: kept in `metadata`, ignored and counted, or refused as faults.

        `map`: Which columns or JSON pointers are which fields: `input:question,output:/answers/0`, or a JSON
        object. The fields are input, output, system, messages, tools, prompt, chosen, rejected, tags, rating,
        external_id, split and metadata.

        `split`: The split of rows that name none. Default: the dataset's policy decides.

        `encoding`: The file's encoding. Default: it is recognized.

        `delimiter`: What separates cells. Default: it is recognized.

        `sheet`: The sheet of a spreadsheet. Default: the first with rows.

        `columns`: The columns of a table that has no header, separated by commas.

        `name`: The file's name.

        `dry_run`: Write nothing, and answer 200 with the ImportPreview of `…/imports/preview`.

        `source`: Where the file is.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/imports/fetch", dataset_id),
                query=query(
                    {
                        "format": format,
                        "on_error": on_error,
                        "on_invalid": on_invalid,
                        "on_unanswered": on_unanswered,
                        "on_existing": on_existing,
                        "deleted": deleted,
                        "extra": extra,
                        "map": map,
                        "split": split,
                        "encoding": encoding,
                        "delimiter": delimiter,
                        "sheet": sheet,
                        "columns": columns,
                        "name": name,
                        "dry_run": dry_run,
                    }
                ),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"source": source}),
            ),
            Operation,
        )

    async def preview(
        self,
        dataset_id: str,
        file: str | os.PathLike[str] | bytes | BinaryIO | AsyncIterable[bytes],
        *,
        format: OneOf[
            "tuneledger",
            "openai-chat",
            "openai-preference",
            "openai-rft",
            "prompt-completion",
            "question-answer",
            "alpaca",
            "sharegpt",
            "trl",
            "trl-preference",
            "kto",
            "vertex",
            "vertex-preference",
            "bedrock",
            "mistral",
            "cohere",
            "typed-parts",
            "text",
            "csv",
        ]
        | UnsetType
        | None = UNSET,
        on_error: OneOf["abort", "skip"] | UnsetType = UNSET,
        on_invalid: OneOf["refuse", "mark"] | UnsetType = UNSET,
        on_unanswered: OneOf["refuse", "keep"] | UnsetType = UNSET,
        on_existing: OneOf["skip", "update", "fail"] | UnsetType = UNSET,
        deleted: OneOf["skip", "restore"] | UnsetType = UNSET,
        extra: OneOf["metadata", "ignore", "refuse"] | UnsetType = UNSET,
        map: str | UnsetType = UNSET,
        split: OneOf["train", "validation", "test"] | UnsetType | None = UNSET,
        encoding: str | UnsetType = UNSET,
        delimiter: str | UnsetType = UNSET,
        sheet: str | UnsetType = UNSET,
        columns: str | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        content_type: str | UnsetType = UNSET,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
    ) -> ImportPreview:
        """Preview an import.

        Reads the whole file and writes nothing: the first 20 rows as they would come in, what they would lose, and
        the first bad rows with all their faults.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `format`: The format of the rows. Default: it is recognized.

        `on_error`: What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows.

        `on_invalid`: An output that fails its schema: `refuse` makes the row bad, `mark` marks it invalid.

        `on_unanswered`: A row without an answer: `refuse` makes it bad, `keep` lets it wait for a repair or a
        label.

        `on_existing`: A row whose external id, or else text, is in the dataset: `update` takes over what changed
        in the file since its last import, `skip` counts it, `fail` adds nothing.

        `deleted`: A row whose example was deleted: `skip` lists it, `restore` brings it back.

        `extra`: Columns that are no field: kept in `metadata`, ignored and counted, or refused as faults.

        `map`: Which columns or JSON pointers are which fields: `input:question,output:/answers/0`, or a JSON
        object. The fields are input, output, system, messages, tools, prompt, chosen, rejected, tags, rating,
        external_id, split and metadata.

        `split`: The split of rows that name none. Default: the dataset's policy decides.

        `encoding`: The file's encoding. Default: it is recognized.

        `delimiter`: What separates cells. Default: it is recognized.

        `sheet`: The sheet of a spreadsheet. Default: the first with rows.

        `columns`: The columns of a table that has no header, separated by commas.

        `name`: The file's name.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/imports/preview", dataset_id),
                query=query(
                    {
                        "format": format,
                        "on_error": on_error,
                        "on_invalid": on_invalid,
                        "on_unanswered": on_unanswered,
                        "on_existing": on_existing,
                        "deleted": deleted,
                        "extra": extra,
                        "map": map,
                        "split": split,
                        "encoding": encoding,
                        "delimiter": delimiter,
                        "sheet": sheet,
                        "columns": columns,
                        "name": name_of(file) if name is UNSET else name,
                    }
                ),
                headers=headers(idempotency_key=idempotency_key),
                source=source(
                    file,
                    types=["application/json", "application/octet-stream", "application/x-ndjson", "text/csv"],
                    content_type=content_type,
                    on_progress=on_progress,
                ),
            ),
            ImportPreview,
        )

    def list(
        self, dataset_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ImportPage, Import]:
        """List the imports of a dataset.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/imports", dataset_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            ImportPage,
        )


class AsyncDatasetsLabels(AsyncResource):
    """`client.datasets.labels`."""

    async def create(
        self,
        dataset_id: str,
        *,
        example_id: str,
        annotator: NewAnnotator | Mapping[str, Any] | UnsetType | None = UNSET,
        answers: Mapping[str, Sequence[str]] | UnsetType | None = UNSET,
        category: str | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        text: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Label:
        """Create one label, or up to 1,000.

        All are saved, or none. An annotator has one label per example and task: a new one replaces it, and
        repeating the same label records nothing. With `text`, the answer is read from what a model or person
        wrote. Labels of another annotator than the key, and of models, need the scope `labels:impersonate`, too.

        Scope: `labels:write`.

        `dataset_id`: Id of the dataset.

        `annotator`: Who labels. Default: the API key, as a person. Anybody else needs the scope
        labels:impersonate.

        `answers`: The chosen categories by question of the task's ontology.

        `category`: The answer to the task's only question.

        `example_id`: The example to label.

        `reason`: Why; the label's history shows it.

        `task_id`: The task to label for. Default: the dataset's task.

        `text`: Free text to read the answer from: the first category it names, else the fallback.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/labels", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "annotator": annotator,
                        "answers": answers,
                        "category": category,
                        "example_id": example_id,
                        "reason": reason,
                        "task_id": task_id,
                        "text": text,
                    }
                ),
            ),
            Label,
        )

    async def create_many(
        self,
        dataset_id: str,
        *,
        labels: Sequence[NewLabel | Mapping[str, Any]],
        task_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> LabelBatch:
        """Create one label, or up to 1,000.

        All are saved, or none. An annotator has one label per example and task: a new one replaces it, and
        repeating the same label records nothing. With `text`, the answer is read from what a model or person
        wrote. Labels of another annotator than the key, and of models, need the scope `labels:impersonate`, too.

        Scope: `labels:write`.

        `dataset_id`: Id of the dataset.

        `labels`: Up to 1,000 labels, in place of the single one.

        `task_id`: The task to label for. Default: the dataset's task.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/labels", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"labels": labels, "task_id": task_id}),
            ),
            LabelBatch,
        )

    def list(
        self,
        dataset_id: str,
        *,
        example_id: str | UnsetType = UNSET,
        task_id: str | UnsetType = UNSET,
        queue_id: str | UnsetType = UNSET,
        annotator: str | UnsetType = UNSET,
        kind: OneOf["person", "model"] | UnsetType | None = UNSET,
        review: OneOf["accepted", "sent_back", "withdrawn"] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        as_of: str | UnsetType = UNSET,
    ) -> AsyncPager[LabelPage, Label]:
        """List a dataset's labels.

        A key with only the scope labels:write sees others' labels of an example after giving its own; labels from
        queues that are not blind it sees at once.

        Scope: `labels:read`.

        `dataset_id`: Id of the dataset.

        `example_id`: Only labels of this example.

        `task_id`: Only labels for this task.

        `queue_id`: Only labels from this queue.

        `annotator`: Only items of this annotator.

        `kind`: Only labels by people, or by models.

        `review`: Only labels that were accepted, sent back, or taken back.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `as_of`: Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/labels", dataset_id),
                query=query(
                    {
                        "example_id": example_id,
                        "task_id": task_id,
                        "queue_id": queue_id,
                        "annotator": annotator,
                        "kind": kind,
                        "review": review,
                        "limit": limit,
                        "cursor": cursor,
                        "as_of": as_of,
                    }
                ),
            ),
            LabelPage,
        )


class AsyncDatasetsMerges(AsyncResource):
    """`client.datasets.merges`."""

    def list(
        self, dataset_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[MergePage, Merge]:
        """List the merges into a dataset, the newest first.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/merges", dataset_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            MergePage,
        )


class AsyncDatasetsQueues(AsyncResource):
    """`client.datasets.queues`."""

    async def create(
        self,
        dataset_id: str,
        *,
        name: str,
        annotators: Sequence[str] | UnsetType = UNSET,
        blind: bool | UnsetType = UNSET,
        examples: Sequence[str] | UnsetType | None = UNSET,
        filter: str | Filter | Mapping[str, Any] | UnsetType | None = UNSET,
        honeypots: Sequence[NewHoneypot | Mapping[str, Any]] | UnsetType = UNSET,
        lease_seconds: int | UnsetType = UNSET,
        overlap: int | UnsetType = UNSET,
        shows: OneOf["example", "input"] | UnsetType = UNSET,
        task_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Queue:
        """Create a labeling queue.

        Adds examples by id or by filter, each for `overlap` annotators, and mixes in honeypots.

        Scope: `labels:write`.

        `dataset_id`: Id of the dataset.

        `annotators`: Who may claim; empty means everyone.

        `blind`: Annotators see others' labels of an example only after giving their own.

        `examples`: Examples by id; up to 5,000. Not together with `filter`.

        `filter`: Examples that match, the first 5,000. Default: all examples of the dataset.

        `honeypots`: Examples with known answers to mix in; up to 1,000.

        `lease_seconds`: Seconds after which a claimed example is offered to others again.

        `name`: Unique in the dataset.

        `overlap`: How many annotators label each example; honeypots go to everyone.

        `shows`: What annotators see: all of an example, or its input without the answer.

        `task_id`: The task to label for. Default: the dataset's task.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/queues", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "annotators": annotators,
                        "blind": blind,
                        "examples": examples,
                        "filter": filter,
                        "honeypots": honeypots,
                        "lease_seconds": lease_seconds,
                        "name": name,
                        "overlap": overlap,
                        "shows": shows,
                        "task_id": task_id,
                    }
                ),
            ),
            Queue,
        )

    def list(
        self,
        dataset_id: str,
        *,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        archived: OneOf["true", "false", "all"] | UnsetType = UNSET,
    ) -> AsyncPager[QueuePage, Queue]:
        """List a dataset's queues.

        An annotator's key, with labels:write alone, lists its own with GET /v1/me/queue.

        Scope: `labels:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `archived`: Archived items alone (`true`), only the others (`false`, the default), or `all`.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/queues", dataset_id),
                query=query({"limit": limit, "cursor": cursor, "archived": archived}),
            ),
            QueuePage,
        )


class AsyncDatasetsVersions(AsyncResource):
    """`client.datasets.versions`."""

    async def freeze(
        self,
        dataset_id: str,
        *,
        name: str,
        filter: str | Filter | Mapping[str, Any] | UnsetType = UNSET,
        notes: str | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> DatasetVersion:
        """Freeze a version.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `filter`: Which examples belong to the version, as an expression or as fields; all by default.

        `name`: Such as v1; unique in the dataset.

        `notes`: Notes on the version.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/versions", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"filter": filter, "name": name, "notes": notes}),
            ),
            DatasetVersion,
        )

    async def get(self, dataset_id: str, name: str) -> DatasetVersion:
        """Read a version.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `name`: Name of the version.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/datasets/{}/versions/{}", dataset_id, name)), DatasetVersion
        )

    def list(
        self, dataset_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[DatasetVersionPage, DatasetVersion]:
        """List versions.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/versions", dataset_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            DatasetVersionPage,
        )


class AsyncDatasets(AsyncResource):
    """`client.datasets`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.bulk = AsyncDatasetsBulk(api)
        self.changes = AsyncDatasetsChanges(api)
        self.checks = AsyncDatasetsChecks(api)
        self.examples = AsyncDatasetsExamples(api)
        self.exports = AsyncDatasetsExports(api)
        self.imports = AsyncDatasetsImports(api)
        self.labels = AsyncDatasetsLabels(api)
        self.merges = AsyncDatasetsMerges(api)
        self.queues = AsyncDatasetsQueues(api)
        self.versions = AsyncDatasetsVersions(api)

    def agreement(
        self,
        dataset_id: str,
        *,
        by: OneOf["task", "example", "annotator", "pair", "category"] | UnsetType = UNSET,
        metric: str | UnsetType = UNSET,
        annotators: OneOf["people", "models", "all"] | UnsetType = UNSET,
        model: str | UnsetType = UNSET,
        question: str | UnsetType = UNSET,
        task_id: str | UnsetType = UNSET,
        queue: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        as_of: str | UnsetType = UNSET,
    ) -> AsyncPager[AgreementPage, AgreementRow]:
        """Measure how far annotators agree.

        docs/agreement.md defines each metric by name and version. An undefined value is null, with a reason.
        Answers to honeypots are not measured.

        Scope: `labels:read`.

        `dataset_id`: Id of the dataset.

        `by`: What each row is about.

        `metric`: Metrics, separated by commas: raw_share@1, pairwise@1, majority_share@1, jaccard@1,
        kili_consensus@1, cohen_kappa@1, fleiss_kappa@1, krippendorff_alpha@1. Default: all.

        `annotators`: Whose labels are measured.

        `model`: Compare this model's labels with people's labels.

        `question`: Only this question. Default: all questions.

        `task_id`: Default: the dataset's task.

        `queue`: Only labels from this queue.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `as_of`: Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/agreement", dataset_id),
                query=query(
                    {
                        "by": by,
                        "metric": metric,
                        "annotators": annotators,
                        "model": model,
                        "question": question,
                        "task_id": task_id,
                        "queue": queue,
                        "limit": limit,
                        "cursor": cursor,
                        "as_of": as_of,
                    }
                ),
            ),
            AgreementPage,
        )

    async def archive(
        self, dataset_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Dataset:
        """Archive a dataset.

        It leaves the lists and takes no new work: edits, examples, imports, versions, tunes and labels are refused
        (409 `archived`). Reads, exports, history and lineage go on, and its name is free for another.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/archive", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Dataset,
        )

    async def claim_examples(
        self,
        dataset_id: str,
        *,
        annotator: NewAnnotator | Mapping[str, Any] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        queue_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Claimed:
        """Claim examples to label.

        An annotator never labels an example twice, and at most `overlap` annotators label each. When a lease ends
        without a label, the example is offered to others again. For another annotator than the key, and for
        models, the key needs the scope `labels:impersonate`, too.

        Scope: `labels:write`.

        `dataset_id`: Id of the dataset.

        `annotator`: Who claims. Default: the API key, as a person. Anybody else needs the scope
        labels:impersonate.

        `limit`: How many examples to claim, 1 to 100.

        `queue_id`: The queue. Default: the dataset's only open queue.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/queue/claim", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"annotator": annotator, "limit": limit, "queue_id": queue_id}),
            ),
            Claimed,
        )

    def compare(
        self,
        dataset_id: str,
        *,
        from_: str,
        to: str | UnsetType = UNSET,
        with_: str | UnsetType = UNSET,
        only: OneOf["added", "edited", "removed", "content", "metadata", "tags", "ratings", "repair", "label", "split"]
        | UnsetType
        | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        count: bool | UnsetType = UNSET,
    ) -> AsyncPager[DifferencePage, Difference]:
        """Compare two moments of a dataset.

        Lists what was added, edited and removed, with before and after: `changed` says whether an edited example
        has another text, other ratings, tags or metadata, or another split. A version's filter applies. With a
        fork, copies are compared with what they are copies of.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `from_`: A version, an RFC 3339 time or a seq.

        `to`: The same; default: now.

        `with_`: The dataset that `to` is a moment of, such as a fork. Default: this one.

        `only`: Only examples that were added, edited or removed, or edited ones that differ in this field.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `count`: Also count all matches; slower than the page alone.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/compare", dataset_id),
                query=query(
                    {
                        "from": from_,
                        "to": to,
                        "with": with_,
                        "only": only,
                        "limit": limit,
                        "cursor": cursor,
                        "count": count,
                    }
                ),
            ),
            DifferencePage,
        )

    async def create(
        self,
        *,
        name: str,
        description: str | UnsetType = UNSET,
        split_policy: SplitPolicyIn | Mapping[str, Any] | UnsetType = UNSET,
        task_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Dataset:
        """Create a dataset.

        Scope: `datasets:write`.

        `description`: Notes for people.

        `name`: Unique in the workspace.

        `split_policy`: How new examples are split.

        `task_id`: The task its examples are checked against.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/datasets",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"description": description, "name": name, "split_policy": split_policy, "task_id": task_id}),
            ),
            Dataset,
        )

    def diff(
        self,
        dataset_id: str,
        *,
        from_: str,
        to: str | UnsetType = UNSET,
        with_: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        count: bool | UnsetType = UNSET,
    ) -> AsyncPager[DifferencePage, Difference]:
        """Compare two versions or times.

        The earlier name of `/compare`.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `from_`: A version, an RFC 3339 time or a seq.

        `to`: The same; default: now.

        `with_`: The dataset that `to` is a moment of, such as a fork. Default: this one.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `count`: Also count all matches; slower than the page alone.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/diff", dataset_id),
                query=query({"from": from_, "to": to, "with": with_, "limit": limit, "cursor": cursor, "count": count}),
            ),
            DifferencePage,
        )

    async def erase_examples(
        self,
        dataset_id: str,
        *,
        reason: str,
        confirm: bool | UnsetType = UNSET,
        delete_models: bool | UnsetType = UNSET,
        dry_run: bool | UnsetType = UNSET,
        filter: str | Filter | Mapping[str, Any] | UnsetType | None = UNSET,
        subject: SubjectChoice | Mapping[str, Any] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Erasure | ErasurePreview:
        """Erase examples of a dataset.

        Erasing is for good, and done by a worker: 202 with the erasure, which becomes its receipt. Those that
        match a filter, or carry a person's key. A dry run answers with what would go.

        Scope: `erase`.

        `dataset_id`: Id of the dataset.

        `confirm`: True to erase for good.

        `delete_models`: True to delete the tuned models that were trained on the texts, at their providers, even
        if they are in use.

        `dry_run`: True to list what would go, and erase nothing.

        `filter`: The present examples that match, by an expression or by fields; an empty filter matches all.

        `reason`: Why. It stays: do not name the person.

        `subject`: The examples that carry a person's key, deleted ones too.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/erase", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "confirm": confirm,
                        "delete_models": delete_models,
                        "dry_run": dry_run,
                        "filter": filter,
                        "reason": reason,
                        "subject": subject,
                    }
                ),
            ),
            cast("type[Erasure | ErasurePreview]", Erasure | ErasurePreview),
        )

    def export(
        self,
        dataset_id: str,
        *,
        format: OneOf[
            "openai-chat",
            "tuneledger",
            "openai-preference",
            "openai-rft",
            "prompt-completion",
            "question-answer",
            "alpaca",
            "sharegpt",
            "trl",
            "trl-preference",
            "kto",
            "vertex",
            "vertex-preference",
            "bedrock",
            "mistral",
            "cohere",
            "typed-parts",
            "text",
            "csv",
        ]
        | UnsetType = UNSET,
        include: OneOf["fields", "history", "original"] | UnsetType | None = UNSET,
        reasoning: OneOf["keep", "drop", "think", "turns"] | UnsetType = UNSET,
        system: str | UnsetType = UNSET,
        system_mode: OneOf["replace", "default", "prepend"] | UnsetType = UNSET,
        pairs: OneOf["repairs", "judgements"] | UnsetType | None = UNSET,
        container: OneOf["lines", "parquet"] | UnsetType = UNSET,
        recipe: OneOf["axolotl", "llama-factory", "unsloth", "trl"] | UnsetType | None = UNSET,
        base_model: str | UnsetType = UNSET,
        version: str | UnsetType = UNSET,
        as_of: str | UnsetType = UNSET,
        split: OneOf["train", "validation", "test"] | UnsetType | None = UNSET,
        filter: str | UnsetType = UNSET,
        strict: bool | UnsetType = UNSET,
    ) -> AsyncDownload:
        """Export a version, or the examples as of a time.

        Rows stand in the order of adding. A version always gives the same bytes, until some of its examples are
        erased: these are left out, and the header `Erased-Examples` counts them. `Export-Losses` counts what rows
        lose in this format, `Export-Left-Out` the examples that have no place in it. The export of a version is
        kept as an artifact: from the second time on it has an ETag and takes ranges.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `format`: The format of the rows; see Formats for what each carries.

        `include`: `fields` adds external_id (without one, the id), tags, split, rating and metadata to each row,
        as an import takes them. `original` writes a row as it was imported, if it still says the same in this
        format. `history` adds to rows of `format=tuneledger` their events with all texts.

        `reasoning`: What becomes of the reasoning before an answer: kept where the format has it, dropped, in the
        answer between `<think>` tags, or in a turn of its own before the answer.

        `system`: A system prompt for each row.

        `system_mode`: Whether `system` takes the place of the row's, serves rows without one, or comes before it.

        `pairs`: Preferences from the record instead of the rows: `repairs` are answers with what they replaced,
        `judgements` the winners and losers of pairwise judges in evaluations of the dataset.

        `container`: Whether rows stand in lines, or in a Parquet file with typed columns.

        `recipe`: A zip with the rows of train and validation and the settings of this tool, to train as it stands.
        With a format of preferences, or pairs, it trains preferences (DPO).

        `base_model`: The recipe's base model, as on the Hugging Face Hub.

        `version`: A frozen version's name.

        `as_of`: Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.

        `split`: Only this split.

        `filter`: A filter expression, such as `tag = gold and rating >= 4`; see the page Filters.

        `strict`: Refuse with 422 what the format cannot carry, naming the first examples.
        """
        return AsyncDownload(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/export", dataset_id),
                query=query(
                    {
                        "format": format,
                        "include": include,
                        "reasoning": reasoning,
                        "system": system,
                        "system_mode": system_mode,
                        "pairs": pairs,
                        "container": container,
                        "recipe": recipe,
                        "base_model": base_model,
                        "version": version,
                        "as_of": as_of,
                        "split": split,
                        "filter": filter,
                        "strict": strict,
                    }
                ),
            ),
        )

    def export_comparison(
        self,
        dataset_id: str,
        *,
        from_: str,
        to: str | UnsetType = UNSET,
        with_: str | UnsetType = UNSET,
        only: OneOf["added", "edited", "removed", "content", "metadata", "tags", "ratings", "repair", "label", "split"]
        | UnsetType
        | None = UNSET,
    ) -> AsyncDownload:
        """Compare two moments of a dataset, as lines.

        All that `/compare` lists, a JSON object a line.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `from_`: A version, an RFC 3339 time or a seq.

        `to`: The same; default: now.

        `with_`: The dataset that `to` is a moment of, such as a fork. Default: this one.

        `only`: Only examples that were added, edited or removed, or edited ones that differ in this field.
        """
        return AsyncDownload(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/compare/export", dataset_id),
                query=query({"from": from_, "to": to, "with": with_, "only": only}),
            ),
        )

    async def fork(
        self,
        dataset_id: str,
        *,
        name: str,
        at: str | UnsetType | None = UNSET,
        description: str | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Fork a dataset.

        Creates a dataset with the examples of a version or a moment of this one, in the background. Each remembers
        what it is a copy of. Changes come back with a merge.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `at`: A version, which has its examples alone, an RFC 3339 time or a seq. Default: now.

        `description`: Notes for people; by default those of this dataset.

        `name`: Unique in the workspace.

        `reason`: Why; shown in the history of each example that a merge changes.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/fork", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"at": at, "description": description, "name": name, "reason": reason}),
            ),
            Operation,
        )

    async def get(self, dataset_id: str, *, as_of: str | UnsetType = UNSET) -> Dataset:
        """Read a dataset.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/datasets/{}", dataset_id), query=query({"as_of": as_of})), Dataset
        )

    def history(
        self, dataset_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a dataset's history.

        Changes of the dataset and its frozen versions; each example has its own history.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/history", dataset_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    async def make_consensus(
        self,
        dataset_id: str,
        *,
        rule: OneOf["adjudicated", "majority", "weighted"],
        decisions: Sequence[Adjudication | Mapping[str, Any]] | UnsetType | None = UNSET,
        examples: Sequence[str] | UnsetType | None = UNSET,
        include_models: bool | UnsetType = UNSET,
        minimum: int | UnsetType = UNSET,
        queue_id: str | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        write: AnswerForm | Mapping[str, Any] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Consensus:
        """Make consensus labels from votes.

        Writes each label and its votes into the example's history. Tied examples get no label and are listed.
        Adjudicated labels stay, and answers to honeypots are no votes. Repeating the request records nothing.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `decisions`: A person's decision for each example; only with the rule `adjudicated`.

        `examples`: Only these examples; up to 1,000. Default: all that have labels.

        `include_models`: Count labels by models too.

        `minimum`: How many votes an example needs.

        `queue_id`: Only labels from this queue vote.

        `reason`: Why; the history of each example shows it.

        `rule`: How votes decide: by majority, weighted by honeypot scores, or adjudicated by a person.

        `task_id`: The task whose labels vote. Default: the dataset's task.

        `write`: Write the label into the answer too, as a repair with the votes. Default: labels stay beside the
        answers.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/consensus", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "decisions": decisions,
                        "examples": examples,
                        "include_models": include_models,
                        "minimum": minimum,
                        "queue_id": queue_id,
                        "reason": reason,
                        "rule": rule,
                        "task_id": task_id,
                        "write": write,
                    }
                ),
            ),
            Consensus,
        )

    async def merge(
        self,
        dataset_id: str,
        *,
        source_id: str,
        decisions: Sequence[MergeDecision | Mapping[str, Any]] | UnsetType = UNSET,
        dry_run: bool | UnsetType = UNSET,
        others: OneOf["ours", "theirs"] | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Merge the changes of a fork, or of what it was forked from.

        What the other side alone changed since both were the same comes over, in the background. Where both sides
        changed an example, decide; until all are decided, nothing changes. Merging again changes nothing.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `decisions`: Example by example. A decision counts as long as our example is as it is now.

        `dry_run`: Whether only to count what would come over, and to list the conflicts.

        `others`: What to take for all other conflicts. Default: nothing; a merge with undecided conflicts changes
        nothing.

        `reason`: Why; shown in the history of each example.

        `source_id`: The dataset whose changes come over: a fork of this one, or the one that this was forked from.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/merge", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "decisions": decisions,
                        "dry_run": dry_run,
                        "others": others,
                        "reason": reason,
                        "source_id": source_id,
                    }
                ),
            ),
            Operation,
        )

    async def report_export(
        self,
        dataset_id: str,
        *,
        format: OneOf[
            "openai-chat",
            "tuneledger",
            "openai-preference",
            "openai-rft",
            "prompt-completion",
            "question-answer",
            "alpaca",
            "sharegpt",
            "trl",
            "trl-preference",
            "kto",
            "vertex",
            "vertex-preference",
            "bedrock",
            "mistral",
            "cohere",
            "typed-parts",
            "text",
            "csv",
        ]
        | UnsetType = UNSET,
        include: OneOf["fields", "history", "original"] | UnsetType | None = UNSET,
        reasoning: OneOf["keep", "drop", "think", "turns"] | UnsetType = UNSET,
        system: str | UnsetType = UNSET,
        system_mode: OneOf["replace", "default", "prepend"] | UnsetType = UNSET,
        pairs: OneOf["repairs", "judgements"] | UnsetType | None = UNSET,
        container: OneOf["lines", "parquet"] | UnsetType = UNSET,
        recipe: OneOf["axolotl", "llama-factory", "unsloth", "trl"] | UnsetType | None = UNSET,
        base_model: str | UnsetType = UNSET,
        version: str | UnsetType = UNSET,
        as_of: str | UnsetType = UNSET,
        split: OneOf["train", "validation", "test"] | UnsetType | None = UNSET,
        filter: str | UnsetType = UNSET,
    ) -> ExportReport:
        """Tell what an export would lose.

        Writes the export with the same parameters, and answers what its format cannot carry, with examples.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `format`: The format of the rows; see Formats for what each carries.

        `include`: `fields` adds external_id (without one, the id), tags, split, rating and metadata to each row,
        as an import takes them. `original` writes a row as it was imported, if it still says the same in this
        format. `history` adds to rows of `format=tuneledger` their events with all texts.

        `reasoning`: What becomes of the reasoning before an answer: kept where the format has it, dropped, in the
        answer between `<think>` tags, or in a turn of its own before the answer.

        `system`: A system prompt for each row.

        `system_mode`: Whether `system` takes the place of the row's, serves rows without one, or comes before it.

        `pairs`: Preferences from the record instead of the rows: `repairs` are answers with what they replaced,
        `judgements` the winners and losers of pairwise judges in evaluations of the dataset.

        `container`: Whether rows stand in lines, or in a Parquet file with typed columns.

        `recipe`: A zip with the rows of train and validation and the settings of this tool, to train as it stands.
        With a format of preferences, or pairs, it trains preferences (DPO).

        `base_model`: The recipe's base model, as on the Hugging Face Hub.

        `version`: A frozen version's name.

        `as_of`: Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.

        `split`: Only this split.

        `filter`: A filter expression, such as `tag = gold and rating >= 4`; see the page Filters.
        """
        return await self._api.answer(
            HttpCall(
                method="GET",
                path=path("/v1/datasets/{}/export/report", dataset_id),
                query=query(
                    {
                        "format": format,
                        "include": include,
                        "reasoning": reasoning,
                        "system": system,
                        "system_mode": system_mode,
                        "pairs": pairs,
                        "container": container,
                        "recipe": recipe,
                        "base_model": base_model,
                        "version": version,
                        "as_of": as_of,
                        "split": split,
                        "filter": filter,
                    }
                ),
            ),
            ExportReport,
        )

    async def revert(
        self,
        dataset_id: str,
        *,
        to: str,
        dry_run: bool | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Return a dataset to a moment.

        Each example becomes what it was then, by an event of its own, as a bulk change that can be undone. What
        was added since is deleted, what was deleted is restored; what was erased stays erased, and is listed.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `dry_run`: Whether only to count what would change, and to show the first 20 examples before and after.

        `reason`: Why; shown in the history of each example.

        `to`: A version, which stands for the moment it was frozen, an RFC 3339 time or a seq.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/revert", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"dry_run": dry_run, "reason": reason, "to": to}),
            ),
            Operation,
        )

    async def set_split_policy(
        self,
        dataset_id: str,
        *,
        group_by: str | UnsetType | None = UNSET,
        group_until: str | UnsetType | None = UNSET,
        pins: Mapping[str, OneOf["test", "train", "validation"]] | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        seed: int | UnsetType = UNSET,
        split_by: OneOf["content", "dataset"] | UnsetType = UNSET,
        test: float | UnsetType = UNSET,
        train: float | UnsetType = UNSET,
        validation: float | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Dataset:
        """Change how new examples are split.

        Existing examples keep their split.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `group_by`: Examples with the same value here share a split: `external_id`, or a path such as
        `metadata.customer.id`.

        `group_until`: Only what stands before the first of this counts, such as `-` where ids are `customer-1` and
        `customer-2`.

        `pins`: Tags whose examples belong to one split, such as `{"golden": "test"}`. A bulk move leaves them
        there.

        `reason`: Why; shown in the history.

        `seed`: Decides which example goes into which split.

        `split_by`: With `content`, the same text has the same split in every dataset of the same shares and seed.

        `test`: Share of new examples for testing.

        `train`: Share of new examples for training.

        `validation`: Share of new examples for validation.
        """
        return await self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/datasets/{}/split-policy", dataset_id),
                headers=headers(if_match=if_match),
                body=body(
                    {
                        "group_by": group_by,
                        "group_until": group_until,
                        "pins": pins,
                        "reason": reason,
                        "seed": seed,
                        "split_by": split_by,
                        "test": test,
                        "train": train,
                        "validation": validation,
                    }
                ),
            ),
            Dataset,
        )

    async def stats(self, dataset_id: str, *, as_of: str | UnsetType = UNSET) -> DatasetStats:
        """Get a dataset's statistics.

        Scope: `datasets:read`.

        `dataset_id`: Id of the dataset.

        `as_of`: Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/datasets/{}/stats", dataset_id), query=query({"as_of": as_of})),
            DatasetStats,
        )

    async def unarchive(
        self, dataset_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Dataset:
        """Bring an archived dataset back.

        Refused (409) while another dataset has its name.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/datasets/{}/unarchive", dataset_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Dataset,
        )

    async def update(
        self,
        dataset_id: str,
        *,
        description: str | UnsetType | None = UNSET,
        name: str | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Dataset:
        """Edit a dataset.

        Scope: `datasets:write`.

        `dataset_id`: Id of the dataset.

        `description`: Notes for people.

        `name`: Unique in the workspace.

        `reason`: Why; shown in the history.

        `task_id`: The task its examples are checked against; null for none.
        """
        return await self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/datasets/{}", dataset_id),
                headers=headers(if_match=if_match),
                body=body({"description": description, "name": name, "reason": reason, "task_id": task_id}),
            ),
            Dataset,
        )

    def list(
        self,
        *,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        task_id: str | UnsetType = UNSET,
        archived: OneOf["true", "false", "all"] | UnsetType = UNSET,
    ) -> AsyncPager[DatasetPage, Dataset]:
        """List datasets.

        Scope: `datasets:read`.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.

        `name`: Only the item with this name.

        `task_id`: Only datasets of this task.

        `archived`: Archived items alone (`true`), only the others (`false`, the default), or `all`.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/datasets",
                query=query({"limit": limit, "cursor": cursor, "name": name, "task_id": task_id, "archived": archived}),
            ),
            DatasetPage,
        )
