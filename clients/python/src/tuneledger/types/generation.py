# Generated from openapi/openapi.json by `make clients`.
"""Structs of generation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Content, Mismatch, ModelChoice, Served


class Candidate(Shape, frozen=True, kw_only=True):
    """A proposed example, with where it is from. `content` is null where there is none, or once erased.

    `code` and `detail` say why it was dropped or failed, or could not be judged. `calls` are the model's answers
    that led to it, by step; `score` is the judge's, 1 to 5. `twin` is what it repeats, by a `similarity` of 0 to
    1. `grounding` is the share of the answer's telling words that stand in the document.
    """

    id: str
    generation_id: str
    state: OneOf["accepted", "dropped", "failed", "proposed", "rejected"]
    origin: OneOf["document", "prediction", "sent", "topic"]
    content: Content | None
    metadata: dict[str, Any] | None
    edited: bool
    code: str | None
    detail: str | None
    run_id: str | None
    calls: dict[str, str]
    served: Served | None
    prompt_id: str | None
    prompt_version: int | None
    topic_id: str | None
    topic_path: list[str]
    category: str | None
    temperature: float | None
    score: float | None
    twin: str | None
    similarity: float | None
    document: DocumentPlace | None
    grounding: float | None
    predicted_for: str | None
    valid: bool
    mismatches: list[Mismatch]
    task_version: int | None
    example_id: str | None
    reason: str | None
    version: int
    created_at: dt.datetime
    created_by: str
    decided_at: dt.datetime | None
    decided_by: str | None


class CandidateContent(Shape, frozen=True, kw_only=True):
    """`key` is the sender's own name for it: what was sent under a key before is not made again."""

    content: Content
    key: str | None = None
    metadata: dict[str, Any] | None = None


class CandidateDecision(Shape, frozen=True, kw_only=True):
    """What became of a candidate. `new` is false where it was decided so before; `refused`: where it was otherwise."""

    candidate_id: str
    outcome: OneOf["accepted", "refused", "rejected"]
    new: bool
    code: str | None = None
    detail: str | None = None
    example_id: str | None = None


class CandidateDecisions(Shape, frozen=True, kw_only=True):
    """One entry a candidate, in the order of the request. `remaining` still wait, of those that match."""

    data: list[CandidateDecision]
    remaining: int


class CandidateEdit(Shape, frozen=True, kw_only=True):
    """The candidate with another content; it is accepted so."""

    candidate_id: str
    content: Content


class CandidateFilter(Shape, frozen=True, kw_only=True):
    """Conditions that all must hold; absent ones ask for nothing."""

    document_id: str | None = None
    run_id: str | None = None
    score_gte: float | None = None
    topic_id: str | None = None


class CandidateIds(Shape, frozen=True, kw_only=True):
    """The candidates that there are now, in the order of what was given; `new` of them were made by this request."""

    data: list[str]
    new: int


class CandidatePage(Shape, frozen=True, kw_only=True):
    """One page of candidates, in the order in which they were made."""

    data: list[Candidate]
    next_cursor: str | None
    count: int | None = None


class DocumentPage(Shape, frozen=True, kw_only=True):
    """One page of documents, the oldest first."""

    data: list[UploadedDocument]
    next_cursor: str | None
    count: int | None = None


class DocumentPlace(Shape, frozen=True, kw_only=True):
    """Where in a document it is from: characters of its text, and the page where the format has pages, from 1."""

    document_id: str
    start: int
    end: int
    page: int | None = None


class Finding(Shape, frozen=True, kw_only=True):
    """What is wrong with a file, or with one page of it (from 1)."""

    type: OneOf["finding"]
    code: OneOf[
        "empty",
        "encoding_guessed",
        "encrypted",
        "not_readable",
        "partial",
        "scanned",
        "too_large",
        "type_mismatch",
        "unsupported",
        "zip_bomb",
    ]
    detail: str
    page: int | None = None


class Generation(Shape, frozen=True, kw_only=True):
    """What is made for a dataset. `topics` counts those of its tree; `runs` are its operations, the oldest first."""

    id: str
    dataset_id: str
    task_id: str | None
    name: str
    target: PromptTarget
    guidance: Guidance
    template: OneOf["bugs_seen", "edge_cases", "general", "safety"]
    prompt: PromptChoice | None
    topics: int
    runs: list[OrderedRun]
    version: int
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    updated_by: str


class GenerationPage(Shape, frozen=True, kw_only=True):
    """One page of generations, the newest first."""

    data: list[Generation]
    next_cursor: str | None
    count: int | None = None


class Guidance(Shape, frozen=True, kw_only=True):
    """What a model is told beside the task when it names topics, and writes inputs and outputs."""

    inputs: str | None = None
    outputs: str | None = None
    topics: str | None = None


class NewJudge(Shape, frozen=True, kw_only=True):
    """A model that marks each candidate 1 to 5 by the task's requirements; those under `minimum` are dropped.

    Without a `target` the generation's own model judges.
    """

    minimum: float = 3
    target: ModelChoice | None = None


class NewTopic(Shape, frozen=True, kw_only=True):
    """`NewTopic`."""

    name: str
    parent: str | None = None


class OrderedRun(Shape, frozen=True, kw_only=True):
    """`OrderedRun`."""

    run_id: str
    kind: OneOf["documents", "generation", "topics"]


class PromptChoice(Shape, frozen=True, kw_only=True):
    """The prompt that outputs are asked with: a version by number, those of a label by weight, or the latest."""

    prompt_id: str
    label: str | None = None
    version: int | None = None


class PromptTarget(Shape, frozen=True, kw_only=True):
    """Which model is to answer: one of a connection's by the provider's name, or ours by version or by alias."""

    alias: str | None = None
    connection_id: str | None = None
    model: str | None = None
    model_id: str | None = None
    version: str | None = None


class TemperatureSpread(Shape, frozen=True, kw_only=True):
    """From `min` to `max` in equal steps over the rows."""

    max: float = 1
    min: float = 0.7


class TopicFinding(Shape, frozen=True, kw_only=True):
    """Why a model named no topics below this one, or below the root where it has no `topic_id`."""

    code: str
    detail: str
    call_id: str | None = None
    topic_id: str | None = None


class TopicNode(Shape, frozen=True, kw_only=True):
    """A topic and what is below it. `run_id` is the run in which a model named it, null where a person did."""

    id: str
    name: str
    run_id: str | None
    finding: TopicFinding | None
    children: list[TopicNode]


class TopicRename(Shape, frozen=True, kw_only=True):
    """`TopicRename`."""

    id: str
    name: str


class TopicTree(Shape, frozen=True, kw_only=True):
    """The topics of a generation. A `finding` says why a model named none there; the root's own is here."""

    generation_id: str
    version: int
    count: int
    finding: TopicFinding | None
    topics: list[TopicNode]


class UploadedDocument(Shape, frozen=True, kw_only=True):
    """A file that was sent, and how much was read of it: `unreadable` where nothing was. `findings` say what is
    wrong.

    `size` in bytes; `pages` where the format has them.
    """

    id: str
    generation_id: str
    name: str | None
    state: OneOf["read", "unreadable"]
    kind: OneOf["docx", "html", "markdown", "pdf", "text"] | None
    size: int
    pages: int | None
    characters: int | None
    findings: list[Finding]
    created_at: dt.datetime
    created_by: str
