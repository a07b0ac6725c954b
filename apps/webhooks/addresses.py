"""Which addresses webhooks may be sent to (contract WH9): what is not global needs a line in the settings.

A name is resolved once per attempt, and the connection goes to an address that was checked here.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import idna
from django.conf import settings

from apps.common.errors import ValidationError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = {"https": 443, "http": 80}
HOST_LENGTH = 253
# Networks that are not global, or lead into one that is not, whatever the version of Python says (IANA registries)
LOCAL = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "3fff::/20",
    )
]  # fmt: skip
# All that IANA hands out; what lies elsewhere is local, leads into IPv4, or is nobody's
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
TRANSLATED = ipaddress.ip_network("::ffff:0:0:0/96")  # RFC 7915
ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214: before the IPv4 address at the end


class NotAllowedError(Exception):
    """The address is none that webhooks may be sent to."""


class UnresolvedError(Exception):
    """The name stands for no address now."""


@dataclass(frozen=True)
class Target:
    """Where a request goes: `addresses` were checked."""

    scheme: str
    host: str
    port: int
    path: str  # with the query
    addresses: tuple[Address, ...] = ()


def read_url(url: str) -> Target:
    """Return what a URL names, unresolved.

    Raises ValidationError at /url: `invalid` for what is no such URL, or has a user, a password or a fragment;
    `address_not_allowed` for http while it is not switched on.
    """
    try:
        parts = urlsplit(url)
        host, port = _host(parts), parts.port
    except ValueError:
        raise _invalid("This is not a URL.") from None
    if parts.scheme not in PORTS or not host or len(host) > HOST_LENGTH or port == 0:
        raise _invalid("Give a URL that begins with https:// and names a host.")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise _invalid("The URL has a user, a password or a fragment.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise _invalid("The URL has characters that are to be percent-encoded.")
    if parts.scheme == "http" and not settings.WEBHOOK_ALLOW_HTTP:
        raise not_allowed("Only https is allowed here; WEBHOOK_ALLOW_HTTP opens http.")
    return Target(parts.scheme, host, port if port is not None else PORTS[parts.scheme], path)


def require_allowed(url: str) -> None:
    """Raise ValidationError at /url for an address that webhooks may not be sent to; an unknown name passes (WH9)."""
    target = read_url(url)
    try:
        resolve(target)
    except NotAllowedError as error:
        raise not_allowed(str(error)) from None
    except UnresolvedError:
        return


def resolve(target: Target) -> Target:
    """Return the target with its addresses, each of which is allowed. Raises NotAllowedError, UnresolvedError."""
    addresses = tuple(dict.fromkeys(_looked_up(target.host, target.port)))
    if not addresses:
        raise UnresolvedError(f"{target.host} has no address")
    if not is_named(target.host):
        for address in addresses:
            if not is_allowed(address):
                raise NotAllowedError(
                    f"{target.host} leads to an address that is not public; WEBHOOK_ALLOWED_HOSTS and"
                    " WEBHOOK_ALLOWED_NETWORKS say which of those may be used."
                )
    return Target(target.scheme, target.host, target.port, target.path, addresses)


def is_named(host: str) -> bool:
    """Return whether WEBHOOK_ALLOWED_HOSTS names exactly this host."""
    wanted = host.lower().rstrip(".").strip("[]")
    return wanted in {name.strip().lower().rstrip(".").strip("[]") for name in settings.WEBHOOK_ALLOWED_HOSTS}


def is_allowed(address: Address) -> bool:
    """Return whether an address is global, with every address inside it, or in WEBHOOK_ALLOWED_NETWORKS."""
    return _is_allowed(address, tuple(settings.WEBHOOK_ALLOWED_NETWORKS))


@lru_cache(maxsize=1_024)
def _is_allowed(address: Address, networks: tuple[str, ...]) -> bool:
    allowed = [ipaddress.ip_network(network.strip(), strict=False) for network in networks]
    return all(_is_global(each) or _in(each, allowed) for each in _with_embedded(address))


def _looked_up(host: str, port: int) -> Iterator[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnresolvedError(f"{host} cannot be resolved") from error
    for *_, place in found:
        yield ipaddress.ip_address(str(place[0]).partition("%")[0])


def _with_embedded(address: Address) -> Iterator[Address]:
    """Yield the addresses that decide: the IPv4 ones inside an IPv6 one take its place, or stand beside it."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address in NAT64 or address in TRANSLATED:
        yield _last_four_bytes(address)
    elif (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
        yield address
        yield _last_four_bytes(address)
    else:
        yield address


def _last_four_bytes(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _is_global(address: Address) -> bool:
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    return not _in(address, LOCAL) and not address.is_multicast and address.is_global


def _in(address: Address, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _host(parts: SplitResult) -> str:
    """Return the host in ASCII (IDNA 2008, UTS 46). ValueError for what is none."""
    host = parts.hostname or ""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(str(error)) from None


def _invalid(detail: str) -> ValidationError:
    return ValidationError.at("/url", "invalid", detail)


def not_allowed(detail: str) -> ValidationError:
    """Return the error for an address that webhooks may not be sent to."""
    return ValidationError.at("/url", "address_not_allowed", detail)
