"""An object in S3, Google Cloud Storage or Azure. Our own credentials, of the machine we run on, are never used."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from service.connections.accounts import RESOLVE_SECONDS, Accounts
from service.connections.domain import DEFAULT_PORTS
from service.datasets.imports.containers import Unreadable
from service.datasets.imports.domain import ImportSource
from service.errors import Fault
from service.network.address_policy import AddressPolicy
from service.network.resolver import find_addresses
from service.providers.bedrock.aws_keys import read_keys
from service.providers.provider import Account, Refused
from service.sources.opened_source import MAX_SECONDS, OpenedSource, SourceFailed
from service.sources.schemas import FromAzure, FromGcs, FromS3

RETRIES = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
PIECE_BYTES = 1024 * 1024


class ServiceAccount(msgspec.Struct, frozen=True):
    """What signs; other fields of the key could lead elsewhere."""

    client_email: str
    private_key: str
    private_key_id: str = ""


async def open_object_source(
    source: FromS3 | FromGcs | FromAzure, accounts: Accounts, workspace_id: UUID
) -> OpenedSource:
    """Open the object. Raises SourceFailed, NotFound for an unknown connection."""
    if source.endpoint is not None:
        await _check_endpoint(source.endpoint, accounts.policy)
    store, location = await _open_store(source, accounts, workspace_id)
    try:
        opened = await obstore.get_async(store, source.path)
    except (BaseError, OSError, ValueError) as error:
        reason = type(error).__name__.removesuffix("Error")
        detail = f"{location} cannot be read ({reason}): see that it is there, and that the credentials may read it."
        raise SourceFailed(detail, pointer="/source/path") from error
    meta = opened.meta
    record = ImportSource(type=_get_type(source), location=location, revision=meta["version"] or meta["e_tag"])
    return OpenedSource(record=record, pieces=_read(opened), name=source.path.rpartition("/")[2][:500] or None)


def _get_type(source: FromS3 | FromGcs | FromAzure) -> Any:
    return source.__struct_config__.tag


async def _read(opened: Any) -> AsyncIterator[bytes]:
    deadline = time.monotonic() + MAX_SECONDS
    try:
        async for piece in opened.stream(min_chunk_size=PIECE_BYTES):
            yield bytes(piece)
            if time.monotonic() > deadline:
                detail = f"The source takes more than {MAX_SECONDS:,.0f} seconds."
                raise Unreadable(Fault(detail=detail, code="source_failed"))
    except (BaseError, OSError) as error:
        detail = f"The source stopped: {type(error).__name__}."
        raise Unreadable(Fault(detail=detail, code="source_failed")) from error


async def _open_store(
    source: FromS3 | FromGcs | FromAzure, accounts: Accounts, workspace_id: UUID
) -> tuple[ObjectStore, str]:
    match source:
        case FromS3():
            return await _open_s3(source, accounts, workspace_id), f"s3://{source.bucket}/{source.path}"
        case FromGcs():
            return await _open_gcs(source, accounts, workspace_id), f"gs://{source.bucket}/{source.path}"
        case FromAzure():
            return _open_azure(source), f"az://{source.account}/{source.container}/{source.path}"


async def _open_s3(source: FromS3, accounts: Accounts, workspace_id: UUID) -> ObjectStore:
    keys, region = source.credentials, source.region
    if source.connection_id is not None:
        account = await _load_account(accounts, workspace_id, source.connection_id, kind="bedrock")
        region = account.options.get("region", region)
        keys = _guard(read_keys, account)
    signature: dict[str, Any] = {"skip_signature": True}
    if keys is not None:
        signature = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
        signature |= {"session_token": keys.session_token} if keys.session_token else {}
    # Said even where it is AWS's own: the environment may name that of our artifact store.
    endpoint = source.endpoint or f"https://s3.{region}.amazonaws.com"
    store: ObjectStore = _guard(
        S3Store,
        source.bucket,
        region=region,
        endpoint=endpoint,
        client_options=_build_client(endpoint),
        retry_config=RETRIES,
        **signature,
    )
    return store


async def _open_gcs(source: FromGcs, accounts: Accounts, workspace_id: UUID) -> ObjectStore:
    key = source.service_account
    if source.connection_id is not None:
        key = (await _load_account(accounts, workspace_id, source.connection_id, kind="vertex")).secret
    signature: dict[str, Any] = {"skip_signature": True}
    if key is not None:
        try:
            clean = msgspec.json.decode(key, type=ServiceAccount)
        except msgspec.MsgspecError as error:
            detail = "The credentials are no service account's key: client_email and private_key are needed."
            raise SourceFailed(detail, pointer="/source/service_account") from error
        signature = {"service_account_key": msgspec.json.encode(clean).decode()}
    endpoint = source.endpoint or "https://storage.googleapis.com"
    store: ObjectStore = _guard(
        GCSStore,
        source.bucket,
        base_url=endpoint,
        client_options=_build_client(endpoint),
        retry_config=RETRIES,
        **signature,
    )
    return store


def _open_azure(source: FromAzure) -> ObjectStore:
    signature: dict[str, Any] = {"skip_signature": True}
    if source.access_key is not None:
        signature = {"account_key": source.access_key}
    elif source.sas is not None:
        signature = {"sas_key": source.sas}
    endpoint = source.endpoint or f"https://{source.account}.blob.core.windows.net"
    store: ObjectStore = _guard(
        AzureStore,
        source.container,
        account_name=source.account,
        endpoint=endpoint,
        client_options=_build_client(endpoint),
        retry_config=RETRIES,
        **signature,
    )
    return store


def _build_client(endpoint: str) -> dict[str, Any]:
    return {
        "allow_http": endpoint.startswith("http:"),
        "timeout": timedelta(seconds=MAX_SECONDS),
        "connect_timeout": timedelta(seconds=10),
    }


async def _load_account(accounts: Accounts, workspace_id: UUID, connection_id: UUID, *, kind: str) -> Account:
    _, account = await accounts.load(workspace_id, connection_id)
    if account.kind != kind:
        detail = f"The connection is of kind {account.kind}; one of kind {kind} is needed."
        raise SourceFailed(detail, pointer="/source/connection_id")
    return account


def _guard(call: Any, *arguments: Any, **options: Any) -> Any:
    """Call what may refuse bucket names and credentials. Raises SourceFailed."""
    try:
        return call(*arguments, **options)
    except Refused as error:
        raise SourceFailed(error.detail, pointer="/source/connection_id") from error
    except (BaseError, ValueError) as error:
        raise SourceFailed("The bucket or the credentials are not well-formed.", pointer="/source") from error


async def _check_endpoint(endpoint: str, policy: AddressPolicy) -> None:
    """Raises SourceFailed unless the address is allowed. Should DNS change after that, the certificate is wrong."""
    parts = urlsplit(endpoint)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
    addresses = await find_addresses(host, port, seconds=RESOLVE_SECONDS)
    if (fault := policy.find_fault(parts.scheme, host, port, addresses)) is not None:
        raise SourceFailed(fault.detail, pointer="/source/endpoint")
