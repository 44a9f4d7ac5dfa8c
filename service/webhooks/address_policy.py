"""Which addresses a message may be sent to: public ones only, so that no webhook can reach into our own network."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address

# Cloud platforms serve their metadata here. The addresses look public.
PLATFORM_NETWORKS = (ip_network("168.63.129.16/32"), ip_network("192.0.0.0/24"))
NAT64 = ip_network("64:ff9b::/96")


def find_address_fault(address: Address, *, local: bool) -> str | None:
    """Why nothing is sent to this address, or None. `local` allows loopback, but no other private address."""
    address = _unwrap_ipv4(address)
    if address.is_loopback:
        return None if local else f"{address} is the server itself."
    if any(address in network for network in PLATFORM_NETWORKS if network.version == address.version):
        return f"{address} belongs to the cloud platform."
    if not address.is_global or address.is_multicast or address.is_reserved:
        return f"{address} is not a public address."
    return None


def find_url_fault(url: str, *, local: bool) -> str | None:
    """What is wrong with a webhook's URL, or None. Host names are not resolved here."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "Not a valid URL."
    detail = None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        detail = "url must be an https URL with a host."
    elif parts.scheme == "http" and not local:
        detail = "url must begin with https://."
    elif parts.username is not None or parts.password is not None:
        detail = "url must not contain a user name or password; messages are signed instead."
    elif parts.fragment:
        detail = "url must not have a fragment."
    return detail or _find_host_fault(str(parts.hostname), local=local)


def _find_host_fault(host: str, *, local: bool) -> str | None:
    try:
        return find_address_fault(ip_address(host), local=local)
    except ValueError:
        return None  # a host name; the sender checks its addresses


def _unwrap_ipv4(address: Address) -> Address:
    """The IPv4 address that an IPv6 address embeds, or else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
