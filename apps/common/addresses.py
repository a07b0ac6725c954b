"""The client's address: the socket's, unless trusted proxies say otherwise."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address as text.

    With NUM_PROXIES = n, the n-th address from the right of X-Forwarded-For counts: what stands
    further left was written by the client. What is no address falls back to the socket's.
    """
    socket_address: str = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - a unix socket has none
    if not settings.NUM_PROXIES:
        return socket_address
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if len(hops) < settings.NUM_PROXIES:
        return socket_address
    try:
        return str(ipaddress.ip_address(hops[-settings.NUM_PROXIES]))
    except ValueError:
        return socket_address
