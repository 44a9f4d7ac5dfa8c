"""Log a run to W&B in a process of its own."""

import asyncio
import os
import sys

import msgspec

from service.errors import Unavailable
from service.extras import require_extra
from service.integrations.integration_accounts import IntegrationAccount
from service.settings import Settings
from service.trackers.run_record import RunRecord
from service.trackers.wandb_upload import WandbJob, WandbLogged

SECONDS = 300.0


async def log_to_wandb(account: IntegrationAccount, settings: Settings, record: RunRecord) -> str | None:
    """Log the run. Returns its link. Raises MissingExtra, or Unavailable when it did not end well.

    With WANDB_MODE=offline in the worker's environment, runs are written to `wandb` in the data directory instead.
    """
    require_extra("wandb")
    folder = (settings.data_directory / "wandb").expanduser().absolute()
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    options = account.settings.options
    job = WandbJob(
        project=options.get("project", "tuneledger"), entity=options.get("entity"), folder=str(folder), record=record
    )
    environment = {"WANDB_API_KEY": account.secret, "WANDB_BASE_URL": account.settings.url, "WANDB_SILENT": "true"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.trackers.wandb_upload"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | environment,
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate(msgspec.json.encode(job) + b"\n")
    except TimeoutError:
        raise Unavailable(f"W&B at {account.settings.url} did not take the run within {SECONDS:g} s.") from None
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise Unavailable(f"W&B at {account.settings.url} did not take the run: see whether its key is still good.")
    return msgspec.json.decode(output.splitlines()[-1], type=WandbLogged).link
