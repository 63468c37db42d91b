"""A call as bytes: whatever HTTP allows is read, what it does not is told, no answer is taken for that of another."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout

from bot.channels.plain_post import PlainPost

LIMITS = ClientTimeout(total=5, connect=5)
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
PACKED = gzip.compress(b"fine", mtime=0)


class Answering:
    """A server that says these bytes to one call after another. ``None``: nothing. It hangs up after ``last``."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.says: list[bytes | None] = []
        self.last = b""
        self.connections = 0
        self.port = 0
        self.writer: asyncio.StreamWriter

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections, self.writer = self.connections + 1, writer
        while head := await _head(reader):
            told = head.lower().partition(b"content-length: ")[2]
            length = int(told.split(b"\r\n")[0]) if told else 0
            self.heard.append(head + await reader.readexactly(length))
            said = self.says.pop(0)
            if said is not None:
                writer.write(said)
            if said == self.last:
                break
        writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    answering = Answering()
    server = await asyncio.start_server(answering.serve, "127.0.0.1", 0)
    answering.port = server.sockets[0].getsockname()[1]
    yield answering
    server.close()


@pytest.fixture
async def post() -> AsyncIterator[PlainPost]:
    async with ClientSession(headers={"User-Agent": "somebody 1%d"}) as http:
        yield PlainPost(http, kind="application/json")


def url(answering: Answering) -> str:
    return f"http://127.0.0.1:{answering.port}/bot1:A/do 100%25?x=1"


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (FINE, (200, b"fine")),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", (502, b"<html>")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n", (200, b"fine")),
        (b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 4\r\nConnection: Keep-Alive\r\n\r\nfine", (200, b"fine")),
        (b"HTTP/1.1 200 OK\r\nContent-Length:4\r\n\r\nfine", (200, b"fine")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", (200, b"")),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
            (200, b"fine"),
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + FINE, (200, b"fine")),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + FINE, (200, b"fine")),
        (b"HTTP/1.1 099 Odd\r\nContent-Length: 4\r\n\r\nfine", (99, b"fine")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", (302, b"")),
    ],
)
async def test_any_answer_is_read_and_the_next_call_goes_the_same_way(
    answering: Answering, post: PlainPost, said: bytes, means: tuple[int, bytes]
) -> None:
    answering.says = [said, FINE]
    assert await post(url(answering), b'{"a":1}', LIMITS) == means
    assert await post(url(answering), b'{"b":"%d"}', LIMITS) == (200, b"fine")
    assert answering.connections == 1
    lines = answering.heard[1].split(b"\r\n")
    assert lines == [
        b"POST /bot1:A/do%20100%25?x=1 HTTP/1.1",
        f"Host: 127.0.0.1:{answering.port}".encode(),
        b"User-Agent: somebody 1%d",
        b"Content-Type: application/json",
        b"Content-Length: 10",
        b"",
        b'{"b":"%d"}',
    ]


@pytest.mark.parametrize(("path", "asked"), [("/wh1", b"/wh1?ts=1%25"), ("/wh1?x=1", b"/wh1?x=1&ts=1%25")])
async def test_a_question_goes_the_same_way_as_a_call(
    answering: Answering, post: PlainPost, path: str, asked: bytes
) -> None:
    answering.says = [FINE, FINE]
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    here = f"127.0.0.1:{answering.port}"
    assert await post.get(f"http://{here}{path}", "ts=1%25", LIMITS) == (200, b"fine")
    assert answering.connections == 1
    assert answering.heard[1].split(b"\r\n") == [
        b"GET %b HTTP/1.1" % asked, f"Host: {here}".encode(), b"User-Agent: somebody 1%d", b"", b""
    ]  # fmt: skip


async def test_a_question_over_a_connection_that_died_is_asked_once_more(answering: Answering, post: PlainPost) -> None:
    answering.says, answering.last = [FINE, b"", FINE, b"", b""], b""
    assert await post.get(url(answering), "ts=1", LIMITS) == (200, b"fine")
    assert await post.get(url(answering), "ts=2", LIMITS) == (200, b"fine")
    assert answering.connections == 2 and [b"ts=2" in one for one in answering.heard] == [False, True, True]
    with pytest.raises(ClientError):
        await post.get(url(answering), "ts=3", LIMITS)  # and not for ever
    assert answering.says == []


@pytest.mark.parametrize("cut", [1, 15, 20, len(FINE) - 5, len(FINE) - 4, len(FINE) - 1])
async def test_an_answer_may_come_in_pieces(answering: Answering, post: PlainPost, cut: int) -> None:
    answering.says = [FINE[:cut], FINE]
    call = asyncio.create_task(post(url(answering), b"{}", LIMITS))
    while not answering.heard:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    assert not call.done()
    answering.writer.write(FINE[cut:])
    assert await call == (200, b"fine")
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert answering.connections == 1


async def test_a_connection_that_is_to_close_takes_no_other_call(answering: Answering, post: PlainPost) -> None:
    answering.says = [FINE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), FINE]
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert answering.connections == 2


async def test_an_answer_without_a_length_ends_with_its_connection(answering: Answering, post: PlainPost) -> None:
    answering.last = b"HTTP/1.1 200 OK\r\n\r\nfine"
    answering.says = [answering.last, FINE]
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert answering.connections == 2


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfi", b"SSH-2.0-x\r\n\r\n"],
)
async def test_M13_what_breaks_off_is_told_and_leaves_nothing_for_the_next_call(
    answering: Answering, post: PlainPost, said: bytes
) -> None:
    answering.last, answering.says = said, [said, FINE]
    with pytest.raises(ClientError) as failed:
        await post(url(answering), b"{}", LIMITS)
    assert not isinstance(failed.value, ClientConnectorError), "something was sent"
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert answering.connections == 2


async def test_M13_a_late_answer_is_not_taken_for_the_next_calls(answering: Answering, post: PlainPost) -> None:
    answering.says = [None, FINE]
    with pytest.raises(TimeoutError):
        await post(url(answering), b"{}", ClientTimeout(total=0.05, connect=5))
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert answering.connections == 2


@pytest.mark.parametrize("said", [None, FINE[:-1], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n"])
async def test_M13_each_call_is_given_up_at_its_own_deadline(
    answering: Answering, post: PlainPost, said: bytes | None
) -> None:
    answering.says = [said] * 3
    began = asyncio.get_running_loop().time()

    async def given_up(seconds: float) -> float:
        with pytest.raises(TimeoutError):
            await post(url(answering), b"{}", ClientTimeout(total=seconds, connect=5))
        return asyncio.get_running_loop().time() - began

    lasted = await asyncio.gather(given_up(0.3), given_up(0.1), given_up(0.2))
    assert lasted[1] < lasted[2] < lasted[0] and lasted[1] > 0.09 and lasted[0] > 0.29


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (FINE, (200, b"fine")),
        (b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\n{}", (429, b"{}")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n", (200, b"fine")),
    ],
)
async def test_M13_what_follows_an_answer_later_is_not_the_next_calls(
    answering: Answering, post: PlainPost, said: bytes, means: tuple[int, bytes]
) -> None:
    answering.says = [FINE, said]
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    answering.writer.write(FINE.replace(b"fine", b"ruin"))
    await asyncio.sleep(0.01)
    assert await post(url(answering), b"{}", LIMITS) == means
    assert answering.connections == 2, "a connection that speaks unasked is not trusted"


@pytest.mark.parametrize(
    "line", [b"no colon", b"Na\x00me: x", b"X: y\rTransfer-Encoding: chunked", b"X: " + b"y" * 20_000]
)
async def test_what_is_no_head_is_refused_as_aiohttp_refuses_it(
    answering: Answering, post: PlainPost, line: bytes
) -> None:
    answering.says = [FINE.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n"), FINE]
    with pytest.raises(ClientError):
        await post(url(answering), b"{}", LIMITS)
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")


async def test_a_long_answer_in_many_pieces_is_whole(answering: Answering, post: PlainPost) -> None:
    body = b"x" * 3_000_000
    answering.says = [b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + body]
    assert await post(url(answering), b"{}", LIMITS) == (200, body)


async def test_an_answer_nobody_asked_for_ends_its_connection(answering: Answering, post: PlainPost) -> None:
    answering.says = [FINE + FINE.replace(b"fine", b"ruin"), FINE]
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    await asyncio.sleep(0)
    assert await post(url(answering), b"{}", LIMITS) == (200, b"fine")
    assert answering.connections == 2


async def test_N13_nothing_was_sent_where_nobody_listens(answering: Answering, post: PlainPost) -> None:
    silent = await asyncio.start_server(answering.serve, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    silent.close()
    with pytest.raises(ClientConnectorError):
        await post(f"http://127.0.0.1:{port}/", b"{}", LIMITS)
