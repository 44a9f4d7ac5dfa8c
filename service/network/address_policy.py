"""Which servers we connect to for a tenant: public ones, and those that the operator allows.

Without this, a tenant could reach into the operator's own network through us.
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

import msgspec

Address: TypeAlias = IPv4Address | IPv6Address

# Cloud platforms serve their metadata here. The addresses look public.
PLATFORM_NETWORKS = (ip_network("168.63.129.16/32"), ip_network("192.0.0.0/24"))
NAT64 = ip_network("64:ff9b::/96")
# All unicast addresses that are given out. This leaves out the site-local fec0::/10 and 5f00::/16, for example.
GLOBAL_UNICAST = ip_network("2000::/3")
# In IANA's registries of special-purpose addresses, and global to Python's ipaddress.
SPECIAL_NETWORKS = (
    ip_network("192.88.99.0/24"),  # relays of 6to4
    ip_network("2001::/23"),  # protocols, such as Teredo
    ip_network("3fff::/20"),  # documentation
)
MAX_PORT = 65_535
# How the C library writes IPv4 addresses besides the usual way: 2130706433, 0x7f.1, 0177.0.0.1.
NUMERIC_HOST = re.compile(r"(0x)?[0-9a-f]+(\.(0x)?[0-9a-f]+){0,3}", re.IGNORECASE)
ALLOWED = re.compile(r"(?P<host>[^\s:/\[\]]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
HOST_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.IGNORECASE)


class AllowedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A host name or else a network, at one port or at all."""

    name: str | None = None
    network: IPv4Network | IPv6Network | None = None
    port: int | None = None


class AddressFault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a server is not connected to."""

    code: str
    detail: str


class AddressPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Public addresses over https, and what the operator allows. `setting` allows more; refusals name it."""

    allowed: tuple[AllowedTarget, ...] = ()
    setting: str | None = None

    def find_fault(self, scheme: str, host: str, port: int, addresses: Sequence[Address]) -> AddressFault | None:
        """Why this server is not connected to, or None. One address that is not public is enough to refuse it."""
        literal = parse_literal(host)
        known = [literal] if literal else addresses
        if self._allows_name(host, port):
            return None
        refused = [each for each in known if not self._allows_address(each, port)]
        for address in refused:
            if (detail := find_address_fault(address)) is not None:
                # What a name of the inner network resolves to is not the tenant's to know.
                shown = detail if literal else f"{host} does not have a public address."
                return AddressFault(code="address_not_allowed", detail=self._add_hint(shown))
        if scheme != "https" and (refused or not known):
            return AddressFault(code="https_required", detail=self._add_hint("Use https://."))
        return None

    def find_address_fault(self, host: str, port: int, addresses: Sequence[Address]) -> str | None:
        """Why one of the addresses is not connected to, whatever the scheme, or None."""
        if self._allows_name(host, port):
            return None
        refused = (each for each in addresses if not self._allows_address(each, port))
        return next((detail for each in refused if (detail := find_address_fault(each))), None)

    def _allows_name(self, host: str, port: int) -> bool:
        name = host.lower().rstrip(".")
        return any(each.name == name and each.port in (None, port) for each in self.allowed)

    def _allows_address(self, address: Address, port: int) -> bool:
        plain = _unwrap_ipv4(address)
        return any(
            each.network is not None
            and each.network.version == plain.version
            and plain in each.network
            and each.port in (None, port)
            for each in self.allowed
        )

    def _add_hint(self, detail: str) -> str:
        return f"{detail} An operator can allow other servers with {self.setting}." if self.setting else detail


PUBLIC = AddressPolicy()
LOOPBACK = AddressPolicy(
    allowed=(AllowedTarget(network=ip_network("127.0.0.0/8")), AllowedTarget(network=ip_network("::1/128")))
)


def find_address_fault(address: Address) -> str | None:
    """Why this is no public address, or None."""
    address = _unwrap_ipv4(address)
    if address.is_loopback:
        return f"{address} is the server itself."
    if _is_in(address, PLATFORM_NETWORKS):
        return f"{address} belongs to the cloud platform."
    is_given_out = isinstance(address, IPv4Address) or address in GLOBAL_UNICAST
    special = not address.is_global or address.is_multicast or address.is_reserved or _is_in(address, SPECIAL_NETWORKS)
    return f"{address} is not a public address." if special or not is_given_out else None


def parse_literal(host: str) -> Address | None:
    """Parse an address, also in the odd forms that the C library takes for one. None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host)) if NUMERIC_HOST.fullmatch(host) else None
    except OSError:
        return None


def parse_policy(text: str | None, *, setting: str) -> AddressPolicy:
    """Parse a list of hosts, host:port, addresses and networks. Raises ValueError with the entry that is none."""
    entries = [entry.strip() for entry in text.split(",")] if text else []
    return AddressPolicy(allowed=tuple(_parse_target(entry) for entry in entries), setting=setting)


def _parse_target(entry: str) -> AllowedTarget:
    try:
        return AllowedTarget(network=ip_network(entry))  # without a port; IPv6 addresses have colons of their own
    except ValueError:
        pass
    match = ALLOWED.fullmatch(entry)
    host = match["host"].strip("[]") if match else ""
    port = int(match["port"]) if match and match["port"] else None
    if port is not None and not 0 < port <= MAX_PORT:
        host = ""
    try:
        return AllowedTarget(network=ip_network(host), port=port)
    except ValueError:
        if not HOST_NAME.fullmatch(host) or parse_literal(host):
            raise ValueError(f"{entry!r} is not a host, host:port, address or network, such as 10.1.0.0/16") from None
    return AllowedTarget(name=host.lower(), port=port)


def _is_in(address: Address, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _unwrap_ipv4(address: Address) -> Address:
    """The IPv4 address that an IPv6 address embeds, or else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
