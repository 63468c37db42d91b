"""A POST of bytes over aiohttp's connections, and nothing of its client but these.

Its pool, its TLS, its proxies and its parser are used as they are. What ``ClientSession.post`` does besides (redirects,
cookies, kinds of bodies, a task that writes, a model of the answer) is two thirds of what a call costs, and a call of
the Bot API has no use for it.
"""

from __future__ import annotations

import asyncio

from aiohttp import (
    ClientConnectionResetError,
    ClientPayloadError,
    ClientRequest,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
)
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

__all__ = ["PlainPost"]

_LINE = "{name}: {value}\r\n"


class PlainPost:
    """Of JSON, over the connections of ``http``."""

    def __init__(self, http: ClientSession) -> None:
        self.http = http
        self._addresses: dict[str, tuple[ClientRequest, bytes]] = {}

    async def __call__(self, url: str, body: bytes, limits: ClientTimeout) -> tuple[int, bytes]:
        """The status and the body of the answer. Of ``limits``, ``total`` and ``connect`` hold. Raises TimeoutError,
        and what aiohttp's own client raises: ConnectionTimeoutError and ClientConnectorError when nothing was sent."""
        request, head = self._address(url)
        async with asyncio.timeout(limits.total):
            connection = await self._connect(request, limits)
            try:
                answer = await _exchange(connection, head % len(body) + body)
            except BaseException:
                connection.close()  # what comes over it later would answer another call
                raise
            connection.release()
            return answer

    async def _connect(self, request: ClientRequest, limits: ClientTimeout) -> Connection:
        assert self.http.connector is not None, "the session is closed"
        try:
            return await self.http.connector.connect(request, traces=[], timeout=limits)
        except TimeoutError as late:
            raise ConnectionTimeoutError("no connection in time") from late

    def _address(self, url: str) -> tuple[ClientRequest, bytes]:
        """Whom to connect to, and what stands before a body but its length."""
        if url not in self._addresses:
            to = URL(url)
            request = ClientRequest("POST", to, loop=asyncio.get_running_loop(), session=self.http)
            lines = {"Host": request.headers["Host"], **self.http.headers, "Content-Type": "application/json"}
            told = "".join(_LINE.format(name=name, value=value) for name, value in lines.items())
            head = f"POST {to.raw_path_qs} HTTP/1.1\r\n{told}".replace("%", "%%") + "Content-Length: %d\r\n\r\n"
            self._addresses[url] = request, head.encode()
        return self._addresses[url]


async def _exchange(connection: Connection, said: bytes) -> tuple[int, bytes]:
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        raise ClientConnectionResetError("the connection is gone")
    protocol.set_response_params(read_until_eof=True)
    transport.write(said)
    try:
        message, content = await protocol.read()
        while 100 <= message.code < 200 and message.code != 101:  # told that it was heard, and nothing else
            message, content = await protocol.read()
        return message.code, await content.read()
    except HttpProcessingError as odd:
        raise ClientPayloadError("no answer in HTTP") from odd
