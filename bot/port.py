"""The one port, taken before anything else starts."""

from __future__ import annotations

import socket


class PortTaken(Exception):
    """The text is for the operator."""


def bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else starts. Raises PortTaken."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return socket.create_server(found[0][4][:2], family=found[0][0], backlog=2048)
    except OSError as refused:
        why, _, _ = str(refused.strerror or refused).partition(" (while ")  # Python repeats the address there
        raise PortTaken(
            f"Cannot listen on {host}:{port} ({why[:1].lower()}{why[1:]}). Another program may have the port: "
            "stop it, or set WEB_PORT (and WEB_HOST) to something free."
        ) from None
