"""Who may see what: the password, Host and Origin checks, cookies, and the headers of every page.

Public: ``/chat/FLOW``, ``/health``, static files, files of flows. Everything else is private: behind ``WEB_PASSWORD``;
without one only for this machine, and only under its own names, so that no other site's page can reach it by DNS
rebinding (S1).
Sockets and posts must come from our own pages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.pages.asked import Asked, look_at, read_form
from bot.pages.dress import Dress, protect
from bot.pages.plain import login_page, sorry_page
from bot.pages.rate import Rate

VISITOR = "leadbot_visitor"
SESSION = "leadbot_session"
YEAR, MONTH = 365 * 86400, 30 * 86400
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")


class Guard:
    """ASGI middleware round everything."""

    def __init__(
        self, app: ASGIApp, *, password: str | None, secret: str, private_client: Callable[[str], bool]
    ) -> None:
        self._app, self._password = app, password
        self._key = hashlib.sha256(f"{secret}\0{password or ''}".encode()).digest()
        self._private_client = private_client
        self._wrong = Rate(5, 60)  # passwords a minute from one address
        self._wrong_anywhere = Rate(60, 60)
        self._opened = Rate(60, 60)  # chat pages a minute from one address (S11)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        asked = look_at(scope)
        answer = await self._check(asked, scope, receive)
        if answer is None:
            return await self._app(scope, receive, self._dressed(asked, scope, send))
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return None
        protect(answer.headers, nonce=None)
        return await answer(scope, receive, send)

    # ------------------------------------------------------------ who may

    async def _check(self, asked: Asked, scope: Scope, receive: Receive) -> Response | None:
        """None: go on. Otherwise the answer."""
        if (asked.socket or asked.method not in SAFE) and not asked.from_our_page:
            return PlainTextResponse("Запрос с чужого сайта отклонён.", 403)
        if asked.socket:
            client = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("client_id", [""])[0]
            private = self._private_client(client)
            return self._refusal(asked) if private and not self._may(asked) else None
        if asked.path == "/login" and asked.method == "POST":
            return await self._login(asked, receive)
        if asked.path == "/logout" and asked.method == "POST":
            return self._logout()
        if asked.method not in SAFE:
            return PlainTextResponse("Так сюда нельзя.", 405)
        if asked.path.startswith("/chat/"):
            return self._crowded(asked)
        if asked.public or self._may(asked):
            return None
        return self._refusal(asked)

    def _may(self, asked: Asked) -> bool:
        if self._password is None:
            return asked.from_here
        if self._is_session(asked.cookies.get(SESSION, "")):
            return True
        return asked.path == "/metrics" and (asked.from_here or self._knows_password(asked))

    def _refusal(self, asked: Asked) -> Response:
        if self._password is None:
            return HTMLResponse(sorry_page(*_ONLY_HERE), 403)
        if asked.path == "/metrics":
            return PlainTextResponse("password needed", 401, {"WWW-Authenticate": 'Basic realm="leadbot"'})
        return HTMLResponse(login_page(asked.path), 401)

    def _crowded(self, asked: Asked) -> Response | None:
        if self._opened.full(asked.peer):
            return HTMLResponse(sorry_page(*_CROWD), 429, {"Retry-After": "60"})
        self._opened.add(asked.peer)
        return None

    # ------------------------------------------------------------ the password

    async def _login(self, asked: Asked, receive: Receive) -> Response:
        if self._password is None:
            return RedirectResponse("/", 303)
        form = parse_qs((await read_form(receive)).decode("utf-8", "replace"))
        back = "/desk" if form.get("back") == ["/desk"] else "/"
        if self._too_many(asked):
            return HTMLResponse(login_page(back, "Слишком много попыток. Подождите минуту."), 429)
        if not self._is_password(form.get("password", [""])[0], asked):
            return HTMLResponse(login_page(back, "Пароль не подошёл. Попробуйте ещё раз."), 401)
        answer = RedirectResponse(back, 303)
        answer.set_cookie(SESSION, self._session(), MONTH, httponly=True, samesite="lax", secure=asked.https)
        return answer

    def _logout(self) -> Response:
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(SESSION)
        return answer

    def _too_many(self, asked: Asked) -> bool:
        return self._wrong.full(asked.peer) or self._wrong_anywhere.full("")

    def _is_password(self, offered: str, asked: Asked) -> bool:
        """Digests are compared, so neither length nor time tells anything."""
        ours, theirs = (
            hashlib.sha256(word.encode("utf-8", "replace")).digest() for word in (self._password or "", offered)
        )
        if hmac.compare_digest(ours, theirs):
            self._wrong.forget(asked.peer)
            return True
        self._wrong.add(asked.peer)
        self._wrong_anywhere.add("")
        return False

    def _knows_password(self, asked: Asked) -> bool:
        """A program that collects metrics: ``Authorization: Bearer PASSWORD`` or Basic with any name."""
        kind, _, word = asked.headers.get("authorization", "").partition(" ")
        if not word or self._too_many(asked):
            return False
        if kind.lower() == "basic":
            word = _basic(word)
        return self._is_password(word, asked)

    def _session(self) -> str:
        until = str(int(time.time()) + MONTH)
        return f"{until}.{self._sign(until)}"

    def _is_session(self, cookie: str) -> bool:
        until, _, signature = cookie.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            return False
        return hmac.compare_digest(signature.encode(), self._sign(until).encode()) and int(until) > time.time()

    def _sign(self, until: str) -> str:
        return hmac.new(self._key, until.encode(), hashlib.sha256).hexdigest()

    # ------------------------------------------------------------ headers and cookies

    def _dressed(self, asked: Asked, scope: Scope, send: Send) -> Send:
        """Adds headers to answers; gives a visitor their id; marks the page's own scripts with a nonce (S3)."""
        if asked.socket:
            return send
        visitor = None
        if asked.path.startswith("/chat/"):
            known = asked.cookies.get(VISITOR, "")
            visitor = None if _TOKEN.fullmatch(known) else secrets.token_urlsafe(24)
            scope["leadbot.visitor"] = visitor or known
        dress = Dress(send, static=asked.path.startswith(("/_nicegui/", "/look/", "/files/")))
        if visitor:
            dress.cookie = f"{VISITOR}={visitor}; Max-Age={YEAR}; Path=/chat; HttpOnly; SameSite=Lax" + (
                "; Secure" if asked.https else ""
            )
        return dress


def _basic(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode("utf-8", "replace").partition(":")[2]
    except binascii.Error:
        return ""


_ONLY_HERE = (
    "Эта страница открывается только на том компьютере, где работает бот",
    "Чтобы открывать её с других устройств, задайте пароль в переменной WEB_PASSWORD и перезапустите бота.",
)
_CROWD = ("Слишком много обращений", "Подождите минуту и откройте страницу ещё раз.")
