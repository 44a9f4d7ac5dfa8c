"""Resolve a host once and check its addresses, so that a connection goes to exactly those."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import TypeAlias

from service.network.address_policy import Address, AddressPolicy

MAX_ADDRESSES = 3
# A name server that does not answer holds a thread for long: other work in threads must not wait for one.
THREADS = ThreadPoolExecutor(16, thread_name_prefix="resolver")

# Resolves a host and port to addresses, as texts.
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefused(Exception):  # noqa: N818 - it reads as what it is
    """Messages may not be sent to this address"""


async def resolve(host: str, port: int) -> list[str]:
    """Resolve a host to its distinct addresses."""
    infos = await asyncio.get_running_loop().run_in_executor(THREADS, _look_up, host, port)
    return list(dict.fromkeys(infos))


async def find_addresses(host: str, port: int, *, seconds: float, resolve: Resolve = resolve) -> list[Address]:
    """Resolve a host to its addresses. Empty when it cannot be resolved in time."""
    try:
        async with asyncio.timeout(seconds):
            return [ip_address(text) for text in await resolve(host, port)]
    except (OSError, UnicodeError, TimeoutError):
        return []


class CheckedAddresses:
    """The host's addresses, resolved and checked once for all messages."""

    def __init__(self, name: str, port: int, *, policy: AddressPolicy, resolve: Resolve) -> None:
        self._name = name
        self._port = port
        self._policy = policy
        self._resolve = resolve
        self._addresses: list[str] = []
        self._lock = asyncio.Lock()

    async def load(self) -> list[str]:
        """Resolve and check the host. Raises AddressRefused, or what resolving raises."""
        async with self._lock:
            if not self._addresses:
                texts = await self._resolve(self._name, self._port)
                if not texts:
                    raise AddressRefused("The host has no address.")
                # One private address is enough to refuse the host: it is meant for internal use.
                addresses = [ip_address(text) for text in texts]
                if (detail := self._policy.find_address_fault(self._name, self._port, addresses)) is not None:
                    raise AddressRefused(f"Nothing was sent: {detail}")
                self._addresses = list(texts)[:MAX_ADDRESSES]
        return self._addresses


def _look_up(host: str, port: int) -> list[str]:
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
