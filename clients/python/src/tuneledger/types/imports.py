# Generated from openapi/openapi.json by `make clients`.
"""Structs of imports."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from msgspec import field

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Content, Fault, Rating


class AwsAccessKeys(Shape, frozen=True, kw_only=True):
    """`AwsAccessKeys`."""

    access_key_id: str
    """The id of the key."""
    secret_access_key: str
    """The key."""
    session_token: str | None = None
    """The token of temporary keys."""


class FileKind(Shape, frozen=True, kw_only=True):
    """What a file turned out to be."""

    kind: str
    """Such as `jsonl`, `json` or `csv`."""
    encoding: str
    """The encoding of its text."""
    delimiter: str | None
    """What separates the cells of a table."""
    columns: list[str]
    """The columns of a table."""
    compression: list[str]
    """What it was packed with, from the outside in: `gzip`, `zstd` or `zip`."""
    members: list[str]
    """The members of a ZIP file that are read."""
    ignored: list[str]
    """Members of a ZIP file, or sheets of a spreadsheet, that are not read."""
    sheet: str | None
    """The sheet of a spreadsheet that is read."""


class FromAzure(Shape, frozen=True, kw_only=True, tag_field="type", tag="azure"):
    """A blob in Azure Storage."""

    type: ClassVar[OneOf["azure"]] = "azure"
    account: str
    """The storage account."""
    container: str
    """The container."""
    path_: str = field(name="path")
    """The blob's name."""
    access_key: str | None = None
    """The account's key, for this import alone; it is not stored."""
    endpoint: str | None = None
    """Another address than Azure's, under the address rules of connections."""
    sas: str | None = None
    """A shared access signature, for this import alone; it is not stored."""


class FromDataset(Shape, frozen=True, kw_only=True, tag_field="type", tag="dataset"):
    """The examples of another dataset here. Each remembers which example it was."""

    type: ClassVar[OneOf["dataset"]] = "dataset"
    dataset_id: str
    """The dataset to read."""
    as_of: str | None = None
    """A version, time or seq. Default: now, and the seq is recorded."""


class FromGcs(Shape, frozen=True, kw_only=True, tag_field="type", tag="gcs"):
    """An object in Google Cloud Storage."""

    type: ClassVar[OneOf["gcs"]] = "gcs"
    bucket: str
    """The bucket."""
    path_: str = field(name="path")
    """The object's name."""
    connection_id: str | None = None
    """A connection of kind `vertex` whose service account to use."""
    endpoint: str | None = None
    """Another address than Google's, under the address rules of connections."""
    service_account: str | None = None
    """A service account's key as JSON, for this import alone; it is not stored."""


class FromHub(Shape, frozen=True, kw_only=True, tag_field="type", tag="hub"):
    """Files of a dataset on the Hugging Face Hub, all of one revision."""

    type: ClassVar[OneOf["hub"]] = "hub"
    dataset: str
    """Its name, such as `org/name`."""
    endpoint: str = "https://huggingface.co"
    """The address of the Hub or of a mirror, under the address rules of connections."""
    files: list[str] = []
    """Names or patterns, such as `data/train-*.parquet`. Default: all data files, unless they are of several splits."""
    revision: str = "main"
    """A branch, tag or commit; the commit is recorded."""
    token: str | None = None
    """A token for a private dataset; it is not stored."""


class FromRequests(Shape, frozen=True, kw_only=True, tag_field="type", tag="requests"):
    """Logged requests that match all of this. Each example remembers which request it was. Needs `requests:read`."""

    type: ClassVar[OneOf["requests"]] = "requests"
    error: bool | None = False
    """Whether the call ended in an error. Null: either; what has no answer waits for one."""
    metadata: dict[str, Any] | None = None
    """Calls whose metadata holds this, such as `{"prompt": "v3"}`."""
    model_id: str | None = None
    """Calls of this model."""
    q: str | None = None
    """Calls whose question or answer has this text, in any case, such as a line of a prompt."""
    rating_gte: float | None = None
    """Calls rated with so many stars or more; a thumb up counts 5, down 1."""
    rating_lte: float | None = None
    """Calls rated with so many stars or fewer."""
    since: str | None = None
    """Calls at this time or later, with its zone."""
    until: str | None = None
    """Calls before this time. Default: now, and the time is recorded."""
    use_correction: bool = True
    """Whether a correction from feedback takes the answer's place, as a repair."""
    valid: bool | None = None
    """Whether the output matched the task's schema."""
    version: str | None = None
    """Calls of this version."""


class FromS3(Shape, frozen=True, kw_only=True, tag_field="type", tag="s3"):
    """An object in S3, or in a store with its interface."""

    type: ClassVar[OneOf["s3"]] = "s3"
    bucket: str
    """The bucket."""
    path_: str = field(name="path")
    """The object's key."""
    connection_id: str | None = None
    """A connection of kind `bedrock` whose keys and region to use."""
    credentials: AwsAccessKeys | None = None
    """Keys for this import alone; they are not stored. Without keys the object has to be public."""
    endpoint: str | None = None
    """The address of another store than AWS, under the address rules of connections."""
    region: str = "us-east-1"
    """The bucket's region."""


class FromUrl(Shape, frozen=True, kw_only=True, tag_field="type", tag="url"):
    """A file at an address. Redirects are followed; each address has to be allowed."""

    type: ClassVar[OneOf["url"]] = "url"
    url: str
    """The address of the file. Its query, which may be a signature, is not stored."""
    headers_: dict[str, str] = field(default={}, name="headers")
    """Headers to send, such as `Authorization`. They are not stored, and not sent to another host."""


class Import(Shape, frozen=True, kw_only=True):
    """The import of a file. `rows` are good, `bad` are not; a good row is added, changed, restored or a duplicate."""

    id: str
    """The import's id, also that of its operation."""
    dataset_id: str
    """The dataset that gets the examples."""
    format: (
        OneOf[
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
        | None
    )
    """The format of the rows, as it was said or recognized; null while it is not known."""
    on_error: OneOf["abort", "skip"]
    """`abort`: one bad row fails the import. `skip`: only the good rows are added."""
    on_existing: OneOf["fail", "skip", "update"]
    """What happens to rows that are in the dataset: `skip`, `update` or `fail`."""
    deleted: OneOf["restore", "skip"]
    """What happens to rows whose example was deleted: `skip` or `restore`."""
    extra: OneOf["ignore", "metadata", "refuse"] | None
    """Where unknown columns go; null for an import of before there was a choice."""
    map: str | None
    """Which columns are which fields, as it was sent."""
    name: str | None
    """The file's name, if it was sent."""
    source: ImportSource | None
    """Where the file came from; null for a file that was sent."""
    sha256: str | None
    """The digest of the file's bytes in hexadecimal; null until it was read."""
    state: OneOf["adding", "cancelled", "failed", "staged", "succeeded", "uploading", "withdrawing"]
    """How far the import is."""
    rows: int
    """Number of good rows."""
    bad: int
    """Number of bad rows."""
    bytes: int
    """Size of the file in bytes."""
    added: int
    """Number of examples added so far."""
    duplicates: int
    """Number of good rows that changed nothing: unchanged, skipped or deleted before."""
    changed: int
    """Number of rows that changed an example's text, tags, metadata or rating."""
    unchanged: int
    """Number of rows that are in the dataset as they are, or as the last import had them."""
    skipped: int
    """Number of rows that differ from their example and were not taken."""
    rows_deleted: int
    """Number of rows whose example was deleted before; they were not taken."""
    restored: int
    """Number of rows whose deleted example was restored."""
    losses: dict[str, int]
    """What rows have that examples cannot have, such as `refusal`, with the number of rows. The originals keep it."""
    failure: ImportFailure | None
    """Why nothing was added; null unless the import failed or its examples are being removed."""
    created_at: dt.datetime
    """When the upload began."""
    created_by: str
    """Who started the import."""
    updated_at: dt.datetime
    """When the import last changed."""


class ImportFailure(Shape, frozen=True, kw_only=True):
    """Why nothing of the file was added; `line` if one line is at fault."""

    code: str
    """What went wrong, for programs."""
    detail: str
    """What went wrong, for people."""
    line: int | None
    """The line of the file that is at fault, from 1; null if no single one is."""


class ImportPage(Shape, frozen=True, kw_only=True):
    """One page of imports, the newest first."""

    data: list[Import]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ImportPreview(Shape, frozen=True, kw_only=True):
    """What an import of the file would do. Nothing was written."""

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
    """The format of the rows, as it was said or recognized."""
    title: str
    """The format's name for people."""
    file: FileKind
    """What the file is."""
    rows: int
    """Number of good rows."""
    bad: int
    """Number of bad rows."""
    losses: dict[str, int]
    """What rows have that examples cannot have, with the number of rows."""
    sample: list[RowPreview]
    """The first good rows, at most 20."""
    errors: list[RowError]
    """The first bad rows, at most 50, each with all its faults."""


class ImportSource(Shape, frozen=True, kw_only=True):
    """Where an import's file came from, unless it was sent: never with a secret in it."""

    type: OneOf["azure", "dataset", "gcs", "hub", "requests", "s3", "url"]
    """The kind of source."""
    location: str
    """The address, of a URL without its query; the bucket and path; or the dataset's id here."""
    files: list[str] = []
    """The files that were read, of a dataset on the Hub."""
    revision: str | None = None
    """The revision that was read: a commit of the Hub, a version or ETag of an object, a seq of a dataset."""


class RowError(Shape, frozen=True, kw_only=True):
    """A row that was not added: its line (in a JSON array its number), and each fault."""

    line: int
    """The line in the file, from 1; in a JSON array the number of the row."""
    errors: list[Fault]
    """Everything that is wrong with the row."""


class RowErrorPage(Shape, frozen=True, kw_only=True):
    """One page of the rows that were not added, by line. The first 10,000 of an import are stored."""

    data: list[RowError]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class RowPreview(Shape, frozen=True, kw_only=True):
    """A row as it would come in."""

    line: int
    """The line in the file, from 1; in a JSON array the number of the row."""
    content: Content
    """The messages."""
    external_id: str | None
    """Your own id of it."""
    tags: list[str]
    """Its tags."""
    split: OneOf["test", "train", "validation"] | None
    """The split that the row or the request names; null if the dataset's policy would decide."""
    rating: Rating | None
    """Its rating."""
    metadata: dict[str, Any] | None
    """What else the row has."""
    losses: list[str]
    """What the row has that an example cannot have."""
