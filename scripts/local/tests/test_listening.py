"""Ports that are open before their server."""

from __future__ import annotations

import socket

from scripts.local.listening import open_port


def test_answers_to_who_connected_before_the_server_started_are_not_held_back():
    with open_port("127.0.0.1", 0, backlog=5) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
