"""What an import from a source asks for. Credentials are used at once, and stored nowhere."""

from datetime import datetime
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from msgspec import Meta

from service.http.bodies import NO_NUL, Body

ShortText = Annotated[str, Meta(min_length=1, max_length=1_000, pattern=NO_NUL)]
SecretText = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]
StarCount = Annotated[float, Meta(ge=1, le=5)]
WebAddress = Annotated[str, Meta(min_length=1, max_length=8_000, pattern=r"^https?://")]


class FromUrl(Body, frozen=True, kw_only=True, tag_field="type", tag="url"):
    """A file at an address. Redirects are followed; each address has to be allowed."""

    url: WebAddress
    """The address of the file. Its query, which may be a signature, is not stored."""
    headers: dict[ShortText, SecretText] = {}
    """Headers to send, such as `Authorization`. They are not stored, and not sent to another host."""


class AwsAccessKeys(Body, frozen=True, kw_only=True):
    access_key_id: SecretText
    """The id of the key."""
    secret_access_key: SecretText
    """The key."""
    session_token: SecretText | None = None
    """The token of temporary keys."""


class FromS3(Body, frozen=True, kw_only=True, tag_field="type", tag="s3"):
    """An object in S3, or in a store with its interface."""

    bucket: ShortText
    """The bucket."""
    path: ShortText
    """The object's key."""
    region: ShortText = "us-east-1"
    """The bucket's region."""
    endpoint: WebAddress | None = None
    """The address of another store than AWS, under the address rules of connections."""
    connection_id: UUID | None = None
    """A connection of kind `bedrock` whose keys and region to use."""
    credentials: AwsAccessKeys | None = None
    """Keys for this import alone; they are not stored. Without keys the object has to be public."""


class FromGcs(Body, frozen=True, kw_only=True, tag_field="type", tag="gcs"):
    """An object in Google Cloud Storage."""

    bucket: ShortText
    """The bucket."""
    path: ShortText
    """The object's name."""
    endpoint: WebAddress | None = None
    """Another address than Google's, under the address rules of connections."""
    connection_id: UUID | None = None
    """A connection of kind `vertex` whose service account to use."""
    service_account: SecretText | None = None
    """A service account's key as JSON, for this import alone; it is not stored."""


class FromAzure(Body, frozen=True, kw_only=True, tag_field="type", tag="azure"):
    """A blob in Azure Storage."""

    account: Annotated[str, Meta(pattern=r"^[a-z0-9]{3,24}$")]
    """The storage account."""
    container: ShortText
    """The container."""
    path: ShortText
    """The blob's name."""
    endpoint: WebAddress | None = None
    """Another address than Azure's, under the address rules of connections."""
    access_key: SecretText | None = None
    """The account's key, for this import alone; it is not stored."""
    sas: SecretText | None = None
    """A shared access signature, for this import alone; it is not stored."""


class FromHub(Body, frozen=True, kw_only=True, tag_field="type", tag="hub"):
    """Files of a dataset on the Hugging Face Hub, all of one revision."""

    dataset: Annotated[str, Meta(pattern=r"^[\w.-]{1,96}(/[\w.-]{1,96})?$")]
    """Its name, such as `org/name`."""
    revision: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[\w./-]+$")] = "main"
    """A branch, tag or commit; the commit is recorded."""
    files: Annotated[tuple[ShortText, ...], Meta(max_length=100)] = ()
    """Names or patterns, such as `data/train-*.parquet`. Default: all data files, unless they are of several splits."""
    endpoint: WebAddress = "https://huggingface.co"
    """The address of the Hub or of a mirror, under the address rules of connections."""
    token: SecretText | None = None
    """A token for a private dataset; it is not stored."""


class FromDataset(Body, frozen=True, kw_only=True, tag_field="type", tag="dataset"):
    """The examples of another dataset here. Each remembers which example it was."""

    dataset_id: UUID
    """The dataset to read."""
    as_of: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """A version, time or seq. Default: now, and the seq is recorded."""


class FromRequests(Body, frozen=True, kw_only=True, tag_field="type", tag="requests"):
    """Logged requests that match all of this. Each example remembers which request it was. Needs `requests:read`."""

    model_id: UUID | None = None
    """Calls of this model."""
    version: Annotated[str, Meta(pattern=r"^v[0-9]+\.[0-9]+$", max_length=100)] | None = None
    """Calls of this version."""
    since: datetime | None = None
    """Calls at this time or later, with its zone."""
    until: datetime | None = None
    """Calls before this time. Default: now, and the time is recorded."""
    rating_gte: StarCount | None = None
    """Calls rated with so many stars or more; a thumb up counts 5, down 1."""
    rating_lte: StarCount | None = None
    """Calls rated with so many stars or fewer."""
    error: bool | None = False
    """Whether the call ended in an error. Null: either; what has no answer waits for one."""
    valid: bool | None = None
    """Whether the output matched the task's schema."""
    q: ShortText | None = None
    """Calls whose question or answer has this text, in any case, such as a line of a prompt."""
    metadata: Annotated[dict[str, Any], Meta(max_length=20)] | None = None
    """Calls whose metadata holds this, such as `{"prompt": "v3"}`."""
    use_correction: bool = True
    """Whether a correction from feedback takes the answer's place, as a repair."""


AnySource: TypeAlias = FromUrl | FromS3 | FromGcs | FromAzure | FromHub | FromDataset | FromRequests


class ImportFromSource(Body, frozen=True, kw_only=True):
    source: AnySource
    """Where the file is."""
