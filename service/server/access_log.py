"""The access log: a line for every refusal and every slow request, or for all requests."""

import ipaddress
from collections.abc import Sequence
from typing import Any

import structlog
from litestar.datastructures import Headers

from service.settings import Settings, parse_trusted_proxies

REFUSALS = (401, 403, 429)
Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]

log = structlog.get_logger(__name__)


class AccessLog:
    """Writes which requests were refused or slow, and from where they came."""

    def __init__(self, settings: Settings) -> None:
        self._kind = settings.access_log
        self._slow = settings.slow_request_seconds
        self._proxies = parse_trusted_proxies(settings)

    def write(self, scope: Any, *, status: int, seconds: float) -> None:
        """Write a line if the settings want one. `seconds` are those until the answer began: a stream is not slow."""
        is_notable = status in REFUSALS or seconds >= self._slow
        if self._kind == "off" or (self._kind == "refusals" and not is_notable):
            return
        state = scope.get("state", {})
        holder, sent = state.get("holder"), state.get("client_request_id")
        log.info(
            "request",
            method=scope["method"],
            path=scope.get("path_template") or "none",
            status=status,
            ms=round(seconds * 1000),
            client=find_client_address(scope, self._proxies),
            request_id=state.get("request_id"),
            **({"key_id": str(holder.key_id), "workspace": str(holder.workspace_id)} if holder else {}),
            **({"client_request_id": sent} if sent else {}),
        )


def find_client_address(scope: Any, proxies: Networks) -> str | None:
    """The peer's address; behind proxies that are trusted, the last one in X-Forwarded-For that is none of them."""
    peer: str | None = (scope.get("client") or [None])[0]
    forwarded = Headers.from_scope(scope).getall("x-forwarded-for", [])
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    address = peer
    while address is not None and hops and _is_within(address, proxies):
        address = hops.pop()
    return address if address is None or _parse(address) is not None else peer


def is_loopback(scope: Any) -> bool:
    """Whether a program on this machine asks, and not a proxy for somebody else."""
    headers = Headers.from_scope(scope)
    address = _parse((scope.get("client") or [""])[0])
    return address is not None and address.is_loopback and not {"x-forwarded-for", "forwarded"} & set(headers)


def _is_within(text: str, networks: Networks) -> bool:
    address = _parse(text)
    return address is not None and any(address in network for network in networks)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)  # as a socket for both families shows its peers
    return mapped or address
