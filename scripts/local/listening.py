"""Ports that are open before the server that answers there has started."""

from __future__ import annotations

import socket


def open_port(host: str, port: int, *, backlog: int) -> socket.socket:
    """Listen on a port (0: any that is free), for a server that is given the socket. Raises OSError.

    Nothing is held back on its connections (TCP_NODELAY). The server says so itself, but too late for clients that
    connected before: each of their answers would wait 40 ms for the acknowledgement of its head.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.create_server((host, port), family=family, backlog=backlog)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found
