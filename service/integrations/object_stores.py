"""Open S3, Google Cloud Storage or Azure with given keys. Our own, of the machine we run on, are never used."""

from datetime import timedelta
from typing import Any

import msgspec
from obstore.store import AzureStore, GCSStore, S3Store

from service.providers.bedrock.aws_keys import AwsKeys

RETRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}


class ServiceAccount(msgspec.Struct, frozen=True):
    """What signs for Google; other fields of the key could lead elsewhere."""

    client_email: str
    private_key: str
    private_key_id: str = ""


class AzureKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The key of a storage account, or a shared access signature; without either a container has to be public."""

    account_name: str
    account_key: str | None = None
    sas: str | None = None


# Endpoints are said even where they are their maker's: the environment may name that of our artifact store.
def open_s3(
    bucket: str, keys: AwsKeys | None, *, region: str, endpoint: str | None = None, prefix: str | None = None
) -> S3Store:
    """Raises BaseError or ValueError for a bucket or keys that are not well-formed, as all of these do."""
    signature: dict[str, Any] = {"skip_signature": True}
    if keys is not None:
        signature = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
        signature |= {"session_token": keys.session_token} if keys.session_token else {}
    endpoint = endpoint or f"https://s3.{region}.amazonaws.com"
    return S3Store(bucket, region=region, endpoint=endpoint, **signature, **_build_client(endpoint, prefix))


def open_gcs(
    bucket: str, key: ServiceAccount | None, *, endpoint: str | None = None, prefix: str | None = None
) -> GCSStore:
    signature: dict[str, Any] = {"skip_signature": True}
    if key is not None:
        signature = {"service_account_key": msgspec.json.encode(key).decode()}
    endpoint = endpoint or "https://storage.googleapis.com"
    return GCSStore(bucket, base_url=endpoint, **signature, **_build_client(endpoint, prefix))


def open_azure(
    container: str, keys: AzureKeys, *, endpoint: str | None = None, prefix: str | None = None
) -> AzureStore:
    signature: dict[str, Any] = {"skip_signature": True}
    if keys.account_key is not None:
        signature = {"account_key": keys.account_key}
    elif keys.sas is not None:
        signature = {"sas_key": keys.sas}
    endpoint = endpoint or f"https://{keys.account_name}.blob.core.windows.net"
    return AzureStore(
        container, account_name=keys.account_name, endpoint=endpoint, **signature, **_build_client(endpoint, prefix)
    )


def _build_client(endpoint: str, prefix: str | None) -> dict[str, Any]:
    options = {
        "allow_http": endpoint.startswith("http:"),
        "timeout": timedelta(hours=1),
        "connect_timeout": timedelta(seconds=10),
    }
    return {"client_options": options, "retry_config": RETRIES, "prefix": prefix}
