"""One request, as far as the guard looks at it: where to, where from, on whose behalf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via", "cf-connecting-ip")
FORM_BYTES = 4096
PUBLIC = ("/chat/", "/files/", "/look/", "/_nicegui/")


@dataclass(slots=True)
class Asked:
    """What the guard needs to know of a request."""

    path: str
    method: str
    peer: str
    headers: Headers
    cookies: Mapping[str, str]
    socket: bool
    https: bool

    @property
    def public(self) -> bool:
        return self.path in ("/health", "/favicon.ico") or self.path.startswith(PUBLIC)

    @property
    def from_here(self) -> bool:
        """From this machine, by its own name, through no proxy."""
        if any(name in self.headers for name in FORWARDED):
            return False
        return _is_loopback(self.peer) and _name(self.headers.get("host", "")) in LOCAL_NAMES

    @property
    def from_our_page(self) -> bool:
        """The browser says which site's page asks; other programs say nothing."""
        origin = self.headers.get("origin")
        return origin is None or origin.lower().partition("://")[2] == self.headers.get("host", "").lower()


def look_at(scope: Scope) -> Asked:
    headers = Headers(scope=scope)
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        cookies = SimpleCookie()
    https = scope.get("scheme") in ("https", "wss") or headers.get("x-forwarded-proto", "") == "https"
    return Asked(
        path=scope["path"],
        method=scope.get("method", "GET"),
        peer=(scope.get("client") or ("", 0))[0],
        headers=headers,
        cookies={name: morsel.value for name, morsel in cookies.items()},
        socket=scope["type"] == "websocket" or scope["path"].startswith("/_nicegui_ws/"),
        https=https,
    )


async def read_form(receive: Receive) -> bytes:
    """A small form; a long one is as good as empty (S9)."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return body if len(body) <= FORM_BYTES else b""
        if len(body) > FORM_BYTES:
            return b""


def _is_loopback(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """The Host header without the port; "" for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
