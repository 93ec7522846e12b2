"""Where a webhook's URL leads, and whether the service may go there (safety.md T50).

A URL is taken in one spelling only: what one parser reads in another way than the next is refused. A host is looked up
once; if any of its addresses is not public, none of them is called, and the caller connects to an address and not to a
name, so that a second lookup with another answer has no say.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from signet.errors import WebhookRefused

Resolver = Callable[[str, int], list[str]]
"""The addresses of a host, as texts. Raises OSError where it has none."""

_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
                  r"(?P<path>(?:[/?][!-~]*)?)\Z")  # fmt: skip
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"[0-9]+\Z|0x[0-9a-f]*\Z")
_DOTTED = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})\Z")
_PATTERN = re.compile(
    r"(?P<http>http://)?(?P<host>\*|(?:\*\.)?[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?\Z"
)
TLS = 443

_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_NEVER = tuple(
    ip_network(text)
    for text in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "64:ff9b:1::/48",
                 "100::/64", "2001::/23", "2001:db8::/32", "5f00::/16", "fc00::/7", "fec0::/10")
)  # fmt: skip
"""Networks that are public by no one's reading, whatever a Python version's own tables say."""


class Target(NamedTuple):
    """A URL in its parts; ``host`` in small letters, without brackets and without a last dot."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if (self.scheme, self.port) == ("https", TLS) else f"{host}:{self.port}"


def target(url: str, hosts: Iterable[str]) -> Target:
    """The parts of a URL that may be called; WebhookRefused for all others. It looks nothing up."""
    found = _URL.match(url)
    if found is None:
        raise WebhookRefused(
            "The URL is not in the form that is sent: https://HOST[:PORT]/PATH without a login.", _HELP
        )
    host = found["host"].lower().strip("[]").removesuffix(".")
    port = int(found["port"]) if found["port"] else TLS if found["scheme"] == "https" else 80
    if not 0 < port < 65_536:
        raise WebhookRefused(f"{port} is no port.", _HELP)
    if reason := _spelling(host):
        raise WebhookRefused(f"The host {host} is refused: {reason}.", _HELP)
    path = found["path"] if found["path"].startswith("/") else "/" + found["path"]
    wanted = Target(found["scheme"], host, port, path)
    if not any(_fits(wanted, pattern) for pattern in hosts):
        raise WebhookRefused(
            f"The service does not call {wanted.scheme}://{wanted.authority}.",
            "Whoever runs it can allow the host: signet serve --webhook-host HOST.",
        )
    return wanted


_HELP = "Mend the url in the webhook's file."


def _spelling(host: str) -> str:
    """Why a host is not taken as it is written: numbers in other forms than four decimals, odd labels."""
    if ":" in host:
        try:
            IPv6Address(host)
        except ValueError:
            return "it is no IPv6 address"
        return ""
    if not host or not all(_LABEL.match(label) for label in host.split(".")):
        return "it is no name of a host"
    if _NUMBER.match(host.rpartition(".")[2]):
        try:
            if _DOTTED.match(host):
                IPv4Address(host)
                return ""
        except ValueError:
            pass
        return "an address is written as four decimal numbers"
    return ""


def _fits(wanted: Target, pattern: str) -> bool:
    found = _PATTERN.match(pattern)
    if found is None:
        return False
    if found["http"]:
        return wanted == ("http", found["host"].lower().strip("[]"), int(found["port"] or 80), wanted.path)
    if wanted.scheme != "https" or wanted.port != int(found["port"] or TLS):
        return False
    host = found["host"].lower().strip("[]").removesuffix(".")
    if host == "*":
        return True
    return wanted.host.endswith(host[1:]) if host.startswith("*.") else wanted.host == host


def pattern_fault(pattern: str) -> str:
    """What is wrong with the pattern of a host; "" for nothing."""
    found = _PATTERN.match(pattern)
    if found is None:
        return "it is no host"
    if found["http"] and (not found["port"] or "*" in found["host"]):
        return "without TLS one host and its port are named"
    if found["port"] and not 0 < int(found["port"]) < 65_536:
        return "its port is none"
    host = found["host"].removeprefix("*.").strip("[]")
    return "" if host == "*" else _spelling(host.lower().removesuffix("."))


def looked_up(host: str, port: int) -> list[str]:
    """The addresses that this machine knows for a host."""
    return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def vetted(wanted: Target, resolver: Resolver, private: Iterable[str] = ()) -> list[str]:
    """The addresses to connect to, looked up once.

    WebhookRefused if any of them is not public and not allowed explicitly; OSError where the host has no address.
    """
    found = resolver(wanted.host, wanted.port)
    if not found:
        raise OSError("the host has no address")
    networks = [ip_network(text) for text in private]
    for text in found:
        address = _inner(_address(text))
        if any(address in network for network in networks):
            continue
        if not _is_public(address):
            raise WebhookRefused(
                f"The host {wanted.host} leads to an address that is not public.",
                "Whoever runs the service can allow its network: signet serve --webhook-network CIDR.",
            )
    return found


def _address(text: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(text)
    except ValueError:
        raise WebhookRefused("The host leads to what is no address.", _HELP) from None


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that really is called where one stands inside another (mapped, NAT64, 6to4, compatible)."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    odd = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not odd and not address.is_link_local and not address.is_private
