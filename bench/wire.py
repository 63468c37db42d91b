"""Just enough of HTTP/1.1 for a network that must never be the slow one: asyncio's protocol, keep-alive, no framework.

The emulators of ``tests/emulators`` judge every parameter and so cost as much as the bots that are measured here.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

Reply = Callable[[bytes], None]
Serve = Callable[[str, dict[str, str], Reply], None]
"""(path, parameters, where the JSON of the answer goes, now or later)"""

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
KIND = re.compile(rb"\r\ncontent-type:\s*([^\r;]+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:\s*chunked", re.IGNORECASE)
END = b"\r\n\r\n"


def dumps(value: Any) -> str:
    """JSON as the networks write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Connection(asyncio.Protocol):
    """One connection of the bot: request after request."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, failed: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (taken := request(self._buffer)) is not None:
            head, body, self._buffer = taken
            path, _, query = head[: head.index(b"\r\n")].split(b" ")[1].decode().partition("?")
            self._serve(path, parameters(head, query, body), self._reply)

    def _reply(self, body: bytes) -> None:
        if self._transport is not None:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            self._transport.write(head + body)


def request(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The first whole request of a buffer: its head, its body, and what follows. None: more has to come."""
    ends = buffer.find(END)
    if ends < 0:
        return None
    head, rest = buffer[: ends + 2], buffer[ends + 4 :]
    if CHUNKED.search(head):
        return _chunked(head, rest)
    found = LENGTH.search(head)
    length = int(found[1]) if found else 0
    return (head, rest[:length], rest[length:]) if len(rest) >= length else None


def _chunked(head: bytes, rest: bytes) -> tuple[bytes, bytes, bytes] | None:
    body = b""
    while True:
        size, line, rest = rest.partition(b"\r\n")
        if not line:
            return None
        length = int(size.split(b";")[0], 16)
        if len(rest) < length + 2:
            return None
        body, rest = body + rest[:length], rest[length + 2 :]
        if not length:
            return head, body, rest


def parameters(head: bytes, query: str, body: bytes) -> dict[str, str]:
    """Of the address and of the body, whichever way it was written; everything as text, structures as JSON."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return given
    kind = KIND.search(head)
    how = kind[1].strip().lower() if kind else b""
    if how == b"application/json":
        given |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in loads(body).items()}
    elif how == b"multipart/form-data":
        given |= _multipart(head, body)
    else:
        given |= _form(body.decode())
    return given


def _form(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split("&"))
    return {name: unquote(value.replace("+", " ")) for name, _, value in pairs}


def _multipart(head: bytes, body: bytes) -> dict[str, str]:
    found = re.search(rb'boundary="?([^"\r;]+)', head)
    assert found, "a multipart body without a boundary"
    given = {}
    for part in body.split(b"--" + found[1])[1:-1]:
        top, _, value = part.partition(END)
        name = re.search(rb'name="([^"]+)"', top)
        assert name, f"a part without a name: {top!r}"
        given[name[1].decode()] = value.removesuffix(b"\r\n").decode()
    return given


async def listen(serve: Serve) -> tuple[asyncio.Server, str]:
    """The server and its address."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(serve), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    return server, f"http://{host}:{port}"


def loads(text: str | bytes) -> Any:
    """Structured parameters, read by the quickest reader there is."""
    return json.loads(text)
