"""A POST of bytes, or a GET, over aiohttp's connections, and nothing of its client but these.

Its pool, its TLS and its proxies are used as they are. What ``ClientSession.post`` does besides (redirects, cookies,
kinds of bodies, a task that writes, a model of the answer) is two thirds of what a call costs, and a call of the Bot
API has no use for it. An answer as a network gives it thousands of times a day, 200 with its length, is read here; any
other is left to aiohttp's parser, from its first byte.
"""

from __future__ import annotations

import asyncio
import re

from aiohttp import (
    ClientConnectionResetError,
    ClientConnectorError,
    ClientOSError,
    ClientPayloadError,
    ClientRequest,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    ServerDisconnectedError,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from yarl import URL

__all__ = ["NEVER_LEFT", "PlainPost"]

NEVER_LEFT = (ClientConnectorError, ConnectionTimeoutError, ProxyConnectionError, ProxyError, ProxyTimeoutError)
_LINE = "{name}: {value}\r\n"
_LENGTH = re.compile(rb"\ncontent-length: (\d{1,12})\r")
_ODD = re.compile(
    rb"\x00|\r(?!\n|$)|\n(?![^:\r\n]+:)|\n(?:content-encoding|transfer-encoding|upgrade|proxy-connection|[ \t]|"
    rb"content-length(?!: \d{1,12}\r)|connection(?!: keep-alive\r))"
)
"""Of a head: what makes a body end elsewhere than its length says, or its connection with it, lines that go on, and
what is no head."""
_HEAD = 8000  # bytes of one that is read here


class PlainPost:
    """Over the connections of ``http``. ``kind``: of what is posted."""

    def __init__(self, http: ClientSession, *, kind: str) -> None:
        self.http, self._kind = http, kind
        self._posts: dict[str, tuple[ClientRequest, bytes]] = {}
        self._gets: dict[str, tuple[ClientRequest, bytes]] = {}
        self._awaited: set[_Answer] = set()
        self._look: asyncio.TimerHandle | None = None

    async def __call__(self, url: str, body: bytes, limits: ClientTimeout) -> tuple[int, bytes]:
        """The status and the body of the answer. Of ``limits``, ``total`` and ``connect``, a part of it, hold. Raises
        TimeoutError, and what aiohttp's own client raises; NEVER_LEFT when nothing was sent."""
        if url not in self._posts:
            self._posts[url] = self._address("POST", url, {"Content-Type": self._kind}, length="Content-Length: %d\r\n")
        request, head = self._posts[url]
        return await self._ask(request, head % len(body) + body, limits)

    async def get(self, url: str, query: str, limits: ClientTimeout) -> tuple[int, bytes]:
        """The same of a GET, which has a ``query``, written as it is sent. Where a kept connection has died it asks
        once more, as aiohttp's client does: nothing is done by it."""
        if url not in self._gets:  # only the last: a server may be named anew for good
            self._gets = {url: self._address("GET", url, {}, query="&%b" if URL(url).raw_query_string else "?%b")}
        request, head = self._gets[url]
        said = head % query.encode()
        try:
            return await self._ask(request, said, limits)
        except NEVER_LEFT:
            raise
        except (ClientOSError, ServerDisconnectedError):
            return await self._ask(request, said, limits)

    async def _ask(self, request: ClientRequest, said: bytes, limits: ClientTimeout) -> tuple[int, bytes]:
        assert limits.total is not None
        until = asyncio.get_running_loop().time() + limits.total
        connection = await self._connect(request, limits)
        try:
            answer = await self._exchange(connection, said, until)
        except BaseException:
            connection.close()  # what comes over it later would answer another call
            raise
        connection.release()
        return answer

    async def _connect(self, request: ClientRequest, limits: ClientTimeout) -> Connection:
        assert self.http.connector is not None, "the session is closed"
        try:
            while True:
                connection = await self.http.connector.connect(request, traces=[], timeout=limits)
                if connection.protocol is None or not connection.protocol.should_close:
                    return connection
                connection.close()  # something came over it that nobody had asked for
        except TimeoutError as late:
            raise ConnectionTimeoutError("no connection in time") from late

    async def _exchange(self, connection: Connection, said: bytes, until: float) -> tuple[int, bytes]:
        handler, transport = connection.protocol, connection.transport
        if handler is None or transport is None:
            raise ClientConnectionResetError("the connection is gone")
        answer = _Answer(handler, transport, until)
        transport.set_protocol(answer)
        self._expect(answer)
        try:
            transport.write(said)
            plain = await answer.whole
        finally:
            self._awaited.discard(answer)
            transport.set_protocol(handler)
        return plain or await _read(handler, until)

    # ------------------------------------------------------------ deadlines

    def _expect(self, answer: _Answer) -> None:
        """One look at the first deadline of all is cheaper than a timer for each call."""
        self._awaited.add(answer)
        if self._look is None or answer.until < self._look.when():
            self._look_at(answer.until)

    def _look_at(self, when: float) -> None:
        if self._look is not None:
            self._look.cancel()
        self._look = asyncio.get_running_loop().call_at(when, self._cut_off)

    def _cut_off(self) -> None:
        self._look = None
        now = asyncio.get_running_loop().time()
        for answer in self._awaited:
            if answer.until <= now:
                answer.cut_off()
        if later := [answer.until for answer in self._awaited if answer.until > now]:
            self._look_at(min(later))

    # ------------------------------------------------------------ what is said

    def _address(
        self, method: str, url: str, more: dict[str, str], *, query: str = "", length: str = ""
    ) -> tuple[ClientRequest, bytes]:
        """Whom to connect to, and what is said before a body. ``query`` and ``length`` have the place of what is
        another each time."""
        to = URL(url)
        request = ClientRequest(method, to, loop=asyncio.get_running_loop(), session=self.http)
        lines = {"Host": request.headers["Host"], **self.http.headers, **more}
        told = "".join(_LINE.format(name=name, value=value) for name, value in lines.items()).replace("%", "%%")
        path = to.raw_path_qs.replace("%", "%%") + query
        return request, f"{method} {path} HTTP/1.1\r\n{told}{length}\r\n".encode()


class _Answer(asyncio.Protocol):
    """Listens on a connection in place of aiohttp's ``handler``, until an answer is ``whole``: its status and its body;
    None when it is not plain, and the handler has what was heard of it and listens again."""

    __slots__ = ("_begins", "_ends", "_handler", "_heard", "_transport", "until", "whole")

    def __init__(self, handler: ResponseHandler, transport: asyncio.Transport, until: float) -> None:
        self._handler, self._transport, self.until = handler, transport, until
        self.whole: asyncio.Future[tuple[int, bytes] | None] = asyncio.get_running_loop().create_future()
        self._heard = bytearray()
        self._begins = self._ends = 0  # of the body, once its head is read

    def data_received(self, data: bytes) -> None:
        if self.whole.done():
            self._handler.data_received(data)  # nobody asked for it: the pool will not keep the connection
            return
        self._heard += data
        if not self._ends:
            self._begins, self._ends = _body(self._heard)
        if self._ends == len(self._heard):
            self.whole.set_result((200, bytes(self._heard[self._begins :])))
        elif self._ends < len(self._heard):
            self._leave()

    def connection_lost(self, failure: Exception | None) -> None:
        self._leave()
        self._handler.connection_lost(failure)

    def cut_off(self) -> None:
        if not self.whole.done():
            self.whole.set_exception(TimeoutError())

    def _leave(self) -> None:
        """To the handler, as if it had listened all the time."""
        if self.whole.done():
            return
        self._handler.set_response_params(read_until_eof=True)
        if self._heard:
            self._handler.data_received(bytes(self._heard))
        self._transport.set_protocol(self._handler)
        self.whole.set_result(None)


def _body(heard: bytearray) -> tuple[int, int]:
    """Where the body of a plain answer begins and ends; (0, 0) when it is not plain."""
    head, blank, _ = bytes(heard[:_HEAD]).partition(b"\r\n\r\n")
    lines = head.lower() + b"\r"
    if blank and lines.startswith(b"http/1.1 200 ") and not _ODD.search(lines):
        lengths = _LENGTH.findall(lines)
        if len(lengths) == 1:
            begins = len(head) + len(blank)
            return begins, begins + int(lengths[0])
    return 0, 0


async def _read(handler: ResponseHandler, until: float) -> tuple[int, bytes]:
    try:
        async with asyncio.timeout_at(until):
            message, content = await handler.read()
            while 100 <= message.code < 200 and message.code != 101:  # told that it was heard, and nothing else
                message, content = await handler.read()
            return message.code, await content.read()
    except HttpProcessingError as odd:
        raise ClientPayloadError("no answer in HTTP") from odd
