"""Who may see what on the web side: over a real socket, round a small application."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.pages.asked import read_form
from bot.pages.guard import SESSION, VISITOR, Guard
from bot.pages.rate import Rate

PASSWORD = "верный конь & 42"


@dataclass
class Site:
    port: int
    http: aiohttp.ClientSession

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.http.get(f"http://127.0.0.1:{self.port}{path}", headers=named, allow_redirects=False)
        await answer.read()
        return answer

    async def post(self, path: str, data: dict[str, str], **headers: str) -> aiohttp.ClientResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.port}{path}"
        answer = await self.http.post(url, data=data, headers=named, allow_redirects=False)
        await answer.read()
        return answer

    async def socket(self, client: str, **headers: str) -> bool:
        """Is a socket of this page's taken?"""
        url = f"http://127.0.0.1:{self.port}/_nicegui_ws/socket.io?client_id={client}"
        try:
            async with self.http.ws_connect(url, headers=headers) as socket:
                return await socket.receive_str() == "hello"
        except aiohttp.WSServerHandshakeError:
            return False


async def _page(request: Request) -> Response:
    visitor = request.scope.get("leadbot.visitor", "")
    html = f"<html><script>1</script><script type=module>2</script>{visitor}</html>"
    return HTMLResponse(html, headers={"X-NiceGUI-Content": "page"})


async def _numbers(_request: Request) -> Response:
    return PlainTextResponse("numbers")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@asynccontextmanager
async def site(password: str | None) -> AsyncIterator[Site]:
    paths = ["/", "/desk", "/chat/courses", "/metrics", "/health"]
    routes = [Route(path, _page if path in ("/", "/desk", "/chat/courses") else _numbers) for path in paths]
    inner = Starlette(routes=[*routes, WebSocketRoute("/_nicegui_ws/socket.io", _socket)])
    guard = Guard(inner, password=password, secret="s" * 32, private_client=lambda client: client == "private")
    server = uvicorn.Server(uvicorn.Config(guard, host="127.0.0.1", port=0, lifespan="off", log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Site(port, http)
    server.should_exit = True
    await task


PRIVATE = ["/", "/desk", "/metrics"]


# ---------------------------------------------------------------- without a password


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080", "LOCALHOST:1"])
async def test_without_a_password_this_machine_sees_everything(host: str) -> None:
    async with site(None) as here:
        assert [(await here.get(path, Host=host)).status for path in PRIVATE] == [200, 200, 200]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8080"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": ""},
        {"Host": "localhost", "X_Forwarded_For": "203.0.113.9"},
        {"Host": "localhost", "Forwarded": "for=203.0.113.9"},
        {"Host": "localhost", "Via": "1.1 proxy"},
    ],
    ids=str,
)
async def test_S1_a_rebound_name_or_a_proxy_sees_nothing_private(headers: dict[str, str]) -> None:
    async with site(None) as here:
        answers = [await here.get(path, **headers) for path in PRIVATE]
        assert [answer.status for answer in answers] == [403, 403, 403]
        assert "WEB_PASSWORD" in await answers[0].text()
        assert (await here.get("/chat/courses", **headers)).status == 200
        assert (await here.get("/health", **headers)).status == 200


@pytest.mark.parametrize(
    ("client", "host", "origin", "taken"),
    [
        ("public", "shop.example", "https://shop.example", True),
        ("public", "localhost:1", "http://localhost:1", True),
        ("public", "localhost:1", "http://evil.example", False),
        ("public", "localhost:1", "null", False),
        ("public", "localhost:1", "http://localhost:2", False),
        ("public", "localhost:1", None, True),
        ("private", "localhost:1", "http://localhost:1", True),
        ("private", "evil.example", "http://evil.example", False),
    ],
)
async def test_S1_sockets_are_for_our_own_pages(client: str, host: str, origin: str | None, taken: bool) -> None:
    async with site(None) as here:
        headers = {"Host": host} | ({"Origin": origin} if origin else {})
        assert await here.socket(client, **headers) is taken


async def test_S1_nothing_is_posted_to_pages() -> None:
    async with site(None) as here:
        assert (await here.post("/", {})).status == 405
        assert (await here.post("/desk", {}, Origin="http://evil.example")).status == 403


# ---------------------------------------------------------------- with a password


async def test_with_a_password_private_pages_ask_for_it_and_remember() -> None:
    async with site(PASSWORD) as here:
        asked = await here.get("/desk", Host="shop.example")
        assert asked.status == 401 and 'name="back" value="/desk"' in await asked.text()
        assert not await here.socket("private")
        entered = await here.post("/login", {"password": PASSWORD, "back": "/desk"})
        assert (entered.status, entered.headers["Location"]) == (303, "/desk")
        cookie = entered.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and PASSWORD not in cookie
        assert [(await here.get(path)).status for path in PRIVATE] == [200, 200, 200]
        assert await here.socket("private")
        assert (await here.post("/logout", {})).status == 303
        assert (await here.get("/desk")).status == 401


async def test_the_login_goes_nowhere_else() -> None:
    async with site(PASSWORD) as here:
        entered = await here.post("/login", {"password": PASSWORD, "back": "https://evil.example/"})
        assert entered.headers["Location"] == "/"


async def test_S1_another_site_cannot_log_anybody_in() -> None:
    async with site(PASSWORD) as here:
        assert (await here.post("/login", {"password": PASSWORD}, Origin="http://evil.example")).status == 403


async def test_passwords_cannot_be_guessed_quickly_even_then_the_right_one() -> None:
    async with site(PASSWORD) as here:
        tried = [(await here.post("/login", {"password": f"guess {number}"})).status for number in range(6)]
        assert tried == [401] * 5 + [429]
        assert (await here.post("/login", {"password": PASSWORD})).status == 429


async def test_S9_a_long_form_is_not_read_to_its_end() -> None:
    async with site(PASSWORD) as here:
        assert (await here.post("/login", {"password": PASSWORD, "more": "x" * 1_000_000})).status == 401


@pytest.mark.parametrize(
    "cookie", ["", "99999999999", "99999999999.", "99999999999." + "0" * 64, "x.y", "²²²." + "0" * 64]
)
async def test_a_forged_session_is_none(cookie: str) -> None:
    async with site(PASSWORD) as here:
        assert (await here.get("/desk", Cookie=f"{SESSION}={cookie}")).status == 401


async def test_a_session_ends_with_its_password() -> None:
    async with site(PASSWORD) as here:
        await here.post("/login", {"password": PASSWORD})
        cookies = {cookie.key: cookie.value for cookie in here.http.cookie_jar}
    async with site("another") as later:
        answer = await later.get("/desk", Cookie=f"{SESSION}={cookies[SESSION]}")
        assert answer.status == 401


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer horse-42", 200),
        ("Basic " + base64.b64encode(b"prometheus:horse-42").decode(), 200),
        ("Bearer horse-43", 401),
        ("Basic ???", 401),
        ("", 401),
    ],
)
async def test_a_collector_of_metrics_brings_the_password(authorization: str, status: int) -> None:
    async with site("horse-42") as here:
        answer = await here.get("/metrics", Host="shop.example", Authorization=authorization)
        assert answer.status == status


# ---------------------------------------------------------------- headers and visitors


@pytest.mark.parametrize("path", ["/", "/chat/courses", "/metrics", "/health"])
async def test_S10_pages_stay_in_no_cache_and_no_foreign_frame(path: str) -> None:
    async with site(None) as here:
        headers = (await here.get(path)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "connect-src 'self'" in headers["Content-Security-Policy"]
        assert not any("*" in value or "access-control" in name.lower() for name, value in headers.items())


async def test_S3_only_scripts_of_the_page_itself_run() -> None:
    async with site(None) as here:
        first, second = await here.get("/"), await here.get("/")
        policy, body = first.headers["Content-Security-Policy"], await first.text()
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert body.count(f'<script nonce="{nonce}"') == 2 == body.count("<script")
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
        assert nonce not in second.headers["Content-Security-Policy"]


async def test_S11_a_visitor_is_a_long_random_number_and_stays_the_same() -> None:
    async with site(None) as here:
        cookie = (await here.get("/chat/courses")).headers["Set-Cookie"]
        again = await here.get("/chat/courses")
        visitor = cookie.partition("=")[2].partition(";")[0]
        assert len(visitor) == 32 and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=31536000" in cookie
        assert "Set-Cookie" not in again.headers and visitor in await again.text()
        assert "Secure" not in cookie


async def test_behind_https_cookies_are_for_https() -> None:
    async with site(PASSWORD) as here:
        visited = await here.get("/chat/courses", X_Forwarded_Proto="https")
        entered = await here.post("/login", {"password": PASSWORD}, X_Forwarded_Proto="https")
        assert "Secure" in visited.headers["Set-Cookie"] and "Secure" in entered.headers["Set-Cookie"]


@pytest.mark.parametrize("forged", ["desk", "' OR 1=1", "x" * 31, "x" * 65, "привет" * 8])
async def test_S11_nobody_visits_under_a_name_of_their_choice(forged: str) -> None:
    async with site(None) as here:
        answer = await here.get("/chat/courses", Cookie=f'{VISITOR}="{forged}"')
        assert "Set-Cookie" in answer.headers and forged not in await answer.text()


async def test_S11_a_robot_that_opens_chats_is_stopped_and_the_rest_goes_on() -> None:
    async with site(None) as here:
        statuses = [(await here.get("/chat/courses")).status for _ in range(61)]
        assert statuses == [200] * 60 + [429]
        assert (await here.get("/health")).status == 200


def test_a_rate_forgets_with_time() -> None:
    now = [0.0]
    rate = Rate(2, 60, now=lambda: now[0])
    rate.add("anna"), rate.add("anna")
    assert rate.full("anna") and not rate.full("boris")
    now[0] = 61.0
    assert not rate.full("anna")


async def test_S9_a_form_that_arrives_in_pieces_is_read_whole_and_a_long_one_not_at_all() -> None:
    async def pieces(*parts: bytes):
        left = list(parts)

        async def receive():
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        return await read_form(receive)

    assert await pieces(b"password=", b"secret") == b"password=secret"
    assert await pieces(b"x" * 4000, b"x" * 4000, b"x") == b""
