"""The models that answer on this machine: started when somebody asks, found again, and only a few at a time."""

import asyncio
import os
import secrets
import signal
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from service.network.address_policy import LOOPBACK
from service.network.resolver import resolve
from service.providers.local.job import LOG_FILE
from service.providers.local.job_folder import make_private
from service.providers.local.local_machine import Machine
from service.providers.local.model_server import ADDRESS_FILE, FAILURE_FILE, SERVER_FILE, USED_FILE, Address, Serving
from service.providers.local.trainer.folder_lock import find_holder
from service.providers.local.trainer_schedule import start_process
from service.providers.openai.chat import OpenAIChat
from service.providers.openai.wire_client import WireClient
from service.providers.provider import Account, Capabilities, Refused, Unreachable

SERVER = "service.providers.local.model_server"
MAX_SERVERS = 3
LOOK_SECONDS = 0.1
# A process that has just begun holds no lock yet.
BEGIN_SECONDS = 20.0


class ServedModels:
    """Gives out a chat with a model, whose server it starts. Any number of processes may do so at once."""

    def __init__(self, machine: Machine, account: Account) -> None:
        self._machine, self._account = machine, account
        self._clients: dict[str, tuple[Address, WireClient]] = {}

    async def get_chat(self, key: str, serving: Serving) -> OpenAIChat:
        """The chat with this model, after waiting for its start. Raises Refused, or Unreachable while it is loading."""
        folder = self._machine.servers / key
        address = await self._wait(folder, serving)
        (folder / USED_FILE).touch()
        known = self._clients.get(key)
        if known is None or known[0] != address:
            if known:
                await known[1].aclose()
            account = Account(
                kind="openai",
                base_url=address.url,
                secret=address.key,
                timeout_seconds=self._account.timeout_seconds,
                capabilities=Capabilities(stored_completions=False),
                policy=LOOPBACK,
            )
            known = self._clients[key] = address, WireClient(account, resolve)
        return OpenAIChat(known[1])

    async def aclose(self) -> None:
        for _, client in self._clients.values():
            await client.aclose()

    async def _wait(self, folder: Path, serving: Serving) -> Address:
        if address := find_address(folder):
            return address
        until = time.monotonic() + self._account.timeout_seconds
        begun: float | None = None
        while time.monotonic() < until:
            if address := find_address(folder):
                return address
            if find_holder(folder) is None and (begun is None or time.monotonic() - begun > BEGIN_SECONDS):
                if begun is not None:
                    raise Refused(f"The model cannot be loaded: {_read_failure(folder)}")
                await asyncio.to_thread(self._start, folder, serving)
                begun = time.monotonic()
            elif begun is not None and (folder / FAILURE_FILE).exists():
                raise Refused(f"The model cannot be loaded: {_read_failure(folder)}")
            await asyncio.sleep(LOOK_SECONDS)
        raise Unreachable("The model is being loaded. Ask again soon.", retry_after=5.0, because="busy", undone=True)

    def _start(self, folder: Path, serving: Serving) -> None:
        make_private(folder)
        self._make_room(folder)
        (folder / FAILURE_FILE).unlink(missing_ok=True)
        part = folder / f"{SERVER_FILE}.part"
        chosen = msgspec.structs.replace(serving, key=secrets.token_urlsafe(24))
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(chosen))
        part.rename(folder / SERVER_FILE)
        start_process(SERVER, folder)

    def _make_room(self, wanted: Path) -> None:
        """End the servers that were asked longest ago, but for the newest few."""
        others = [path.parent for path in self._machine.servers.parent.glob(f"*/*/{USED_FILE}")]
        live = [(folder, pid) for folder in others if folder != wanted and (pid := find_holder(folder))]
        live.sort(key=lambda each: (each[0] / USED_FILE).stat().st_mtime)
        for _, pid in live[: max(0, len(live) - MAX_SERVERS + 1)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def find_address(folder: Path) -> Address | None:
    """Where a server that lives answers."""
    try:
        address = msgspec.json.decode((folder / ADDRESS_FILE).read_bytes(), type=Address)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return address if find_holder(folder) else None


def _read_failure(folder: Path) -> str:
    with suppress(OSError):
        return (folder / FAILURE_FILE).read_text()
    with suppress(OSError):
        return (folder / LOG_FILE).read_text(errors="replace")[-300:]
    return "it ended without a word"
