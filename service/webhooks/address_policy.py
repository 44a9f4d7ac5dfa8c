"""Where a message may be sent: servers that anybody can reach, so that nobody looks into our own network through us."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address

# Cloud platforms answer their machines here, at addresses that look public.
PLATFORM_NETWORKS = (ip_network("168.63.129.16/32"), ip_network("192.0.0.0/24"))
NAT64 = ip_network("64:ff9b::/96")


def find_address_fault(address: Address, *, local: bool) -> str | None:
    """Why nothing is sent to this address, or None. `local` lets loopback pass, and nothing else that is private."""
    address = _unwrap_ipv4(address)
    if address.is_loopback:
        return None if local else f"{address} is this machine itself."
    if any(address in network for network in PLATFORM_NETWORKS if network.version == address.version):
        return f"{address} belongs to the platform that machines run on."
    if not address.is_global or address.is_multicast or address.is_reserved:
        return f"{address} is not a public address."
    return None


def find_url_fault(url: str, *, local: bool) -> str | None:
    """What is wrong with the URL of an endpoint, as far as it shows before its name is resolved."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "This is not a URL."
    detail = None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        detail = "The url is an https URL with a host."
    elif parts.scheme == "http" and not local:
        detail = "The url begins with https://, so that nobody on the way can read what is sent."
    elif parts.username is not None or parts.password is not None:
        detail = "The url holds no user name or password: every message is signed."
    elif parts.fragment:
        detail = "The url has no fragment."
    return detail or _find_host_fault(str(parts.hostname), local=local)


def _find_host_fault(host: str, *, local: bool) -> str | None:
    try:
        return find_address_fault(ip_address(host), local=local)
    except ValueError:
        return None  # a name, which is looked up when something is sent


def _unwrap_ipv4(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
