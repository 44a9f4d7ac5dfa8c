"""An object in S3, Google Cloud Storage or Azure."""

import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import obstore
from msgspec import convert
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from service.connections.accounts import RESOLVE_SECONDS, Accounts
from service.connections.domain import DEFAULT_PORTS
from service.datasets.imports.containers import Unreadable
from service.datasets.imports.domain import ImportSource
from service.errors import Fault
from service.integrations.object_stores import AzureKeys, ServiceAccount, open_azure, open_gcs, open_s3
from service.network.address_policy import AddressPolicy
from service.network.resolver import find_addresses
from service.providers.bedrock.aws_keys import AwsKeys, read_keys
from service.providers.provider import Account, Refused
from service.sources.opened_source import MAX_SECONDS, OpenedSource, SourceFailed
from service.sources.schemas import FromAzure, FromGcs, FromS3

PIECE_BYTES = 1024 * 1024


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
    given, region = source.credentials, source.region
    keys = None if given is None else convert(given, AwsKeys, from_attributes=True)
    if source.connection_id is not None:
        account = await _load_account(accounts, workspace_id, source.connection_id, kind="bedrock")
        region = account.options.get("region", region)
        keys = _guard(read_keys, account)
    store: ObjectStore = _guard(open_s3, source.bucket, keys, region=region, endpoint=source.endpoint)
    return store


async def _open_gcs(source: FromGcs, accounts: Accounts, workspace_id: UUID) -> ObjectStore:
    key = source.service_account
    if source.connection_id is not None:
        key = (await _load_account(accounts, workspace_id, source.connection_id, kind="vertex")).secret
    try:
        clean = None if key is None else msgspec.json.decode(key, type=ServiceAccount)
    except msgspec.MsgspecError as error:
        detail = "The credentials are no service account's key: client_email and private_key are needed."
        raise SourceFailed(detail, pointer="/source/service_account") from error
    store: ObjectStore = _guard(open_gcs, source.bucket, clean, endpoint=source.endpoint)
    return store


def _open_azure(source: FromAzure) -> ObjectStore:
    keys = AzureKeys(account_name=source.account, account_key=source.access_key, sas=source.sas)
    store: ObjectStore = _guard(open_azure, source.container, keys, endpoint=source.endpoint)
    return store


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
