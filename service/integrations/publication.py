"""Publish a folder at an integration: at the Hub, or in an object store. The same again changes nothing."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import from_url

from service.errors import Conflict, Unavailable
from service.extras import require_extra
from service.integrations.domain import parse_store_secret
from service.integrations.hub_upload import Upload, Uploaded
from service.integrations.integration_accounts import IntegrationAccount

# Nothing about this machine goes to the Hub, and nothing of its cache is read.
HUB_ENVIRONMENT = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}
REFUSALS = (PermissionDeniedError, UnauthenticatedError, NotFoundError)


async def publish(account: IntegrationAccount, folder: Path, *, path: str, private: bool, message: str) -> str:
    """Publish a folder. Returns where it is. Raises Conflict when it is refused for good, Unavailable otherwise."""
    if account.kind == "huggingface":
        return await _upload_to_hub(account, folder, path=path, private=private, message=message)
    return await _put_into_store(account, folder, path=path)


async def _upload_to_hub(account: IntegrationAccount, folder: Path, *, path: str, private: bool, message: str) -> str:
    require_extra("hub")
    if path.count("/") != 1:
        raise Conflict(f"A repository on the Hub is named owner/name, not {path}.")
    job = Upload(
        url=account.settings.url.rstrip("/"),
        token=account.secret,
        folder=str(folder),
        repository=path,
        private=private,
        message=message,
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
    return uploaded.location


async def _put_into_store(account: IntegrationAccount, folder: Path, *, path: str) -> str:
    settings = account.settings
    config: dict[str, Any] = parse_store_secret(account.secret)
    config |= {name: settings.options[name] for name in ("endpoint", "region") if name in settings.options}
    is_plain = settings.options.get("endpoint", "").startswith("http://")
    location = f"{settings.url.rstrip('/')}/{path}"
    files = await asyncio.to_thread(lambda: sorted(each for each in folder.rglob("*") if each.is_file()))
    try:
        open_store: Any = from_url  # its types know the settings by name only
        store = open_store(location, config=config, client_options={"allow_http": is_plain})
        for file in files:
            await obstore.put_async(store, file.relative_to(folder).as_posix(), file)
    except REFUSALS as error:
        raise Conflict(f"The store refuses {location}: {type(error).__name__}.") from error
    except (BaseError, ValueError) as error:
        raise Unavailable(f"The store at {location} does not answer as it should: {type(error).__name__}.") from error
    return location
