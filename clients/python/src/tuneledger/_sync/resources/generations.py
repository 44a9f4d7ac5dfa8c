# Generated from openapi/openapi.json by `make clients`.
"""`client.generations`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sources import OnProgress, name_of, source
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    Candidate,
    CandidateContent,
    CandidateDecisions,
    CandidateEdit,
    CandidateFilter,
    CandidateIds,
    CandidatePage,
    DocumentPage,
    Generation,
    GenerationPage,
    Guidance,
    HistoryEntry,
    HistoryPage,
    ModelChoice,
    NewJudge,
    NewTopic,
    Operation,
    PromptChoice,
    TemperatureSpread,
    TopicRename,
    TopicTree,
    UploadedDocument,
)


class GenerationsCandidates(Resource):
    """`client.generations.candidates`."""

    def send(
        self,
        generation_id: str,
        *,
        candidates: Sequence[CandidateContent | Mapping[str, Any]],
        idempotency_key: str | None = None,
    ) -> CandidateIds:
        """Add candidates from another program.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `candidates`: The candidates to add; up to 1,000.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/candidates", generation_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"candidates": candidates}),
            ),
            CandidateIds,
        )

    def list(
        self,
        generation_id: str,
        *,
        state: OneOf["proposed", "dropped", "failed", "accepted", "rejected"] | UnsetType | None = UNSET,
        run_id: str | UnsetType = UNSET,
        topic_id: str | UnsetType = UNSET,
        document_id: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[CandidatePage, Candidate]:
        """List candidates.

        Scope: `generations:read`.

        `generation_id`: Id of the generation.

        `state`: Only candidates in this state.

        `run_id`: Only candidates of this run.

        `topic_id`: Only candidates about this topic.

        `document_id`: Only candidates from this document.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/generations/{}/candidates", generation_id),
                query=query(
                    {
                        "state": state,
                        "run_id": run_id,
                        "topic_id": topic_id,
                        "document_id": document_id,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
            ),
            CandidatePage,
        )


class GenerationsDocuments(Resource):
    """`client.generations.documents`."""

    def add(
        self,
        generation_id: str,
        file: str | os.PathLike[str] | bytes | BinaryIO | Iterable[bytes],
        *,
        name: str | UnsetType = UNSET,
        subject: str | UnsetType = UNSET,
        content_type: str | UnsetType = UNSET,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
    ) -> UploadedDocument:
        """Upload a document.

        Text, Markdown, HTML, PDF or DOCX. A file that cannot be read is stored too, with findings.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `name`: The file's name; its suffix tells the format.

        `subject`: Key of the person it is about: erasing the subject erases it, too.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/documents", generation_id),
                query=query({"name": name_of(file) if name is UNSET else name, "subject": subject}),
                headers=headers(idempotency_key=idempotency_key),
                source=source(
                    file,
                    types=[
                        "application/octet-stream",
                        "application/pdf",
                        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                        "text/html",
                        "text/markdown",
                        "text/plain",
                    ],
                    content_type=content_type,
                    on_progress=on_progress,
                ),
            ),
            UploadedDocument,
        )

    def list(
        self, generation_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[DocumentPage, UploadedDocument]:
        """List documents.

        Scope: `generations:read`.

        `generation_id`: Id of the generation.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/generations/{}/documents", generation_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            DocumentPage,
        )


class GenerationsTopics(Resource):
    """`client.generations.topics`."""

    def get(self, generation_id: str, *, as_of: str | UnsetType = UNSET) -> TopicTree:
        """Read the topic tree, now or as of a time.

        Scope: `generations:read`.

        `generation_id`: Id of the generation.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return self._api.answer(
            HttpCall(
                method="GET", path=path("/v1/generations/{}/topics", generation_id), query=query({"as_of": as_of})
            ),
            TopicTree,
        )

    def suggest(
        self,
        generation_id: str,
        *,
        count: int | UnsetType = UNSET,
        depth: int | UnsetType = UNSET,
        parent: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Ask a model to name topics.

        When the model names none below a topic, the tree has a finding there.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `count`: How many subtopics of each topic, 1 to 50.

        `depth`: How many levels to add below `parent`.

        `parent`: The topic to start below. Default: the root.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/topics", generation_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"count": count, "depth": depth, "parent": parent}),
            ),
            Operation,
        )

    def update(
        self,
        generation_id: str,
        *,
        add: Sequence[NewTopic | Mapping[str, Any]] | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        remove: Sequence[str] | UnsetType = UNSET,
        rename: Sequence[TopicRename | Mapping[str, Any]] | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> TopicTree:
        """Add, rename and remove topics.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `add`: Topics to add; up to 1,000.

        `reason`: Why the tree is changed; the history shows it.

        `remove`: Topics to remove with everything below them; up to 1,000.

        `rename`: Topics to rename; up to 1,000.
        """
        return self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/generations/{}/topics", generation_id),
                headers=headers(if_match=if_match),
                body=body({"add": add, "reason": reason, "remove": remove, "rename": rename}),
            ),
            TopicTree,
        )


class Generations(Resource):
    """`client.generations`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.candidates = GenerationsCandidates(api)
        self.documents = GenerationsDocuments(api)
        self.topics = GenerationsTopics(api)

    def accept_candidates(
        self,
        generation_id: str,
        *,
        candidate_ids: Sequence[str] | UnsetType = UNSET,
        edits: Sequence[CandidateEdit | Mapping[str, Any]] | UnsetType = UNSET,
        matching: CandidateFilter | Mapping[str, Any] | UnsetType | None = UNSET,
        on_invalid: OneOf["mark", "refuse"] | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        tags: Sequence[str] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> CandidateDecisions:
        """Accept candidates.

        Each candidate becomes an example, once. One that was already rejected is `refused`; 409 if all are.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `candidate_ids`: Candidates to accept as they are; up to 1,000.

        `edits`: Candidates to accept with another content; up to 1,000.

        `matching`: Accept proposed candidates that match this filter, up to 1,000 in one request.

        `on_invalid`: What happens to an output that fails its task's schema: 422, or kept and marked invalid.

        `reason`: Why they are accepted; the history shows it.

        `tags`: Tags for the new examples.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/accept", generation_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "candidate_ids": candidate_ids,
                        "edits": edits,
                        "matching": matching,
                        "on_invalid": on_invalid,
                        "reason": reason,
                        "tags": tags,
                    }
                ),
            ),
            CandidateDecisions,
        )

    def create(
        self,
        *,
        dataset_id: str,
        target: ModelChoice | Mapping[str, Any],
        guidance: Guidance | Mapping[str, Any] | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        prompt: PromptChoice | Mapping[str, Any] | UnsetType | None = UNSET,
        task_id: str | UnsetType | None = UNSET,
        template: OneOf["bugs_seen", "edge_cases", "general", "safety"] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Generation:
        """Create a generation.

        Store what to generate for a dataset. No model is asked until you start a run.

        Scope: `generations:write`.

        `dataset_id`: The dataset that accepted candidates go into.

        `guidance`: Instructions added to each step, after those of the template.

        `name`: A name for people to read.

        `prompt`: The prompt that writes outputs, in place of the task's instruction.

        `target`: The model to use.

        `task_id`: The task to generate examples for. Default: the dataset's task.

        `template`: Built-in instructions to start from.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/generations",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "dataset_id": dataset_id,
                        "guidance": guidance,
                        "name": name,
                        "prompt": prompt,
                        "target": target,
                        "task_id": task_id,
                        "template": template,
                    }
                ),
            ),
            Generation,
        )

    def get(self, generation_id: str, *, as_of: str | UnsetType = UNSET) -> Generation:
        """Read a generation, now or as of a time.

        Scope: `generations:read`.

        `generation_id`: Id of the generation.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/generations/{}", generation_id), query=query({"as_of": as_of})),
            Generation,
        )

    def history(
        self, generation_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[HistoryPage, HistoryEntry]:
        """List a generation's history.

        Scope: `generations:read`.

        `generation_id`: Id of the generation.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/generations/{}/history", generation_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    def make_pairs(
        self,
        generation_id: str,
        *,
        document_ids: Sequence[str],
        chunk_words: int | UnsetType = UNSET,
        grounding: float | UnsetType = UNSET,
        instruction: str | UnsetType | None = UNSET,
        mode: OneOf["pairs", "style"] | UnsetType = UNSET,
        pairs_per_chunk: int | UnsetType = UNSET,
        temperature: float | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Write candidates from documents.

        Write question-and-answer pairs grounded in each chunk, or the prompt that would have led to it.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `chunk_words`: Approximate words per chunk, 20 to 5,000.

        `document_ids`: The documents to use; up to 100.

        `grounding`: Drop answers with a smaller share of content words from the chunk, 0 to 1.

        `instruction`: Instructions for the model.

        `mode`: `pairs` writes questions that a chunk answers; `style` writes a prompt that leads to the chunk.

        `pairs_per_chunk`: Pairs per chunk, 1 to 20; only for mode `pairs`.

        `temperature`: Sampling temperature, 0 to 2. Default: the provider's.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/pairs", generation_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "chunk_words": chunk_words,
                        "document_ids": document_ids,
                        "grounding": grounding,
                        "instruction": instruction,
                        "mode": mode,
                        "pairs_per_chunk": pairs_per_chunk,
                        "temperature": temperature,
                    }
                ),
            ),
            Operation,
        )

    def propose_predictions(
        self, generation_id: str, *, run_id: str, idempotency_key: str | None = None
    ) -> CandidateIds:
        """Add a prompt's predictions as candidates.

        Each of a run's first 10,000 predictions becomes a candidate, once.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `run_id`: The finished batch run of a prompt.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/from-predictions", generation_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"run_id": run_id}),
            ),
            CandidateIds,
        )

    def reject_candidates(
        self,
        generation_id: str,
        *,
        reason: str,
        candidate_ids: Sequence[str] | UnsetType = UNSET,
        matching: CandidateFilter | Mapping[str, Any] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> CandidateDecisions:
        """Reject candidates.

        A candidate that was already accepted is `refused`; 409 if all are.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `candidate_ids`: Candidates to reject; up to 1,000.

        `matching`: Reject proposed candidates that match this filter, up to 1,000 in one request.

        `reason`: The reason; the history shows it.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/reject", generation_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"candidate_ids": candidate_ids, "matching": matching, "reason": reason}),
            ),
            CandidateDecisions,
        )

    def run(
        self,
        generation_id: str,
        *,
        categories: Mapping[str, int] | UnsetType | None = UNSET,
        inputs_per_topic: int | UnsetType | None = UNSET,
        judge: NewJudge | Mapping[str, Any] | UnsetType | None = UNSET,
        max_tokens: int | UnsetType | None = UNSET,
        near_duplicates: float | UnsetType | None = UNSET,
        temperature: TemperatureSpread | Mapping[str, Any] | UnsetType = UNSET,
        total: int | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Generate candidates.

        Write inputs about each topic, then answer each input. No call is paid twice; a failed row stops no other.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `categories`: Inputs to write for each category of the task.

        `inputs_per_topic`: Inputs to write for each topic, 1 to 10,000. Give this, `total` or `categories`.

        `judge`: Score each candidate and drop the low ones. Default: no judge.

        `max_tokens`: Token limit of each output. Default: the provider's limit.

        `near_duplicates`: Drop inputs this similar to another, 0.5 to 1; null drops only identical ones.

        `temperature`: The range of sampling temperatures.

        `total`: Inputs to write in total, 1 to 10,000, spread over the topics.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/generations/{}/run", generation_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "categories": categories,
                        "inputs_per_topic": inputs_per_topic,
                        "judge": judge,
                        "max_tokens": max_tokens,
                        "near_duplicates": near_duplicates,
                        "temperature": temperature,
                        "total": total,
                    }
                ),
            ),
            Operation,
        )

    def update(
        self,
        generation_id: str,
        *,
        guidance: Guidance | Mapping[str, Any] | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        prompt: PromptChoice | Mapping[str, Any] | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        target: ModelChoice | Mapping[str, Any] | UnsetType = UNSET,
        template: OneOf["bugs_seen", "edge_cases", "general", "safety"] | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Generation:
        """Update a generation.

        Scope: `generations:write`.

        `generation_id`: Id of the generation.

        `guidance`: The new instructions; they replace all old ones.

        `name`: The new name.

        `prompt`: The new prompt for outputs; null removes it.

        `reason`: Why it is changed; the history shows it.

        `target`: The new model.

        `template`: The new template.
        """
        return self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/generations/{}", generation_id),
                headers=headers(if_match=if_match),
                body=body(
                    {
                        "guidance": guidance,
                        "name": name,
                        "prompt": prompt,
                        "reason": reason,
                        "target": target,
                        "template": template,
                    }
                ),
            ),
            Generation,
        )

    def list(
        self, *, dataset_id: str | UnsetType = UNSET, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[GenerationPage, Generation]:
        """List generations.

        Scope: `generations:read`.

        `dataset_id`: Only generations for this dataset.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/generations",
                query=query({"dataset_id": dataset_id, "limit": limit, "cursor": cursor}),
            ),
            GenerationPage,
        )
