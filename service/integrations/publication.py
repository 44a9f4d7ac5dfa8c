"""Publish a folder at an integration: at the Hub, or in an object store. The same again changes nothing."""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import ObjectStore

from service.errors import Conflict, Unavailable
from service.extras import require_extra
from service.integrations.domain import ExportTarget
from service.integrations.hub_upload import RepositoryType, Upload, Uploaded
from service.integrations.integration_accounts import IntegrationAccount
from service.integrations.object_stores import AzureKeys, ServiceAccount, open_azure, open_gcs, open_s3
from service.providers.bedrock.aws_keys import AwsKeys

# Nothing about this machine goes to the Hub, and nothing of its cache is read.
HUB_ENVIRONMENT = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}
REFUSALS = (PermissionDeniedError, UnauthenticatedError, NotFoundError)


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that is to be published."""

    account: IntegrationAccount
    target: ExportTarget
    folder: Path
    message: str
    type: RepositoryType

    @property
    def location(self) -> str:
        """Where it is once it was published."""
        url = self.account.settings.url.rstrip("/")
        is_hub_dataset = self.account.kind == "huggingface" and self.type == "dataset"
        return f"{url}/datasets/{self.target.path}" if is_hub_dataset else f"{url}/{self.target.path}"


async def publish(publication: Publication) -> str:
    """Publish a folder. Returns where it is. Raises Conflict when it is refused for good, Unavailable otherwise."""
    if publication.account.kind == "huggingface":
        await _upload_to_hub(publication)
    else:
        await _put_into_store(publication)
    return publication.location


async def _upload_to_hub(publication: Publication) -> None:
    require_extra("hub")
    job = Upload(
        url=publication.account.settings.url.rstrip("/"),
        token=publication.account.secret,
        folder=str(publication.folder),
        repository=publication.target.path,
        private=publication.target.private,
        message=publication.message,
        type=publication.type,
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.integrations.hub_upload"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("HF_")} | HUB_ENVIRONMENT,
    )
    try:
        output, _ = await process.communicate(msgspec.json.encode(job) + b"\n")
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise Unavailable("The upload to the Hub broke off. Try again, or see whether the Hub can be reached.")
    uploaded = msgspec.json.decode(output.splitlines()[-1], type=Uploaded)
    if uploaded.refused:
        raise (Conflict if uploaded.is_final else Unavailable)(uploaded.refused)


async def _put_into_store(publication: Publication) -> None:
    location, folder = publication.location, publication.folder
    files = await asyncio.to_thread(lambda: sorted(each for each in folder.rglob("*") if each.is_file()))
    try:
        store = _open_store(publication.account, location)
    except (BaseError, ValueError) as error:
        raise Conflict(f"The keys for {location} are not well-formed; replace the integration's secret.") from error
    try:
        for file in files:
            await obstore.put_async(store, file.relative_to(folder).as_posix(), file)
    except REFUSALS as error:
        raise Conflict(f"The store refuses {location}: {type(error).__name__}.") from error
    except (BaseError, ValueError) as error:
        raise Unavailable(f"The store at {location} does not answer as it should: {type(error).__name__}.") from error


def _open_store(account: IntegrationAccount, location: str) -> ObjectStore:
    """Open the folder at a location such as s3://bucket/folder."""
    parts, options = urlsplit(location), account.settings.options
    endpoint, prefix = options.get("endpoint"), parts.path.lstrip("/")
    match parts.scheme:
        case "s3":
            keys = msgspec.json.decode(account.secret, type=AwsKeys)
            region = options.get("region", "us-east-1")
            return open_s3(parts.netloc, keys, region=region, endpoint=endpoint, prefix=prefix)
        case "gs":
            key = msgspec.json.decode(account.secret, type=ServiceAccount)
            return open_gcs(parts.netloc, key, endpoint=endpoint, prefix=prefix)
        case _:
            azure = msgspec.json.decode(account.secret, type=AzureKeys)
            return open_azure(parts.netloc, azure, endpoint=endpoint, prefix=prefix)
