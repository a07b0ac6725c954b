"""The client's address: the socket's, unless trusted proxies say otherwise.

Every rule by address reads it here: throttles, lock-out, sessions, the admin's login. RFC 7239's
`Forwarded` is never read: a proxy that does not know it passes on what the client wrote.
"""

from __future__ import annotations

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - of a unix socket, which has none
# `[2001:db8::1]`, `[2001:db8::1]:443`, `203.0.113.7:54321`; an IPv6 address with a port has brackets (RFC 5952 §6).
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d*)?|(?P<v4>[0-9.]+):\d*", re.ASCII)
NETWORK_BITS = 64  # of an IPv6 address: one client has all of them to itself (RFC 6177)


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address as text, without port, brackets and zone; IPv4 inside IPv6 as IPv4.

    With NUM_PROXIES = n, the n-th address from the right of X-Forwarded-For counts: what stands
    further left was written by the client. What is no address falls back to the socket's.
    """
    socket_address = plain_address(request.META.get("REMOTE_ADDR") or "") or UNKNOWN
    if not settings.NUM_PROXIES:
        return socket_address
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if len(hops) < settings.NUM_PROXIES:
        return socket_address
    return plain_address(hops[-settings.NUM_PROXIES]) or socket_address


def plain_address(text: str) -> str | None:
    """Return the bare address in `text`, in its shortest form; None when there is none."""
    text = text.strip().strip('"')
    if found := WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"] or ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def address_key(request: HttpRequest) -> str:
    """Return the key under which rate limits count a client that is not logged in."""
    return f"address:{client_network(client_address(request))}"


def client_network(address: str) -> str:
    """Return what a limit counts for a client's address: the address itself, of IPv6 its /64."""
    parsed = ipaddress.ip_address(plain_address(address) or UNKNOWN)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False).network_address)
